"""What card and driver there are, asked of the driver itself.

Run as a program it prints JSON: a driver that crashes then takes a child along and never Blender. Imports nothing but
the standard library, so that any Python can run this file by its path.
"""

import ctypes
import json
import platform
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

VENDORS = {0x10DE: "nvidia", 0x1002: "amd", 0x8086: "intel"}
"""PCI vendor ids."""

_MAJOR, _MINOR = 75, 76
"""CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR of the CUDA driver API."""


@dataclass(frozen=True)
class GraphicsCard:
    """An NVIDIA card. ``capability`` is its compute capability, ``memory`` in bytes."""

    name: str
    capability: tuple[int, int]
    memory: int


@dataclass(frozen=True)
class Machine:
    """``system``: linux, windows or macos. ``processor``: x86_64 or arm64. ``cards`` in torch's order.

    ``driver`` is the newest CUDA version that the NVIDIA driver serves, (0, 0) without a driver. ``problem`` is what
    the driver answered in place of cards. ``vendors`` are the makers of all display cards, as far as the system tells.
    """

    system: str
    processor: str
    cards: tuple[GraphicsCard, ...]
    driver: tuple[int, int]
    problem: int
    vendors: tuple[str, ...]


def probe() -> Machine:
    """This machine."""
    system = {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")
    processor = {"amd64": "x86_64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine().lower())
    library = _driver()
    driver, cards, problem = ask(library) if library is not None else ((0, 0), (), 0)
    return Machine(system, processor, cards, driver, problem, _vendors(system, processor))


def ask(library: ctypes.CDLL) -> tuple[tuple[int, int], tuple[GraphicsCard, ...], int]:
    """(CUDA version, cards, error code) from the CUDA driver ``library``; a code other than 0 means no cards."""
    version = ctypes.c_int()
    library.cuDriverGetVersion(ctypes.byref(version))
    driver = (version.value // 1000, version.value % 1000 // 10)
    count = ctypes.c_int()
    problem = library.cuInit(0) or library.cuDeviceGetCount(ctypes.byref(count))
    if problem:
        return driver, (), int(problem)
    return driver, tuple(_card(library, index) for index in range(count.value)), 0


def _card(library: ctypes.CDLL, index: int) -> GraphicsCard:
    device, major, minor = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
    name, memory = ctypes.create_string_buffer(256), ctypes.c_size_t()
    library.cuDeviceGet(ctypes.byref(device), index)
    library.cuDeviceGetName(name, len(name), device)
    library.cuDeviceGetAttribute(ctypes.byref(major), _MAJOR, device)
    library.cuDeviceGetAttribute(ctypes.byref(minor), _MINOR, device)
    library.cuDeviceTotalMem_v2(ctypes.byref(memory), device)
    return GraphicsCard(name.value.decode("utf-8", "replace"), (major.value, minor.value), memory.value)


def _driver() -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return None


def _vendors(system: str, processor: str) -> tuple[str, ...]:
    if system == "macos":
        return ("apple",) if processor == "arm64" else ()
    found = _windows_vendors() if system == "windows" else linux_vendors(Path("/sys/class/drm"))
    return tuple(sorted(found))


def linux_vendors(drm: Path) -> set[str]:
    """Makers of the display cards below ``drm`` (/sys/class/drm)."""
    found = set()
    for file in drm.glob("card*/device/vendor"):
        try:
            found.add(VENDORS.get(int(file.read_text(), 16), ""))
        except (OSError, ValueError):
            continue
    return found - {""}


def _windows_vendors() -> set[str]:
    class DisplayDevice(ctypes.Structure):
        _fields_ = (
            ("cb", ctypes.c_uint32), ("name", ctypes.c_wchar * 32), ("string", ctypes.c_wchar * 128),
            ("flags", ctypes.c_uint32), ("id", ctypes.c_wchar * 128), ("key", ctypes.c_wchar * 128),
        )  # fmt: skip

    found = set()
    device = DisplayDevice(cb=ctypes.sizeof(DisplayDevice))
    user32: Any = getattr(ctypes, "windll").user32  # noqa: B009  # only Windows has it
    for index in range(64):
        if not user32.EnumDisplayDevicesW(None, index, ctypes.byref(device), 0):
            break
        found |= {name for code, name in VENDORS.items() if f"VEN_{code:04X}" in device.id.upper()}
    return found


def to_json(machine: Machine) -> str:
    """One line."""
    return json.dumps(asdict(machine))


def from_json(text: str) -> Machine:
    """What ``to_json`` wrote. Raises ValueError, KeyError or TypeError for anything else."""
    values = json.loads(text)
    cards = tuple(GraphicsCard(c["name"], tuple(c["capability"]), c["memory"]) for c in values.pop("cards"))
    values["driver"], values["vendors"] = tuple(values["driver"]), tuple(values["vendors"])
    return Machine(cards=cards, **values)


if __name__ == "__main__":
    print(to_json(probe()))
