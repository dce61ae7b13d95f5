"""Words with their times in tiers, as people and aligners annotate: Praat's TextGrid and ELAN. Each word is a cue."""

import re
import xml.etree.ElementTree as ElementTree

from .errors import UserError
from .subtitles import Cue
from .word_times import SILENT

_PHONES = re.compile(r"\bphon|segment|\bmau\b", re.IGNORECASE)
"""Names of tiers that hold no words."""

_SILENT = SILENT | {"pause", "noise"}
"""What people write into a tier where nobody speaks."""

_QUOTED = re.compile(r'"((?:[^"]|"")*)"|(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|<(exists|absent)>')


def from_textgrid(text: str, name: str) -> tuple[Cue, ...]:
    """The words in a TextGrid, long or short: of the tiers of words, else of the one with most text."""
    tokens = [m[1].replace('""', '"') if m[1] is not None else float(m[2]) for m in _QUOTED.finditer(_bare(text))
              if m[3] is None]  # fmt: skip
    tiers: list[tuple[str, list[Cue]]] = []
    at = next((i for i, token in enumerate(tokens) if token in ("IntervalTier", "TextTier")), len(tokens))
    try:
        while at < len(tokens):
            kind, title, count = tokens[at], str(tokens[at + 1]), int(float(tokens[at + 4]))
            at += 5
            width = 3 if kind == "IntervalTier" else 2
            rows = [tokens[at + width * n : at + width * (n + 1)] for n in range(count)]
            if kind == "IntervalTier":
                tiers.append((title, [Cue(str(t).strip(), float(a), float(b)) for a, b, t in rows]))
            at += width * count
    except (IndexError, ValueError) as error:
        raise UserError(f"{name} is a damaged TextGrid; export it again.") from error
    return _best(tiers, name)


def _bare(text: str) -> str:
    """A TextGrid without what its long form adds: names before values, numbers in brackets, comments."""
    return re.sub(
        r"\[\d*\]:?|^[ \t]*!.*$", " ", re.sub(r"\b(xmin|xmax|text|mark|name|class|size)\s*=", " ", text), flags=re.M
    )


def from_elan(text: str, name: str) -> tuple[Cue, ...]:
    """The words or sentences in an ELAN file: of the tiers of words, else of the one with most text."""
    if "<!ENTITY" in text:
        raise UserError(f"{name} defines entities, which no ELAN file does; it was not read.")
    try:
        root = ElementTree.fromstring(text.encode())
    except (ElementTree.ParseError, ValueError) as error:
        raise UserError(f"{name} is a damaged ELAN file; export it again.") from error
    slots = {s.get("TIME_SLOT_ID"): _seconds(s.get("TIME_VALUE")) for s in root.iter("TIME_SLOT")}
    tiers = []
    for tier in root.iter("TIER"):
        cues = []
        for one in tier.iter("ALIGNABLE_ANNOTATION"):
            start, end = slots.get(one.get("TIME_SLOT_REF1")), slots.get(one.get("TIME_SLOT_REF2"))
            if start is not None and end is not None:
                cues.append(Cue((one.findtext("ANNOTATION_VALUE") or "").strip(), start, end))
        tiers.append((tier.get("TIER_ID") or "", cues))
    return _best(tiers, name)


def _best(tiers: list[tuple[str, list[Cue]]], name: str) -> tuple[Cue, ...]:
    spoken = [(title, [cue for cue in cues if _is_spoken(cue)]) for title, cues in tiers]
    if any(cues for _, cues in spoken):
        spoken = [(title, cues) for title, cues in spoken if not _PHONES.search(title)]
        if not any(cues for _, cues in spoken):
            raise UserError(f"{name} has a tier of phones alone; export it with its words, too.")
    words = [cues for title, cues in spoken if re.search(r"word|wort|\bmots?\b|\bort", title, re.IGNORECASE) and cues]
    most = max((cues for _, cues in spoken), key=lambda cues: sum(len(cue.text) for cue in cues), default=[])
    found = [cue for cues in words for cue in cues] or most
    if not found:
        raise UserError(f"{name} has no tier with words and times.")
    return tuple(sorted(found, key=lambda cue: cue.start))


def _is_spoken(cue: Cue) -> bool:
    return cue.text.lower() not in _SILENT and cue.end > cue.start and any(c.isalnum() for c in cue.text)


def _seconds(milliseconds: str | None) -> float | None:
    return int(milliseconds) / 1000 if milliseconds and milliseconds.isdecimal() else None
