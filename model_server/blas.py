"""How OpenBLAS, the matrix library below numpy, works on this processor: with which kernels, and in one thread.

Windows of a recording are heard in threads of our own (``speech.acoustics``), which share the work better than OpenBLAS
shares one product: on two cores the network alone once ran at 182 times real time instead of 111.

The OpenBLAS 0.3.23 of numpy 1.26 takes Intel processors that are newer than it, or a Sapphire Rapids whose bfloat16 a
virtual machine hides, for a Pentium of 2004 and multiplies a third as fast or slower. OpenBLAS reads its variables
once, when numpy is imported.
"""

import os

KERNELS, THREADS = "OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS"
_NEEDED = {"avx512f", "avx512dq", "avx512bw", "avx512vl"}
_FIRST_PROCESSOR = 1 << 13
"""Characters of ``/proc/cpuinfo`` that are sure to hold the first processor."""


def kernels(cpuinfo: str) -> str:
    """The name of the kernels to ask for, given what Linux says of the processor; "" where OpenBLAS knows best."""
    facts = dict(line.split(":", 1) for line in cpuinfo.splitlines() if ":" in line)
    known = {name.strip(): value.split() for name, value in facts.items()}
    flags = set(known.get("flags", ()))
    intel = known.get("vendor_id") == ["GenuineIntel"]
    return "SkylakeX" if intel and flags >= _NEEDED else ""


def choose(source: str | os.PathLike[str] = "/proc/cpuinfo") -> None:
    """Ask for one thread and the right kernels, unless the user has; to be called before numpy is imported."""
    os.environ.setdefault(THREADS, "1")
    try:
        with open(source, encoding="ascii", errors="replace") as opened:
            found = kernels(opened.read(_FIRST_PROCESSOR))
    except OSError:  # another system than Linux
        return
    if found:
        os.environ.setdefault(KERNELS, found)
