"""Sentences get the times of their words."""

from model_server.emotion.spoken import stretches
from s2f_blender_addon.core.script import SpokenWord

TEXT = "Oh, hello! How are you? Fine."


def said(*words: tuple[str, float, float, float]) -> list[SpokenWord]:
    return [SpokenWord(*word) for word in words]


def test_a_sentence_lasts_from_its_first_word_to_its_last():
    words = said(
        ("Oh,", 0.5, 0.7, 0.9), ("hello!", 1.0, 1.4, 0.8), ("How", 2.0, 2.2, 0.9), ("are", 2.2, 2.3, 0.9),
        ("you?", 2.3, 2.6, 0.9), ("Fine.", 4.0, 4.5, 0.9),
    )  # fmt: skip
    assert stretches(TEXT, words) == [(0.5, 1.4), (2.0, 2.6), (4.0, 4.5)]


def test_words_that_were_not_found_do_not_count():
    words = said(
        ("Oh,", 0.5, 0.7, 0.9), ("hello!", 0.8, 0.9, 0.9), ("How", 0.9, 0.9, 0), ("are", 0.9, 0.9, 0),
        ("you?", 0.9, 0.9, 0), ("Fine.", 4.0, 4.5, 0.9),
    )  # fmt: skip
    assert stretches(TEXT, words) == [(0.5, 0.9), (0.9, 0.9), (4.0, 4.5)]


def test_too_little_found_is_nothing_known():
    words = said(*((name, 0.1 * i, 0.1 * i + 0.1, 0.9 * (i < 2)) for i, name in enumerate(TEXT.split())))
    assert stretches(TEXT, words) == []
    assert stretches(TEXT, said(("Oh,", 0, 0, 0))) == []
    assert stretches("", []) == []
