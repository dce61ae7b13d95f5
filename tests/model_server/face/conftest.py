"""A shot whose every syllable is known: harmonic voice, phrases, pauses, stressed syllables, lip closures."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from model_server.audio.prosody import Prosody, prosody
from s2f_blender_addon.core.channels import INDEX

FPS = 60.0
SYLLABLE = 0.22
PHRASE = (12, 9, 14, 7)  # syllables
PAUSE = 0.8


@dataclass(frozen=True)
class Speaking:
    """The mouth of the shot, as the talk model would give it."""

    curves: npt.NDArray[np.float32]
    seal: npt.NDArray[np.float32]
    round: npt.NDArray[np.float32]
    spread: npt.NDArray[np.float32]
    speech: npt.NDArray[np.float32]
    fps: float


@dataclass(frozen=True)
class Shot:
    samples: npt.NDArray[np.float32]
    talk: Speaking
    prosody: Prosody
    syllables: list[tuple[float, bool]]
    """Seconds of the middle of each, and whether it is stressed."""


def make_shot(seconds: float, fps: float = FPS) -> Shot:
    rng = np.random.default_rng(5)
    rate = 16000
    samples = rng.normal(0, 1e-4, int(seconds * rate)).astype(np.float32)
    times = np.arange(int(seconds * fps + 1e-9) + 1) / fps
    seal, rounded, spread, speech, jaw = (np.zeros(len(times)) for _ in range(5))
    syllables = []
    t, phrase = 0.6, 0
    while True:
        count = PHRASE[phrase % len(PHRASE)]
        if t + count * SYLLABLE + 0.3 > seconds:
            break
        speech[(times >= t) & (times < t + count * SYLLABLE)] = 1
        for k in range(count):
            stressed = k % 4 == 2
            middle = t + (k + 0.6) * SYLLABLE
            syllables.append((middle, stressed))
            _voice(samples, rate, t + k * SYLLABLE, 150 if stressed else 120 - 1.5 * k, 0.2 if stressed else 0.07)
            shape = np.exp(-0.5 * ((times - middle) / 0.05) ** 2)
            jaw += (0.34 if stressed else 0.24) * shape
            rounded += shape * (k % 3 == 1)
            spread += shape * (k % 3 == 2)
            if k % 2 == 0:
                begin = t + k * SYLLABLE
                seal = np.maximum(seal, np.clip(2 - np.abs(times - begin - 0.02) / 0.03, 0, 1))
        t += count * SYLLABLE + PAUSE
        phrase += 1
    curves = np.zeros((len(times), 52))
    jaw = np.maximum(jaw + 0.06 * speech, 0.06 * seal)
    curves[:, INDEX["jawOpen"]] = jaw
    curves[:, INDEX["mouthClose"]] = seal * jaw
    curves[:, INDEX["mouthFunnel"]] = 0.3 * rounded * (1 - seal)
    curves[:, INDEX["mouthPucker"]] = 0.5 * rounded
    for side in ("Left", "Right"):
        curves[:, INDEX["mouthStretch" + side]] = 0.2 * spread
        curves[:, INDEX["mouthLowerDown" + side]] = 0.25 * spread * (1 - seal)
    columns = [np.clip(c, 0, 1).astype(np.float32) for c in (seal, rounded, spread, speech)]
    talk = Speaking(np.clip(curves, 0, 1).astype(np.float32), *columns, fps)
    return Shot(samples, talk, prosody(samples, fps), syllables)


def _voice(samples: npt.NDArray[np.float32], rate: int, start: float, hz: float, loudness: float) -> None:
    n = int(0.17 * rate)
    t = np.arange(n) / rate
    wave = sum(np.sin(2 * np.pi * hz * k * t) / k for k in range(1, 12))
    first = int((start + 0.045) * rate)
    samples[first : first + n] += (loudness * wave * np.sin(np.pi * np.arange(n) / n) ** 0.7).astype(np.float32)


@pytest.fixture(scope="session")
def shot() -> Shot:
    return make_shot(30.0)


@pytest.fixture(scope="session")
def long_shot() -> Shot:
    return make_shot(240.0)


@pytest.fixture(scope="session")
def silence() -> Shot:
    return make_shot(0.7)
