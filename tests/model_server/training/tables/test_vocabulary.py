"""A language model becomes a tree of words and what follows them, smaller and as true as bytes can be."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_server.speech.phones import CLASSES
from model_server.speech.words.english import ways
from model_server.speech.words.vocabulary import STEP, Vocabulary, english, unpacked
from model_server.training.tables.vocabulary import WAYS, Bigrams, make, packed, pruned, read
from s2f_blender_addon.core.errors import UserError

WORDS = "the pan tan man cat a frying big small lamp read record nation station".split()
ARPA = """\\data\\
ngram 1=5
ngram 2=3

\\1-grams:
-1.0\t<s>\t-0.5
-0.7\tthe\t-0.4
-1.2\tpan\t-0.2
-1.3\t<unk>\t-0.2
-99\t</s>

\\2-grams:
-0.3\tthe pan\t0.0
-0.2\t<s> the\t0.0
-0.4\tthe <unk>
"""


def model(names: list[str], pairs: dict[tuple[str, str], float]) -> Bigrams:
    """Words that are all as likely, and pairs with their probabilities."""
    rows = [(names.index(a), names.index(b), np.log(p)) for (a, b), p in pairs.items()]
    before, word, chance = (np.array(column) for column in zip(*rows, strict=True))
    unigram = np.append(np.full(len(names) - 1, -np.log(len(names) - 1)), -99.0)
    return Bigrams(names, unigram, before, word, chance)


def spelt(vocabulary: Vocabulary, word: int) -> set[tuple[str, ...]]:
    """Every way that the tree has to say a word."""
    found = set()
    for node in range(len(vocabulary.classes)):
        first = vocabulary.first_word[node]
        if word in vocabulary.words[first : first + vocabulary.ends[node]]:
            way, at = [], node
            while at >= 0:
                way.append(CLASSES[vocabulary.classes[at]])
                at = vocabulary.above[at]
            assert len(way) == vocabulary.depth[node] + 1
            found.add(tuple(reversed(way)))
    return found


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(WORDS), min_size=1, unique=True))
def test_the_tree_says_every_word_in_its_ways_and_nothing_else(words: list[str]):
    names = [*words, "<s>"]
    vocabulary = unpacked(packed(*pruned(model(names, {(words[0], words[0]): 0.5}))))
    for number, word in enumerate(words):
        assert spelt(vocabulary, number) == set(ways(word)[:WAYS])
    assert spelt(vocabulary, vocabulary.pause) == {("sil",)}
    many, first = vocabulary.below, vocabulary.first_below
    below = [(n, first[n] + i) for n in range(len(many)) for i in range(many[n])]
    assert sorted(node for _, node in below) == list(range(len(vocabulary.classes)))
    assert all(vocabulary.above[node] == (n if n < len(vocabulary.classes) else -1) for n, node in below)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_what_may_follow_a_word_adds_up_to_one(data: st.DataObject):
    names = [*WORDS, "<s>"]
    after = data.draw(st.dictionaries(st.sampled_from(WORDS), st.floats(0.001, 0.2), min_size=1, max_size=4))
    vocabulary = unpacked(packed(*pruned(model(names, {("the", word): p for word, p in after.items()}))))
    for before in ("the", "cat"):
        words = np.arange(len(WORDS), dtype=np.int32)
        chance = vocabulary.follows(np.full(len(WORDS), names.index(before), np.int32), words)
        assert np.exp(chance).sum() == pytest.approx(1, abs=2 * STEP)
        for word, p in after.items() if before == "the" else ():
            assert chance[names.index(word)] == pytest.approx(np.log(p), abs=STEP)


def test_pairs_that_tell_most_are_kept():
    names = ["the", "pan", "cat", "<s>"]
    told = {("the", "pan"): 0.9, ("pan", "cat"): 1 / 3, ("cat", "cat"): 0.34}
    kept, _ = pruned(model(names, told), 1)
    assert (kept.before.tolist(), kept.word.tolist()) == ([0], [1])


def test_a_node_looks_ahead_to_its_likeliest_word():
    names = ["pan", "pat", "cat", "<s>"]
    likely = Bigrams(names, np.log([0.1, 0.6, 0.3, 1e-9]), np.array([0]), np.array([1]), np.array([-1.0]))
    vocabulary = unpacked(packed(*pruned(likely)))
    first = {CLASSES[c]: n for n, c in enumerate(vocabulary.classes[: vocabulary.below[-1]])}
    assert vocabulary.ahead[first["p"]] == pytest.approx(np.log(0.6), abs=STEP)
    assert vocabulary.ahead[first["k"]] == pytest.approx(np.log(0.3), abs=STEP)


def test_an_arpa_file_is_read_up_to_where_it_was_cut_short(tmp_path: Path):
    (tmp_path / "whole.arpa").write_text(ARPA)
    found = read(tmp_path / "whole.arpa")
    assert found.names == ["the", "pan", "<s>"]  # what nobody says is left out
    pairs = {(found.names[a], found.names[b]) for a, b in zip(found.before, found.word, strict=True)}
    assert pairs == {("the", "pan"), ("<s>", "the")}
    (tmp_path / "cut.arpa").write_text(ARPA[: ARPA.index("-0.2\t<s> the") + 6])
    assert len(read(tmp_path / "cut.arpa").word) == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "is not there"),
        ("The cat sat.", "holds no pairs"),
        (ARPA.replace("-0.3", "much"), "much should be a number"),
    ],
)
def test_what_is_no_language_model_gets_a_sentence(tmp_path: Path, content: str | None, sentence: str):
    if content is not None:
        (tmp_path / "x.arpa").write_text(content)
    with pytest.raises(UserError, match=sentence):
        make(tmp_path / "x.arpa", tmp_path)
    assert not list(tmp_path.glob("*.npz"))


def test_the_words_of_the_zip_are_those_of_ordinary_speech():
    vocabulary = english()
    assert vocabulary.pause == 20_000 and len(vocabulary.pairs) == 400_000
    assert np.isfinite(vocabulary.ahead).all() and np.all(np.diff(vocabulary.pairs) > 0)
