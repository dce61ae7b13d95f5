"""Notes that are held: what a network that has heard speech alone takes for silence, as it takes whatever is steady.

It is given the first and the last tenth of a second of a note, which is a vowel as people speak them, and what it hears
of that goes on for as long as the note does. Whether lips are shut, the sound tells (``audio.murmur``).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from model_server.audio.murmur import openness
from model_server.speech.phones import CLASS_INDEX, CLASSES, VOWELS
from s2f_blender_addon.core.runs import true_runs

Array = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

LOUD = -4.0
"""Natural log of power over the level (17 dB) that a note has at least."""
APART, BANDS, AROUND = 12, 8, 3
"""Frames after which a note is still the same; groups of bands in which it is, so that harmonics that move with its
pitch stay in theirs; frames to either side over which that is judged."""
ALIKE = 0.28
"""Mean change of features up to which a sound is held: speech changes by less for some 0.2 s at a time."""
LEAST = 35
"""Frames of 10 ms that a note lasts at least."""
BREAK = 150
"""Frames for which a note may change (its vowel, its pitch) and go on."""
LIKE_DB = 6.0
"""Difference in brightness up to which stretches of a note are one sound, and are judged together."""
HEARD = 10
"""Frames of its beginning and of its end that the network hears."""
_SILENCE, _HUM = CLASS_INDEX["sil"], CLASS_INDEX["m"]
_VOWELS = slice(CLASSES.index(VOWELS[0]), None)
_BLOCK = 3000


@dataclass(frozen=True)
class Note:
    """Frames ``first`` to ``stop`` at 100 Hz; ``hum``: with shut lips."""

    first: int
    stop: int
    hum: bool


def notes(samples: Array, features: Array, loudness: Array) -> list[Note]:
    """Notes held in mono 16 kHz ``samples`` (N,), of which ``features`` (T, 80) and ``loudness`` (T,) are known."""
    sounds: list[list[tuple[int, int, float]]] = []
    for first, stop in true_runs(_steady(features) & (loudness > LOUD)):
        bright = openness(samples, first, stop) if stop - first >= LEAST else None
        if bright is None:
            continue
        if sounds and first - sounds[-1][-1][1] <= BREAK and abs(bright - _brightness(sounds[-1])) <= LIKE_DB:
            sounds[-1].append((first, stop, bright))
        else:
            sounds.append([(first, stop, bright)])
    found: list[Note] = []
    for sound in sounds:
        for first, stop, _ in sound:
            note = Note(first, stop, _brightness(sound) < 0)
            if _hum_on(samples, found, note):
                found[-1] = Note(found[-1].first, stop, True)
            else:
                found.append(note)
    return found


def _brightness(sound: list[tuple[int, int, float]]) -> float:
    """Mean of (first, stop, brightness), the longer ones for more."""
    return sum((stop - first) * bright for first, stop, bright in sound) / sum(stop - first for first, stop, _ in sound)


def _hum_on(samples: Array, found: list[Note], note: Note) -> bool:
    """Whether ``note`` is the last of ``found`` going on: both are hums, and so is what is between them."""
    if not found or not found[-1].hum or not note.hum or note.first - found[-1].stop > BREAK:
        return False
    between = openness(samples, found[-1].stop, note.first)
    return between is not None and between < 0


def shortened(features: Array, found: list[Note]) -> Array:
    """(S, 80) of ``features`` (T, 80): of each note its beginning and its end."""
    return features[_kept(len(features), found)] if found else features


def lengthened(phones: Array, found: list[Note], loudness: Array) -> Array:
    """(T, K) posteriors from those (S, K) of ``shortened`` features; ``loudness`` (T,) as ``notes`` knew it."""
    if not found:
        return phones
    kept = _kept(len(loudness), found)
    result = np.empty((len(loudness), phones.shape[1]), np.float32)
    result[kept] = phones
    for note in found:
        result[note.first : note.stop] = _sung(result, note)
    for one, other in pairwise(found):
        if other.first - one.stop <= BREAK:
            between = slice(one.stop, other.first)
            result[between] = _going_on(result[between], loudness[between] > LOUD)
    return result


def _steady(features: Array) -> Mask:
    """(T,) where ``features`` (T, bands) stay as they are."""
    total = len(features)
    change = np.full(total, np.inf)
    near = APART // 2
    for start in range(0, max(0, total - APART), _BLOCK):
        stop = min(start + _BLOCK, total - APART)
        coarse = features[start : stop + APART].reshape(stop - start + APART, BANDS, -1).mean(2)
        change[start + near : stop + near] = np.abs(coarse[APART:] - coarse[:-APART]).mean(1)
    if total > APART:
        change[:near], change[total - APART + near :] = change[near], change[total - APART + near - 1]
    smooth = np.convolve(np.pad(change, AROUND, mode="edge"), np.ones(2 * AROUND + 1) / (2 * AROUND + 1), "valid")
    steady: Mask = smooth < ALIKE
    return steady


def _kept(total: int, found: list[Note]) -> Mask:
    kept = np.ones(total, bool)
    for note in found:
        kept[note.first + HEARD : note.stop - HEARD] = False
    return kept


def _sung(phones: Array, note: Note) -> Array:
    """(K,) what is heard in the frames of a note that were kept: a hum, or vowels in their proportions."""
    sung = np.zeros(phones.shape[1], np.float32)
    if note.hum:
        sung[_HUM] = 1
        return sung
    ends = (phones[note.first : note.first + HEARD], phones[note.stop - HEARD : note.stop])
    sung[_VOWELS] = np.concatenate(ends)[:, _VOWELS].sum(0) + 1e-6
    sung /= sung.sum()
    return sung


def _going_on(phones: Array, loud: Mask) -> Array:
    """``phones`` (n, K) between two notes without the silence that was heard where the voice is ``loud`` (n,)."""
    result = phones.copy()
    result[loud, _SILENCE] = 0
    result /= np.maximum(result.sum(1, keepdims=True), 1e-6)
    return result
