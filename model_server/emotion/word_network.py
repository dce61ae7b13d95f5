"""A small network that reads a sentence as a row of words, beside the linear model that reads it as a bag.

Each word is the sum of two hashed vectors of itself (Svenstrup et al., "Hash embeddings for efficient word
representations", NIPS 2017: hardly two words share both) and the mean of those of its parts (Bojanowski et al.,
"Enriching word vectors with subword information", TACL 2017), so that a word that nobody taught is like those that are
spelt like it. Two convolutions hear what stands together; the sentence is their weighted mean, their greatest and their
mean.
"""

from collections.abc import Mapping
from zlib import crc32

import numpy as np
import numpy.typing as npt

from model_server.emotion.word_features import tokens
from model_server.speech.layers import softmax

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

HASHED = 1 << 13
"""Vectors of words, and as many of parts. Number 0 is nothing."""
LONGEST = 40
"""Words of a sentence that are read."""
_PARTS = (3, 4, 5)
_MOST_PARTS = 24


def numbers(sentence: str) -> tuple[Ints, list[Ints]]:
    """(n, 2) hashed words of ``sentence``, at least one, and the hashed parts of each."""
    found = tokens(sentence)[:LONGEST] or [""]
    words = np.array([(_hashed(word), _hashed(f"{word} again")) for word in found])
    return words, [_parts(f"<{word}>") for word in found]


def logits(sentence: str, arrays: Mapping[str, Floats]) -> Floats:
    """(1 + E,) of the classes of ``word_model``. ``arrays``: as ``training.emotion.word_network`` makes them."""
    words, parts = numbers(sentence)
    x = arrays["words"][words].sum(1) + np.stack([arrays["parts"][one].mean(0) for one in parts])
    y = np.maximum(_convolved(x, arrays, "near", 1), 0)
    y = y + np.maximum(_convolved(y, arrays, "far", 2), 0)
    notice = softmax((y @ arrays["notice.weight"])[:, 0])
    pooled = np.concatenate([notice @ y, y.max(0), y.mean(0)])
    return np.asarray(pooled @ arrays["out.weight"] + arrays["out.bias"], np.float32)


def _convolved(x: Floats, arrays: Mapping[str, Floats], name: str, apart: int) -> Floats:
    """Three words at a time, ``apart`` from each other, with silence around the sentence."""
    weight = arrays[f"{name}.weight"]
    padded = np.pad(x, ((apart, apart), (0, 0)))
    found = sum(padded[k * apart : k * apart + len(x)] @ weight[k] for k in range(3))
    return np.asarray(found + arrays[f"{name}.bias"], np.float32)


def _hashed(text: str) -> int:
    return 1 + crc32(text.encode()) % (HASHED - 1)


def _parts(word: str) -> Ints:
    found = [_hashed(word[i : i + n]) for n in _PARTS for i in range(len(word) - n + 1)]
    return np.array(found[:_MOST_PARTS] or [0])
