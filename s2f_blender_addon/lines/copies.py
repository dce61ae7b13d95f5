"""Copying a character copies its lines: those of the copy get names of their own, so that strips and bakes stay apart.

Blender says nothing when an object is copied or appended, so this is looked for before lines are used.
"""

import contextlib
import uuid

import bpy
from bpy.types import Object

from ..bake.renamed import rename_lines
from ..core.errors import UserError
from ..rigs import Character, find_character


def fresh_ident() -> str:
    """A name for a line in records, which no other has."""
    return uuid.uuid4().hex[:12]


@bpy.app.handlers.persistent  # type: ignore[untyped-decorator]
def part_copies(*_: object) -> None:
    """Give the lines of copied characters names of their own; those of the original keep theirs.

    The original is the one that is called as when its lines were named, else the one that was there first. Objects that
    show one and the same face are no copies.
    """
    speakers: dict[str, list[Object]] = {}
    for candidate in bpy.data.objects:
        for line in candidate.s2f_character.lines:
            speakers.setdefault(line.ident, []).append(candidate)
    copies: dict[Object, list[str]] = {}
    for ident, owners in speakers.items():
        if len(owners) > 1:
            original, *others = sorted(owners, key=_rank)
            for other in others:
                if other.is_editable and not _same_face(original, other):
                    copies.setdefault(other, []).append(ident)
    for copy, idents in copies.items():
        _rename(copy, {ident: fresh_ident() for ident in idents})


def _rank(owner: Object) -> tuple[bool, bool, int]:
    return owner.is_editable, owner.s2f_character.named != owner.name, owner.session_uid


def _same_face(one: Object, other: Object) -> bool:
    faces = [{mesh.key for mesh in found.meshes} for found in map(_character, (one, other)) if found is not None]
    return len(faces) == 2 and not faces[0].isdisjoint(faces[1])


def _character(owner: Object) -> Character | None:
    with contextlib.suppress(UserError):
        return find_character(owner)
    return None


def _rename(copy: Object, names: dict[str, str]) -> None:
    character = copy.s2f_character
    for line in character.lines:
        line.ident = names.get(line.ident, line.ident)
    character.shown_line = names.get(character.shown_line, character.shown_line)
    character.named = copy.name
    found = _character(copy)
    if found is not None:
        rename_lines(found, names)
