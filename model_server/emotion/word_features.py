"""A sentence as numbers of features: words, pairs of words, what is negated, what follows "but", its form.

Features are hashed (Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009): no word list
ships, and a word that nobody taught still has its beginning and end.
"""

import re
from itertools import pairwise
from zlib import crc32

import numpy as np
import numpy.typing as npt

SIZE = 1 << 17
SINGLE = SIZE >> 2
"""Numbers below this are of single words and of a sentence's form, the others of what stands together."""
_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[!?…]+|\.\.+|[,;:.]|[^\w\s]")
_NEGATORS = frozenset(
    "not no never neither nor nobody nothing none without hardly barely scarcely cannot dont cant wont isnt".split()
)
_TURNS = frozenset("but however yet although though nevertheless still".split())
_STOPS = frozenset(".,;:!?…")
_QUESTIONS = frozenset("who what where when why how which whose whom".split())
_REACH = 4
"""Words over which a negator acts, or until a punctuation mark."""


def features(sentence: str) -> npt.NDArray[np.int64]:
    """(n,) different numbers 0 … SIZE - 1 of what ``sentence`` has."""
    single, together = _names(sentence)
    numbers = [crc32(name.encode()) % SINGLE for name in single]
    numbers += [SINGLE + crc32(name.encode()) % (SIZE - SINGLE) for name in together]
    return np.unique(np.array(numbers, np.int64))


def tokens(sentence: str) -> list[str]:
    """The words and marks of ``sentence``, in small letters."""
    return [_short(token.lower()) for token in _written(sentence)]


def _written(sentence: str) -> list[str]:
    return _TOKEN.findall(sentence.replace("’", "'"))


def _names(sentence: str) -> tuple[list[str], list[str]]:
    """What ``sentence`` has of single words and form, and of words together."""
    raw = _written(sentence)
    tokens = [_short(token.lower()) for token in raw]
    if not tokens:
        return ["nothing"], []
    single = [f"form {form}" for form in _forms(raw, tokens)]
    negated = _negated(tokens)
    turn = max((i for i, token in enumerate(tokens) if token in _TURNS and i), default=-1)
    together = []
    for i, token in enumerate(tokens):
        mark = "not " if negated[i] else ""
        single.append(f"word {mark}{token}")
        if len(token) > 5:
            single.append(f"begins {mark}{token[:5]}")
        if turn >= 0 and token not in _STOPS:
            together.append(f"{'after' if i > turn else 'before'} {token}")
    around = ["^", *tokens, "$"]
    together += [f"{a} {b}" for a, b in pairwise(around)]
    return single, together


def _short(token: str) -> str:
    """One form of what is repeated: ``sooo`` and ``!!!`` say no more than ``soo`` and ``!!``."""
    return re.sub(r"(.)\1{2,}", r"\1\1", token)


def _negated(tokens: list[str]) -> list[bool]:
    """Which tokens a negator before them turns; a second one turns back."""
    found, left = [], 0
    for token in tokens:
        if token in _STOPS or token[0] in "!?…":
            left = 0
        found.append(left > 0)
        left = max(left - 1, 0)
        if token in _NEGATORS or token.endswith("n't"):
            left = _REACH if not found[-1] else 0
    return found


def _forms(raw: list[str], tokens: list[str]) -> list[str]:
    last = tokens[-1]
    words = [token for token in tokens if token[0].isalnum()]
    forms = [f"ends {last[-1] if last[-1] in '!?….' else 'open'}", f"long {min(len(words) // 4, 5)}"]
    if len(raw) > 1 and any(token.isupper() and len(token) > 2 for token in raw):
        forms.append("capitals")
    if words:
        forms += [f"asks {words[0]}"] if words[0] in _QUESTIONS else []
        forms += [f"person {p}" for p in ("i", "you", "we", "he", "she", "they", "it") if p in words]
    if any(token in _NEGATORS or token.endswith("n't") for token in tokens):
        forms.append("negation")
    return forms
