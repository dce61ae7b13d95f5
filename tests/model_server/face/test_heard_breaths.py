"""Breaths that are heard before a phrase part the lips, whatever their length and level; rumble and breath at 0 do not.

The breath is noise with the spectrum, level and length of those in read English (see ``heard_breaths``).
"""

import numpy as np
import pytest

from model_server.audio.decode import decode
from model_server.audio.sound import Sound
from model_server.engine import Engine
from model_server.sample import SAMPLE
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.blend import lip_gap, sealed
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.liveliness import Liveliness
from s2f_blender_addon.core.request import Request

RATE, FPS = 16000, 60.0


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(TalkModel.load())


def noise(random: np.random.Generator, seconds: float, hertz: float, width: float) -> np.ndarray:
    """Noise around ``hertz`` that swells and ends, of RMS 1."""
    count = int(seconds * RATE)
    heard = np.fft.rfftfreq(count, 1 / RATE)
    spectrum = np.fft.rfft(random.normal(size=count)) / (1 + ((heard - hertz) / width) ** 2)
    shaped = np.fft.irfft(spectrum, count) * np.sin(np.pi * np.arange(count) / count) ** 0.5
    return shaped / np.sqrt(np.mean(shaped**2))


def scene(sound: np.ndarray, decibels: float, after: float, random: np.random.Generator) -> tuple[Sound, slice]:
    """``sound`` in a pause, ``decibels`` under the voice, ``after`` seconds before the next phrase; its frames."""
    voice = decode(SAMPLE).samples[: 2 * RATE]
    level = np.sqrt(np.mean(voice**2)) * 10 ** (decibels / 20)
    quiet = np.zeros(RATE // 2), np.zeros(int(after * RATE))
    whole = np.concatenate([voice, quiet[0], level * sound, quiet[1], voice])
    whole += random.normal(size=len(whole)) * level * 10 ** (-22 / 20)
    start = len(voice) / RATE + 0.5
    frames = slice(round((start + 0.06) * FPS), round((start + len(sound) / RATE - 0.06) * FPS))
    return Sound(whole.astype(np.float32)), frames


@pytest.mark.parametrize("seed", range(3))
def test_a_breath_parts_the_lips_and_breath_at_0_does_not(engine: Engine, seed: int) -> None:
    random = np.random.default_rng(seed)
    seconds, decibels, after = random.uniform((0.2, -34, 0.03), (0.45, -20, 0.25))
    sound, frames = scene(noise(random, seconds, 1500, 700), decibels, after, random)
    breathing = engine.infer(sound, Request(fps=FPS)).talk[frames]
    still = engine.infer(sound, Request(fps=FPS, liveliness=Liveliness(breath=0))).talk[frames]
    jaw = INDEX["jawOpen"]
    assert breathing[:, jaw].min() >= 0.016
    assert breathing[:, jaw].max() < 0.04
    assert still[:, jaw].min() < 0.014
    assert lip_gap(breathing).min() > 0.4
    assert not sealed(breathing).any()


def test_a_rumble_is_no_breath(engine: Engine) -> None:
    random = np.random.default_rng(5)
    sound, frames = scene(noise(random, 0.4, 70, 40), -24, 0.2, random)
    assert engine.infer(sound, Request(fps=FPS)).talk[frames, INDEX["jawOpen"]][:6].max() < 0.018
