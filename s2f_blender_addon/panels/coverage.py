"""What the panel says about the character, kept so that drawing stays cheap."""

import time
from dataclasses import dataclass, replace

from bpy.types import Object

from .. import session
from ..bake.obstacles import why_not_written
from ..core.errors import UserError
from ..core.flame import FlameFit
from ..rigs import find_character
from ..rigs.flame import kept

_FRESH = 2.0
"""Seconds after which the character is looked at again even when nothing seems to have changed."""


@dataclass(frozen=True)
class Coverage:
    """What is known about a character; ``problem`` instead when there is no face.

    line: '52 of 52 channels'; missing and meshes by name; how many bones turn, and how many keys are guesses;
    notes: sentences about what is left open; nods: whether a head, neck or chest bone can move.
    flame: the mesh of a FLAME head; way: how it is driven; fit: of its expressions.
    """

    line: str = ""
    missing: tuple[str, ...] = ()
    meshes: tuple[str, ...] = ()
    bones: int = 0
    guesses: int = 0
    notes: tuple[str, ...] = ()
    problem: str = ""
    nods: bool = False
    flame: str = ""
    way: str = ""
    fit: FlameFit | None = None


_last: tuple[object, float, Coverage] | None = None


def coverage(target: Object) -> Coverage:
    """The coverage of the character of ``target``."""
    global _last
    now = time.monotonic()
    signature = (target.as_pointer(), target.name, session.current.shown.revision, _size(target))
    if _last is None or _last[0] != signature or now - _last[1] > _FRESH:
        _last = (signature, now, _look(target))
    return _last[2]


def can_nod(target: Object | None) -> bool:
    """Whether the character of ``target`` has bones for head, neck or chest; true where there is no character yet."""
    return target is None or coverage(target).nods


def _size(target: Object) -> int:
    keys = target.data.shape_keys if target.type == "MESH" else None
    return len(keys.key_blocks) if keys is not None else 0


def _look(target: Object) -> Coverage:
    try:
        character = find_character(target)
    except UserError as error:
        return Coverage(problem=str(error))
    if character.blocked:
        return Coverage(problem=character.blocked)
    reasons = [why_not_written(mesh.object) for mesh in character.meshes]
    if reasons and all(reasons):
        return Coverage(problem=reasons[0])
    bones = len(character.bones.names) if character.bones is not None else 0
    guesses = sum(entry.family == "guess" for mesh in character.meshes for entry in mesh.map.active)
    meshes = tuple(mesh.name for mesh in character.meshes)
    nods, notes = bool(character.spine), character.notes
    found = Coverage(character.coverage, character.missing, meshes, bones, guesses, notes, nods=nods)
    head = character.flame.object if character.flame is not None else None
    if head is None:
        return found
    return replace(found, flame=str(head.name), way=kept.way_of(head), fit=kept.fit_of(head))
