"""Several things of which each is made by itself: one that cannot be made leaves the others alone."""

from collections.abc import Iterator
from contextlib import contextmanager

from s2f_blender_addon.core.errors import UserError

from .complaint import complain, sentence_of
from .progress import Report


class Each:
    """Counts what failed of ``count`` things, called ``what``; they are told at the end."""

    def __init__(self, count: int, what: str = "recordings") -> None:
        self._count, self._what = count, what
        self._problems: list[str] = []

    @property
    def all_failed(self) -> bool:
        """Whether nothing can be made of any of them."""
        return len(self._problems) == self._count

    @contextmanager
    def alone(self) -> Iterator[None]:
        """What goes wrong in the block, for a reason that a person can read, is kept for the end."""
        try:
            yield
        except (UserError, OSError) as error:
            self.failed(sentence_of(error))

    def failed(self, sentence: str) -> None:
        """One of them could not be made, for the reason that ``sentence`` says."""
        self._problems.append(sentence)

    def end(self, report: Report | None) -> None:
        """Say how many failed, where there is a ``report`` of it, and why, each in a line of its own.

        Raises UserError, the last of them.
        """
        if not self._problems:
            return
        if self._count > 1 and report is not None:
            failed = len(self._problems)
            report.note(f"{failed} of {self._count} {self._what} failed", failed=failed, of=self._count)
        *others, last = dict.fromkeys(self._problems)
        for problem in others:
            complain(problem)
        raise UserError(last)
