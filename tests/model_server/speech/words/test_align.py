"""Forced alignment on posteriors of our own making: which words, when, and what if they are wrong."""

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_server.cancel import JobCancelled
from model_server.speech.phones import CLASS_INDEX, CLASSES
from model_server.speech.words import search
from model_server.speech.words.align import UNKNOWN, Alignment, Word, align

WORDS = {
    "map": ("m", "ae", "p"), "two": ("t", "u"), "fish": ("f", "ih", "sh"), "bee": ("b", "i"), "sun": ("s", "ah", "n"),
    "go": ("g", "o", "uh"), "why": ("w", "a", "ih"), "red": ("r", "eh", "d"), "lock": ("l", "aa", "k"),
    "zoo": ("z", "u"), "home": ("h", "o", "uh", "m"), "think": ("th", "ih", "ng", "k"),
}  # fmt: skip


def said(*items: str, frames: int = 8, sure: float = 0.8, seed: int = 0) -> np.ndarray:
    """Posteriors of words ("-": silence of 0.32 s), ``frames`` a phone, with doubt that differs by frame."""
    random = np.random.default_rng(seed)
    classes: list[int] = []
    for item in items:
        phones = ["sil"] * 4 if item == "-" else WORDS[item]
        classes += [CLASS_INDEX[name] for name in phones for _ in range(frames)]
    doubt = random.dirichlet(np.full(len(CLASSES), 0.3), len(classes))
    return (sure * np.eye(len(CLASSES))[classes] + (1 - sure) * doubt).astype(np.float32)


def text(*words: str) -> list[Word]:
    return [Word(word, (WORDS[word],)) for word in words]


def found(alignment: Alignment) -> list[str]:
    return [word.text for word in alignment.words if word.confidence > 0.3]


def test_words_are_found_when_they_are_said():
    posteriors = said("-", "map", "two", "-", "fish", "-")
    alignment = align(posteriors, text("map", "two", "fish"))
    times = [(word.start, word.end) for word in alignment.words]
    assert np.allclose(times, [(0.315, 0.555), (0.555, 0.715), (1.035, 1.275)], atol=0.011)
    assert all(word.confidence > 0.8 for word in alignment.words)


def test_phones_have_no_holes_and_tell_their_word():
    alignment = align(said("-", "map", "two", "-"), text("map", "two"))
    phones = alignment.phones
    assert [phone.name for phone in phones] == ["sil", "m", "ae", "p", "t", "u", "sil"]
    assert [phone.word for phone in phones] == [-1, 0, 0, 0, 1, 1, -1]
    assert phones[0].start == 0
    assert all(a.end == b.start for a, b in pairwise(phones))


def test_the_pronunciation_that_fits_is_taken():
    words = [Word("either", (("i", "dh", "er"), ("m", "ae", "p")))]
    assert [p.name for p in align(said("-", "map", "-"), words).phones if p.word == 0] == ["m", "ae", "p"]


def test_a_sound_that_the_network_mishears_takes_its_name_from_the_word():
    posteriors = said("-", "map", "two", "-")
    heard = posteriors.copy()
    heard[:, [CLASS_INDEX["m"], CLASS_INDEX["n"]]] = posteriors[:, [CLASS_INDEX["n"], CLASS_INDEX["m"]]]
    phones = align(heard, text("map", "two")).phones
    m = next(phone for phone in phones if phone.name == "m")
    assert m.start == pytest.approx(0.315, abs=0.03) and m.end == pytest.approx(0.395, abs=0.03)
    assert m.fit < -2


def test_a_word_of_the_text_that_nobody_says_is_left_out():
    alignment = align(said("-", "map", "two", "fish", "-"), text("map", "red", "lock", "zoo", "two", "fish"))
    assert found(alignment) == ["map", "two", "fish"]
    assert alignment.words[1].start == alignment.words[1].end


def test_speech_that_is_not_in_the_text_is_passed_over():
    posteriors = said("-", "map", "home", "think", "lock", "go", "two", "fish", "-")
    alignment = align(posteriors, text("map", "two", "fish"))
    assert found(alignment) == ["map", "two", "fish"]
    strange = [phone for phone in alignment.phones if phone.name == UNKNOWN]
    assert strange[0].start == pytest.approx(0.555, abs=0.05) and strange[-1].end == pytest.approx(1.675, abs=0.05)


def test_a_wrong_word_does_not_spoil_its_neighbours():
    posteriors = said("-", "map", "think", "home", "two", "fish", "-")
    alignment = align(posteriors, text("map", "zoo", "red", "two", "fish"))
    assert found(alignment) == ["map", "two", "fish"]


def test_another_text_altogether_finds_nothing():
    alignment = align(said("-", "map", "two", "fish", "bee", "-"), text("go", "lock", "think", "red"))
    assert found(alignment) == []


def test_no_words_and_words_that_nobody_can_say():
    alignment = align(said("-", "map", "-"), [Word("&", ())])
    assert alignment.words[0].confidence == 0
    assert align(said("-", "-"), []).words == ()


def test_subtitles_say_which_of_two_equal_words_is_meant():
    posteriors = said("-", "map", "-", "-", "-", "-", "map", "-")
    early = align(posteriors, [Word("map", (WORDS["map"],), 0.3, 0.6)])
    late = align(posteriors, [Word("map", (WORDS["map"],), 1.7, 2.2)])
    assert early.words[0].start < 1 < late.words[0].start


def test_subtitles_at_the_wrong_time_leave_their_words_out():
    posteriors = said("-", "map", "two", *"------", "fish", *"------")
    words = [Word(name, (WORDS[name],), 0.0, 0.9) for name in ("map", "two", "fish")]
    assert found(align(posteriors, words)) == ["map", "two"]


def test_long_speech_gives_what_its_pieces_give():
    random = np.random.default_rng(1)
    names = [str(name) for name in random.choice(sorted(WORDS), 900)]
    posteriors = said(*(x for i, name in enumerate(names) for x in ([name, "-"] if i % 7 == 0 else [name])))
    alignment = align(posteriors, text(*names))
    assert found(alignment) == names
    middle = alignment.words[450]
    before = sum((len(WORDS[n]) + (4 if i % 7 == 0 else 0)) * 8 for i, n in enumerate(names[:450]))
    assert middle.start == pytest.approx(before / 100, abs=0.02)


def test_what_is_final_does_not_change_the_result(monkeypatch: pytest.MonkeyPatch):
    random = np.random.default_rng(2)
    names = [str(name) for name in random.choice(sorted(WORDS), 60)]
    posteriors = said("-", *names, "-", sure=0.5)
    whole = align(posteriors, text(*names))
    monkeypatch.setattr(search, "AGREE_EVERY", 100)
    monkeypatch.setattr(search, "AGREE_LATEST", 400)
    assert align(posteriors, text(*names)) == whole


def test_it_can_be_cancelled():
    def stop(fraction: float, doing: str) -> None:
        if fraction > 0.3:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        align(said(*["map", "two"] * 40), text(*["map", "two"] * 40), progress=stop)


def test_an_odd_number_of_frames_and_a_single_one_are_no_trouble():
    posteriors = said("-", "map", "two", "-")[:-1]
    assert found(align(posteriors, text("map", "two"))) == ["map", "two"]
    assert align(posteriors[:1], text("map")).words[0].confidence == 0


@given(st.lists(st.sampled_from(sorted(WORDS)), max_size=6), st.lists(st.sampled_from(sorted(WORDS)), max_size=6))
@settings(max_examples=40, deadline=None)
def test_any_text_on_any_speech_gives_times_in_order(spoken: list[str], written: list[str]):
    alignment = align(said("-", *spoken, "-", sure=0.6), text(*written))
    assert [word.text for word in alignment.words] == written
    times = [time for word in alignment.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert alignment.phones[0].start == 0 and all(a.end == b.start for a, b in pairwise(alignment.phones))


def test_five_minutes_with_a_paragraph_that_nobody_says():
    """Time is not measured here; memory is what the search keeps for its longest stretch of doubt."""
    random = np.random.default_rng(3)
    names = [str(name) for name in random.choice(sorted(WORDS), 1300)]
    posteriors = said(*names)
    gone = names[:600] + [str(name) for name in random.choice(sorted(WORDS), 60)] + names[600:]
    tracemalloc.start()
    alignment = align(posteriors, text(*gone))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 150e6, "the likelihoods are 7 MB, and a table of all frames and states half a gigabyte"
    right = [word.confidence > 0.3 for word in alignment.words]
    assert sum(right[:590]) >= 585 and sum(right[670:]) >= 685
