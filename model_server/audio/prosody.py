"""How something is said: loudness, pitch, stress, accents and phrases, measured from the sound alone.

Everything is measured on a fixed 100 Hz grid, a block at a time, and read at the caller's frame rate afterwards;
so accents and phrases do not depend on fps, and memory does not depend on the length of the recording.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from model_server.audio import pitch
from model_server.audio.pitch import GRID, SAMPLE_RATE
from model_server.cancel import Progress, silent
from s2f_blender_addon.core.runs import true_runs

Floats = npt.NDArray[np.float32]

_BLOCK = 20 * GRID  # frames
_SILENCE_DB = -65.0  # a recording whose loud parts are below this holds no speech
_RANGE_DB = 25.0  # least distance from the quiet to the loud parts of speech
_SPEAKING = 0.3  # energy from which somebody speaks
_PAUSE = 0.25  # seconds of silence that end a phrase
_NUCLEUS_APART = 0.12  # seconds between syllable nuclei
_ACCENT_APART = 0.35  # seconds between pitch accents


@dataclass(frozen=True)
class Prosody:
    """Measurements at ``fps``; frame i is at i / fps seconds, T = floor(duration * fps) + 1.

    loudness_db: (T,) dB below full scale. energy: (T,) 0-1 between the quiet and the loud parts of this recording.
    f0_hz: (T,) Hz, 0 where unvoiced. pitch: (T,) semitones above the speaker's median, 0 where unvoiced.
    stress: (T,) 0-1, high on syllables that stand out. speech: (T,) 0-1, somebody speaks.
    accents: (n, 2) seconds and strength 0-1 of the syllables that carry the sentence.
    phrases: (m, 2) seconds, start and end of each stretch of speech between pauses of a quarter second.
    air_db: (T,) dB of the sound's first difference, which hears breath and no rumble; empty where the sound is gone.
    """

    fps: float
    loudness_db: Floats
    energy: Floats
    f0_hz: Floats
    pitch: Floats
    stress: Floats
    speech: Floats
    accents: npt.NDArray[np.float64]
    phrases: npt.NDArray[np.float64]
    air_db: Floats = field(default_factory=lambda: np.zeros(0, np.float32))

    @property
    def times(self) -> npt.NDArray[np.float64]:
        """(T,) seconds."""
        return np.arange(len(self.energy)) / self.fps


def prosody(samples: Floats, fps: float, progress: Progress = silent) -> Prosody:
    """Measures 16 kHz mono ``samples`` (N,) float32, -1 to 1."""
    samples = np.asarray(samples, np.float32)
    duration = len(samples) / SAMPLE_RATE
    count = int(duration * GRID) + 1
    loudness, air = np.empty(count, np.float32), np.empty(count, np.float32)
    hz, strength = np.empty((count, 3), np.float32), np.empty((count, 3), np.float32)
    for first in range(0, count, _BLOCK):
        progress(first / count, "listening to the voice")
        n = min(_BLOCK, count - first)
        loudness[first : first + n], air[first : first + n] = _loudness(samples, first, n)
        hz[first : first + n], strength[first : first + n] = pitch.candidates(samples, first, n)
    energy = _energy(loudness)
    speaking = _speaking(energy)
    f0 = pitch.choose(hz, np.where(speaking[:, None], strength, 0))
    semitones = _semitones(f0)
    stress, accents = _prominence(loudness, semitones, f0 > 0, speaking)
    phrases = np.array([(a / GRID, b / GRID) for a, b in true_runs(speaking)], np.float64).reshape(-1, 2)

    times = np.arange(int(duration * fps + 1e-9) + 1) / fps
    grid = np.arange(count) / GRID
    nearest = np.minimum((times * GRID + 0.5).astype(np.int64), count - 1)
    voiced = f0[nearest] > 0

    def read(values: Floats) -> Floats:
        return np.interp(times, grid, values).astype(np.float32)

    return Prosody(
        fps=fps,
        loudness_db=read(loudness),
        energy=read(energy),
        f0_hz=f0[nearest],
        pitch=np.where(voiced, read(semitones), 0).astype(np.float32),
        stress=read(stress),
        speech=np.clip(read(gaussian(speaking.astype(np.float32), 0.04 * GRID)), 0, 1),
        accents=accents,
        phrases=phrases,
        air_db=read(air),
    )


def gaussian(values: Floats, sigma: float) -> Floats:
    """(N,) smoothed along time by a zero-phase Gaussian of ``sigma`` frames, ends held."""
    radius = int(np.ceil(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    padded = np.pad(values.astype(np.float64), radius, mode="edge")
    smooth: Floats = np.convolve(padded, kernel / kernel.sum(), mode="valid").astype(np.float32)
    return smooth


def _loudness(samples: Floats, first: int, count: int) -> tuple[Floats, Floats]:
    """Twice (count,) dB of the RMS over 30 ms around each frame: of the sound, and of its first difference."""
    hop = SAMPLE_RATE // GRID
    part = hop // 2  # a frame's 30 ms are six of these
    low, high = first * hop - 3 * part, (first + count - 1) * hop + 3 * part
    piece = np.zeros(high - low, np.float32)
    inside = samples[max(low, 0) : max(min(high, len(samples)), 0)]
    piece[max(-low, 0) : max(-low, 0) + len(inside)] = inside
    return _decibels(piece, part), _decibels(np.diff(piece, prepend=piece[:1]), part)


def _decibels(piece: Floats, part: int) -> Floats:
    """Of six parts of ``part`` samples each, from every other part on."""
    parts = piece.reshape(-1, part)
    energy = np.einsum("np,np->n", parts, parts).astype(np.float64)
    mean = sliding_window_view(energy, 6)[::2].sum(1) / (6 * part)
    decibels: Floats = (10 * np.log10(np.maximum(mean, 1e-12))).astype(np.float32)
    return decibels


def _energy(loudness: Floats) -> Floats:
    """0-1 from the quiet to the loud parts; all zero when nothing is loud enough to be speech."""
    loud = float(np.percentile(loudness, 95))
    if loud < _SILENCE_DB:
        return np.zeros_like(loudness)
    quiet = float(np.clip(np.percentile(loudness, 10), loud - 45, loud - _RANGE_DB))
    return np.clip((loudness - quiet) / (loud - quiet), 0, 1).astype(np.float32)


def _speaking(energy: Floats) -> npt.NDArray[np.bool_]:
    """(N,) True in speech: pauses shorter than ``_PAUSE`` bridged, bursts shorter than 60 ms dropped."""
    mask = gaussian(energy, 2.0) > _SPEAKING
    for start, end in true_runs(~mask):
        if end - start < _PAUSE * GRID and start > 0 and end < len(mask):
            mask[start:end] = True
    for start, end in true_runs(mask):
        if end - start < 0.06 * GRID:
            mask[start:end] = False
    return mask


def _semitones(f0: Floats) -> Floats:
    """(N,) semitones above the speaker's median, carried through unvoiced stretches and lightly smoothed."""
    voiced = np.flatnonzero(f0 > 0)
    if not len(voiced):
        return np.zeros(len(f0), np.float32)
    logs = 12 * np.log2(f0[voiced])
    contour = np.interp(np.arange(len(f0)), voiced, logs - np.median(logs))
    return gaussian(contour.astype(np.float32), 2.5)


def _prominence(
    loudness: Floats, semitones: Floats, voiced: npt.NDArray[np.bool_], speaking: npt.NDArray[np.bool_]
) -> tuple[Floats, npt.NDArray[np.float64]]:
    """Stress (N,) 0-1 and accents (n, 2): syllable nuclei that rise in loudness and pitch above their surroundings."""
    level = gaussian(np.maximum(loudness, -80), 4.0)
    louder = (level - _around(level, speaking)) / 8.0
    higher = (semitones - _around(semitones, voiced & speaking)) / 3.0
    peak = np.zeros(len(level), bool)
    peak[1:-1] = (level[1:-1] > level[:-2]) & (level[1:-1] >= level[2:])
    peak &= speaking & voiced
    prominence = np.clip(0.35 + 0.25 * louder + 0.25 * higher, 0, 1)
    nuclei = _strongest_apart(np.flatnonzero(peak), level, _NUCLEUS_APART)
    accents = _strongest_apart(nuclei[prominence[nuclei] > 0.42], prominence, _ACCENT_APART)
    stress = np.zeros(len(level), np.float32)
    bump = np.exp(-0.5 * (np.arange(-20, 21) / 6.0) ** 2)
    padded = np.zeros(len(level) + 40, np.float32)
    for n in nuclei:
        np.maximum(padded[n : n + 41], prominence[n] * bump, out=padded[n : n + 41])
    stress = padded[20:-20]
    return stress, np.stack([accents / GRID, prominence[accents]], 1).astype(np.float64)


def _around(values: Floats, mask: npt.NDArray[np.bool_]) -> Floats:
    """(N,) mean of ``values`` over a second and a half where ``mask`` holds: pauses do not make syllables loud."""
    weight = gaussian(mask.astype(np.float32), 0.6 * GRID)
    return np.asarray(gaussian(values * mask, 0.6 * GRID) / np.maximum(weight, 1e-3), np.float32)


def _strongest_apart(places: npt.NDArray[np.int64], value: Floats, apart: float) -> npt.NDArray[np.int64]:
    """``places`` thinned so that the strongest of any two nearer than ``apart`` seconds stays."""
    kept: list[int] = []
    for place in places.tolist():
        if kept and place - kept[-1] < apart * GRID:
            if value[place] > value[kept[-1]]:
                kept[-1] = place
        else:
            kept.append(place)
    return np.array(kept, np.int64)
