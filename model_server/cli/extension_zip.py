"""The zip of the extension, from a checkout; the standard library and the weights reader are all it needs."""

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from model_server.speech.weights import read
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.whole_file import whole_file

LARGEST = 25_000_000
"""Bytes that the zip may have."""

SINGLE_FILES = ("__init__.py", "blender_manifest.toml", "LICENCES.md", "LICENSE", "README.md")
PACKAGES = ("s2f_blender_addon", "model_server")
"""What goes in, but for what the manifest's ``paths_exclude_pattern`` leaves out."""

TEXT = frozenset((".py", ".md", ".toml", ".json", ".csv", ".txt", ".LICENSE"))
"""Endings of files that Git gives other line ends on Windows, which would make it another zip."""

REQUIRED = (
    "schema_version", "id", "version", "name", "tagline", "maintainer", "type", "license", "blender_version_min",
    "build",
)  # fmt: skip


def build(checkout: Path, folder: Path) -> tuple[Path, str]:
    """Zip ``checkout`` into ``folder`` as ID-VERSION.zip; the same files give the same bytes on every computer.

    Returns the zip and the name of what validated it. Raises UserError when a file is missing, the manifest is wrong,
    weights may not ship or the zip is too large; then no zip appears.
    """
    manifest = _manifest(checkout)
    path = folder / f"{manifest['id']}-{manifest['version']}.zip"
    with whole_file(path) as temporary:
        with zipfile.ZipFile(temporary, "w") as archive:
            for file in sorted(_files(checkout, manifest["build"]["paths_exclude_pattern"])):
                if file.suffix == ".safetensors":
                    _check_licence(file)
                _add(archive, file, file.relative_to(checkout).as_posix())
        if temporary.stat().st_size > LARGEST:
            raise UserError(f"The extension would have {temporary.stat().st_size} bytes; {LARGEST} is the most.")
        validator = _validate(temporary)
    return path, validator


def _manifest(checkout: Path) -> dict[str, Any]:
    missing = [name for name in SINGLE_FILES if not (checkout / name).is_file()]
    if missing:
        raise UserError(f"{checkout / missing[0]}: it is missing; run s2f extension from a checkout of the project.")
    manifest = tomllib.loads((checkout / "blender_manifest.toml").read_text(encoding="utf-8"))
    absent = [key for key in REQUIRED if key not in manifest]
    if absent:
        raise UserError(f"blender_manifest.toml: it lacks {', '.join(absent)}.")
    if not re.fullmatch(r"\d+\.\d+\.\d+", manifest["version"]):
        raise UserError(f"blender_manifest.toml: the version {manifest['version']} is not of the form 1.2.3.")
    program = (checkout / "model_server" / "__init__.py").read_text(encoding="utf-8")
    if f'VERSION = "{manifest["version"]}"' not in program:
        raise UserError(
            f"blender_manifest.toml: the version {manifest['version']} is not that of model_server/__init__.py; give "
            "both the same."
        )
    return manifest


def _files(checkout: Path, patterns: list[str]) -> Iterator[Path]:
    yield from (checkout / name for name in SINGLE_FILES)
    for package in PACKAGES:
        for file in (checkout / package).rglob("*"):
            inside = file.relative_to(checkout)
            if file.is_file() and not any(excludes(pattern, inside) for pattern in patterns):
                yield file


def excludes(pattern: str, file: Path) -> bool:
    """Whether a manifest's pattern, a subset of .gitignore's, leaves out ``file`` (relative to the manifest).

    ``name/`` is a folder, ``*.pyc`` any file or folder of that name, a slash in front anchors it at the root.
    """
    anchored, folders_only = pattern.startswith("/"), pattern.endswith("/")
    wanted = pattern.strip("/").split("/")
    parts = file.parts[:-1] if folders_only else file.parts
    starts = (0,) if anchored else range(len(parts))
    return any(
        len(parts) >= start + len(wanted) and all(fnmatch(parts[start + i], w) for i, w in enumerate(wanted))
        for start in starts
    )


def _check_licence(file: Path) -> None:
    """Weights made from data for research only stay with whoever made them."""
    card = json.loads(read(file)[1].get("card", "{}"))
    if card.get("licence_track") != "product":
        raise UserError(f"{file}: these weights are not for shipping; move them out of the checkout.")


def _add(archive: zipfile.ZipFile, file: Path, name: str) -> None:
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.create_system = 3  # Unix, also when built on Windows
    entry.external_attr = 0o644 << 16
    # Stored: every zlib compresses in its own way, and what is large in here does not compress.
    content = file.read_bytes()
    archive.writestr(entry, content.replace(b"\r\n", b"\n") if file.suffix in TEXT or not file.suffix else content)


def _validate(path: Path) -> str:
    """Ask Blender's own tool where a bpy wheel is installed. Raises UserError with its last, most precise word."""
    tool = _blender_tool()
    if tool is None:
        return "the required fields of its manifest (install the blender extra for Blender's own check)"
    run = subprocess.run(
        [sys.executable, str(tool), "validate", str(path)], capture_output=True, text=True, encoding="utf-8"
    )
    if run.returncode:
        complaints = (run.stdout + run.stderr).strip().splitlines() or ["it is invalid"]
        raise UserError(f"blender_manifest.toml: {complaints[-1].removeprefix('FATAL_ERROR: ')}")
    return f"Blender {tool.parents[4].name}"


def _blender_tool() -> Path | None:
    spec = importlib.util.find_spec("bpy")  # found, not imported: bpy takes seconds
    if spec is None or spec.origin is None:
        return None
    return next(Path(spec.origin).parent.glob("*/scripts/addons_core/bl_pkg/cli/blender_ext.py"), None)
