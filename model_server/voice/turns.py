"""Who speaks when: the turns of two people in one recording, by its channels or by how the voices sound.

A proposal that the user corrects, not a transcript: overlaps are told apart only where each voice has a channel.
"""

import itertools
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model_server.audio import features
from model_server.cancel import Progress, part, silent
from model_server.voice.measures import RATE, Measures, measures
from s2f_blender_addon.core.runs import true_runs
from s2f_blender_addon.core.speaker_turns import Turn, merged

Floats = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]

LEFT, RIGHT = "Left", "Right"
VOICES = ("Voice A", "Voice B")

_SPOKEN = 0.5
_APART_DB = 6.0
"""How much louder than in the other channel a voice is in its own."""
_SHARE = 0.08
"""Of the speech, that each side has where two people have a channel each."""
_SMOOTH = 0.25
_SHORTEST, _GAP, _EDGE = 0.25, 0.6, 0.12
"""Seconds: no turn is shorter, pauses within a turn are, and a turn is heard from a little before to a little after."""
_PIECE = 1.5
"""Seconds of speech by which voices are compared; longer phrases are cut."""
_BREATH = 0.12
"""Seconds of silence that end a phrase here: people take turns quickly."""
_VOICED = 15
"""Voiced frames that a phrase needs to tell who speaks."""
_LEAST = 80
"""Voiced frames that each voice has at least."""
_CEPSTRA = 20
_STARTS, _ROUNDS, _COMPARED = 30, 30, 2000
_ONE_VOICE = 6.5
"""Distance of two voices, in spreads within a voice, below which there is one: for twenty pairs of readers
(LibriSpeech) it was 6.9 to 15, for four single readers parted in two 5.7 to 7.8."""
_SPREAD = Path(__file__).with_name("spread.json")


@dataclass(frozen=True)
class Parted:
    """turns: in the order of time, with speakers; none where one voice is heard. by: ``channels`` or ``voices``."""

    turns: tuple[Turn, ...]
    by: str


def by_channels(left: Floats, right: Floats, progress: Progress = silent) -> Parted | None:
    """The turns of two people of whom each is louder in a channel of their own; None where that is not so.

    ``left``, ``right``: (N,) mono 16 kHz. Both may speak at once.
    """
    heard = [measures(left, part(progress, 0.0, 0.5)), measures(right, part(progress, 0.5, 1.0))]
    count = min(map(len, heard))
    level = [_smoothed(10 ** (one.level_db[:count] / 10)) for one in heard]
    louder = 10 * np.log10((level[0] + 1e-12) / (level[1] + 1e-12))
    spoken = [one.speech[:count] > _SPOKEN for one in heard]
    own = [spoken[0] & (louder > _APART_DB), spoken[1] & (louder < -_APART_DB)]
    every = (spoken[0] | spoken[1]).sum()
    if not every or min(side.sum() for side in own) < _SHARE * every:
        return None
    both = spoken[0] & spoken[1] & (np.abs(louder) <= _APART_DB)
    turns = [turn for side, name in zip(own, (LEFT, RIGHT), strict=True) for turn in _turns(side | both, name)]
    return Parted(merged(turns, _GAP), "channels")


def by_voices(samples: Floats, progress: Progress = silent) -> Parted | None:
    """The turns of two voices in mono 16 kHz ``samples`` (N,), by pitch and spectrum; None where there is one voice.

    Phrases are whitened by how one voice varies (within-class covariance normalisation, Hatch et al. 2006) and parted
    by 2-means.
    """
    heard = measures(samples, part(progress, 0.0, 0.7))
    shape = cepstra(samples, part(progress, 0.7, 1.0))
    spoken = heard.speech[: len(shape)] > _SPOKEN
    phrases = _phrases(spoken)
    telling, rows, weights = described(heard, shape, phrases)
    if len(rows) < 2:
        return None
    label = _parted(rows @ whitening(), weights)
    if label is None:
        return None
    middles = np.array([sum(phrases[i]) / 2 for i in telling])
    own = [np.zeros(len(spoken), bool), np.zeros(len(spoken), bool)]
    for first, last in phrases:  # one that tells nothing is of whoever speaks beside it
        own[label[np.abs(middles - (first + last) / 2).argmin()]][first:last] = True
    if own[1].argmax() < own[0].argmax():
        own.reverse()
    turns = [turn for mask, name in zip(own, VOICES, strict=True) for turn in _turns(mask & spoken, name)]
    return Parted(merged(turns, 0.0), "voices")


@cache
def whitening() -> Array:
    """(21, 21) after which the phrases of one voice spread by 1 in every direction; from ``training.tables``."""
    return np.array(json.loads(_SPREAD.read_text("utf-8"))["whitening"], np.float64)


def cepstra(samples: Floats, progress: Progress = silent) -> Floats:
    """(T, 20) cepstra of mel bands at RATE, without level."""
    power = features.mel_power(samples)
    progress(0.5, "listening to the voice")
    logs = np.log(power + 1e-8)
    k, n = np.arange(1, _CEPSTRA + 1)[:, None], np.arange(features.BANDS)[None]
    basis = np.cos(np.pi * k * (n + 0.5) / features.BANDS) * np.sqrt(2 / features.BANDS)
    found: Floats = (logs @ basis.T).astype(np.float32)
    return found


def described(
    heard: Measures, shape: Floats, phrases: list[tuple[int, int]]
) -> tuple[list[int], Array, Array]:  # fmt: skip
    """(which of ``phrases`` tell something, (n, 21) median pitch in octaves and mean cepstra, (n,) voiced frames)."""
    telling, rows, weights = [], [], []
    for number, (first, last) in enumerate(phrases):
        voiced = first + np.flatnonzero(heard.f0_hz[first:last] > 0)
        if len(voiced) >= _VOICED:
            telling.append(number)
            rows.append(np.concatenate([[np.median(np.log2(heard.f0_hz[voiced]))], shape[voiced].mean(0)]))
            weights.append(len(voiced))
    return telling, np.array(rows).reshape(-1, 1 + _CEPSTRA), np.array(weights, np.float64)


def phrases_of(heard: Measures, shape: Floats) -> list[tuple[int, int]]:
    """First and last frame of each phrase, as ``by_voices`` compares them."""
    return _phrases(heard.speech[: len(shape)] > _SPOKEN)


def _phrases(spoken: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    joined: list[list[int]] = []
    for first, last in true_runs(spoken):
        if joined and first - joined[-1][1] < _BREATH * RATE:
            joined[-1][1] = last
        else:
            joined.append([first, last])
    phrases = []
    for first, last in joined:
        cuts = np.linspace(first, last, max(1, round((last - first) / (_PIECE * RATE))) + 1).astype(int).tolist()
        phrases += list(itertools.pairwise(cuts))
    return phrases


def _parted(rows: Array, weights: Array) -> npt.NDArray[np.int64] | None:
    """(n,) 0 or 1 for each row; None where the two would be one voice."""
    apart = ((rows[:, None] - rows[None]) ** 2).sum(-1) if len(rows) <= _COMPARED else None
    random = np.random.default_rng(0)
    starts = [tuple(random.choice(len(rows), 2, replace=False)) for _ in range(_STARTS)]
    if apart is not None:
        starts.append(np.unravel_index(apart.argmax(), apart.shape))
    found = [one for start in starts if (one := _two_means(rows, weights, rows[list(start)])) is not None]
    if not found:
        return None
    _, label, distance = min(found, key=lambda one: one[0])
    return label if distance >= _ONE_VOICE else None


def _two_means(rows: Array, weights: Array, middles: Array) -> tuple[float, npt.NDArray[np.int64], float] | None:
    """(what is left unexplained, the parting, how far apart the two are); None where one of them is nearly nobody."""
    for _ in range(_ROUNDS):
        away = ((rows[:, None] - middles[None]) ** 2).sum(-1)
        label = away.argmin(1)
        if min(weights[label == k].sum() for k in (0, 1)) < _LEAST:
            return None
        moved = np.stack([np.average(rows[label == k], axis=0, weights=weights[label == k]) for k in (0, 1)])
        if np.allclose(moved, middles):
            break
        middles = moved
    left = float((weights * away[np.arange(len(rows)), label]).sum())
    return left, label, float(np.linalg.norm(middles[0] - middles[1]))


def _smoothed(values: Array) -> Array:
    size = int(_SMOOTH * RATE)
    kernel = np.ones(size) / size
    result: Array = np.convolve(values, kernel, mode="same")
    return result


def _turns(mask: npt.NDArray[np.bool_], name: str) -> list[Turn]:
    """Stretches in which ``mask`` holds, pauses closed, short ones dropped, a little room at both ends."""
    whole = merged((Turn(first / RATE, stop / RATE, name) for first, stop in true_runs(mask)), _GAP)
    return [
        Turn(max(turn.start - _EDGE, 0.0), turn.end + _EDGE, name)
        for turn in whole
        if turn.end - turn.start >= _SHORTEST
    ]
