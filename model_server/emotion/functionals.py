"""One description of a stretch of voice: statistics of spectrum, pitch, loudness and rhythm."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model_server.audio import features
from model_server.audio.prosody import prosody
from model_server.cancel import Progress, part, silent

Floats = npt.NDArray[np.float32]

RATE = 100.0
_CEPSTRA = 20


@dataclass(frozen=True)
class Frames:
    """A recording at 100 Hz: log_mel (T, 80) natural log of band power, f0_hz, loudness_db, speech, stress (T,)."""

    log_mel: Floats
    f0_hz: Floats
    loudness_db: Floats
    speech: Floats
    stress: Floats

    def __len__(self) -> int:
        return len(self.f0_hz)

    def between(self, first: int, last: int) -> "Frames":
        """Frames first … last - 1."""
        return Frames(*(getattr(self, name)[first:last] for name in self.__dataclass_fields__))

    def trimmed(self) -> "Frames":
        """From the first to the last frame with speech, 0.1 s around it kept; all of it when there is none."""
        spoken = np.flatnonzero(self.speech > 0.3)
        return self.between(max(0, spoken[0] - 10), spoken[-1] + 10) if len(spoken) > 20 else self


def frames(samples: Floats, progress: Progress = silent) -> Frames:
    """Measures 16 kHz mono ``samples`` (N,)."""
    voice = prosody(samples, RATE, part(progress, 0.0, 0.6))
    blocks = []
    count = features.frame_count(len(samples))
    for first in range(0, count, 4096):
        progress(0.6 + 0.4 * first / count, "listening to the voice")
        blocks.append(features.mel_power(samples, first, min(first + 4096, count)))
    log_mel = np.log(np.concatenate(blocks) + 1e-7).astype(np.float32)
    n = min(len(log_mel), len(voice.energy))
    return Frames(log_mel[:n], voice.f0_hz[:n], voice.loudness_db[:n], voice.speech[:n], voice.stress[:n])


def functionals(voice: Frames) -> Floats:
    """(184,) statistics of ``voice``: 20 cepstra with their spread, tilt over time, pitch and loudness. No level."""
    v = voice.trimmed()
    cepstra = v.log_mel @ _DCT
    cepstra[:, 0] -= cepstra[:, 0].max()
    voiced = v.f0_hz > 0
    octaves = np.log2(v.f0_hz[voiced]) if voiced.sum() > 5 else np.array([7.0, 7.1])
    loudness = v.loudness_db - np.percentile(v.loudness_db, 95)
    sung = cepstra[voiced] if voiced.sum() > 5 else cepstra
    thirds = [piece[:, :8].mean(0) for piece in np.array_split(cepstra, 3)]
    pitch = [octaves.mean(), octaves.std(), *np.percentile(octaves, (5, 20, 50, 80, 95)), voiced.mean()]
    pitch += [
        np.abs(np.diff(octaves)).mean(),
        octaves[-5:].mean() - octaves.mean(),
        octaves[:5].mean() - octaves.mean(),
    ]
    loud = [len(v) / RATE, loudness.mean(), loudness.std(), *np.percentile(loudness, (5, 20, 50, 80))]
    loud += [np.abs(np.diff(loudness)).mean(), v.stress.mean()]
    spread = [cepstra.mean(0), cepstra.std(0), *np.percentile(cepstra, (10, 90), axis=0)]
    moving = np.gradient(cepstra, axis=0).std(0) if len(cepstra) > 1 else np.zeros(_CEPSTRA)
    every = [*spread, moving, sung.mean(0), sung.std(0), *thirds, np.array(pitch), np.array(loud)]
    return np.asarray(np.concatenate(every), np.float32)


def _dct() -> Floats:
    """(80, 20) orthonormal DCT-II."""
    n, k = np.arange(features.BANDS)[:, None], np.arange(_CEPSTRA)[None]
    basis = np.cos(np.pi * (n + 0.5) * k / features.BANDS) * np.sqrt(2 / features.BANDS)
    basis[:, 0] /= np.sqrt(2)
    return np.asarray(basis, np.float32)


_DCT = _dct()
