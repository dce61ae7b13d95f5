"""How much memory processes hold, on each system in its own way."""

import subprocess
import sys
from pathlib import Path

MEGA = 1e6


def resident(pid: int) -> float:
    """Megabytes that process ``pid`` holds now."""
    if sys.platform == "linux":
        return _status(pid, "VmRSS")
    if sys.platform == "win32":
        line = _said("tasklist", "/FI", f"PID eq {pid}", "/FO", "CSV", "/NH").rsplit('","', 1)[1]
        return int("".join(c for c in line if c.isdigit())) * 1024 / MEGA
    return int(_said("ps", "-o", "rss=", "-p", str(pid))) * 1024 / MEGA


def own_peak() -> float:
    """Megabytes that this process held at most."""
    if sys.platform == "linux":  # getrusage counts the parent that forked this process, too
        return _status(0, "VmHWM")
    if sys.platform == "win32":
        return _windows_peak()
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGA


def card_memory() -> dict[str, float]:
    """Megabytes of the CUDA card that this process held at most: ``allocated``, and ``reserved`` with torch's cache."""
    import torch

    return {
        "allocated": torch.cuda.max_memory_allocated() / MEGA,
        "reserved": torch.cuda.max_memory_reserved() / MEGA,
    }


def _status(pid: int, field: str) -> float:
    lines = Path(f"/proc/{pid or 'self'}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) * 1024 / MEGA


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _windows_peak() -> float:
    import ctypes

    class Counters(ctypes.Structure):
        """PROCESS_MEMORY_COUNTERS of psapi.h."""

        _fields_ = (
            ("size", ctypes.c_uint32),
            ("faults", ctypes.c_uint32),
            ("peak", ctypes.c_size_t),
            *((f"other{i}", ctypes.c_size_t) for i in range(7)),
        )

    counters = Counters(size=ctypes.sizeof(Counters))
    kernel = ctypes.CDLL("kernel32")
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.K32GetProcessMemoryInfo(ctypes.c_void_p(kernel.GetCurrentProcess()), ctypes.byref(counters), counters.size)
    return float(counters.peak) / MEGA
