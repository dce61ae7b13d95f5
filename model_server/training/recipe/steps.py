"""The steps of a recipe that takes hours: how much of it each is, the hours left over all, the hours that each took."""

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from model_server.cancel import Progress
from s2f_blender_addon.core.whole_file import whole_file

Tell = Callable[[float, str, float], None]
"""Called with the fraction 0-1 of all steps that is done, a few words, and the seconds left."""

HOURS = "hours.json"
"""In the work folder: processor hours that each step took, over all the runs that were interrupted."""
SKIPPED = 20.0
"""Work that goes by so many times faster than it was measured was there already: it tells nothing of the pace."""
SURE = 120.0
"""Seconds after which the pace of this run counts as much as the measured one."""
REMEMBERED = 1800.0
"""Seconds within which a pace is forgotten: who else uses the processors changes."""
_LOOK = 1.0
_KEEP = 30.0


@dataclass(frozen=True)
class Step:
    """``seconds`` of one processor that it takes where that was measured; ``run`` goes on where it stopped."""

    name: str
    seconds: float
    run: Callable[[Progress], None]


class Remaining:
    """The seconds left of ``total`` seconds of work, by the measured pace at first and by this run's own later."""

    def __init__(self, total: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._total, self._clock = total, clock
        self._then, self._done = clock(), 0.0
        self._passed = self._worked = SURE

    def after(self, done: float) -> float:
        """What is left when ``done`` seconds of the measured work are behind us, some perhaps since an earlier run."""
        now = self._clock()
        passed, worked = now - self._then, done - self._done
        if passed >= _LOOK:
            if 0 <= worked <= SKIPPED * passed:
                kept = max(0.0, 1 - passed / REMEMBERED)
                self._passed, self._worked = self._passed * kept + passed, self._worked * kept + worked
            self._then, self._done = now, done
        return (self._total - done) * self._passed / max(self._worked, 1e-9)


def run(steps: Sequence[Step], work: Path, tell: Tell) -> None:
    """All ``steps``, one after the other; ``work`` gets the hours of each."""
    total, before = sum(step.seconds for step in steps) or 1.0, 0.0
    remaining = Remaining(total)
    for step in steps:

        def progress(fraction: float, doing: str, step: Step = step, before: float = before) -> None:
            done = before + step.seconds * min(max(fraction, 0.0), 1.0)
            tell(min(done / total, 1.0), f"{step.name}: {doing}", remaining.after(done))
            keep()

        with _hours_kept(work, step.name) as keep:
            step.run(progress)
        before += step.seconds


def hours(work: Path) -> dict[str, float]:
    """Processor hours that each step took, as far as it came."""
    path = work / HOURS
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


@contextmanager
def _hours_kept(work: Path, name: str) -> Iterator[Callable[[], None]]:
    """What notes now and then, and at the end, how many processor hours ``name`` has taken, with its children."""
    earlier, began, last = hours(work).get(name, 0.0), _processor_seconds(), time.monotonic()

    def note() -> None:
        spent = earlier + (_processor_seconds() - began) / 3600
        with whole_file(work / HOURS) as temporary:
            temporary.write_text(json.dumps(hours(work) | {name: round(spent, 6)}, indent=1), encoding="utf-8")

    def keep() -> None:
        nonlocal last
        if time.monotonic() - last > _KEEP:
            last = time.monotonic()
            note()

    try:
        yield keep
    finally:
        note()


def _processor_seconds() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system
