"""Where the lines of a character lie, and which of them a bake is of."""

import os
from dataclasses import dataclass

from bpy.types import Object, PropertyGroup

from ..bake.stretch import Span
from ..user_path import absolute
from .chosen import adopt, by_ident, chosen


@dataclass(frozen=True)
class Neighbours:
    """Spans of the character's other lines; ``over``: those that are seen where both speak, which begin later."""

    others: tuple[Span, ...]
    over: tuple[Span, ...]


def neighbours(owner: Object, line: PropertyGroup, first: float) -> Neighbours:
    """Who is beside ``line``, which begins at the scene frame ``first``."""
    others = [other for other in owner.s2f_character.lines if other.ident != line.ident and other.baked]
    spans = [(other.first, other.last) for other in others]
    return Neighbours(tuple(spans), tuple(span for span in spans if span[0] > first))


def line_for(settings: PropertyGroup, owner: Object, ident: str, sound: str, start: int, span: Span) -> PropertyGroup:
    """The line that a sound is baked to which begins at frame ``start`` and fills ``span``, chosen.

    ``ident`` names it where that is known. Else it is the chosen one, when that is new, begins there, too, or is the
    same sound and would overlap, which means that it was moved; otherwise a new one.
    """
    line = by_ident(owner, ident) if ident else chosen(owner)
    if line is None:
        return adopt(settings, owner)
    moved = same_file(line.audio_path, sound) and line.first <= span[1] and span[0] <= line.last
    if ident or not line.baked or line.start_frame == start or moved:
        return line
    there = [other for other in owner.s2f_character.lines if other.start_frame == start and other.baked]
    if not there:
        return adopt(settings, owner)
    owner.s2f_character.shown_line = there[0].ident
    owner.s2f_character.line_index = list(owner.s2f_character.lines).index(there[0])
    return there[0]


def same_file(one: str, other: str) -> bool:
    """Whether two paths, relative to the blend-file or not, name one file."""
    return os.path.normcase(absolute(one)) == os.path.normcase(absolute(other))
