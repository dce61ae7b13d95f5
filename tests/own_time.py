"""Seconds of this thread, without those in which it could have run and other programs had the processor."""

import time
from pathlib import Path

_SCHEDULED = Path("/proc/thread-self/schedstat")
"""Linux: nanoseconds that the thread ran, and that it waited for a processor."""


def own_seconds() -> float:
    """A clock: it goes on while the thread works, sleeps or waits for a lock, a disk or a process. Elsewhere than on
    Linux it goes on always.
    """
    try:
        waited = int(_SCHEDULED.read_text("ascii").split()[1]) / 1e9
    except OSError:
        waited = 0.0
    return time.perf_counter() - waited
