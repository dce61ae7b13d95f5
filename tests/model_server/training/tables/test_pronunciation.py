"""Letters and phones find each other, and what was learnt from some words says others."""

import pytest

from model_server.cancel import silent
from model_server.speech.words.grapheme_to_phoneme import sounds
from model_server.training.tables.pronunciation import aligned, errors, tree

# Packed as the dictionary is: a character a phone.
LEXICON = [
    ("pat", "pat"), ("tap", "tap"), ("pit", "pit"), ("tip", "tip"), ("ship", "Sip"), ("shap", "Sap"), ("hip", "hip"),
    ("hat", "hat"), ("sat", "sat"), ("sip", "sip"), ("dish", "diS"), ("dash", "daS"), ("hid", "hid"), ("sad", "sad"),
    ("tax", "taks"), ("six", "siks"), ("pax", "paks"), ("mix", "miks"), ("max", "maks"), ("mat", "mat"),
]  # fmt: skip


def test_every_letter_gets_its_phones():
    spelt = dict(aligned(LEXICON, silent))
    assert "".join(spelt["six"]) == "siks" and max(len(piece) for piece in spelt["six"]) == 2
    assert "".join(spelt["ship"]) == "Sip" and "" in spelt["ship"]
    assert all("".join(spelt[word]) == way for word, way in LEXICON)


@pytest.mark.parametrize(("word", "said"), [("shat", "Sat"), ("pax", "paks"), ("dip", "dip"), ("mish", "miS")])
def test_words_that_were_not_learnt_are_said_as_their_like(word: str, said: str):
    table = tree(aligned(LEXICON, silent))
    assert sounds(table, word) == said


def test_errors_are_counted_against_the_nearest_way():
    table = {letter: letter for letter in "abc"}
    found = errors(table, [("abc", "abc"), ("abc", "xyz"), ("cab", "cxb")])
    assert found == {"wrong phones": round(1 / 6, 4), "wrong words": 0.5, "held-out words": 2}
