"""Emotion from the recording itself: voice and words on one grid of frames."""

import numpy as np
import pytest

from model_server.audio.decode import decode
from model_server.audio.sound import Sound
from model_server.emotion.feel import feel
from model_server.emotion.listener import bundled
from model_server.emotion.mixer import Recipe
from model_server.emotion.summary import summary
from model_server.emotion.voice import Heard
from model_server.sample import SAMPLE
from s2f_blender_addon.core.channels import EMOTIONS

PLAIN = (
    "The council will vote on the new timetable next Wednesday.", "Screw the shelf to the wall with four screws.",
    "The ferry leaves at ten and arrives in the early afternoon.", "Press the green button and wait for the tone.",
    "Exports of cereal rose by three percent last quarter.", "Whisk the eggs, then add the flour and the salt.",
    "The museum is open from Tuesday to Sunday.", "Enter your name and the date at the top of the page.",
    "The temperature will reach twelve degrees in the north.", "Turn the valve a quarter to the right.",
    "The university has appointed a new librarian.", "Select the layer and drag it below the background.",
    "Trains to the airport run every twenty minutes.", "Fold the paper along the dotted line.",
    "The bridge was painted last summer by a firm from Leeds.", "Keep the receipt, and bring it with you next time.",
    "The interest rate stays at two and a half percent.", "Put the lid back on and shake the bottle.",
    "The committee meets on the third floor, in room eleven.", "Unplug the printer before you change the paper.",
)  # fmt: skip
"""News and instructions that nobody feels anything about."""
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


class Once:
    """The voice model, which has heard already."""

    id, licence_track = bundled().id, bundled().licence_track

    def __init__(self, sound: Sound) -> None:
        self._heard = bundled().hear(sound.samples)

    def hear(self, *_: object) -> Heard:
        return self._heard


@pytest.fixture(scope="module")
def once(hello: Sound) -> Once:
    return Once(hello)


@pytest.mark.parametrize("text", PLAIN)
def test_plain_words_of_a_neutral_voice_move_no_slider(hello: Sound, once: Once, text: str) -> None:
    """Calm aside, which is how this voice sounds: words that say nothing make it less."""
    calm = EMOTIONS.index("calm")
    felt, alone = feel(hello, 24.0, text, voice=once).sliders, feel(hello, 24.0, voice=once).sliders
    assert np.delete(felt, calm, 1).max() <= 0.1 and felt[:, calm].max() <= alone[:, calm].max()


@pytest.mark.parametrize(
    ("text", "language"),
    [("Ich bin so glücklich, das ist wunderbar!", "en"), ("Non sono mai stato così triste.", "en"), (JOY, "fr")],
)
def test_words_of_another_language_leave_the_voice_alone(
    hello: Sound, once: Once, text: str, language: str
) -> None:
    alone, felt = feel(hello, 24.0, voice=once), feel(hello, 24.0, text, voice=once, language=language)
    assert np.array_equal(felt.sliders, alone.sliders)
    assert felt.sentences and not any(one.known or one.told().known or one.told().emotion for one in felt.sentences)
    assert summary(felt) == summary(alone)


def test_a_known_sentence_speaks_beside_one_that_is_not(hello: Sound, once: Once) -> None:
    happy = EMOTIONS.index("happy")
    felt = feel(hello, 24.0, "Ich bin sehr glücklich! I am so happy, this is wonderful!", voice=once)
    assert [sentence.known for sentence in felt.sentences] == [False, True]
    split = round(felt.sentences[1].start * 24)
    assert felt.sliders[split + 24 :, happy].max() > 0.3 > felt.sliders[: split - 24, happy].max()
