"""What sentences say to the lexicon, when they say it, and other people's label sets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_server.emotion.labels import RAVDESS, to_sliders
from model_server.emotion.words import LexiconModel, over_time, read, sentences
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.errors import UserError

MODEL = LexiconModel()


def strongest(sentence: str) -> str:
    scores = MODEL.score(sentence)
    return EMOTIONS[int(scores.argmax())] if scores.any() else "neutral"


@pytest.mark.parametrize(
    ("sentence", "emotion"),
    [
        ("What a wonderful day, I love it!", "happy"),
        ("My brother died and I miss him.", "sad"),
        ("You lied to me, you liar, I hate you!", "angry"),
        ("I am terrified of that monster.", "fear"),
        ("That smells disgusting.", "disgust"),
        ("Wow, that is unbelievable!", "surprise"),
        ("How pathetic, what a mediocre little joke.", "contempt"),
        ("Relax and breathe slowly, all is peaceful.", "calm"),
        ("The train leaves at nine from platform four.", "neutral"),
        ("Please stop at the next corner.", "neutral"),
    ],
)
def test_plain_sentences(sentence: str, emotion: str) -> None:
    assert strongest(sentence) == emotion


def test_a_negator_turns_a_word_and_two_turn_it_back() -> None:
    happy = EMOTIONS.index("happy")
    assert MODEL.score("I am happy.")[happy] > 0.3
    assert MODEL.score("I am not happy.")[happy] == 0
    assert strongest("I am not happy.") == "sad"
    assert strongest("I am not angry.") == "calm"
    assert strongest("I can't not be happy.") == "happy"
    assert strongest("There was no danger at all, so we had fun.") == "happy"


def test_degree_words_capitals_and_exclamation_marks_scale() -> None:
    angry = EMOTIONS.index("angry")
    rising = [
        MODEL.score(s)[angry] for s in ("I am a bit angry.", "I am angry.", "I am very angry.", "I am very ANGRY!!")
    ]
    assert np.diff(rising).min() > 0.02


def test_what_follows_but_counts_more() -> None:
    assert strongest("It was nice, but I was afraid.") == "fear"
    assert strongest("I was afraid, but it was nice.") != "fear"


def test_endings_do_not_hide_a_word() -> None:
    assert strongest("She smiled and laughed.") == "happy"
    assert strongest("He worries.") == "fear"


@given(st.text(max_size=200))
def test_any_text_gives_eight_numbers_from_0_to_1(text: str) -> None:
    for part in [text, *sentences(text)]:
        scores = MODEL.score(part)
        assert scores.shape == (8,)
        assert scores.min() >= 0
        assert scores.max() <= 1


@given(st.text(alphabet="ab .!?\n", max_size=80))
def test_sentences_keep_every_letter(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


def test_sentences_take_their_time_from_where_somebody_speaks() -> None:
    said = read("Aaaa bbbb. Cccc dddd!", MODEL, [(1.0, 2.0), (3.0, 4.0)])
    assert [(s.start, s.end) for s in said] == [(1.0, 2.0), (3.0, 4.0)]
    shared = read("I am happy. I am so very sad and lonely.", MODEL, [(0.5, 4.5)])
    assert shared[0].start == 0.5
    assert shared[0].end == shared[1].start == pytest.approx(0.5 + 4 * 8 / 29)
    assert shared[1].end == 4.5
    silent = read("I am happy.", MODEL, [])
    assert (silent[0].start, silent[0].end) == (0.0, 0.0)
    assert read(" \n ", MODEL, [(0.0, 1.0)]) == []


def test_a_sentence_holds_until_the_next_begins() -> None:
    said = read("I am happy. I am sad.", MODEL, [(0.5, 1.0), (2.0, 2.5)])
    track = over_time(said, 31, 10.0)
    assert not track[:5].any()
    assert (track[5:20, EMOTIONS.index("happy")] > 0.3).all()
    assert (track[20:25, EMOTIONS.index("sad")] > 0.3).all()
    assert not track[25:].any()


def test_label_sets_of_7_and_28_and_bilingual_ones_map_to_our_sliders() -> None:
    seven = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")
    assert to_sliders(seven).argmax(1)[[0, 3, 5]].tolist() == [EMOTIONS.index(n) for n in ("angry", "happy", "sad")]
    assert not to_sliders(seven)[4].any()
    assert to_sliders(("生气/angry", "开心/happy", "中立/neutral"))[0, EMOTIONS.index("angry")] == 1
    assert to_sliders(RAVDESS).sum() == 7
    go = (
        "admiration", "amusement", "anger", "annoyance", "approval", "caring",
        "confusion", "curiosity", "desire", "disappointment", "disapproval", "disgust",
        "embarrassment", "excitement", "fear", "gratitude", "grief", "joy",
        "love", "nervousness", "optimism", "pride", "realization", "relief",
        "remorse", "sadness", "surprise", "neutral",
    )  # fmt: skip

    assert len(go) == 28
    assert (to_sliders(go).any(1)).sum() == 27
    with pytest.raises(UserError, match="LABEL_0"):
        to_sliders(("LABEL_0", "LABEL_1"))
