"""The zip: what is in it, that it is valid, and that the same tree gives the same bytes."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from model_server.cli.extension_repository import publish
from model_server.cli.extension_zip import LARGEST, PACKAGES, SINGLE_FILES, _blender_tool, build, excludes
from s2f_blender_addon.core.errors import UserError

from .conftest import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the zip is made from, in a path with a space and an umlaut."""
    copy = tmp_path / "Ein Ordner für Köpfe"
    copy.mkdir()
    for name in SINGLE_FILES:
        shutil.copy(ROOT / name, copy / name)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package)
    return copy


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def test_it_holds_the_add_on_the_model_process_and_its_weights(checkout: Path) -> None:
    path, validator = build(checkout, checkout / "dist")
    inside = names(path)
    assert path.name.startswith("s2f_blender_addon-")
    assert path.stat().st_size < LARGEST
    for name in (
        *SINGLE_FILES, "s2f_blender_addon/__init__.py", "s2f_blender_addon/core/channels.py",
        "model_server/__main__.py", "model_server/adapters/stdio.py", "model_server/weights/talk.safetensors",
    ):  # fmt: skip
        assert name in inside
    assert "Blender" in validator


def test_it_leaves_out_what_blender_cannot_run_and_what_is_no_source(checkout: Path) -> None:
    (checkout / "model_server" / ".DS_Store").touch()
    inside = names(build(checkout, checkout / "dist")[0])
    workshop = ("cli", "in_blender", "training", "evaluation", "benchmark")
    for part in ("tests/", *(f"model_server/{name}/" for name in workshop), "__pycache__"):
        assert not [name for name in inside if part in name]
    assert not [name for name in inside if name.endswith((".whl", ".pyc", ".pkl", ".pt", ".DS_Store"))]


def test_the_licence_of_every_file_that_is_no_code_is_listed(checkout: Path) -> None:
    listed = re.findall(r"`([^`\n]+)`", (checkout / "LICENCES.md").read_text(encoding="utf-8"))
    data = [
        Path(name)
        for name in names(build(checkout, checkout / "dist")[0])
        if Path(name).suffix in (".safetensors", ".npz", ".gz", ".wav", ".toml") and name != "blender_manifest.toml"
    ]
    assert len(data) > 8
    assert not [str(path) for path in data if not any(path.match(pattern) for pattern in listed)]


def test_the_same_tree_gives_the_same_bytes(checkout: Path) -> None:
    first = build(checkout, checkout / "dist")[0].read_bytes()
    for file in checkout.rglob("*.py"):
        os.utime(file, (1e9, 1e9))
    assert build(checkout, checkout / "dist")[0].read_bytes() == first


def test_the_model_process_starts_from_the_unpacked_zip(checkout: Path, tmp_path: Path) -> None:
    """With nothing but numpy beside it; ``-I`` keeps the checkout out."""
    unpacked = tmp_path / "installed"
    with zipfile.ZipFile(build(checkout, checkout / "dist")[0]) as archive:
        archive.extractall(unpacked)
    start = (
        f"import sys; sys.path.insert(0, {str(unpacked)!r}); import model_server.adapters.stdio as s; print(s.__file__)"
    )
    done = subprocess.run([sys.executable, "-I", "-c", start], capture_output=True, encoding="utf-8", cwd=tmp_path)
    assert done.stdout.strip().startswith(str(unpacked)), done.stderr


@pytest.mark.parametrize("name", SINGLE_FILES)
def test_a_missing_file_is_named(checkout: Path, name: str) -> None:
    (checkout / name).unlink()
    with pytest.raises(UserError, match=name):
        build(checkout, checkout / "dist")


@pytest.mark.parametrize(
    ("line", "instead", "sentence"),
    [
        ('id = "s2f_blender_addon"', "", "lacks id"),
        ("version = ", 'version = "one" #', "one"),
        ("version = ", 'version = "98.7.6" #', "give both the same"),
        ("tagline = ", f'tagline = "{"long " * 20}" #', "tagline"),
        ("files = ", 'teleport = "Beam recordings" #', "teleport"),
    ],
)
def test_a_wrong_manifest_makes_no_zip(checkout: Path, line: str, instead: str, sentence: str) -> None:
    manifest = checkout / "blender_manifest.toml"
    lines = manifest.read_text(encoding="utf-8").splitlines()
    changed = [(instead + old[len(line) :] if old.startswith(line) else old) for old in lines]
    assert changed != lines
    manifest.write_text("\n".join(changed), encoding="utf-8")
    with pytest.raises(UserError, match=sentence):
        build(checkout, checkout / "dist")
    assert not list(checkout.rglob("*.zip"))


def test_a_zip_that_is_too_large_does_not_appear(checkout: Path) -> None:
    (checkout / "model_server" / "weights" / "huge.bin").write_bytes(os.urandom(LARGEST))
    with pytest.raises(UserError, match="bytes"):
        build(checkout, checkout / "dist")
    assert not list((checkout / "dist").iterdir())


def test_weights_for_research_only_never_ship(checkout: Path) -> None:
    bundled = (checkout / "model_server" / "weights" / "talk.safetensors").read_bytes()
    theirs = checkout / "model_server" / "weights" / "theirs.safetensors"
    theirs.write_bytes(bundled.replace(b'licence_track\\": \\"product', b'licence_track\\":\\"research'))
    with pytest.raises(UserError, match="not for shipping"):
        build(checkout, checkout / "dist")


@pytest.mark.parametrize(
    ("pattern", "file", "excluded"),
    [
        ("__pycache__/", "a/__pycache__/b.pyc", True),
        ("__pycache__/", "a/__pycache__", False),
        ("*.pyc", "a/b.pyc", True),
        ("/.*", ".git/config", True),
        ("/.*", "a/.git", False),
        ("/model_server/cli/", "model_server/cli/main.py", True),
        ("/model_server/cli/", "other/model_server/cli/main.py", False),
        ("/model_server/cli/", "model_server/client.py", False),
        ("/dev.py", "dev.py", True),
        ("/dev.py", "a/dev.py", False),
    ],
)
def test_patterns_of_the_manifest_mean_what_blender_takes_them_for(pattern: str, file: str, excluded: bool) -> None:
    assert excludes(pattern, Path(file)) is excluded


def test_line_ends_and_compression_are_the_same_on_every_computer(checkout: Path) -> None:
    """Git may write Windows' line ends into a checkout, and every zlib compresses in its own way."""
    first = build(checkout, checkout / "dist")[0].read_bytes()
    for file in (checkout / "s2f_blender_addon" / "__init__.py", checkout / "LICENSE", checkout / "README.md"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    path = build(checkout, checkout / "dist")[0]
    assert path.read_bytes() == first
    with zipfile.ZipFile(path) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


def test_a_repository_lists_what_blenders_own_tool_lists(checkout: Path, tmp_path: Path) -> None:
    path = build(checkout, checkout / "dist")[0]
    index = publish(path, tmp_path / "repository")
    assert publish(path, tmp_path / "repository").read_bytes() == index.read_bytes()
    ours = json.loads(index.read_text("utf-8"))
    assert ours["version"] == "v1" and [one["id"] for one in ours["data"]] == ["s2f_blender_addon"]
    assert ours["data"][0]["archive_hash"] == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    assert (index.parent / ours["data"][0]["archive_url"]).read_bytes() == path.read_bytes()
    tool = _blender_tool()
    if tool is None:
        pytest.skip("Blender as a Python module is not installed")
    made = subprocess.run(
        [sys.executable, str(tool), "server-generate", "--repo-dir", str(index.parent)], capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    assert json.loads(index.read_text("utf-8"))["data"] == ours["data"]


def test_a_repository_with_another_zip_in_it_says_so(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "other.zip").write_bytes(b"no zip")
    with pytest.raises(UserError, match=r"other.zip: this is no extension"):
        publish(build(checkout, checkout / "dist")[0], tmp_path)
