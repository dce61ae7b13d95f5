"""What the panel says of the last thing that was done."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..bake import BakeReport
from ..core.track import Array


@dataclass(frozen=True)
class Outcome:
    """The last failure or success, in words.

    error: one sentence, empty where nothing went wrong; report: what a bug report needs besides; failed: id of the
    operator that could not do its work, where it was one. notice: what a success has to say. line: the line that was
    baked; baked, assumed, heard, reads: its report, what was guessed on the way, a sentence about its words, shares 0-1
    of the emotions that the face shows.
    """

    error: str = ""
    report: str = ""
    failed: str = ""
    notice: str = ""
    line: str = ""
    baked: BakeReport | None = None
    assumed: str = ""
    heard: str = ""
    reads: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Looks:
    """What a face reads as: shares (n, len(names)) at scene frames ``first``, ``first + every``, …"""

    names: tuple[str, ...]
    first: float
    every: float
    shares: Array


class Shown:
    """Owns the last outcome, that of each line that was baked, and what faces look like over time.

    ``revision`` counts up whenever what panels keep of characters is to be looked at anew.
    """

    def __init__(self) -> None:
        self._outcome = Outcome()
        self._lines: dict[str, Outcome] = {}
        self._looks: dict[str, Looks] = {}
        self._revision = 0

    @property
    def outcome(self) -> Outcome:
        """Of whatever was done last."""
        return self._outcome

    def of(self, line: str) -> Outcome:
        """What is to be said while ``line`` is the chosen one: the last failure, and the last bake of its own."""
        last = self._outcome
        if line == last.line or not last.line:
            return last
        own = self._lines.get(line, Outcome())
        return replace(own, error=last.error, report=last.report, failed=last.failed, notice=last.notice)

    @property
    def revision(self) -> int:
        return self._revision

    def changed(self) -> None:
        """What panels know of characters is out of date."""
        self._revision += 1

    def fail(self, sentence: str, report: str = "", operator: str = "") -> None:
        """Something could not be done."""
        self._say(error=sentence, report=report, failed=operator)
        self.changed()

    def succeed(self, operator: str) -> None:
        """``operator`` did its work: what it could not do the last time is no news any more."""
        if operator and self._outcome.failed == operator:
            self.clear_failure()

    def clear_failure(self) -> None:
        """Nothing went wrong any more."""
        self._say(error="", report="", failed="")

    def begin(self) -> None:
        """Something new was begun: the last failure and notice are gone, the last bake stays."""
        self.clear_failure()
        self._say(notice="")

    def tell(self, notice: str) -> None:
        """What a success has to say; empty for nothing."""
        self._say(notice=notice)

    def bake(self, line: str, report: BakeReport, assumed: str, heard: str) -> None:
        """Keys of ``line`` were written."""
        self.clear_failure()
        self._say(line=line, baked=report, assumed=assumed, heard=heard, reads={})

    def read(self, shares: Mapping[str, float]) -> None:
        """It is known by now what the face reads as."""
        self._say(reads=dict(shares))
        self.changed()

    def look(self, whose: str, looks: Looks) -> None:
        """What is seen over time: of a line, or of a whole character (``character:`` and the name of its object)."""
        self._looks[whose] = looks

    def looks(self, whose: str) -> Looks | None:
        """What ``look`` was told of it, if it was."""
        return self._looks.get(whose)

    def forget_looks(self, whose: str) -> None:
        """What was seen there is no more."""
        self._looks.pop(whose, None)

    def forget_words(self, line: str) -> None:
        """The words of ``line`` were changed: what was heard of the old ones says nothing."""
        if line == self._outcome.line:
            self._say(heard="")
        elif line in self._lines:
            self._lines[line] = replace(self._lines[line], heard="")

    def forget(self) -> None:
        """Another file."""
        self._outcome = Outcome()
        self._lines.clear()
        self._looks.clear()
        self.changed()

    def _say(self, **parts: object) -> None:
        self._outcome = replace(self._outcome, **parts)  # type: ignore[arg-type]
        if self._outcome.line:
            self._lines[self._outcome.line] = self._outcome
