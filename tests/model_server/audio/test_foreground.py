"""Listening to the nearest voice: who is far softer is not heard, and what is loud stays as it is."""

import numpy as np
import pytest

from model_server.audio.decode import decode
from model_server.audio.foreground import foreground
from model_server.audio.sound import SAMPLE_RATE, Sound
from model_server.sample import SAMPLE
from s2f_blender_addon.core.request import Request

VOICE = decode(SAMPLE).samples[: 2 * SAMPLE_RATE]


def scene(decibels: float) -> np.ndarray:
    """The voice, two seconds of another ``decibels`` below it, and the voice again."""
    other = VOICE[::-1] * np.float32(10 ** (decibels / 20))
    return np.concatenate([VOICE, other, VOICE])


@pytest.mark.parametrize("decibels", [-16, -20, -25, -30])
def test_who_is_far_softer_is_silent_and_the_near_voice_is_untouched(decibels: float) -> None:
    sound, pause = scene(decibels), slice(int(2.3 * SAMPLE_RATE), int(3.7 * SAMPLE_RATE))
    heard = foreground(sound)
    assert not heard[pause].any() and heard.shape == sound.shape
    loud = slice(int(0.3 * SAMPLE_RATE), int(1.7 * SAMPLE_RATE))
    assert np.square(heard[loud] - sound[loud]).sum() < 1e-3 * np.square(sound[loud]).sum()


def test_who_is_nearly_as_loud_is_heard() -> None:
    pause = slice(int(2.3 * SAMPLE_RATE), int(3.7 * SAMPLE_RATE))
    kept = np.square(foreground(scene(-5))[pause]).sum() / np.square(scene(-5)[pause]).sum()
    assert kept > 0.95


def test_silence_stays_silence() -> None:
    assert not foreground(np.zeros(1000, np.float32)).any()


def test_a_line_listens_to_the_nearest_voice_where_it_is_asked_to() -> None:
    sound = Sound(scene(-20))
    assert sound.meant(Request()) is sound
    nearest = sound.meant(Request(ear="nearest"))
    assert nearest.sha256 != sound.sha256 and nearest.duration == sound.duration
