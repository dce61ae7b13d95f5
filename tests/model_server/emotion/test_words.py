"""What sentences say to the model of words, when they say it, and other people's label sets."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_server.emotion.known_words import filter_of, known
from model_server.emotion.labels import RAVDESS, to_sliders
from model_server.emotion.word_features import SINGLE, SIZE, features
from model_server.emotion.word_model import BUNDLED, CLASSES, WordModel, bundled
from model_server.emotion.words import over_time, read, sentences, when_said
from model_server.training.emotion.phrases import sentences as taught_phrases
from model_server.training.emotion.short_phrases import cries, plain
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.errors import UserError

MODEL = bundled()
VALENCE = dict.fromkeys(EMOTIONS, -1) | {"happy": 1, "calm": 1, "surprise": 0, "neutral": 0}


def strongest(sentence: str) -> str:
    return CLASSES[int(MODEL.shares(sentence).argmax())]


def written(name: str = "sentences") -> list[tuple[str, list[str], str]]:
    """Kind, right answers and sentence."""
    rows = Path(__file__).with_name(f"{name}.txt").read_text("utf-8").splitlines()
    parts = [[part.strip() for part in row.split(" | ")] for row in rows if not row.startswith("#")]
    return [(kind, right.split("|"), sentence) for kind, right, sentence in parts]


def test_sentences_of_ten_kinds_are_read_right() -> None:
    """At least four in five right, and no more than one in twenty pleasant for unpleasant or the other way."""
    kinds, right, wrong = {kind for kind, _, _ in written()}, [], []
    for kind, answers, sentence in written():
        said = strongest(sentence)
        right.append(said in answers)
        valences = {VALENCE[answer] for answer in answers}
        if VALENCE[said] and VALENCE[said] not in valences and -VALENCE[said] in valences:
            wrong.append((kind, sentence, said))
    assert len(kinds) == 10 and len(right) >= 200
    assert np.mean(right) >= 0.8
    assert len(wrong) <= 0.05 * len(right), wrong


def bare(text: str) -> str:
    return " ".join("".join(c if c.isalnum() or c == "'" else " " for c in text.lower()).split())


@cache
def taught() -> frozenset[str]:
    return frozenset(bare(text) for text, _ in (*taught_phrases(0), *plain(0), *cries()))


def test_none_of_them_taught_the_model() -> None:
    assert not [sentence for _, _, sentence in written() if bare(sentence) in taught()]


@pytest.mark.parametrize(("name", "least"), [("phrases", (0.97, 0.93, 0.93)), ("later_phrases", (0.9, 0.82, 0.8))])
def test_phrases_of_a_few_words_are_felt_where_they_say_so_and_nowhere_else(
    name: str, least: tuple[float, float, float]
) -> None:
    """Things, places, numbers, names, orders to a machine, short answers and other languages are neutral; cries not.
    ``least``: shares of plain ones right, of these without a slider above 0.2, of cries right. What taught the model
    does not count.
    """
    plain_right, still, felt_right = [], [], []
    for kind, answers, phrase in written(name):
        if bare(phrase) in taught():
            continue
        right = strongest(phrase) in answers
        if kind == "felt":
            felt_right.append(right)
        else:
            plain_right.append(right)
            still.append(MODEL.score(phrase).max() <= 0.2)
    shares = tuple(round(float(np.mean(found)), 3) for found in (plain_right, still, felt_right))
    print(f"{name}, {len(plain_right)} plain and {len(felt_right)} felt:", shares)
    assert len(plain_right) >= 60 and len(felt_right) >= 20
    assert all(share >= limit for share, limit in zip(shares, least, strict=True)), shares


@pytest.mark.parametrize(
    "text", ["Der Stuhl ist neu.", "Estoy triste.", "Ich bin so glücklich", "Blorp fennik!", "今日は雨だ", "…"]
)
def test_words_that_nobody_taught_have_no_say(text: str) -> None:
    assert not MODEL.knows(text) and not MODEL.score(text).any()
    (said,) = read(text, MODEL, [(0.0, 1.0)])
    assert not said.known and not said.told().known and not when_said([said], 10, 10.0).any()


@pytest.mark.parametrize("text", ["Twenty-two!", "Nooooo!", "I'm sooo happy!!!", "12.", "😂", "Kowalski, I hate you."])
def test_numbers_drawled_words_and_names_among_known_words_are_read(text: str) -> None:
    assert MODEL.knows(text)
    assert not MODEL.knows(text, "de"), "whoever says that it is German knows it"


def test_a_filter_lets_its_words_through_and_hardly_any_other() -> None:
    words = [f"word{i}x" for i in range(10000)]
    kept = filter_of(words).astype(np.float32)
    assert all(known(word, kept) for word in words[::10])
    assert np.mean([known(f"other{i}x", kept) for i in range(2000)]) < 0.02
    assert known("word1x blorp", kept) and not known("word1x blorp fennik", kept)
    assert not known("", kept) and not known("?!", kept)


def test_a_sentence_too_short_to_tell_its_language_is_in_that_of_the_text() -> None:
    text = "So! Ich wohne in einem kleinen Haus am Fluss und arbeite dort. I am so happy today."
    said = read(text, MODEL, [(0.0, 3.0)])
    assert [sentence.known for sentence in said] == [False, False, True]
    assert read("So!", MODEL, [(0.0, 3.0)])[0].known


def test_what_dares_is_no_joy_and_great_beside_trouble_is_none() -> None:
    assert strongest("How dare you") != "happy"
    assert VALENCE[strongest("Great, the dishwasher flooded the kitchen again.")] == -1
    assert strongest("Great, you passed the test!") == "happy"


def test_a_negator_turns_a_word() -> None:
    assert strongest("I am happy.") == "happy"
    assert VALENCE[strongest("I am not happy.")] <= 0
    assert VALENCE[strongest("I am not afraid.")] >= 0


def test_features_are_numbers_of_two_kinds() -> None:
    found = features("Well, I did not see that coming!")
    assert (np.diff(found) > 0).all() and found[0] >= 0 and found[-1] < SIZE
    assert (found < SINGLE).any() and (found >= SINGLE).any()
    assert not np.array_equal(features("I am happy"), features("I am not happy"))


def test_a_file_that_is_no_model_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "junk.safetensors").write_bytes(b"nothing")
    with pytest.raises(UserError, match=r"junk\.safetensors"):
        WordModel(tmp_path / "junk.safetensors")
    with pytest.raises(UserError, match="no model of words"):
        WordModel(BUNDLED.with_name("talk.safetensors"))
    assert BUNDLED.stat().st_size < 3_000_000


@given(st.text(max_size=200))
def test_any_text_gives_eight_numbers_from_0_to_1(text: str) -> None:
    for part in [text, *sentences(text)]:
        scores = MODEL.score(part)
        assert scores.shape == (len(EMOTIONS),)
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


def test_words_have_no_say_where_nobody_says_any() -> None:
    said = read("I am happy. I am sad.", MODEL, [(0.5, 1.0), (2.0, 2.5)])
    when = when_said(said, 31, 10.0)
    assert not when[:5].any() and when[5:25].all() and not when[25:].any()
    assert not when_said([], 31, 10.0).any()


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
