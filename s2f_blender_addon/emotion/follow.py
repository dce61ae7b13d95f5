"""What a character feels on the frames of a line goes where the line goes: keys, strips, and what was heard there."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from bpy.types import Object

from ..bake import compat
from ..bake.keyed import Keys, chosen, frames_of, joined
from ..bake.moved import Moved, mostly, whose
from ..core.channels import EMOTIONS
from ..core.errors import UserError
from . import clips, curves, edited
from .home import fit, home, on_a_copy
from .sliders import following

_PREFIX = "s2f_character."
_SLIDERS = (*EMOTIONS, "intensity")


@dataclass(frozen=True)
class Followed:
    """What went along. keys, strips: how many. met: keys that lie between those that came, or gave way to one.
    why_not: why nothing could go.
    """

    keys: int = 0
    strips: int = 0
    met: int = 0
    why_not: str = ""

    @property
    def told(self) -> str:
        """A sentence; empty where nothing went."""
        if self.why_not:
            return f"The emotion keys stayed where they are: {self.why_not}"
        parts = [_count(self.keys, "emotion key"), _count(self.strips, "emotion strip")]
        some = " and ".join(part for part in parts if part)
        if not some:
            return ""
        met = f"; {_count(self.met, 'key')} of other frames lie among them now, look there" if self.met else ""
        return f"{some} went along{met}."


def follow(owner: Object, moves: Sequence[Moved]) -> Followed:
    """Move what ``owner`` feels on the frames of the lines that go elsewhere, where it can be keyed."""
    character = owner.s2f_character
    if not moves or not _feels(owner):
        return Followed()
    why_not = _why_not(owner)
    if why_not:
        return Followed(why_not=why_not)
    strips = _strips(owner, moves)
    with following(owner):
        clips.lift(owner)
        keys, met = _move_keys(owner, moves)
        clips.place(owner, strips)
    _move_sounds(owner, moves)
    for sentence in character.sentences:
        sentence.frame = _frame(sentence.frame, moves)
    _move_spans(owner, moves)
    fit(owner)
    return Followed(keys, len(strips), met)


@contextmanager
def as_if_followed(owner: Object, moves: Sequence[Moved]) -> Iterator[Followed]:
    """For the block ``owner`` feels as after ``follow``; afterwards all is as it was."""
    if not moves or not _feels(owner):
        yield Followed()
        return
    why_not = _why_not(owner)  # keys that lie among those of a body go to an action of their own
    if why_not:
        yield Followed(why_not=why_not)
        return
    before = _FeltBefore(owner)
    try:
        with on_a_copy(owner):
            try:
                yield follow(owner, moves)
            finally:
                with following(owner):
                    before.restore(owner)
    finally:
        fit(owner)


def _why_not(owner: Object) -> str:
    """Why the sliders of ``owner`` cannot be keyed; empty where they can."""
    try:
        curves.writable_bag(owner)
    except UserError as error:
        return str(error)
    return ""


class _FeltBefore:
    """What ``follow`` changes of a character beside its action."""

    _TEXTS = ("under_clips", "heard_sounds", "felt_spans")

    def __init__(self, owner: Object) -> None:
        character = owner.s2f_character
        self._texts = {name: getattr(character, name) for name in self._TEXTS}
        self._clips = {number: clips.times(clip) for number, clip in enumerate(character.clips)}
        self._events = [(one.first, one.last) for one in character.events]
        self._said = [one.frame for one in character.sentences]
        names = (*EMOTIONS, *(own.name for own in character.own))
        self._sliders = {name: curves.slider_value(owner, name) for name in names}

    def restore(self, owner: Object) -> None:
        character = owner.s2f_character
        clips.set_times(owner, self._clips)
        for event, times in zip(character.events, self._events, strict=True):
            event.first, event.last = times
        for sentence, frame in zip(character.sentences, self._said, strict=True):
            sentence.frame = frame
        for name, value in self._sliders.items():
            if curves.slider_value(owner, name) != value:
                curves.set_slider(owner, name, value)
        for name, text in self._texts.items():
            setattr(character, name, text)


def _feels(owner: Object) -> bool:
    character = owner.s2f_character
    heard = len(character.clips) + len(character.events) + len(character.sentences)
    return heard > 0 or home(owner) is not None or any(curves.slider_curve(owner, name) for name in _SLIDERS)


def _frame(frame: float, moves: Sequence[Moved]) -> float:
    (number,) = whose([frame], moves).tolist()
    return moves[number].frame(frame) if number >= 0 else frame


def _strips(owner: Object, moves: Sequence[Moved]) -> dict[int, clips.Times4]:
    """Number of each emotion strip that goes along -> its new times."""
    found = {}
    for number, clip in enumerate(owner.s2f_character.clips):
        move = mostly(clip.start, clip.end, moves)
        if move is not None:
            start, end, up, down = clips.times(clip)
            share = move.stretched
            found[number] = (move.frame(start), move.frame(end), up * share, down * share)
    return found


def _move_keys(owner: Object, moves: Sequence[Moved]) -> tuple[int, int]:
    """(keys that went, keys that they met)"""
    bag = home(owner)
    if bag is None:
        return 0, 0
    count = met = 0
    for curve in [one for one in bag.fcurves if one.data_path.startswith(_PREFIX)]:
        keys = compat.read_keys(curve)
        goes = whose(frames_of(keys), moves)
        if not (goes >= 0).any():
            continue
        came = [_at_new_frames(chosen(keys, goes == number), move) for number, move in enumerate(moves)]
        stays = chosen(keys, goes < 0)
        compat.write_keys(curve, joined(stays, *came))
        count += int((goes >= 0).sum())
        met += sum(_among(frames_of(stays), frames_of(own)) for own in came)
    written = edited.load(bag.id_data)
    for name, points in written.items():
        goes = whose(points[:, 0], moves)
        for number, move in enumerate(moves):
            points[goes == number, 0] = [move.frame(frame) for frame in points[goes == number, 0].tolist()]
        written[name] = points[np.argsort(points[:, 0], kind="stable")]
    if written:
        edited.save(bag.id_data, written)
    return count, met


def _at_new_frames(keys: Keys, move: Moved) -> Keys:
    keys = {name: array.copy() for name, array in keys.items()}
    for name in ("co", "handle_left", "handle_right"):
        keys[name][:, 0] = [move.frame(frame) for frame in keys[name][:, 0].tolist()]
    return keys


def _among(stays: edited.Written, came: edited.Written) -> int:
    """How many of the frames ``stays`` lie from the first to the last of those that ``came``."""
    return int(((stays >= came.min()) & (stays <= came.max())).sum()) if len(came) else 0


def _move_sounds(owner: Object, moves: Sequence[Moved]) -> None:
    """Laughs and the like, as they are now and as they were heard."""
    character = owner.s2f_character
    for event in character.events:
        move = mostly(event.first, event.last, moves)
        if move is not None:
            event.first, event.last = move.frame(event.first), move.frame(event.last)
    try:
        heard = json.loads(character.heard_sounds or "[]")
        moved = [(kind, first, last, mostly(first, last, moves)) for kind, first, last in heard]
    except (ValueError, TypeError):
        return
    if heard:
        character.heard_sounds = json.dumps(
            [[kind, *((move.frame(a), move.frame(b)) if move is not None else (a, b))] for kind, a, b, move in moved]
        )


def _move_spans(owner: Object, moves: Sequence[Moved]) -> None:
    """Which frames the voice of each line has filled, where that was where the line was."""
    try:
        known = json.loads(owner.s2f_character.felt_spans or "{}")
        spans = {line: (float(first), float(last)) for line, (first, last) in known.items()}
    except (ValueError, TypeError, AttributeError):
        return
    for move in moves:
        span = spans.get(move.line)
        if span is not None and mostly(*span, [move]) is not None:
            spans[move.line] = move.frame(span[0]), move.frame(span[1])
    if spans:
        owner.s2f_character.felt_spans = json.dumps(spans)


def _count(number: int, what: str) -> str:
    if not number:
        return ""
    return f"1 {what}" if number == 1 else f"{number} {what}s"

