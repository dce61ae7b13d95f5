"""Synthetic teachers: what they say about time must be true of their sound."""

import shutil
from ctypes.util import find_library
from random import Random

import numpy as np
import pytest

from model_server.training.corpus import flite, synthesis, texts
from model_server.training.corpus.espeak import SynthesisedSpeech, library
from s2f_blender_addon.core.errors import UserError

espeak = pytest.mark.skipif(find_library("espeak-ng") is None, reason="espeak-ng is not installed on this machine")
needs_flite = pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed on this machine")


def loudness(spoken: SynthesisedSpeech, start: float, end: float) -> float:
    piece = spoken.samples[int(start * spoken.rate) : int(end * spoken.rate)]
    return float(np.sqrt(np.mean(piece**2)))


@espeak
def test_segments_follow_each_other_without_holes() -> None:
    spoken = library().speak("Put up a big map, my baby.", "en-us")
    assert spoken.segments[0][0] == 0
    assert all(abs(a[1] - b[0]) < 1e-6 for a, b in zip(spoken.segments, spoken.segments[1:], strict=False))
    assert "".join(name for _, _, name in spoken.segments).count("m") == 2


@espeak
def test_a_voiceless_stop_begins_with_its_silent_closure() -> None:
    spoken = library().speak("a pack of paper", "en-us")
    start, end, _ = next(s for s in spoken.segments if s[2] == "p")
    assert end - start > 0.04
    assert loudness(spoken, start, start + 0.02) < 0.1 * loudness(spoken, end, end + 0.05)


@espeak
@pytest.mark.parametrize("language", sorted(texts.LANGUAGES))
def test_espeak_speaks_every_language_of_the_recipe(language: str) -> None:
    spoken, speaker = synthesis.espeak_clip(Random(3), language, ["f2"])
    assert speaker == f"{language}+f2"
    assert len({name for _, _, name in spoken.segments}) > 5


@espeak
def test_a_voice_that_does_not_exist_is_said() -> None:
    with pytest.raises(UserError, match="tlh-xx"):
        library().speak("hello", "tlh-xx")


@needs_flite
@pytest.mark.parametrize("voice", flite.VOICES)
def test_flite_gives_the_times_of_its_phones(voice: str) -> None:
    spoken = flite.speak("A small map.", voice)
    m = [(a, b) for a, b, name in spoken.segments if name == "m"]
    assert len(m) == 2
    assert abs(spoken.segments[-1][1] - len(spoken.samples) / spoken.rate) < 0.3


@espeak
def test_a_shorter_throat_keeps_words_and_times_together() -> None:
    spoken = library().speak("mama", "en-us")
    faster = synthesis.throat(spoken, 1.15)
    assert faster.segments[-1][1] == pytest.approx(len(faster.samples) / faster.rate, abs=0.05)
