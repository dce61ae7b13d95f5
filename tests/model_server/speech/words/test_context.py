"""What words there are decides where the sound does not; other languages stay as they were heard."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_server.audio.decode import decode
from model_server.cancel import JobCancelled, silent
from model_server.sample import SAMPLE
from model_server.speech.phones import CLASS_INDEX, CLASSES
from model_server.speech.words import context
from model_server.speech.words.context import EDGE, LONGEST, PAUSE, SURE, in_context, phrases
from model_server.speech.words.english import ways
from model_server.speech.words.forward_backward import expected
from model_server.speech.words.lattice import LatticeCosts, lattice
from model_server.speech.words.vocabulary import english
from model_server.talk_model import TalkModel

FRAMES = 8
"""Of the sound, in each phone."""


SENTENCES = ("the people of the city", "a lot of money", "how are you", "nation")


def said(phones: list[str], doubt: dict[int, str] | None = None, sure: float = 0.9) -> np.ndarray:
    """(T, K) posteriors of ``phones``; those numbered in ``doubt`` sound as much like another, and a little more so."""
    found = np.full((len(phones) * FRAMES, len(CLASSES)), (1 - sure) / (len(CLASSES) - 1), np.float32)
    for n, name in enumerate(phones):
        frames = slice(n * FRAMES, (n + 1) * FRAMES)
        found[frames, CLASS_INDEX[name]] = sure
        if n in (doubt or {}):
            found[frames, CLASS_INDEX[name]] = sure * 0.4
            found[frames, CLASS_INDEX[doubt[n]]] = sure * 0.6
    return found / found.sum(1, keepdims=True)


def sentence(text: str) -> list[str]:
    return ["sil", "sil", *(name for word in text.split() for name in ways(word)[0]), "sil", "sil"]


def test_a_sound_in_doubt_becomes_what_makes_a_word_of_it():
    phones = sentence("the people of the city are happy")
    doubtful = [n for n, name in enumerate(phones) if name == "p"]
    heard = said(phones, dict.fromkeys(doubtful, "t"))
    result = in_context(heard)
    for n in doubtful:
        middle = n * FRAMES + FRAMES // 2
        assert heard[middle].argmax() == CLASS_INDEX["t"] and result[middle].argmax() == CLASS_INDEX["p"]


def test_a_sound_that_a_cough_hides_is_what_the_words_around_it_ask_for():
    phones = sentence("a lot of people")
    cough = slice(8 * FRAMES, 9 * FRAMES)
    assert phones[8] == "p"
    heard = said(phones)
    heard[cough] = 1 / len(CLASSES)
    p, t, k = (in_context(heard)[cough, CLASS_INDEX[name]].max() for name in "ptk")
    assert p > 5 * max(t, k)


def test_words_never_overrule_what_the_sound_is_sure_of():
    phones = sentence("the people of the city are happy")
    heard = said(phones, {phones.index("p"): "t"}, sure=0.95)
    result, sure = in_context(heard), heard.max(1) >= SURE
    assert sure.any() and np.array_equal(result[sure], heard[sure]) and not np.array_equal(result, heard)


def test_a_phrase_without_lips_in_doubt_is_not_searched():
    heard = said(sentence("the people of the city are happy"))
    seen: list[float] = []
    assert np.array_equal(in_context(heard, lambda fraction, doing: seen.append(fraction)), heard) and not seen


def test_speech_that_is_not_english_stays_as_it_was_heard():
    random = np.random.default_rng(3)
    strange = random.permutation(["y", "oe", "x", "zh", "rr", "ng", "u", "jh"]).tolist()
    heard = said(["sil", "sil", *strange, *strange[::-1], *strange, "sil", "sil"])
    assert np.array_equal(in_context(heard), heard)


def test_a_real_recording_of_english_is_taken_for_english():
    heard, *_ = TalkModel.load()._hear(decode(SAMPLE).samples, silent)
    result = in_context(heard)
    assert np.abs(result - heard).max(1).mean() > 0.02


@pytest.mark.parametrize("frames", [0, 1, 2, 7, 400])
def test_silence_of_any_length_stays_silence(frames: int):
    heard = np.zeros((frames, len(CLASSES)), np.float32)
    heard[:, CLASS_INDEX["sil"]] = 1
    assert np.array_equal(in_context(heard), heard)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**32 - 1), st.integers(1, 300))
def test_whatever_is_heard_stays_a_probability(seed: int, frames: int):
    heard = np.random.default_rng(seed).dirichlet(np.full(len(CLASSES), 0.2), frames).astype(np.float32)
    before = heard.copy()
    result = in_context(heard)
    assert result.shape == heard.shape and np.array_equal(heard, before)
    assert np.allclose(result.sum(1), 1, atol=1e-4) and result.min() >= 0


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 900)), max_size=12))
def test_phrases_hold_all_speech_and_part_in_silence(stretches: list[tuple[bool, int]]):
    silence = np.concatenate([np.zeros(0), *(np.full(n, float(quiet)) for quiet, n in stretches)]).astype(np.float32)
    found = phrases(silence)
    inside = np.zeros(len(silence), bool)
    for first, end in found:
        assert 0 <= first < end <= len(silence) and end - first <= LONGEST + 2 * EDGE
        assert not inside[first:end].any()
        inside[first:end] = True
    assert inside[silence <= 0.5].all()
    for (_, end), (first, _) in pairwise(found):
        assert first == end or first - end >= PAUSE - 2 * EDGE


@settings(deadline=None, max_examples=10)
@given(st.lists(st.sampled_from(SENTENCES), min_size=2, max_size=4))
def test_a_phrase_is_understood_as_if_it_were_alone(texts: list[str]):
    vocabulary, costs = english(), LatticeCosts()
    fits = [np.log(said(sentence(text), sure=0.7)[::4]) for text in texts]
    lengths = np.array([len(one) for one in fits], np.int32)
    batch = np.zeros((len(fits), lengths.max(), len(CLASSES)), np.float32)
    for n, one in enumerate(fits):
        batch[n, : len(one)] = one
    together, _ = expected(lattice(batch, lengths, vocabulary, costs), lengths, vocabulary, costs)
    for n, one in enumerate(fits):
        length = lengths[n : n + 1]
        alone, _ = expected(lattice(one[None], length, vocabulary, costs), length, vocabulary, costs)
        assert np.allclose(together[n, : len(one)], alone[0], atol=1e-5)
        assert np.allclose(alone[0].sum(1), 1, atol=0.02)


def test_one_hears_how_far_it_is_and_can_stop_it():
    phones = sentence("the people of the city are happy") * 4
    heard = said(phones, {phones.index("p"): "t"})
    seen: list[float] = []
    in_context(heard, lambda fraction, doing: seen.append(fraction))
    assert seen == sorted(seen) and len(seen) >= 4 and seen[-1] <= 1

    def stop(fraction: float, doing: str) -> None:
        if fraction > 0.3:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        in_context(heard, stop)


def test_phrases_are_searched_in_groups_that_change_nothing(monkeypatch: pytest.MonkeyPatch):
    heard = said([name for text in SENTENCES for name in [*sentence(text), *["sil"] * 5]])
    whole = in_context(heard)
    monkeypatch.setattr(context, "AT_ONCE", 1)
    assert np.allclose(in_context(heard), whole, atol=1e-5)
