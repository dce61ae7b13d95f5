"""The keys of a FLAME head in a bake: its expressions, and the pose correctives that follow its bones."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..core.errors import UserError
from ..core.flame import EXP, JOINTS, MOST_EXP, correctives
from ..core.track import Array, FaceTrack
from ..core.turns import Quaternions, flat
from ..rigs.bones import Bones
from ..rigs.flame import FlameHead, kept
from ..rigs.mesh_map import MeshMap
from .channels import MOUTH, groups_of, parting_of

OTHER_HEAD = (
    "This track holds FLAME's coefficients, of which this character shows jaw, eyes and head alone; "
    "bake it on a FLAME head to see the whole."
)

_GROUPS = {"head": "Head", "jaw": "Jaw", "eye_left": "Eyes", "eye_right": "Eyes"}


@dataclass(frozen=True)
class KeyValues:
    """Keys of a mesh by name, their (T, n) values, the group of each, and which of them are ``parting`` the lips."""

    names: tuple[str, ...]
    values: Array
    groups: Mapping[str, str]
    parting: frozenset[str]


def columns_of(mesh: MeshMap, curves: Array) -> KeyValues:
    """What the map of ``mesh`` makes of ``curves`` (T, 52)."""
    names, values = mesh.map.values(curves)
    return KeyValues(names, values, groups_of(mesh.map), parting_of(mesh.map))


def flame_columns(
    head: FlameHead, mesh: MeshMap, curves: Array, track: FaceTrack, bones: Bones | None,
    turning: Mapping[str, Quaternions],
) -> KeyValues:  # fmt: skip
    """What a FLAME head is keyed with: what its map says, or the coefficients of ``track``; and correctives for the
    ``turning`` of ``bones``.
    """
    found = columns_of(mesh, curves)
    if len(track.flame):
        told = {number: name for number, name in head.exp().items() if number < MOST_EXP}
        names = tuple(told.values())
        groups = dict.fromkeys(names, "Expressions")
        found = KeyValues(names, track.flame[:, EXP][:, list(told)], groups, frozenset(names))
    elif kept.fit_of(head.object) is not None:
        found = replace(found, groups=dict.fromkeys(found.names, "Expressions"), parting=frozenset(found.names))
    for role, turn in turning.items():
        keys = head.pose_keys(JOINTS[role][0]) if role in JOINTS else ()
        if keys and bones is not None and bones.standing is not None:
            values = correctives(flat(turn, bones.standing))
            groups = {**found.groups, **dict.fromkeys(keys, _GROUPS[role])}
            parting = found.parting | (frozenset(keys) if _GROUPS[role] in MOUTH else frozenset())
            found = KeyValues((*found.names, *keys), np.concatenate([found.values, values], axis=1), groups, parting)
    return found


def check_region(head: FlameHead, track: FaceTrack) -> None:
    """Raises UserError where ``head`` is driven by expressions, which know no part of a face."""
    if len(track.flame) or kept.fit_of(head.object) is not None:
        raise UserError(
            f"The expressions of {head.object.name} move mouth and brows together; bake the whole face, or add 52 keys "
            "to it under FLAME."
        )
