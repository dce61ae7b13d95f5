"""Recordings as people bring them: sentences of one speaker joined, each at a level of its own.

Order, levels, lengths and joints are random and seeded. What is counted is the lips of the sentences of each level,
what moves, and closures that a joint alone has made.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from model_server.evaluation.head import LIPS, Floats, LandmarkHead, on_grid
from model_server.evaluation.labels import SILENCE, Label
from model_server.evaluation.lips import RATE, LipCount, count, marks

Samples = npt.NDArray[np.float32]

SOUND_RATE = 16000
LEVELS = (0.0, -6.0, -12.0, -18.0)
"""Decibels of a sentence under the loudest; each differs by up to ``JITTER`` more."""
JITTER = 1.5
LEAST, MOST = 3, 10
"""Sentences of a file."""
BUTT = 0.5
"""Share of joints where one sentence begins as the other ends; the others have a pause of up to ``PAUSE`` s."""
PAUSE = 1.2
ROOM_TONE = 1e-3
"""Of a pause, over the sentence before it (-60 dB)."""
FADE = 0.008
NEAR = 0.08
"""Seconds to either side of a joint without a pause within which a false closure is the joint's."""
MOVING_MM_S = 10.0
REST = 0.4
"""Seconds after which shut lips are no closure: a mouth that never opens has heard nothing."""


@dataclass(frozen=True)
class LabelledSpeech:
    """samples (N,) mono 16 kHz, and its phones (start s, end s, phone)."""

    samples: Samples
    labels: list[Label]


@dataclass(frozen=True)
class Piece:
    """Where a sentence lies in a joined file, at which of ``LEVELS``, and its labels by the file's clock."""

    start: float
    end: float
    decibels: float
    labels: list[Label]


@dataclass(frozen=True)
class Joined:
    """samples (N,) mono 16 kHz; the pieces in order; joints: seconds at which two meet without a pause."""

    samples: Samples
    pieces: list[Piece]
    joints: list[float]


@dataclass
class MixedCount:
    """What has been counted over any number of joined files."""

    lips: dict[float, LipCount] = field(default_factory=lambda: {level: LipCount() for level in LEVELS})
    moving: dict[float, list[float]] = field(default_factory=lambda: {level: [] for level in LEVELS})
    joints: int = 0
    false_at_joints: int = 0

    def figures(self) -> dict[str, dict[str, Any]]:
        """Figures by level, and of the joints."""
        found: dict[str, dict[str, Any]] = {}
        for level in LEVELS:
            moves = round(float(np.mean(self.moving[level])), 3) if self.moving[level] else None
            found[f"mixed {level:g} dB"] = {**self.lips[level].figures(), "moving_share": moves}
        share = self.false_at_joints / max(1, self.joints)
        found["mixed joints"] = {"joints": self.joints, "false_closures_a_joint": round(share, 3)}
        return found


def joined(sentences: Sequence[LabelledSpeech], random: np.random.Generator) -> Joined:
    """``LEAST`` to ``MOST`` of ``sentences`` in any order, one of them at full level."""
    chosen = random.permutation(len(sentences))[: int(random.integers(LEAST, MOST + 1))]
    levels = random.permutation([LEVELS[0], *random.choice(LEVELS, len(chosen) - 1)])
    sound, pieces, joints = np.zeros(0, np.float32), list[Piece](), list[float]()
    for i, (which, level) in enumerate(zip(chosen, levels, strict=True)):
        cut, labels = _speech(sentences[which])
        said = cut * np.float32(_gain(cut, level + random.uniform(-JITTER, JITTER)))
        if i and random.random() < BUTT:
            joints.append(len(sound) / SOUND_RATE)
        elif i:
            quiet = ROOM_TONE * float(np.sqrt(np.mean(sound[-SOUND_RATE:] ** 2)))
            tone = random.normal(size=int(random.uniform(0.1, PAUSE) * SOUND_RATE)) * quiet
            sound = np.concatenate([sound, tone.astype(np.float32)])
        start = len(sound) / SOUND_RATE
        pieces.append(Piece(start, start + len(said) / SOUND_RATE, float(level),
                            [(a + start, b + start, phone) for a, b, phone in labels]))  # fmt: skip
        sound = np.concatenate([sound, said])
    peak = float(np.abs(sound).max(initial=1e-6))
    return Joined((sound / max(1.0, peak)).astype(np.float32), pieces, joints)


def said(sentence: LabelledSpeech, decibels: float) -> Samples:
    """The sentence without the silence around it, at ``decibels`` under what the loudest of a file have."""
    cut, _ = _speech(sentence)
    return cut * np.float32(_gain(cut, decibels))


def _speech(sentence: LabelledSpeech) -> tuple[Samples, list[Label]]:
    """The sentence without the silence around it, faded by a few milliseconds, and its labels from its new start."""
    spoken = [label for label in sentence.labels if label[2] not in SILENCE]
    start, end = spoken[0][0], spoken[-1][1]
    said = sentence.samples[round(start * SOUND_RATE) : round(end * SOUND_RATE)].copy()
    fade = np.linspace(0, 1, int(FADE * SOUND_RATE), dtype=np.float32)
    said[: len(fade)] *= fade
    said[-len(fade) :] *= fade[::-1]
    inside = [(a - start, b - start, phone) for a, b, phone in sentence.labels if a >= start and b <= end]
    return said, inside


def _gain(said: Samples, decibels: float) -> float:
    """What brings the loud half of ``said`` to -20 dB of full scale and ``decibels``."""
    frames = said[: len(said) // 320 * 320].reshape(-1, 320)
    power = np.sort(np.mean(frames.astype(np.float64) ** 2, axis=1))[len(frames) // 2 :]
    return float(10 ** ((decibels - 20) / 20) / np.sqrt(max(1e-12, float(power.mean()))))


def tally(total: MixedCount, times: Floats, values: npt.NDArray[np.floating[Any]], one: Joined) -> None:
    """Add one joined file: its track ``values`` (T, 52) at ``times`` (T,) s."""
    for piece in one.pieces:
        inside = (times >= piece.start - 1e-9) & (times <= piece.end + 1e-9)
        when, what = times[inside] - times[inside][0], values[inside]
        shift = float(times[inside][0])
        labels = [(a - shift, b - shift, phone) for a, b, phone in piece.labels]
        count(total.lips[piece.decibels], when, what, labels, REST)
        total.moving[piece.decibels].append(moving(when, what, labels))
    every = [label for piece in one.pieces for label in piece.labels]
    false = marks(times, values, every).false
    total.joints += len(one.joints)
    total.false_at_joints += sum(any(a < at + NEAR and b > at - NEAR for a, b in false) for at in one.joints)


def moving(times: Floats, values: npt.NDArray[np.floating[Any]], labels: list[Label]) -> float:
    """Share of the frames of speech in which a landmark of the lips goes faster than ``MOVING_MM_S``."""
    grid, points = on_grid(times, LandmarkHead.load().landmarks(values), RATE)
    speed = np.linalg.norm(np.diff(points[:, LIPS], axis=0), axis=2).max(1) * RATE
    speech = np.ones(len(speed), bool)
    for start, end, phone in labels:
        if phone in SILENCE:
            speech &= ~((grid[1:] >= start) & (grid[1:] <= end))
    return float((speed[speech] > MOVING_MM_S).mean()) if speech.any() else 0.0
