"""Writes the locks of the GPU runtime: which files it consists of, from where, how long, and with which hashes.

    python tools/runtime_locks.py      (any Python 3.11+, with ``uv`` on the path)

One ``pylock.BUILD.toml`` (the lock file standard of Python packaging, PEP 751) for each build in ``BUILDS``, and one
for uv itself, in ``s2f_blender_addon/runtime/locks/``. Versions are resolved by uv; addresses and hashes are what the
package registry states; lengths are what its file server answers. Only wheels are locked, never sources.

The CUDA wheels of torch for Windows lie on PyTorch's own index alone. Where that cannot be reached, the entries in
``WINDOWS_TORCH`` stand in: each hash is the one that several public repositories lock independently.
"""

import re
import subprocess
import sys
import tomllib
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

LOCKS = Path(__file__).resolve().parents[1] / "s2f_blender_addon" / "runtime" / "locks"
INDEX = "https://pypi.org/simple/"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
MODEL = (
    "numpy>=2",
    "soundfile==0.14.0",  # every audio format, as in pyproject.toml
    "transformers==5.23.0",  # wav2vec2, HuBERT, WavLM and text classifiers, as in pyproject.toml
    "safetensors==0.8.0",
)
UV = "0.13.8"


@dataclass(frozen=True)
class Wheel:
    """One file. ``size`` in bytes."""

    url: str
    sha256: str
    size: int

    @property
    def name(self) -> str:
        return unquote(self.url.rpartition("/")[2])


@dataclass(frozen=True)
class Build:
    """``torch`` is the version on the package registry, or the wheels where the registry has none."""

    name: str
    platform: str
    torch: str | tuple[str, tuple[Wheel, ...]]
    pythons: tuple[str, ...] = PYTHONS


def _pytorch(cuda: str, python: str, sha256: str, size: int) -> Wheel:
    wheel = f"torch-2.13.0%2B{cuda}-{python}-{python}-win_amd64.whl"
    return Wheel(f"https://download.pytorch.org/whl/{cuda}/{wheel}", sha256, size)


WINDOWS_TORCH = {
    "cu130": (
        _pytorch("cu130", "cp312", "2efab1e83604ca628c6d85b9e188c153690980498d1297081a9dad704919303c", 1915519202),
        _pytorch("cu130", "cp313", "cf23236e9deed7d3510d14d9b9592d75d272ef7b35bbfee31a02bea339c73971", 1915517499),
    ),
    "cu126": (
        _pytorch("cu126", "cp312", "380081ea098bf2b9e727aa85205d94790d884d17c62df3bb00a4f6a1047010a2", 2594590371),
    ),
}
BUILDS = (
    Build("linux-cu130", "x86_64-manylinux_2_28", "2.13.0"),
    # the last torch on the registry that was built with CUDA 12.6
    Build("linux-cu126", "x86_64-manylinux_2_28", "2.7.1", PYTHONS[:3]),
    Build("windows-cu130", "x86_64-pc-windows-msvc", ("2.13.0+cu130", WINDOWS_TORCH["cu130"])),
    Build("windows-cu126", "x86_64-pc-windows-msvc", ("2.13.0+cu126", WINDOWS_TORCH["cu126"])),
)


def main() -> int:
    """Write every lock."""
    LOCKS.mkdir(parents=True, exist_ok=True)
    for build in BUILDS:
        pins = _resolved(build)
        if isinstance(build.torch, tuple):
            pins["torch"] = build.torch[0]
        packages = {name: _wheels(build, name, version) for name, version in sorted(pins.items())}
        _write(build.name, {name: (pins[name], wheels) for name, wheels in packages.items()})
    uv = [w for w in _listed("uv", UV) if re.search(r"win_amd64|manylinux_2_17_x86_64", w.name)]
    _write("uv", {"uv": (UV, _measured(uv))})
    return 0


def _resolved(build: Build) -> dict[str, str]:
    """Versions for the oldest Python, checked to serve the newer ones as well."""
    torch = build.torch if isinstance(build.torch, str) else build.torch[0].partition("+")[0]
    pins: dict[str, str] = {}
    for python in build.pythons:
        wanted = [f"{name}=={version}" for name, version in pins.items()] or [*MODEL, f"torch=={torch}"]
        found = _compile(wanted, python, build.platform)
        if pins and found != pins:
            raise SystemExit(f"{build.name}: Python {python} needs other packages: {set(found) ^ set(pins)}")
        pins = found
    return pins


def _compile(wanted: list[str], python: str, platform: str) -> dict[str, str]:
    command = ["uv", "pip", "compile", "-", "--no-header", "--no-annotate", "--only-binary", ":all:", "--quiet"]
    command += ["--default-index", INDEX, "--python-version", python, "--python-platform", platform]
    out = subprocess.run(command, input="\n".join(wanted), capture_output=True, text=True, check=False)
    if out.returncode:
        raise SystemExit(out.stderr)
    return dict(line.split(";")[0].strip().split("==") for line in out.stdout.splitlines() if "==" in line)


def _wheels(build: Build, name: str, version: str) -> list[Wheel]:
    """The wheels of one package that fit the build's platform and any of ``PYTHONS``."""
    if name == "torch" and isinstance(build.torch, tuple):
        return list(build.torch[1])
    platform = r"win_amd64" if build.name.startswith("windows") else r"(manylinux|linux)[^-]*x86_64"
    tags = "|".join(python.replace("3.", "cp3") for python in PYTHONS)
    fits = re.compile(rf"-(({tags})-\2|cp\d+-abi3|py3|py2\.py3)(-none)?-(any|[^-]*({platform})[^-]*)\.whl$")
    wheels = [w for w in _listed(name, version) if fits.search(w.name) and "musllinux" not in w.name]
    if not wheels:
        raise SystemExit(f"{build.name}: {name} {version} has no wheel")
    return _measured(wheels)


def _listed(name: str, version: str) -> list[Wheel]:
    """What the registry's page of ``name`` says about ``version``; lengths are not on it."""
    page = urllib.request.urlopen(urljoin(INDEX, f"{name}/"), timeout=60).read().decode()
    found = []
    for href in re.findall(r'href="([^"]+\.whl#sha256=[0-9a-f]{64})"', page):
        url, _, sha256 = unescape(href).partition("#sha256=")
        if unquote(url.rpartition("/")[2]).split("-")[1] == version:
            found.append(Wheel(url, sha256, 0))
    return found


def _measured(wheels: list[Wheel]) -> list[Wheel]:
    def measured(wheel: Wheel) -> Wheel:
        request = urllib.request.Request(wheel.url, method="HEAD")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return Wheel(wheel.url, wheel.sha256, int(answer.headers["Content-Length"]))

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(measured, wheels))


def _write(build: str, packages: dict[str, tuple[str, list[Wheel]]]) -> None:
    lines = ['lock-version = "1.0"', 'created-by = "tools/runtime_locks.py"']
    for name, (version, wheels) in packages.items():
        lines += ["", "[[packages]]", f'name = "{name}"', f'version = "{version}"', "wheels = ["]
        for wheel in sorted(wheels, key=lambda w: w.name):
            if urlsplit(wheel.url).hostname not in ("files.pythonhosted.org", "download.pytorch.org"):
                raise SystemExit(f"{wheel.url} is no public address")
            lines.append(
                f'  {{ name = "{wheel.name}", url = "{wheel.url}", size = {wheel.size}, '
                f'hashes = {{ sha256 = "{wheel.sha256}" }} }},'
            )
        lines.append("]")
    text = "\n".join(lines) + "\n"
    tomllib.loads(text)
    (LOCKS / f"pylock.{build}.toml").write_text(text, encoding="utf-8", newline="\n")
    print(f"{build}: {len(packages)} packages, {sum(len(w) for _, w in packages.values())} files")


if __name__ == "__main__":
    sys.exit(main())
