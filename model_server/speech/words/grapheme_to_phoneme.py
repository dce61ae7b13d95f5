"""How a word that no dictionary has is most likely said: letter by letter, by the longest context that was learnt.

An instance-based tree after Daelemans and van den Bosch, "Language-independent data-oriented grapheme-to-phoneme
conversion" (1997), learnt from the pronouncing dictionary by ``s2f train pronunciation``; of held-out words it gets
9.7 % of the phones wrong, stress not counted.

``letters.gz`` is text: the phones, then lines of a context, a blank and its phones as characters from 33 on (nothing:
the letter is silent). A context is the letter itself and its neighbours in the order of ``ORDER``; the deepest context
known decides.
"""

import gzip
from functools import cache
from pathlib import Path

from model_server.speech.words.dictionary import FIRST, Way

FILE = Path(__file__).with_name("letters.gz")
ORDER = (0, 1, -1, 2, -2, 3, -3, 4, -4)
"""Neighbours by how much they tell about a letter's sound."""
EDGE = "_"


@cache
def _table() -> tuple[list[str], dict[str, str]]:
    head, *lines = gzip.decompress(FILE.read_bytes()).decode("utf-8").splitlines()
    pairs = (line.split(" ") for line in lines)
    return head.split(" "), {context: phones for context, phones in pairs}


def context(word: str, at: int) -> str:
    """Letter ``at`` of ``word`` and its neighbours, nearest first; EDGE beyond its ends."""
    places = (at + offset for offset in ORDER)
    return "".join(word[place] if 0 <= place < len(word) else EDGE for place in places)


def sounds(table: dict[str, str], word: str) -> str:
    """Packed phones of ``word`` (a-z and apostrophe) by ``table``."""
    found = []
    for at in range(len(word)):
        full = context(word, at)
        found.append(next((table[full[:n]] for n in range(len(ORDER), 0, -1) if full[:n] in table), ""))
    return "".join(found)


def guess(word: str) -> Way:
    """CMU phones of ``word``, lower case; letters that English lacks are passed over."""
    phones, table = _table()
    return tuple(phones[ord(c) - FIRST] for c in sounds(table, word))
