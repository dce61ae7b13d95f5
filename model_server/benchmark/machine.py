"""What a figure was measured on: processors and how busy they are, the kernels of numpy's products, threads."""

import ctypes
import os
import platform
from pathlib import Path

import numpy as np

from model_server.speech.acoustics import workers

_CORES = ("scipy_openblas_get_corename64_", "openblas_get_corename64_", "openblas_get_corename")
"""What OpenBLAS calls the function that tells its kernels, by builds of numpy."""


def machine() -> dict[str, str]:
    """Names and values for the reader, for figures mean nothing without them."""
    return {
        "processors": f"{os.cpu_count()}, {_processor()}",
        "load": f"{os.getloadavg()[0]:.1f} processes a minute" if hasattr(os, "getloadavg") else "not told here",
        "numpy": f"{np.__version__}, kernels {kernels()}",
        "threads": f"{workers()} windows at a time, OPENBLAS_NUM_THREADS {os.environ.get('OPENBLAS_NUM_THREADS', '-')}",
    }


def kernels() -> str:
    """For which processor the library below numpy multiplies, such as SkylakeX."""
    for folder in (Path(np.__file__).parent.with_name("numpy.libs"), Path(np.__file__).parent / ".dylibs"):
        for path in sorted(folder.glob("*openblas*")):
            library = ctypes.CDLL(str(path))
            for name in _CORES:
                if hasattr(library, name):
                    told = getattr(library, name)
                    told.restype = ctypes.c_char_p
                    return str(told().decode())
    return "unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):  # another system than Linux
        return platform.processor() or platform.machine()
