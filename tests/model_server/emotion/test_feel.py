"""Emotion from the recording itself: voice and words on one grid of frames."""

import numpy as np
import pytest

from model_server.audio.decode import decode
from model_server.audio.sound import Sound
from model_server.emotion.feel import feel
from model_server.emotion.mixer import Recipe
from model_server.sample import SAMPLE
from s2f_blender_addon.core.channels import EMOTIONS

JOY = "I am so happy, this is wonderful! I love it."


@pytest.fixture(scope="module")
def hello() -> Sound:
    return decode(SAMPLE)


def test_it_has_the_frames_of_the_track(hello: Sound) -> None:
    felt = feel(hello, 24.0, JOY)
    assert felt.sliders.shape == (int(hello.duration * 24) + 1, len(EMOTIONS))
    assert felt.sliders.min() >= 0
    assert felt.sliders.max() <= 1


def test_words_count_where_they_are_known(hello: Sound) -> None:
    happy = EMOTIONS.index("happy")
    without, with_words = feel(hello, 60.0), feel(hello, 60.0, JOY)
    assert not without.sentences
    assert [s.text for s in with_words.sentences] == ["I am so happy, this is wonderful!", "I love it."]
    assert with_words.sliders[:, happy].mean() > without.sliders[:, happy].mean() + 0.05


def test_weights_decide_who_is_heard(hello: Sound) -> None:
    deaf = Recipe(weights={"voice": 0.0, "words": 0.0})
    assert not feel(hello, 60.0, JOY, deaf).sliders.any()


def test_silence_feels_nothing() -> None:
    assert not feel(Sound(np.zeros(32000, np.float32)), 60.0).sliders.any()


def test_the_same_recording_feels_the_same(hello: Sound) -> None:
    assert feel(hello, 60.0, JOY).sliders.tobytes() == feel(hello, 60.0, JOY).sliders.tobytes()
