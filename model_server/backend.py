"""Which arithmetic a model runs on: numpy, torch on the CPU, or torch on CUDA."""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from s2f_blender_addon.core.errors import UserError

BackendName = Literal["numpy", "torch"]
BACKENDS = ("auto", "numpy", "torch")
DEVICES = ("auto", "cpu", "cuda")


@dataclass(frozen=True)
class Backend:
    """name: the library. device: ``cpu`` or ``cuda``."""

    name: BackendName
    device: str


def choose(backend: str = "auto", device: str = "auto", quick: bool = False) -> Backend:
    """The backend for what the user asked; ``auto`` takes the best that is here.

    ``quick`` is for one short job: importing torch costs seconds, so it is left alone unless there is a card to use.
    Raises UserError for what this machine does not have.
    """
    if backend not in BACKENDS or device not in DEVICES:
        raise UserError(f"There is no backend {backend!r} on device {device!r}; choose {BACKENDS} and {DEVICES}.")
    if backend == "numpy":
        if device == "cuda":
            raise UserError("The numpy backend runs on the CPU only; choose torch for CUDA.")
        return Backend("numpy", "cpu")
    if find_spec("torch") is None:
        if backend == "torch" or device == "cuda":
            raise UserError("This Python has no torch; install it, or choose the numpy backend on the CPU.")
        return Backend("numpy", "cpu")
    if device == "cpu" or (device == "auto" and not _driver()):
        return Backend("numpy" if quick and backend == "auto" else "torch", "cpu")
    import torch

    if torch.cuda.is_available():
        return Backend("torch", "cuda")
    if device == "cuda":
        raise UserError("torch finds no CUDA card here; update the driver, or choose the CPU.")
    return Backend("numpy" if quick and backend == "auto" else "torch", "cpu")


def _driver() -> bool:
    """Whether a CUDA driver is installed, found without importing torch."""
    import ctypes
    import sys

    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True
