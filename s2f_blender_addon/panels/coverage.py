"""What the panel says about the character, kept so that drawing stays cheap."""

import time
from dataclasses import dataclass
from typing import Any

from .. import session
from ..core.errors import UserError
from ..rigs import find_character
from ..rigs.character import key_names

_FRESH = 2.0
"""Seconds after which the character is looked at again even when nothing seems to have changed."""


@dataclass(frozen=True)
class Coverage:
    """``line``: '52 of 52 channels'; ``missing`` and ``meshes`` by name; ``problem`` instead when there is no face."""

    line: str = ""
    missing: tuple[str, ...] = ()
    meshes: tuple[str, ...] = ()
    problem: str = ""


_last: tuple[object, float, Coverage] | None = None


def coverage(target: Any) -> Coverage:
    """The coverage of the character of ``target``."""
    global _last
    now = time.monotonic()
    signature = (target.as_pointer(), target.name, session.current.revision, _size(target))
    if _last is None or _last[0] != signature or now - _last[1] > _FRESH:
        _last = (signature, now, _look(target))
    return _last[2]


def _size(target: Any) -> int:
    keys = target.data.shape_keys if target.type == "MESH" else None
    return len(keys.key_blocks) if keys is not None else 0


def _look(target: Any) -> Coverage:
    try:
        character = find_character(target)
    except UserError as error:
        return Coverage(problem=str(error))
    return Coverage(character.coverage, character.missing, tuple(mesh.name for mesh in character.meshes))


__all__ = ["Coverage", "coverage", "key_names"]
