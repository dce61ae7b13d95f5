"""The locks that come with the add-on, and the wheel that each Python takes from them."""

import re
from pathlib import Path

import pytest

from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.runtime.builds import LOCKS
from s2f_blender_addon.runtime.pylock import Lock, Package, Target, Wheel, read, requirements, selected

BUILDS = ["linux-cu130", "linux-cu126", "windows-cu130", "windows-cu126", "uv"]


def target(build: str, python: tuple[int, int] = (3, 12)) -> Target:
    return Target(python, "windows", (0, 0)) if build.startswith("windows") else Target(python, "linux", (2, 28))


def a_lock(*names: str) -> Lock:
    return Lock("0" * 64, (Package("thing", "1.0", tuple(Wheel(n, f"https://x/{n}", 1, "0" * 64) for n in names)),))


@pytest.mark.parametrize("build", BUILDS)
def test_every_build_is_whole_for_the_python_that_uv_brings(build: str) -> None:
    lock = read(LOCKS / f"pylock.{build}.toml")
    chosen = selected(lock, target(build))
    assert len(chosen) == len(lock.packages)
    if build != "uv":
        names = {package.name for package, _ in chosen}
        assert {"torch", "numpy", "soundfile"} <= names
        assert 1.5e9 < sum(wheel.size for _, wheel in chosen) < 4e9


@pytest.mark.parametrize(
    ("build", "python"),
    [
        *[("linux-cu130", (3, minor)) for minor in (11, 13, 14)],
        *[("linux-cu126", (3, minor)) for minor in (11, 13)],
        ("windows-cu130", (3, 13)),
    ],
)
def test_most_builds_work_with_blenders_own_python_as_well(build: str, python: tuple[int, int]) -> None:
    assert selected(read(LOCKS / f"pylock.{build}.toml"), target(build, python))


@pytest.mark.parametrize("build", BUILDS)
def test_every_file_has_a_public_address_a_length_and_a_hash(build: str) -> None:
    for package in read(LOCKS / f"pylock.{build}.toml").packages:
        for wheel in package.wheels:
            assert re.match(r"https://(files\.pythonhosted|download\.pytorch)\.org/", wheel.url)
            assert wheel.url.rpartition("/")[2].replace("%2B", "+") == wheel.name
            assert wheel.size > 1000


def test_the_runtime_has_the_libraries_that_the_model_is_tested_with() -> None:
    """Except for old cards, whose last torch is an older one."""
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    declared = dict(re.findall(r'"(torch|transformers|safetensors|soundfile)==([\d.]+)"', project))
    assert len(declared) == 4
    for build in ("linux-cu130", "windows-cu130", "windows-cu126"):
        locked = {p.name: p.version.partition("+")[0] for p in read(LOCKS / f"pylock.{build}.toml").packages}
        assert {name: locked[name] for name in declared} == declared


def test_the_closest_wheel_wins() -> None:
    names = [
        "t-1-py3-none-any.whl",
        "t-1-cp310-abi3-manylinux2014_x86_64.whl",
        "t-1-cp312-cp312-manylinux_2_17_x86_64.whl",
    ]
    for python, name in (((3, 12), names[2]), ((3, 13), names[1]), ((3, 9), names[0])):
        assert selected(a_lock(*names), Target(python, "linux", (2, 31)))[0][1].name == name


@pytest.mark.parametrize(
    "name",
    [
        "t-1-cp313-cp313-win_amd64.whl",  # another Python
        "t-1-cp312-cp312t-win_amd64.whl",  # free-threaded
        "t-1-cp313-abi3-win_amd64.whl",  # a newer stable interface
        "t-1-cp312-cp312-manylinux_2_28_x86_64.whl",  # another system
        "t-1-cp312-cp312-win_arm64.whl",  # another processor
        "t-1-py2-none-any.whl",
    ],
)
def test_a_wheel_for_something_else_is_not_taken(name: str) -> None:
    with pytest.raises(UserError, match=r"thing 1.0 does not exist for Python 3.12"):
        selected(a_lock(name), Target((3, 12), "windows"))


@pytest.mark.parametrize("glibc", [(2, 17), (0, 0)])
def test_an_old_linux_or_one_without_glibc_has_its_sentence(glibc: tuple[int, int]) -> None:
    with pytest.raises(UserError, match="glibc 2.28 or newer"):
        selected(a_lock("t-1-cp312-cp312-manylinux_2_28_x86_64.whl"), Target((3, 12), "linux", glibc))


def test_requirements_pin_version_and_hash() -> None:
    chosen = selected(a_lock("t-1-py3-none-any.whl"), Target((3, 12), "linux", (2, 28)))
    assert requirements(chosen) == f"thing==1.0 --hash=sha256:{'0' * 64}\n"


@pytest.mark.parametrize("content", ["", "packages = 3", "[[packages]]\nname = 'x'", "not toml", "\x00"])
def test_a_damaged_lock_has_its_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "pylock.x.toml").write_text(content)
    with pytest.raises(UserError, match="pylock.x.toml is missing or damaged; install the add-on again"):
        read(tmp_path / "pylock.x.toml")


def test_a_name_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    wheel = f'{{ name = "../evil.whl", url = "https://x/y.whl", size = 1, hashes = {{ sha256 = "{"0" * 64}" }} }}'
    (tmp_path / "p.toml").write_text(f'[[packages]]\nname = "x"\nversion = "1"\nwheels = [{wheel}]\n')
    with pytest.raises(UserError, match="damaged"):
        read(tmp_path / "p.toml")


def test_line_ends_do_not_change_what_a_lock_is(tmp_path: Path) -> None:
    original = (LOCKS / "pylock.uv.toml").read_bytes()
    (tmp_path / "p.toml").write_bytes(original.replace(b"\n", b"\r\n"))
    assert read(tmp_path / "p.toml") == read(LOCKS / "pylock.uv.toml")
