"""How English text is said: every token in each of its usual ways, as phone classes."""

import re
import unicodedata
from functools import lru_cache
from itertools import product

from model_server.speech.words import grapheme_to_phoneme, numbers
from model_server.speech.words.dictionary import Way, arpabet, classes

MOST_WAYS = 10
"""Ways of one token that are tried; the first are the usual ones."""

ABBREVIATIONS = {
    "dr": ("doctor", "drive"), "mr": ("mister",), "mrs": ("missus",), "ms": ("miz", "miss"), "prof": ("professor",),
    "st": ("saint", "street"), "jr": ("junior",), "sr": ("senior",), "vs": ("versus",), "etc": ("et cetera",),
    "no": ("no", "number"), "approx": ("approximately",), "dept": ("department",), "ave": ("avenue",),
    "rd": ("road",), "blvd": ("boulevard",), "mt": ("mount",), "ft": ("fort", "feet"), "lt": ("lieutenant",),
    "sgt": ("sergeant",), "capt": ("captain",), "gen": ("general",), "gov": ("governor",), "rev": ("reverend",),
    "jan": ("january",), "feb": ("february",), "apr": ("april",), "aug": ("august",), "sept": ("september",),
    "oct": ("october",), "nov": ("november",), "dec": ("december",), "inc": ("incorporated", "ink"),
    "ltd": ("limited",), "co": ("company",), "corp": ("corporation",), "fig": ("figure", "fig"), "vol": ("volume",),
    "e.g": ("for example", "e g"), "i.e": ("that is", "i e"),
}  # fmt: skip
"""Before a full stop."""
SIGNS = {"&": "and", "+": "plus", "=": "equals", "@": "at", "#": "number", "%": "percent", "°": "degrees"}
REDUCED: dict[str, tuple[Way, ...]] = {
    "and": (("AH0", "N"), ("N",)), "of": (("AH0",),), "to": (("T", "AH0"),), "them": (("AH0", "M"),),
    "him": (("IH", "M"),), "her": (("ER",),), "his": (("IH", "Z"),), "he": (("IY",),), "you": (("Y", "AH0"),),
    "your": (("Y", "ER"),), "for": (("F", "ER"),), "or": (("ER",),), "are": (("ER",),), "can": (("K", "AH0", "N"),),
    "had": (("AE", "D"), ("AH0", "D")), "have": (("AH0", "V"),), "has": (("AH0", "Z"),), "at": (("AH0", "T"),),
    "as": (("AH0", "Z"),), "that": (("DH", "AH0", "T"),), "from": (("F", "R", "AH0", "M"),),
    "was": (("W", "AH0", "Z"),), "going": (("G", "AH0", "N", "AH0"),), "miz": (("M", "IH", "Z"),),
}  # fmt: skip
"""How little words sound between others."""
ENDINGS: dict[str, Way] = {
    "'ll": ("AH0", "L"), "'ve": ("AH0", "V"), "'re": ("ER",), "'d": ("D",), "'m": ("M",), "n't": ("AH0", "N", "T"),
}  # fmt: skip
_HISSING = ("S", "Z", "SH", "ZH", "CH", "JH")
_VOICELESS = ("P", "T", "K", "F", "TH")


@lru_cache(maxsize=20_000)
def ways(token: str) -> tuple[Way, ...]:
    """The ways to say ``token`` (no white space) as phone classes, usual ones first; none for what is not said."""
    found: dict[Way, None] = {}
    for words in _spoken(token):
        for combination in product(*(_word(word)[:4] for word in words.split())):
            way = tuple(name for phones in combination for name in classes(phones))
            if way:
                found.setdefault(way)
            if len(found) >= MOST_WAYS:
                return tuple(found)
    return tuple(found)


def _spoken(token: str) -> list[str]:
    """The words that ``token`` stands for, in each of its readings."""
    token = token.replace("’", "'").replace("‘", "'")
    if token in SIGNS:
        return [SIGNS[token]]
    bare = token.strip('.,;:!?…"“”„«»()[]{}*_~<>|/\\–—- ')
    if token.startswith("-") and bare[:1].isdigit():
        bare = f"-{bare}"
    if any(c.isdigit() for c in bare):
        return numbers.spoken(bare) or _mixed(bare)
    lower = bare.lower()
    if token.rstrip(',;:!?"”)').endswith(".") and lower in ABBREVIATIONS:
        return [*ABBREVIATIONS[lower], lower.replace(".", " ")]
    if re.fullmatch(r"(?:[A-Za-z]\.)+[A-Za-z]", bare):  # U.S.A
        return [" ".join(_spelt(lower))]
    if bare.isupper() and 1 < len(bare) <= 5 and bare.isalpha():
        as_word = [lower] if arpabet(lower) or _sayable(lower) else []
        return [*as_word, " ".join(_spelt(lower))] if arpabet(lower) else [" ".join(_spelt(lower)), *as_word]
    return [lower] if arpabet(lower) else [" ".join(re.findall(r"[^\W_]+(?:'[^\W_]+)*'?|[&+=@#%°]", lower))]


def _mixed(bare: str) -> list[str]:
    """Letters and digits in one token ("covid-19", "mp3", "A380")."""
    found = []
    for piece in re.findall(r"[0-9]+(?:,[0-9]+)*|[^\W\d_]+(?:'[^\W\d_]+)*", bare):
        if piece[0] in "0123456789":
            found.append(numbers.spoken(piece)[0])
        else:
            spelt = piece.isupper() or len(piece) < 3
            found.append(" ".join(_spelt(piece.lower())) if spelt else piece.lower())
    return [" ".join(found)]


def _spelt(word: str) -> list[str]:
    """Letter names; "a." is how the dictionary writes the name of a letter."""
    return [f"{c}." for c in word if c.isalpha()]


def _sayable(word: str) -> bool:
    return bool(re.search(r"[aeiouy]", word)) and not re.search(r"[^aeiouy]{4}", word)


def _word(word: str) -> list[Way]:
    """The ways to say one word, in CMU phones."""
    if word in SIGNS:
        word = SIGNS[word]
    known = [*arpabet(word), *REDUCED.get(word, ())]
    if known:
        return known
    for ending, phones in ENDINGS.items():
        if word.endswith(ending) and len(word) > len(ending):
            return [way + phones for way in _word(word[: -len(ending)])]
    if word.endswith("'s") and len(word) > 2:
        return [way + _genitive(way) for way in _word(word[:-2])]
    if word.endswith("in'"):
        return _word(word[:-1] + "g") or []
    plain = _without_accents(word).strip("'")
    guessed = arpabet(plain) or [grapheme_to_phoneme.guess(plain)]
    return [way for way in guessed if way]


def _genitive(way: Way) -> Way:
    if not way or way[-1] in _HISSING:
        return ("AH0", "Z")
    return ("S",) if way[-1] in _VOICELESS else ("Z",)


def _without_accents(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
