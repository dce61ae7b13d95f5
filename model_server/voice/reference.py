"""A voice reference: how a person ordinarily speaks, against which effort and emotion are judged.

It is measured from recordings of that person's ordinary speech (files, or the lines of a character). Where there are
none, the average of a population stands in (``population``), and says so.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model_server.audio.decode import decode
from model_server.cancel import Progress, part, silent
from model_server.voice.measures import RATE, Measures, measures
from s2f_blender_addon.core.errors import UserError

Floats = npt.NDArray[np.float32]

FORMAT = "speech2face-voice-reference/1"
LEAST_SECONDS = 1.0
"""Less speech than this tells nothing of a person."""
MOST_NEUTRAL = 0.3
"""Share of somebody's acted speech that is taken for ordinary: what sounds most neutral. On RAVDESS such a reference,
with no neutral clip marked, keeps half of what a true one gains."""
_MEASURES = ("level_db", "tilt_db", "octaves", "rate")
_SPOKEN = 0.5
_PIECE = 3.0
_POPULATION = Path(__file__).with_name("population.json")


@dataclass(frozen=True)
class Usual:
    """The median of a measure, and how far from it a person ordinarily goes (half of the middle 68 %)."""

    middle: float
    spread: float

    def away(self, values: Floats) -> Floats:
        """``values`` in spreads above the middle."""
        return np.asarray((values - self.middle) / max(self.spread, 1e-6), np.float32)


@dataclass(frozen=True)
class VoiceReference:
    """level_db: of frames with speech, dB below full scale, so only of use for sound with the same gain.
    tilt_db: power above 1 kHz over power below, while voiced. octaves: pitch, log2 Hz. rate: stressed syllables
    a second.
    seconds: of speech that were heard; 0 is a population, not a person, whose level means nothing.
    features, features_of: mean of what an emotion model hears, and that model's id; empty where none has listened.
    ordinary: 0-1, how likely this is ordinary speech; 1 where somebody said so.
    """

    level_db: Usual
    tilt_db: Usual
    octaves: Usual
    rate: Usual
    seconds: float
    features: tuple[float, ...] = field(default=())
    features_of: str = ""
    ordinary: float = 1.0

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> "VoiceReference":
        """Raises UserError when ``text`` is no voice reference."""
        try:
            data: dict[str, Any] = json.loads(text)
            if data.pop("format") != FORMAT:
                raise ValueError
            level, tilt, octaves, rate = (Usual(**data.pop(name)) for name in _MEASURES)
            features = tuple(float(x) for x in data.pop("features"))
            found = cls(level, tilt, octaves, rate, features=features, **data)
            usual = (level, tilt, octaves, rate)
            numbers = [x for one in usual for x in (one.middle, one.spread)]
            numbers += [found.seconds, found.ordinary, *features]
            if not all(math.isfinite(x) for x in numbers) or not isinstance(found.features_of, str):
                raise ValueError
            return found
        except (ValueError, TypeError, KeyError, AttributeError):
            raise UserError("This is no voice reference; measure the voice again.") from None


@cache
def population() -> VoiceReference:
    """The average of the people whose ordinary speech was measured for ``population.json``."""
    return VoiceReference.from_json(_POPULATION.read_text("utf-8"))


def from_files(paths: Sequence[Path], progress: Progress = silent) -> VoiceReference:
    """The reference of whoever speaks in the recordings at ``paths``. Raises UserError as ``measured`` does."""
    found = []
    for i, path in enumerate(paths):
        step = part(progress, i / len(paths), (i + 1) / len(paths))
        found.append(measures(decode(path).samples, step))
    return measured(found)


def measured(lines: Iterable[Measures]) -> VoiceReference:
    """The reference of whoever speaks in ``lines``. Raises UserError when they hold too little speech."""
    every = list(lines)
    spoken = [line.speech > _SPOKEN for line in every]
    seconds = sum(float(s.sum()) for s in spoken) / RATE
    level = _joined([line.level_db[s] for line, s in zip(every, spoken, strict=True)])
    voiced = [s & (line.f0_hz > 0) for line, s in zip(every, spoken, strict=True)]
    octaves = _joined([np.log2(line.f0_hz[v]) for line, v in zip(every, voiced, strict=True)])
    if seconds < LEAST_SECONDS or not len(octaves):
        raise UserError(
            f"These recordings hold {seconds:.1f} s of speech; a voice reference needs {LEAST_SECONDS:g} s at least, "
            "better twenty: give ordinary speech of the same person."
        )
    tilt = _joined([line.tilt_db[v] for line, v in zip(every, voiced, strict=True)])
    rate = _joined([rates(line) for line in every])
    return VoiceReference(_usual(level), _usual(tilt), _usual(octaves), _usual(rate), round(seconds, 2))


def average(people: Sequence[VoiceReference]) -> VoiceReference:
    """The population that ``people`` stand for: the middle one of each median, and of how far each goes from it."""

    def middle(name: str) -> Usual:
        usual = [getattr(person, name) for person in people]
        middles, spreads = [one.middle for one in usual], [one.spread for one in usual]
        return Usual(round(float(np.median(middles)), 4), round(float(np.median(spreads)), 4))

    level, tilt, octaves, rate = (middle(name) for name in _MEASURES)
    return VoiceReference(level, tilt, octaves, rate, 0.0)


def joined(references: Sequence[VoiceReference], share: float = MOST_NEUTRAL) -> VoiceReference:
    """One reference of the person whom all of ``references`` are of, each as good as it has seconds of speech.

    Where they were made of acted speech, only the most ordinary ``share`` of the seconds counts, at least one of them.
    Raises UserError for none, and for references that different emotion models have made.
    """
    if not references or len({one.features_of for one in references}) > 1:
        raise UserError("These voice references do not belong together; measure the voice again.")
    order = sorted(references, key=lambda one: -one.ordinary)
    least = share * sum(one.seconds for one in order)
    chosen: list[VoiceReference] = []
    for one in order:
        if one.ordinary < 1 and chosen and sum(taken.seconds for taken in chosen) >= least:
            break
        chosen.append(one)
    weights = np.array([one.seconds for one in chosen])

    def middle(name: str) -> Usual:
        usual = np.array([(getattr(one, name).middle, getattr(one, name).spread) for one in chosen])
        return Usual(*(float(x) for x in np.average(usual, axis=0, weights=weights)))

    features = np.average([one.features for one in chosen], axis=0, weights=weights)
    level, tilt, octaves, rate = (middle(name) for name in _MEASURES)
    ordinary, by = min(one.ordinary for one in chosen), chosen[0].features_of
    return VoiceReference(level, tilt, octaves, rate, float(weights.sum()), tuple(features.tolist()), by, ordinary)


def rates(line: Measures) -> Floats:
    """Stressed syllables a second of speech, in pieces of ``_PIECE`` seconds or the whole of a shorter line."""
    stress, spoken = line.stress, line.speech > _SPOKEN
    peaks = np.zeros(len(line), bool)
    peaks[1:-1] = (stress[1:-1] > stress[:-2]) & (stress[1:-1] >= stress[2:]) & (stress[1:-1] > 0.1)
    pieces = max(1, round(len(line) / RATE / _PIECE))
    parts = zip(np.array_split(peaks, pieces), np.array_split(spoken, pieces), strict=True)
    return np.array([peak.sum() / (s.sum() / RATE) for peak, s in parts if s.sum() >= 0.3 * RATE], np.float32)


def _joined(parts: list[Floats]) -> Floats:
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def _usual(values: Floats) -> Usual:
    low, middle, high = (round(float(x), 4) for x in np.percentile(values, (16, 50, 84)))
    return Usual(middle, round((high - low) / 2, 4))
