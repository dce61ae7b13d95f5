"""Which arithmetic a model runs on: numpy, torch on the CPU or on CUDA, or OpenVINO in half precision on the CPU."""

import ctypes
import sys
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from typing import Literal

from s2f_blender_addon.core.errors import UserError

Library = Literal["numpy", "torch", "openvino"]
LIBRARIES = ("auto", "numpy", "torch", "openvino")
HALF = "cpu-half"
DEVICES = ("auto", "cpu", HALF, "cuda")

Precision = Literal["single", "half"]
"""float32, or float16 (bfloat16 on processors) where that is nearly as good and much faster."""

HALF_FROM = (7, 0)
"""The compute capability from which cards have tensor cores (Volta); older ones are not faster in float16."""


@dataclass(frozen=True)
class Hardware:
    """``library`` does the arithmetic on ``device``, ``cpu`` or ``cuda``; ``card`` is the name of the card, if any."""

    library: Library
    device: str
    card: str = ""
    precision: Precision = "single"


def for_a_process(library: str = "auto", device: str = "auto") -> Hardware:
    """For one that stays: ``auto`` takes the best that is here. Raises UserError for what this machine lacks."""
    _check(library, device)
    if device == HALF or library == "openvino":
        return _on_half_a_processor(library, device)
    if library == "numpy" or (library == "auto" and device != "cuda" and find_spec("torch") is None):
        if device == "cuda":
            raise UserError("The numpy backend runs on the CPU only; choose torch for CUDA.")
        return Hardware("numpy", "cpu")
    if find_spec("torch") is None:
        raise UserError("This Python has no torch; install it, or choose the numpy backend on the CPU.")
    if device == "cpu":
        return Hardware("torch", "cpu")
    import torch

    if torch.cuda.is_available():
        return on_card(torch.cuda.get_device_name(), torch.cuda.get_device_capability())
    if device == "cuda":
        raise UserError("torch finds no CUDA card here; update the card's driver, or choose the CPU.")
    return Hardware("torch", "cpu")


def _on_half_a_processor(library: str, device: str) -> Hardware:
    if library not in ("auto", "openvino") or device == "cuda":
        raise UserError(f"{HALF} is what openvino computes, and nothing else; leave the other out.")
    if find_spec("openvino") is None:
        raise UserError("This Python has no openvino; run pip install openvino, or choose the CPU in full precision.")
    import openvino

    if "BF16" not in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        raise UserError("This processor does not multiply in half precision; choose the CPU in full precision.")
    return Hardware("openvino", "cpu", precision="half")


def on_card(name: str, capability: tuple[int, int]) -> Hardware:
    """torch on the card called ``name``, in the precision that suits its compute capability."""
    return Hardware("torch", "cuda", name, "half" if capability >= HALF_FROM else "single")


def precision_of(device: str) -> Precision:
    """What suits ``device``, which has to be there."""
    if device != "cuda":
        return "single"
    import torch

    return on_card(torch.cuda.get_device_name(), torch.cuda.get_device_capability()).precision


def for_a_command(device: str = "auto") -> Hardware:
    """For one that ends: numpy has done a minute of sound before torch is imported, so anything else must be asked for.

    Raises UserError for what this machine lacks.
    """
    _check("auto", device)
    return for_a_process("auto", device) if device in (HALF, "cuda") else Hardware("numpy", "cpu")


def for_a_server(device: str) -> Literal["auto", "numpy"]:
    """For the processes of one: numpy on a processor, where torch would hold 230 MB more in each and is no faster."""
    return "numpy" if device == "cpu" or (device == "auto" and not _may_have_a_card()) else "auto"


def _may_have_a_card() -> bool:
    """Whether it is worth to ask torch: it is there, and so is a driver of CUDA, or it is made for AMD's cards."""
    if find_spec("torch") is None:
        return False
    if "rocm" in version("torch"):
        return True
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True


def _check(library: str, device: str) -> None:
    if library not in LIBRARIES:
        raise UserError(f"There is no backend {library!r}; choose {', '.join(LIBRARIES)}.")
    if device not in DEVICES:
        raise UserError(f"There is no device {device!r}; choose {', '.join(DEVICES)}.")
