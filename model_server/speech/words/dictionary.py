"""The CMU Pronouncing Dictionary, packed: how 126 000 English words are said.

``cmudict.gz`` is text. Its first line holds the phones; phone i is written as the character 33 + i. Every other line is
a word, a blank and those characters; a word that is said in several ways has several lines. Licence: cmudict.LICENSE.
"""

import gzip
from functools import cache
from pathlib import Path

from model_server.speech.phones import from_arpabet

FILE = Path(__file__).with_name("cmudict.gz")
FIRST = 33
Way = tuple[str, ...]


@cache
def _packed() -> tuple[list[str], dict[str, str]]:
    """Names of the phones, and packed ways by word, separated by blanks."""
    head, *lines = gzip.decompress(FILE.read_bytes()).decode("utf-8").splitlines()
    ways: dict[str, str] = {}
    for line in lines:
        word, way = line.split(" ")
        ways[word] = f"{ways[word]} {way}" if word in ways else way
    return head.split(" "), ways


def arpabet(word: str) -> list[Way]:
    """The ways to say ``word`` (lower case) in CMU phones without stress but for AH0; none for an unknown word."""
    phones, ways = _packed()
    packed = ways.get(word)
    return [tuple(phones[ord(c) - FIRST] for c in way) for way in packed.split(" ")] if packed else []


def words() -> list[str]:
    """Every word of the dictionary (lower case), in its order."""
    return list(_packed()[1])


def classes(phones: Way) -> Way:
    """CMU phones as classes of ``speech.phones``; the unstressed AH is a schwa."""
    return tuple(name for phone in phones for name in (("ax",) if phone == "AH0" else from_arpabet(phone)))
