"""Progress goes up and cancellation comes down through one callback."""

from collections.abc import Callable

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
