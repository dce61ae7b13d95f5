"""Notes that are held: the network takes a vowel that goes on for seconds for silence, as it takes whatever is steady.

Silence as loud as speech and with the spectrum of the vowel beside it is that vowel going on.
"""

import numpy as np
import numpy.typing as npt

from model_server.speech.pauses import PauseRule
from model_server.speech.phones import CLASS_INDEX, CLASSES, VOWELS
from s2f_blender_addon.core.runs import true_runs

Array = npt.NDArray[np.float32]

LOUD = -2.7
"""Natural log of power over the level (12 dB) that few pauses reach."""
ALIKE = 0.75
"""Mean difference of features up to which two moments are the same sound: a held one's differ by about 0.4."""
MOMENT = 5
"""Frames by which a moment is judged."""
LEAST = 12
"""Frames of loud silence that are looked at; shorter ones change no face."""
_SILENCE = CLASS_INDEX["sil"]
_FIRST_VOWEL = CLASSES.index(VOWELS[0])


def held(phones: Array, features: Array, loudness: Array) -> Array:
    """(T, K) posteriors with held vowels going on, of ``features`` (T, bands) and ``loudness`` (T,)."""
    silent = (phones[:, _SILENCE] > PauseRule().level) & (loudness > LOUD)
    result = phones
    for first, stop in true_runs(silent):
        if stop - first < LEAST:
            continue
        run, before, after = features[first:stop], 0, 0
        if first and _is_vowel(phones[first - 1]):
            before = _same(run, features[max(0, first - MOMENT) : first])
        if stop < len(phones) and _is_vowel(phones[stop]):
            after = min(_same(run[::-1], features[stop : stop + MOMENT]), stop - first - before)
        if before or after:
            result = phones.copy() if result is phones else result
            result[first : first + before] = _spoken(phones[first - 1])
            result[stop - after : stop] = _spoken(phones[min(stop, len(phones) - 1)])
    return result


def _is_vowel(frame: Array) -> bool:
    return int(_spoken(frame).argmax()) >= _FIRST_VOWEL


def _spoken(frame: Array) -> Array:
    """(K,) what a frame's posteriors say of phones alone."""
    found = frame.copy()
    found[_SILENCE] = 0
    return found / max(1e-6, float(found.sum()))


def _same(run: Array, beside: Array) -> int:
    """How many frames of ``run`` (N, bands), from its start, are still the sound ``beside`` it (n, bands)."""
    apart = np.abs(run - beside.mean(0)).mean(1)
    smooth = np.convolve(np.pad(apart, MOMENT // 2, mode="edge"), np.ones(MOMENT) / MOMENT, "valid")
    other = np.flatnonzero(smooth > ALIKE)
    return int(other[0]) if len(other) else len(run)
