"""From text or subtitles to words with their sounds."""

import shutil

import pytest

from model_server.speech.words import espeak
from model_server.speech.words.script import script_of, tokens, words_of
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.script import Script
from s2f_blender_addon.core.subtitles import Cue

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")


def test_tokens_keep_their_punctuation_and_part_at_dashes():
    assert tokens("Oh—wow...  really? It's well-known, -5 °C – yes.") == [
        "Oh", "wow...", "really?", "It's", "well-known,", "-5", "°C", "–", "yes.",
    ]  # fmt: skip


def test_words_that_cannot_be_said_are_no_words():
    assert [word.text for word in words_of(script_of("Well – so * what?"))] == ["Well", "so", "what?"]


def test_subtitles_bound_their_words():
    script = script_of("1\n00:00:01,000 --> 00:00:02,000\nHello you\n", subtitled=True)
    assert [(w.text, w.earliest, w.latest) for w in words_of(script)] == [("Hello", 1.0, 2.0), ("you", 1.0, 2.0)]


def test_a_stretch_of_the_recording_keeps_its_subtitles():
    script = Script((Cue("a", 1, 2), Cue("b", 3, 5), Cue("c", 8, 9)))
    assert script.between(4, 8).cues == (Cue("b", 0, 1),)
    assert script.between(0, 0) == script
    assert Script((Cue("plain"),)).between(4, 8).cues == (Cue("plain"),)


def test_an_empty_script_is_false():
    assert not Script() and not script_of("  \n") and script_of("a")


def test_other_languages_need_espeak_and_the_user_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(espeak, "program", lambda: None)
    with pytest.raises(UserError, match="install espeak-ng"):
        words_of(script_of("Guten Morgen", "de"))


@needs_espeak
def test_espeak_speaks_german():
    ways = {word.text: word.ways for word in words_of(script_of("Guten Morgen, 21 Pumpen!", "de"))}
    assert ways["Guten"] == (("g", "u", "t", "ax", "n"),)
    assert ways["Pumpen!"][0][0] == "p" and ways["Pumpen!"][0].count("m") == 1
    assert len(ways["21"][0]) > 6


@needs_espeak
@pytest.mark.parametrize("language", ["xx", "de; rm", "--path=/", "-v", "DE", ""])
def test_a_language_that_espeak_lacks_gets_a_sentence(language: str):
    with pytest.raises(UserError, match="does not speak"):
        espeak.ways(["a"], language)


@needs_espeak
def test_no_text_can_become_an_option_or_a_markup():
    found = espeak.ways(["--version", "<break/>", "-f", "...", "`ls`", "$(ls)"], "de")
    assert found["..."] == ()
    assert all(way for token, ways in found.items() if token != "..." for way in ways)
