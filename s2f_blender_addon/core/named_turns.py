"""Turns of speakers out of a transcript that names them: subtitles, and JSON of recognisers that tell people apart."""

import json
from collections.abc import Iterator, Mapping

from . import subtitles, word_tables
from .errors import UserError
from .speaker_turns import Turn, merged
from .transcript import speaker_of

_GAP = 0.6
"""Seconds between two turns of one speaker that are one."""
_START, _END = ("start", "start_time", "startTime", "begin"), ("end", "end_time", "endTime")
_DEEPEST = 8


def turns_of(text: str, name: str) -> tuple[Turn, ...]:
    """Who speaks when, as far as ``text`` says so; nothing where it names nobody or has no times.

    Raises UserError for subtitles that make no sense; ``name`` is what complaints call them.
    """
    head = text.lstrip("\ufeff \r\n\t")
    if head[:1] in ("{", "[") and not head.startswith("{\\"):
        return merged(_from_json(head), _GAP)
    if subtitles.is_ass(head):
        cues = subtitles.parse_ass(head, name)
    elif subtitles.has_cues(head):
        cues = subtitles.parse(text, name, voices=True)
    else:
        cues = word_tables.read(head)
    named = [speaker_of(cue.text) for cue in cues]
    turns, now = [], ""
    for cue, speaker in zip(cues, named, strict=True):
        now = speaker or now  # a cue without a name goes on with who spoke before
        if now and cue.end:
            turns.append(Turn(cue.start, cue.end, now[:100]))
    return merged(turns, _GAP)


def _from_json(text: str) -> Iterator[Turn]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return
    yield from _below(document, 0)


def _below(node: object, depth: int) -> Iterator[Turn]:
    """The parts below ``node`` that have a speaker and times; what such a part holds itself adds nothing."""
    if depth > _DEEPEST:
        return
    if isinstance(node, list):
        for one in node:
            yield from _below(one, depth + 1)
    elif isinstance(node, Mapping):
        start, end = _time(node, _START), _time(node, _END)
        speaker = node.get("speaker", node.get("speaker_label"))
        if isinstance(speaker, str | int) and str(speaker).strip() and None not in (start, end):
            try:
                yield Turn(start or 0.0, end or 0.0, str(speaker).strip()[:100])
            except UserError:
                return
        else:
            for one in node.values():
                yield from _below(one, depth + 1)


def _time(node: Mapping[str, object], names: tuple[str, ...]) -> float | None:
    value = next((node[name] for name in names if node.get(name) is not None), None)
    try:
        return float(str(value).removesuffix("s"))
    except ValueError:
        return None
