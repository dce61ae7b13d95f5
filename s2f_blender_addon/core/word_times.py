"""Words with their times, as recognisers and aligners write them: JSON, Praat's TextGrid, ELAN. Each word is a cue."""

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping

from .errors import UserError
from .subtitles import Cue

_TEXT = ("word", "punctuated_word", "text", "content", "transcript", "lines")
_START, _END = ("start", "start_time", "startTime", "begin"), ("end", "end_time", "endTime")
_WORDS = ("words", "word_segments", "tokens", "items", "result")
_PARTS = (
    "segments",
    "fragments",
    "transcription",
    "results",
    "result",
    "utterances",
    "channels",
    "alternatives",
    "cues",
)
_SILENT = frozenset(["", "sil", "sp", "spn", "<eps>", "<sil>", "<p:>", "<unk>", "<usb>", "#", "pause", "noise"])
_MILLISECONDS = 1000.0
_QUOTED = re.compile(r'"((?:[^"]|"")*)"|(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|<(exists|absent)>')


def from_json(text: str, name: str) -> tuple[Cue, ...]:
    """Words, or segments where there are no words, of Whisper, WhisperX, whisper.cpp, Vosk, Gentle, aeneas and speech
    services. Raises UserError for other JSON."""
    try:
        documents = [json.loads(text)]
    except (ValueError, RecursionError):
        try:
            documents = [json.loads(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError) as error:
            raise UserError(f"{name} is not valid JSON; choose another file.") from error
    items = [item for document in documents for item in _items(document, 0)]
    cues = _cues(items)
    if not cues:
        raise UserError(f"{name} is JSON without words and times that are known; give its text alone.")
    late = max(cue.end for cue in cues)
    whole = all(float(value).is_integer() for cue in cues for value in (cue.start, cue.end))
    if whole and late > _MILLISECONDS and late / max(len(cues), 1) > 60:  # no word lasts a minute
        cues = [Cue(cue.text, cue.start / _MILLISECONDS, cue.end / _MILLISECONDS) for cue in cues]
    return tuple(sorted(cues, key=lambda cue: cue.start))


def _items(node: object, depth: int) -> Iterator[tuple[str, float | None, float | None]]:
    """(text, start, end) of the words below ``node``, of segments where these hold none."""
    if depth > 6:
        return
    if isinstance(node, list):
        for one in node:
            yield from _items(one, depth + 1)
        return
    if not isinstance(node, Mapping):
        return
    for key in _WORDS:
        if isinstance(node.get(key), list) and (found := [w for one in node[key] if (w := _word(one))]):
            yield from found
            return
    inner = [node[key] for key in _PARTS if isinstance(node.get(key), list | dict)]
    below = [found for part in inner[:1] for found in _items(part, depth + 1)]
    if below:
        yield from below
    elif (one := _word(node)) is not None:
        yield one


def _word(item: object) -> tuple[str, float | None, float | None] | None:
    """The text and the times of one item; times are None where the aligner found none."""
    if not isinstance(item, Mapping):
        return None
    text = next((item[key] for key in _TEXT if item.get(key)), None)
    if text is None and isinstance(item.get("alternatives"), list) and item["alternatives"]:
        first = item["alternatives"][0]
        text = first.get("content") if isinstance(first, Mapping) else None
    if isinstance(text, list):
        text = " ".join(map(str, text))
    if not isinstance(text, str) or not text.strip():
        return None
    start, end = (next((item[key] for key in keys if item.get(key) is not None), None) for keys in (_START, _END))
    offsets = item.get("offsets")
    if isinstance(offsets, Mapping):  # whisper.cpp
        return text.strip(), _ms(offsets.get("from")), _ms(offsets.get("to"))
    return text.strip(), _seconds(start), _seconds(end)


def _seconds(value: object) -> float | None:
    try:
        number = float(str(value).removesuffix("s"))
    except ValueError:
        return None
    return number if 0 <= number < 1e9 else None


def _ms(value: object) -> float | None:
    seconds = _seconds(value)
    return None if seconds is None else seconds / _MILLISECONDS


def _cues(items: list[tuple[str, float | None, float | None]]) -> list[Cue]:
    """Cues of those with times; one without stands between its neighbours, and is left out where none has any."""
    cues: list[Cue] = []
    for i, (text, start, end) in enumerate(items):
        if text.lower() in _SILENT or not any(c.isalnum() for c in text):
            continue
        if start is None or end is None or end <= start:
            start = next((e for _, _, e in reversed(items[:i]) if e is not None), 0.0)
            end = next((s for _, s, _ in items[i + 1 :] if s is not None and s > start), None)
            if end is None and not cues:
                continue
            end = end or start + 1.0
        cues.append(Cue(text, start, end))
    return cues


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
        r"\[\d*\]:?|^\s*!.*$", " ", re.sub(r"\b(xmin|xmax|text|mark|name|class|size)\s*=", " ", text), flags=re.M
    )


def from_elan(text: str, name: str) -> tuple[Cue, ...]:
    """The words or sentences in an ELAN file: of the tiers of words, else of the one with most text."""
    if "<!ENTITY" in text:
        raise UserError(f"{name} defines entities, which no ELAN file does; it was not read.")
    try:
        root = ElementTree.fromstring(text.encode())
    except (ElementTree.ParseError, ValueError) as error:
        raise UserError(f"{name} is a damaged ELAN file; export it again.") from error
    slots = {s.get("TIME_SLOT_ID"): _ms(s.get("TIME_VALUE")) for s in root.iter("TIME_SLOT")}
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
    words = [cues for title, cues in spoken if re.search(r"word|wort|\bmots?\b|\bort", title, re.IGNORECASE) and cues]
    most = max((cues for _, cues in spoken), key=lambda cues: sum(len(cue.text) for cue in cues), default=[])
    found = [cue for cues in words for cue in cues] or most
    if not found:
        raise UserError(f"{name} has no tier with words and times.")
    return tuple(sorted(found, key=lambda cue: cue.start))


def _is_spoken(cue: Cue) -> bool:
    return cue.text.lower() not in _SILENT and cue.end > cue.start and any(c.isalnum() for c in cue.text)
