"""Progress goes up and cancellation comes down through one callback."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Made = TypeVar("Made")

Progress = Callable[[float, str], None]
"""Called with a fraction 0-1 and a few words, at least every 100 ms of work; it may raise JobCancelled."""


class JobCancelled(Exception):
    """The job's owner wants it no more; every caller of a Progress lets this through."""


def silent(fraction: float, doing: str) -> None:
    """A Progress for callers that do not watch."""


def part(progress: Progress, low: float, high: float) -> Progress:
    """A Progress for one step of a job: its 0-1 becomes ``low``-``high`` of the whole."""

    def scaled(fraction: float, doing: str) -> None:
        progress(low + (high - low) * fraction, doing)

    return scaled


@contextmanager
def beside(work: Callable[[Progress], Made]) -> Iterator["Future[Made]"]:
    """``work`` in a thread of its own, which ends as a cancelled job does as soon as the block is left by an error."""
    wanted = True

    def watched(fraction: float, doing: str) -> None:
        if not wanted:
            raise JobCancelled

    with ThreadPoolExecutor(1) as pool:
        try:
            yield pool.submit(work, watched)
        except BaseException:
            wanted = False
            raise
