"""What the voice says: emotion classes over time from the sound alone, by any of several models in one slot."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from model_server.cancel import Progress, silent
from model_server.voice.reference import VoiceReference
from s2f_blender_addon.core.emotions import EMOTIONS, RECORDS

Floats = npt.NDArray[np.float32]

WINDOW, HOP = 3.2, 0.4
"""Seconds that one judgement hears, and between judgements."""

SPOKEN = 0.35
"""Share of a window that must be speech for a judgement to count."""


@dataclass(frozen=True)
class Event:
    """A sound without words (``kind``: laugh, sigh, gasp, sob), from ``start`` to ``end`` seconds; sure: 0-1."""

    kind: str
    start: float
    end: float
    sure: float

    def told(self, since: float = 0.0) -> dict[str, Any]:
        """As JSON has it, times from ``since`` on."""
        start, end = round(self.start + since, 2), round(self.end + since, 2)
        return {"kind": self.kind, "start": start, "end": end, "confidence": round(self.sure, 2)}


@dataclass(frozen=True)
class Heard:
    """Judgements at ``times`` (n,) seconds: ``sliders`` (n, E) 0-1, the rest to 1 being neutral.

    effort: (n,) -1 (drowsy) to 1 (excited) where a model hears it as such. events: sounds without words. shares: (n, E)
    how likely each emotion is, where that is more than shows.
    """

    times: npt.NDArray[np.float64]
    sliders: Floats
    effort: Floats | None = None
    events: tuple[Event, ...] = ()
    shares: Floats | None = None

    @property
    def likely(self) -> Floats:
        """(n, E) how likely each emotion is."""
        return self.sliders if self.shares is None else self.shares

    @property
    def arousal(self) -> Floats:
        """(n,) -1 (drowsy) to 1 (excited)."""
        if self.effort is not None:
            return self.effort
        return np.asarray(self.sliders @ np.array([record.arousal for record in RECORDS.values()]), np.float32)

    @property
    def valence(self) -> Floats:
        """(n,) -1 (unpleasant) to 1 (pleasant)."""
        return valence(self.likely)

    def over_time(self, count: int, fps: float) -> Floats:
        """(count, E) at frames i / fps: linear between judgements, held before, after and through pauses."""
        track = np.zeros((count, len(EMOTIONS)), np.float32)
        if len(self.times):
            frames = np.arange(count) / fps
            for k in range(len(EMOTIONS)):
                track[:, k] = np.interp(frames, self.times, self.sliders[:, k])
        return track


def valence(sliders: Floats) -> Floats:
    """(n,) -1 (unpleasant) to 1 (pleasant) of ``sliders`` (n, E)."""
    return np.asarray(sliders @ np.array([record.valence for record in RECORDS.values()]), np.float32)


class VoiceModel(Protocol):
    """Anything that hears emotion. ``id`` and ``licence_track`` (product or research) go into the provenance."""

    @property
    def id(self) -> str: ...
    @property
    def licence_track(self) -> str: ...

    def hear(self, samples: Floats, progress: Progress = silent, reference: VoiceReference | None = None) -> Heard:
        """Judgements on 16 kHz mono ``samples`` (N,); none where nobody speaks.

        ``reference``: how the speaker ordinarily sounds, where that is known; a model may not know what to do with it.
        """
        ...


def windows(speech: Floats, rate: float, every: float = HOP) -> list[tuple[int, int]]:
    """First and last (exclusive) frame of every window with enough speech; ``speech`` (T,) 0-1 at ``rate``.

    ``every``: seconds between windows.
    """
    size, hop = round(WINDOW * rate), round(every * rate)
    if len(speech) <= size:
        return [(0, len(speech))] if (speech > 0.5).mean() >= 0.15 else []
    heard = np.concatenate([[0.0], np.cumsum(speech > 0.5)])
    starts = range(0, len(speech) - size + hop, hop)
    spans = [(min(a, len(speech) - size), min(a, len(speech) - size) + size) for a in starts]
    return [(a, b) for a, b in spans if heard[b] - heard[a] >= SPOKEN * size]
