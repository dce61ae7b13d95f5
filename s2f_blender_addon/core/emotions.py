"""The emotions: one record each in ``emotions.json``. Sliders, poses, times, eyes, colours and training derive from it.

A record's pose is read by ``model_server/face/expressions.py``: at three strengths, in silence and in speech.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("emotions.json")


@dataclass(frozen=True)
class Emotion:
    """``about``: the tooltip of its slider. colour: sRGB 0-1, after Plutchik's wheel (1980) where that has it.

    arousal, valence: -1 to 1, after Russell (1980); neutral is the origin. eyes: the fields of ``face/habits.Habit``.
    voice: the mean of pitch, range, loudness, brightness and rate, in standard deviations of ordinary speech: Juslin
    and Laukka, Psychological Bulletin 2003, table 7, and Scherer, Speech Communication 40, 2003. also_called: what
    others call it, in classifiers and networks. words: adjectives that teach it to the reader of words.
    """

    name: str
    about: str
    colour: tuple[float, float, float]
    arousal: float
    valence: float
    eyes: Mapping[str, float]
    voice: Mapping[str, float]
    also_called: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Its own, and what others call it."""
        return self.name, *self.also_called


def _read() -> dict[str, Emotion]:
    return {
        name: Emotion(
            name, row["about"], tuple(row["colour"]), row["arousal"], row["valence"], row["eyes"], row["voice"],
            tuple(row["also_called"]), tuple(row["words"]),
        )
        for name, row in json.loads(FILE.read_text("utf-8")).items()
    }  # fmt: skip


RECORDS = _read()
EMOTIONS: tuple[str, ...] = tuple(RECORDS)
"""Their names, in the order of sliders and of columns of arrays; shapes call their number E."""
