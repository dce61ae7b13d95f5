"""How English is said: the dictionary first, then what letters, endings, signs and abbreviations tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_server.speech.phones import CLASSES
from model_server.speech.words.english import MOST_WAYS, ways
from model_server.speech.words.grapheme_to_phoneme import guess


def said(token: str) -> list[str]:
    return [" ".join(way) for way in ways(token)]


@pytest.mark.parametrize(
    ("token", "phones"),
    [
        ("Poppy", "p aa p i"), ("“Hello!”", "h ax l o uh"), ("the", "dh ax"), ("the", "dh i"), ("read", "r eh d"),
        ("read", "r i d"), ("don't", "d o uh n t"), ("don’t", "d o uh n t"), ("I'm", "a ih m"), ("Dr.", "d aa k t er"),
        ("Mrs.", "m ih s ih z"), ("St.", "s t r i t"), ("&", "ae n d"), ("e.g.", "f ao r ih g z ae m p ax l"),
        ("U.S.A.", "j u eh s e ih"), ("FBI", "eh f b i a ih"), ("NASA", "n ae s ax"), ("MP3", "eh m p i th r i"),
        ("well-known", "w eh l n o uh n"), ("and/or", "ae n d ao r"), ("$5", "f a ih v d aa l er z"),
        ("21st", "t w eh n t i f er s t"), ("boss's", "b ao s ih z"), ("Beyoncé's", "b ih j ao n s e ih z"),
        ("and", "ax n"), ("walkin'", "w ao k ih n"),
    ],
)  # fmt: skip
def test_a_token_is_said_so(token: str, phones: str):
    assert phones in said(token)


@pytest.mark.parametrize("token", ["--", "...", "«»", "你好", "♪", "'", ""])
def test_what_nobody_says_has_no_way(token: str):
    assert ways(token) == ()


@pytest.mark.parametrize(
    ("word", "phones"),
    [("blimpkin", "B L IH M P K IH N"), ("gribbet", "G R IH B EH T"), ("snorp", "S N AO R P")],
)
def test_a_word_that_no_dictionary_has_is_spelt_out(word: str, phones: str):
    assert " ".join(guess(word)) == phones


def test_a_made_up_name_has_its_lips():
    (way, *_) = ways("Bompam")
    assert [name for name in way if name in "bpm"] == ["b", "m", "p", "m"]


@given(st.text(max_size=30))
def test_any_token_gives_phones_or_nothing(token: str):
    found = ways(token)
    assert len(found) <= MOST_WAYS
    assert all(way and set(way) <= set(CLASSES) - {"sil"} for way in found)
