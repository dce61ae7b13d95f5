"""The figures of the voice model's card: people left out, each set left out in its turn, RAVDESS, neutral sentences."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from model_server.cancel import Progress, silent
from model_server.emotion.listener import EVENTS
from model_server.training.emotion.fit import Fitted, fitted
from model_server.training.emotion.hearing import DescribedClips
from model_server.training.emotion.measure import (
    EIGHT,
    ELSEWHERE,
    SAID,
    SIX,
    Judged,
    events_of_people_left_out,
    false_in_sets,
    judge,
    people_left_out,
    set_left_out,
)
from s2f_blender_addon.core.errors import UserError

Figures = dict[str, Any]

TAUGHT = ("crema", "marco", "emogator")
"""Sets that a figure can be told of by leaving them out."""
NAMES = {"crema": "CREMA-D", "marco": "Marco-Voice", "emogator": "EmoGator's bursts", "ravdess": "RAVDESS"}
_TITLES = {
    "alone": "without a reference", "known": "with one",
    ELSEWHERE["alone"]: "without one, through other microphones",
    ELSEWHERE["known"]: "with one, through other microphones than its",
}  # fmt: skip
_FALSE = "an emotion heard in neutral sentences, by set"
_SPREAD = (16, 50, 84)
"""Percentiles of a slider."""


def measured(
    sets: Mapping[str, DescribedClips], research: DescribedClips, leave_out: Sequence[str] = (),
    heads: Fitted | None = None, progress: Progress = silent,
) -> Figures:  # fmt: skip
    """By what it was counted on. ``leave_out``: only these of TAUGHT; with none of them all, people and neutral sets.

    heads: of all ``sets``, where they were fitted already. Raises UserError for a set that is none of TAUGHT.
    """
    wrong = next((name for name in leave_out if name not in TAUGHT), None)
    if wrong is not None:
        raise UserError(f"There is no corpus {wrong} to leave out; choose {', '.join(TAUGHT)}.")
    steps: dict[str, Callable[[], Figures]] = {
        f"{NAMES[name]}, taught by the others": partial(_without, sets, name)
        for name in leave_out or TAUGHT
    }
    if not leave_out:
        steps["CREMA-D, a quarter of its actors left out at a time"] = lambda: _told(people_left_out(sets, "crema"))
        every = heads or fitted(sets)
        steps[f"{_FALSE}, a quarter of the sets left out at a time"] = lambda: every.false
        if len(research):
            steps["RAVDESS, which taught nothing"] = lambda: _told(judge("ravdess", research, every))
        steps[f"{_FALSE}, taught by the others"] = lambda: false_in_sets(sets)
        steps["events, half of the people left out"] = lambda: _events(sets)
    found = {}
    for i, (on, count) in enumerate(steps.items()):
        progress(i / len(steps), f"measuring: {on}")
        found[on] = count()
    return found


def _without(sets: Mapping[str, DescribedClips], name: str) -> Figures:
    return _told(set_left_out(sets, name))


def confusions(figures: Figures) -> list[tuple[str, tuple[str, ...], dict[str, dict[str, int]]]]:
    """Title, columns and rows of every table of who was taken for whom in ``figures``."""
    found = []
    for on, ways in figures.items():
        tables = {f"{on}, {way}": one["confusion"] for way, one in ways.items() if _has_table(one)}
        tables |= {on: ways["confusion"]} if _has_table(ways) else {}
        for title, table in tables.items():
            columns = tuple(name for name in next(iter(table.values())) if any(row[name] for row in table.values()))
            found.append((title, columns, table))
    return found


def _has_table(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("confusion"), dict)


def _told(ways: Mapping[str, Judged]) -> Figures:
    return {_TITLES[way]: _of(one) for way, one in ways.items()}


def _of(judged: Judged) -> Figures:
    found: Figures = {"clips": len(judged.truth), "six": round(judged.recall(SIX), 3)}
    shown = {SAID[k] for k in judged.truth}
    if shown > set(SIX):
        found["eight" if shown >= set(EIGHT) else "its classes among eight"] = round(judged.recall(EIGHT), 3)
    arousal, filled = judged.arousal(), judged.filled()
    if np.isfinite(arousal):
        found["arousal"] = round(arousal, 3)
    if len(filled):
        found["sliders of strong lines"] = [round(float(x), 2) for x in np.percentile(filled, _SPREAD)]
    return found | {"confusion": _table(judged.confusion(), SAID)}


def _events(sets: Mapping[str, DescribedClips]) -> Figures:
    counts, false = events_of_people_left_out(sets)
    return {"speech that passes for one": round(false, 4), "confusion": _table(counts, EVENTS)}


def _table(counts: Any, names: Sequence[str]) -> dict[str, dict[str, int]]:
    """Rows that have clips."""
    return {
        name: {other: int(count) for other, count in zip(names, row, strict=True)}
        for name, row in zip(names, counts, strict=True)
        if row.sum()
    }
