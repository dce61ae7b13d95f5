"""What the emotion model hears a voice with: the low layers of a speech recogniser, and prosody beside them.

Emotion lives in Whisper's low layers (Radford et al. 2022) and is gone from the high ones, which know only words. Its
log-mel bands are read here against a running level, so that a soft sentence in a loud recording is heard as well as
any; the level itself goes into the description of the voice (``description``) as a number of its own.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import numpy.typing as npt

from model_server.audio import features
from model_server.audio.features import FFT, SAMPLE_RATE
from model_server.audio.prosody import gaussian, prosody
from model_server.cancel import Progress, beside, part, silent
from model_server.emotion.unsteadiness import Unsteadiness, unsteadiness
from model_server.speech.acoustics import workers
from model_server.speech.attention import listened
from model_server.speech.network import MARGIN, WINDOW, Shape

Floats = npt.NDArray[np.float32]

RATE = 100
BANDS, HIGHEST_HZ = 80, 8000.0
SPLIT_HZ = 1000.0
"""Where tilt compares power above with power below: the alpha ratio of Frokjaer-Jensen and Prytz (1976)."""
FLOOR = 1e-5
"""Band power below the running level (-50 dB) under which everything counts as silence."""
QUIETEST = 1e-4
"""Mean band power below which nothing is scaled up to speech."""
LEVEL = 0.6
"""Decimal log of band power over the level to that which Whisper hears in ordinary recordings."""
_RUNNING = 1.5
"""Seconds, standard deviation of the stretch over which the level runs."""
_COARSE = 10
_BLOCK = 4096
_FAINT = 1e-9


@dataclass(frozen=True)
class Voice:
    """A recording, heard. states: (S, N) of the layers at 50 Hz. The rest (T,) at RATE: level_db and tilt_db (power
    above 1 kHz over power below), f0_hz (0 where unvoiced), speech and stress 0-1, and how it lives.
    """

    states: Floats
    level_db: Floats
    tilt_db: Floats
    f0_hz: Floats
    speech: Floats
    stress: Floats
    unsteadiness: Unsteadiness

    def __len__(self) -> int:
        return len(self.f0_hz)


def hear(samples: Floats, shape: Shape, weights: dict[str, Floats], progress: Progress = silent) -> Voice:
    """The voice in mono 16 kHz ``samples`` (N,), through the layers of ``shape``."""
    found, tilt = bands(samples, part(progress, 0.0, 0.15))
    with beside(partial(prosody, samples, float(RATE))) as measured:
        states = _states(found, shape, weights, part(progress, 0.15, 0.95))
        voice = measured.result()
    n = min(len(tilt), len(voice.energy))
    alive = unsteadiness(found[:n])
    return Voice(states, voice.loudness_db[:n], tilt[:n], voice.f0_hz[:n], voice.speech[:n], voice.stress[:n], alive)


def bands(samples: Floats, progress: Progress) -> tuple[Floats, Floats]:
    """(T, 80) log bands as Whisper hears them, and (T,) tilt in dB."""
    count = features.frame_count(len(samples))
    split = int(np.ceil(SPLIT_HZ * FFT / SAMPLE_RATE))
    heard, tilt = np.empty((count, BANDS), np.float32), np.empty(count, np.float32)
    for first in range(0, count, _BLOCK):
        progress(first / count, "Listening to the voice")
        last = min(first + _BLOCK, count)
        power = features.power_of(features.spectrum(samples, first, last))
        heard[first:last] = power @ filters()
        tilt[first:last] = 10 * np.log10((power[:, split:].sum(1) + _FAINT) / (power[:, :split].sum(1) + _FAINT))
    heard /= _running_level(heard.mean(1))[:, None]
    heard += np.float32(FLOOR)
    np.log10(heard, out=heard)
    heard += np.float32(LEVEL + 4)
    heard /= 4
    return heard, tilt


def _running_level(power: Floats) -> Floats:
    """(T,) mean band power of the loud parts around each frame of ``power`` (T,): (sum e^1.5 / sum e)^2."""
    padded = np.pad(power.astype(np.float64), (0, -len(power) % _COARSE))
    coarse = padded.reshape(-1, _COARSE)
    sigma = _RUNNING * RATE / _COARSE
    over = gaussian((coarse**1.5).mean(1).astype(np.float32), sigma)
    under = gaussian(coarse.mean(1).astype(np.float32), sigma)
    level = np.maximum((over / np.maximum(under, _FAINT)) ** 2, QUIETEST)
    places = (np.arange(len(coarse)) + 0.5) * _COARSE
    return np.interp(np.arange(len(power)), places, level).astype(np.float32)


def _states(bands: Floats, shape: Shape, weights: dict[str, Floats], progress: Progress) -> Floats:
    """(S, N) at 50 Hz, a window of twelve seconds at a time with half a second of its neighbours."""
    total = -(-len(bands) // 2)
    count = max(1, -(-total // WINDOW))
    size = -(-total // count)
    found = np.empty((total, shape.states), np.float32)

    def window(start: int) -> None:
        first, last = max(0, start - MARGIN), min(total, start + size + MARGIN)
        piece = bands[2 * first : 2 * last]
        even = np.concatenate([piece, piece[-1:]]) if len(piece) % 2 else np.ascontiguousarray(piece)
        heard = listened(even, shape, weights)
        found[start : start + size] = heard[start - first : start - first + size]

    _in_turn(window, range(0, total, size), progress)
    return found


def _in_turn(work: Callable[[int], None], starts: range, progress: Progress) -> None:
    pool = ThreadPoolExecutor(workers())
    try:
        running = [pool.submit(work, start) for start in starts]
        for i, one in enumerate(running):
            progress(i / len(running), "Listening to the voice")
            one.result()
    finally:
        pool.shutdown(cancel_futures=True)


@lru_cache(maxsize=1)
def filters() -> Floats:
    """(257, 80) Whisper's mel filters: triangles of equal area on Slaney's scale, linear to 1 kHz, then logarithmic.

    They are for powers of a transform of FFT points, over the 400 that Whisper takes.
    """
    step = np.log(6.4) / 27
    most = 15 + np.log(HIGHEST_HZ / 1000) / step
    mel = np.linspace(0, most, BANDS + 2)
    edges = np.where(mel < 15, mel * 200 / 3, 1000 * np.exp(step * (mel - 15)))
    hertz = np.arange(FFT // 2 + 1)[:, None] * SAMPLE_RATE / FFT
    rising = (hertz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hertz) / (edges[2:] - edges[1:-1])
    found = np.maximum(0, np.minimum(rising, falling)) * 2 / (edges[2:] - edges[:-2])
    return np.asarray(found, np.float32)
