"""The network of words: numpy reads what torch taught, and order counts."""

import numpy as np
import pytest
import torch

from model_server.cancel import silent
from model_server.emotion.word_network import HASHED, LONGEST, logits, numbers
from model_server.speech.layers import softmax
from model_server.training.emotion.labelled_texts import FILM, LabelledText
from model_server.training.emotion.word_network import WordNetwork, fitted_network, padded

SENTENCES = ["I am happy.", "", "Who let the unbelievably slow dogs out?", "no " * 60, "Ünïcode, 東京 and 🙂!"]


def test_numpy_says_what_torch_says() -> None:
    torch.manual_seed(0)
    network = WordNetwork(9).eval()
    with torch.no_grad():
        theirs = network(*padded([numbers(one) for one in SENTENCES])).numpy()
    ours = np.array([logits(one, network.arrays()) for one in SENTENCES])
    assert ours == pytest.approx(theirs, abs=1e-4)


def test_words_are_numbers_within_the_tables() -> None:
    for sentence in SENTENCES:
        words, parts = numbers(sentence)
        assert 1 <= len(words) == len(parts) <= LONGEST
        assert words.min() >= 1 and max(words.max(), *(one.max() for one in parts)) < HASHED


def test_what_order_alone_tells_is_learned() -> None:
    """``b`` after ``a`` and ``a`` after ``b`` hold the same words."""
    rng = np.random.default_rng(0)
    filler = ["one", "two", "three", "four", "five"]
    lines = []
    for i in range(1500):
        pair = ("never", "mind") if i % 2 else ("mind", "never")
        text = " ".join([*rng.choice(filler, 2), *pair, *rng.choice(filler, 1)])
        lines.append(LabelledText(text, np.array([i % 2, 1 - i % 2], np.float32), True, FILM))
    network = fitted_network(lines, np.ones(2, np.float32), 0, silent)
    shares = softmax(np.array([logits(one, network.arrays()) for one in ("two never mind six", "two mind never six")]))
    assert shares[0, 0] > 0.8 and shares[1, 1] > 0.8
