"""Ctrl-C: one line and status 130 whenever it comes, and processes of ours that end with the command."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from .complaint import complain

STOPPED = 130
"""Exit status after Ctrl-C, as shells have it."""


def at_once() -> None:
    """From now on Ctrl-C ends this process where it stands: nothing is begun yet, or everything is done."""
    _heed(_leave)


def in_good_order() -> None:
    """From now on Ctrl-C raises KeyboardInterrupt, so that what was begun is tidied up."""
    _heed(signal.default_int_handler)


def _heed(handler: "signal._HANDLER") -> None:
    for name in ("SIGINT", "SIGBREAK"):  # Windows has Ctrl-Break, too, which would end it untidied
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:  # as a shell starts it in the background
            signal.signal(number, handler)


def _leave(_: int, __: FrameType | None) -> None:
    complain("stopped")
    sys.stdout.flush()
    os._exit(STOPPED)


@contextmanager
def unheard() -> Iterator[None]:
    """What is started in the block does not hear Ctrl-C, which comes to all processes of a terminal; the command itself
    hears it after the block. On Windows it is heard as ever.
    """
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
