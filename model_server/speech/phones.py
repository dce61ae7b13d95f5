"""The one phone inventory: 44 language-independent classes, named in ASCII, and how IPA and ARPAbet map to them.

Classes follow what the mouth shows rather than what an alphabet writes: voicing is kept (the alignment of known
words needs it), length, tone and secondary articulation are not. Diphthongs are two classes in a row.
"""

import unicodedata

CLASSES: tuple[str, ...] = (
    "sil",
    "p", "b", "m", "f", "v", "th", "dh", "t", "d", "n", "s", "z", "sh", "zh", "ch", "jh",
    "k", "g", "ng", "x", "h", "r", "rr", "l", "j", "w",
    "i", "ih", "e", "eh", "ae", "a", "aa", "ao", "o", "uh", "u", "y", "oe", "ax", "ah", "er", "ix",
)  # fmt: skip

CLASS_INDEX: dict[str, int] = {name: i for i, name in enumerate(CLASSES)}

BILABIAL = ("p", "b", "m")
VOICELESS_STOPS = ("p", "t", "k", "ch")
VOWELS = CLASSES[CLASSES.index("i") :]

_IPA: dict[str, str] = {
    "p": "p", "b": "b", "ɓ": "b", "m": "m", "ɸ": "f", "β": "v", "ʙ": "b", "f": "f", "v": "v", "ʋ": "v", "ⱱ": "v",
    "ɱ": "m", "θ": "th", "ð": "dh", "t": "t", "ʈ": "t", "d": "d", "ɖ": "d", "ɗ": "d", "n": "n", "ɳ": "n",
    "ɲ": "n", "s": "s", "z": "z", "ɬ": "s", "ɮ": "z", "ʃ": "sh", "ʂ": "sh", "ɕ": "sh", "ʒ": "zh", "ʐ": "zh",
    "ʑ": "zh", "ç": "x", "c": "k", "ɟ": "g", "k": "k", "q": "k", "g": "g", "ɡ": "g", "ɢ": "g", "ɠ": "g",
    "ŋ": "ng", "ɴ": "ng", "x": "x", "χ": "x", "ɣ": "x", "ʁ": "x", "ħ": "x", "ʕ": "x", "ʝ": "j", "h": "h",
    "ɦ": "h", "ʔ": "h", "ɹ": "r", "ɻ": "r", "ɚ": "er", "ɝ": "er", "r": "rr", "ɾ": "rr", "ɽ": "rr", "ʀ": "rr",
    "ɺ": "rr", "l": "l", "ɭ": "l", "ʎ": "l", "ɫ": "l", "ʟ": "l", "j": "j", "ɥ": "j", "w": "w", "ʍ": "w", "ɰ": "w",
    "i": "i", "ɪ": "ih", "e": "e", "ɛ": "eh", "æ": "ae", "a": "a", "ɑ": "aa", "ɒ": "ao", "ɔ": "ao", "o": "o",
    "ʊ": "uh", "u": "u", "ʉ": "u", "y": "y", "ʏ": "y", "ø": "oe", "œ": "oe", "ɶ": "oe", "ə": "ax", "ɵ": "oe",
    "ɐ": "ah", "ʌ": "ah", "ɜ": "er", "ɞ": "oe", "ɘ": "ax", "ɨ": "ix", "ɯ": "ix", "ɤ": "ax", "ᵻ": "ix",
}  # fmt: skip

_AFFRICATES = {("t", "sh"): "ch", ("d", "zh"): "jh"}

ARPABET: dict[str, tuple[str, ...]] = {
    "AA": ("aa",), "AE": ("ae",), "AH": ("ah",), "AO": ("ao",), "AW": ("a", "uh"), "AX": ("ax",), "AY": ("a", "ih"),
    "B": ("b",), "CH": ("ch",), "D": ("d",), "DH": ("dh",), "EH": ("eh",), "ER": ("er",), "EY": ("e", "ih"),
    "F": ("f",), "G": ("g",), "HH": ("h",), "IH": ("ih",), "IY": ("i",), "JH": ("jh",), "K": ("k",), "L": ("l",),
    "M": ("m",), "N": ("n",), "NG": ("ng",), "OW": ("o", "uh"), "OY": ("ao", "ih"), "P": ("p",), "R": ("r",),
    "S": ("s",), "SH": ("sh",), "T": ("t",), "TH": ("th",), "UH": ("uh",), "UW": ("u",), "V": ("v",), "W": ("w",),
    "Y": ("j",), "Z": ("z",), "ZH": ("zh",), "SIL": ("sil",), "PAU": ("sil",), "#": ("sil",),
}  # fmt: skip
"""CMU phones (as in cmudict and flite) to classes; a diphthong gives its two halves."""


def from_ipa(symbol: str) -> tuple[str, ...]:
    """Classes of one IPA string ("tʃ" -> ("ch",), "aɪ" -> ("a", "ih")); unknown marks are passed over."""
    found: list[str] = []
    for letter in unicodedata.normalize("NFD", symbol):
        name = _IPA.get(unicodedata.normalize("NFC", letter))
        if letter == "̧" and found and found[-1] == "k":  # c + cedilla, decomposed
            found[-1] = "x"
        elif name is not None and (not found or found[-1] != name):
            pair = _AFFRICATES.get((found[-1], name)) if found else None
            if pair:
                found[-1] = pair
            else:
                found.append(name)
    return tuple(found)


def from_arpabet(symbol: str) -> tuple[str, ...]:
    """Classes of one CMU phone, stress digits ignored; anything that is no phone (breath, noise) is silence."""
    return ARPABET.get(symbol.upper().rstrip("012"), ("sil",))
