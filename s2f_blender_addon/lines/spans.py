"""Where the lines of a character lie, and which of them a bake is of."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bpy.types import Object, PropertyGroup

from ..bake.stretch import Span
from ..core.errors import UserError
from ..session.made import Destination
from ..user_path import absolute
from .chosen import adopt, by_ident, chosen
from .placed import placed


@dataclass(frozen=True)
class Neighbours:
    """Spans of the character's other lines; ``over``: those that are seen where both speak, which begin later;
    ``crossed``: names of those that this one is seen instead of.
    """

    others: tuple[Span, ...]
    over: tuple[Span, ...]
    crossed: tuple[str, ...]


def neighbours(
    owner: Object, line: PropertyGroup, span: Span, planned: Mapping[str, Span] | None = None
) -> Neighbours:
    """Who is beside ``line``, which fills the scene frames ``span``; ``planned``: where others are about to be."""
    planned = planned or {}
    others = {
        other.ident: planned.get(other.ident, (other.first, other.last))
        for other in owner.s2f_character.lines
        if other.ident != line.ident and (other.baked or other.ident in planned)
    }
    over = {ident for ident, (first, _) in others.items() if first > span[0]}
    met = {ident for ident, (first, last) in others.items() if first <= span[1] and span[0] <= last}
    return Neighbours(tuple(others.values()), tuple(others[one] for one in others if one in over), tuple(met - over))


def laid_open(owner: Object, span: Span, but: Collection[str]) -> list[PropertyGroup]:
    """The lines of ``owner`` on the frames ``span``, which something else leaves to them; those of the names ``but``
    are seen to elsewhere.
    """
    return [
        line
        for line in owner.s2f_character.lines
        if line.baked and line.ident not in but and line.first <= span[1] and span[0] <= line.last
    ]


def line_for(settings: PropertyGroup, owner: Object, to: Destination, sound: str, span: Span) -> PropertyGroup:
    """The line that a sound is baked ``to`` which fills ``span``.

    It is the one that is named there. Else it is the one that was chosen when the sound was asked for, where that is
    new, begins there, too, or is the same sound and would overlap, which means that it was moved; otherwise a new one.
    Raises UserError where the line was removed since.
    """
    now, asked = chosen(owner), to.line or to.asked
    line = now if asked is None else by_ident(owner, asked)
    if asked and line is None:
        raise UserError(f"The line of “{to.name}” was removed meanwhile, so nothing is written for it.")
    if line is not None:
        moved = same_file(line.audio_path, sound) and line.first <= span[1] and span[0] <= line.last
        if to.line or not line.baked or placed(line) == to.start_frame or moved:
            return line
    another = asked is not None and now is not None and now.ident != asked  # the user has chosen it since
    there = [other for other in owner.s2f_character.lines if placed(other) == to.start_frame and other.baked]
    if not there:
        return adopt(settings, owner, to.settings if another else "")
    if not another:
        owner.s2f_character.shown_line = there[0].ident
        owner.s2f_character.line_index = list(owner.s2f_character.lines).index(there[0])
    return there[0]


def same_file(one: str, other: str) -> bool:
    """Whether two paths, relative to the blend-file or not, name one file."""
    return os.path.normcase(absolute(one)) == os.path.normcase(absolute(other))
