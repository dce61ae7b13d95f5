"""Words with their times in JSON, as recognisers, speech services and aligners write them. Each word is a cue."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from .errors import UserError
from .subtitles import Cue

_TEXT = ("word", "punctuated_word", "text", "content", "transcript", "lines", "value")
_START, _END = ("start", "start_time", "starttime", "begin", "ts", "offset"), ("end", "end_time", "endtime", "end_ts")
_LENGTH, _BOTH = ("duration", "dur"), ("timestamp", "timestamps")
_WORDS = ("words", "word_segments", "tokens", "items", "elements", "result")
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
    "chunks",
    "nbest",
    "monologues",
)
_WHOLE = ("text", "transcript", "displaytext")
"""Where a document without times has what is said."""

_MARK = re.compile(r"\[_[A-Z]+_?\d*\]|<\|.*\|>")
"""Tokens of a recogniser that stand for no sound."""
SILENT = frozenset(["", "sil", "sp", "spn", "<eps>", "<sil>", "<p:>", "<unk>", "<usb>", "#"])
"""What stands for a pause, in small letters; in JSON “noise” and “pause” are words that somebody said."""

_MILLISECONDS, _TICKS = 1e3, 1e7
_LONGEST_WORD = 40.0
"""Seconds of speech for a word, beyond which whole numbers are no seconds."""

_Item = tuple[str, float | None, float | None]


def from_json(text: str, name: str) -> tuple[tuple[Cue, ...], str]:
    """(words, or segments where there are no words, or the text alone; the code of their language or '') of Whisper,
    WhisperX, whisper.cpp, Vosk, Gentle, aeneas and speech services. Raises UserError for other JSON."""
    try:
        documents = [json.loads(text)]
    except (ValueError, RecursionError):
        try:
            documents = [json.loads(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError) as error:
            raise UserError(f"{name} is not valid JSON; choose another file.") from error
    first = _small(documents[0])
    told = first.get("language")
    language = told if isinstance(told, str) and len(told.partition("-")[0]) < 4 else ""
    cues = _cues([item for document in documents for item in (_letters(document) or _items(document, 0))])
    if cues:
        return tuple(sorted(in_seconds(cues), key=lambda cue: cue.start)), language
    whole = next((first[key] for key in _WHOLE if isinstance(first.get(key), str) and first[key].strip()), "")
    if not whole:
        raise UserError(f"{name} is JSON without words and times that are known; give its text alone.")
    return (Cue(whole.strip()),), language


def in_seconds(cues: list[Cue]) -> list[Cue]:
    """``cues`` whose times are seconds, or whole milliseconds or ticks of 100 ns."""
    each = sum(cue.end - cue.start for cue in cues) / max(sum(len(cue.text.split()) for cue in cues), 1)
    whole = all(float(value).is_integer() for cue in cues for value in (cue.start, cue.end))
    if not whole or each <= _LONGEST_WORD:
        return cues
    unit = _TICKS if each > _LONGEST_WORD * _MILLISECONDS else _MILLISECONDS
    return [Cue(cue.text, cue.start / unit, cue.end / unit) for cue in cues]


def _small(node: object) -> dict[str, Any]:
    """A JSON object with its names in small letters; empty for anything else."""
    return {str(key).lower(): value for key, value in node.items()} if isinstance(node, Mapping) else {}


def _items(node: object, depth: int) -> Iterator[_Item]:
    """(text, start, end) of the words below ``node``, of segments where these hold none."""
    if depth > 6:
        return
    if isinstance(node, list):
        rows = [row for one in node if (row := _row(one))]
        if rows:
            yield from rows
            return
        for one in node:
            yield from _items(one, depth + 1)
        return
    fields = _small(node)
    for key in _WORDS:
        if isinstance(fields.get(key), list) and (found := [w for one in fields[key] if (w := _word(one))]):
            yield from _joined(found)
            return
    inner = [fields[key] for key in _PARTS if isinstance(fields.get(key), list | dict)]
    below = [found for part in inner[:1] for found in _items(part, depth + 1)]
    if below:
        yield from below
    elif (one := _word(node)) is not None:
        yield one


def _joined(words: list[_Item]) -> list[_Item]:
    """``words`` whose pieces are put together, where a space in front tells which begin one, as Whisper's tokens do."""
    words = [word for word in words if not _MARK.fullmatch(word[0].strip())]
    if not any(text.startswith(" ") for text, _, _ in words):
        return words
    found: list[_Item] = []
    for text, start, end in words:
        if found and not text.startswith(" "):
            before, since, _ = found[-1]
            found[-1] = before + text, since, end
        else:
            found.append((text, start, end))
    return found


def _row(item: object) -> _Item | None:
    """A word, its start and its end in a list of three or more, the word first or last."""
    if not isinstance(item, list) or len(item) < 3:
        return None
    numbers = [value for value in item[:3] if isinstance(value, int | float) and not isinstance(value, bool)]
    text = [value for value in item[:3] if isinstance(value, str)]
    return (text[0], _seconds(numbers[0]), _seconds(numbers[1])) if len(text) == 1 and len(numbers) == 2 else None


def _letters(document: object) -> list[_Item]:
    """The words of a text whose every letter has its times, as speech synthesis tells them."""
    fields = _small(document)
    fields = _small(fields.get("alignment")) or fields
    names = "characters", "character_start_times_seconds", "character_end_times_seconds"
    letters, starts, ends = (fields.get(name) for name in names)
    if not (isinstance(letters, list) and isinstance(starts, list) and isinstance(ends, list)):
        return []
    words: list[_Item] = []
    apart = True
    for letter, start, end in zip(map(str, letters), map(_seconds, starts), map(_seconds, ends), strict=False):
        if not letter.strip():
            apart = True
        elif apart:
            words.append((letter, start, end))
            apart = False
        else:
            words[-1] = words[-1][0] + letter, words[-1][1], end
    return words


def _word(item: object) -> _Item | None:
    """The text and the times of one item; times are None where the aligner found none."""
    fields = _small(item)
    text = next((fields[key] for key in _TEXT if fields.get(key)), None)
    if text is None and isinstance(fields.get("alternatives"), list) and fields["alternatives"]:
        text = _small(fields["alternatives"][0]).get("content")
    if isinstance(text, list):
        text = " ".join(map(str, text))
    if not isinstance(text, str) or not text.strip():
        return None
    offsets = _small(fields.get("offsets"))
    if offsets:  # whisper.cpp
        return text, _ms(offsets.get("from")), _ms(offsets.get("to"))
    both = next((fields[key] for key in _BOTH if isinstance(fields.get(key), list) and len(fields[key]) == 2), None)
    if both is not None:
        return text, _seconds(both[0]), _seconds(both[1])
    start, end, length = (_seconds(next((fields[key] for key in keys if fields.get(key) is not None), None))
                          for keys in (_START, _END, _LENGTH))  # fmt: skip
    if end is None and start is not None and length is not None:
        end = start + length
    return text, start, end


def _seconds(value: object) -> float | None:
    try:
        number = float(str(value).removesuffix("s"))
    except ValueError:
        return None
    return number if 0 <= number < 1e9 else None


def _ms(value: object) -> float | None:
    seconds = _seconds(value)
    return None if seconds is None else seconds / _MILLISECONDS


def _cues(items: list[_Item]) -> list[Cue]:
    """Cues of those with times; one without stands between its neighbours, and is left out where none has any."""
    cues: list[Cue] = []
    if all(start is None for _, start, _ in items):
        return cues
    before = 0.0
    for i, (written, start, end) in enumerate(items):
        text, ended = written.strip(), before
        before = ended if end is None else end
        if text.lower() in SILENT or not any(c.isalnum() for c in text):
            continue
        if start is None or end is None or end <= start:
            start = ended
            end = next((s for _, s, _ in islice(items, i + 1, None) if s is not None and s > start), None)
            if end is None and not cues:
                continue
            end = end or start + 1.0
        cues.append(Cue(text, start, end))
    return cues
