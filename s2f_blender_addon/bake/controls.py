"""Driven keys in a bake: what they should be becomes keys on the controls that move them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..core.track import Array
from ..rigs import MeshMap
from ..rigs.driven import key_formula
from ..rigs.drivers import Control, Formula, solved
from ..rigs.drivers.solve import LOST
from . import obstacles
from .channels import ERROR, MOUTH, Channel, groups_of
from .parts import OwnerCurves
from .write import value_path

Floats = npt.NDArray[np.float64]


def controlled(meshes: Sequence[MeshMap], curves: Array, taken: frozenset[str]) -> tuple[list[OwnerCurves], list[str]]:
    """What moves the driven keys of ``meshes`` for ``curves`` (T, 52), and sentences for the user.

    taken: data paths of bones that the bake turns by itself; keys that follow them, or keys that are written, need
    nothing.
    """
    wanted = _wanted(meshes, curves, taken)
    if not wanted:
        return [], []
    # The face at rest comes last, for the values at which the controls are then.
    values = np.stack([np.append(one.values, 0.0) for one in wanted], axis=1).astype(np.float64)
    moved = solved([one.formula for one in wanted], values)
    groups = {control: one.group for one in reversed(wanted) for control in one.formula.controls}
    parts = _by_owner(moved.values, groups)
    owners = ", ".join(part.label for part in parts[:2]) + (" and others" if len(parts) > 2 else "")
    count = "1 key follows a driver" if len(wanted) == 1 else f"{len(wanted)} keys follow drivers"
    notes = [f"{count}, so what moves them was keyed, on {owners}."]
    short = np.abs(moved.lost).max(axis=0) > LOST
    if short.any():
        name = wanted[int(short.argmax())].name
        notes.append(f"{name} cannot be all that it should: keys that want something else share its controls.")
    return parts, notes


@dataclass(frozen=True)
class _Wanted:
    """A driven key: name for a sentence, what moves it, its (T,) values, the group of its curves."""

    name: str
    formula: Formula
    values: Array
    group: str


def _wanted(meshes: Sequence[MeshMap], curves: Array, taken: frozenset[str]) -> list[_Wanted]:
    written = {(mesh.key.session_uid, value_path(name)) for mesh in meshes for name in _free(mesh)}
    found = []
    for mesh in meshes:
        driven = obstacles.driven(mesh.key, mesh.map.keys())
        if not driven:
            continue
        keys, values = mesh.map.values(curves)
        values, _ = obstacles.clamped(values, obstacles.sliders(mesh.key, keys))
        groups = groups_of(mesh.map)
        for name in sorted(driven):
            formula = key_formula(mesh.key, name)
            if formula is None or any((c.identity, c.path) in written or c.path in taken for c in formula.controls):
                continue
            found.append(_Wanted(f"{name} of {mesh.name}", formula, values[:, keys.index(name)], groups[name]))
    return found


def _free(mesh: MeshMap) -> set[str]:
    keys = mesh.map.keys()
    return {name for name in keys if name in mesh.key.key_blocks} - obstacles.driven(mesh.key, keys)


def _by_owner(values: dict[Control, Floats], groups: dict[Control, str]) -> list[OwnerCurves]:
    """A part for each data-block that has controls; the last row of ``values`` is the face at rest."""
    owners: dict[int, list[Control]] = {}
    for control in values:
        owners.setdefault(control.identity, []).append(control)
    found = []
    for controls in owners.values():
        channels: list[Channel] = []
        columns: list[Floats] = []
        for control in controls:
            if not control.bone:
                channels.append(_channel(control.path, control.index, groups[control], values[control]))
                columns.append(values[control])
        for bone in dict.fromkeys(c.bone for c in controls if c.bone):
            axes = [c for c in controls if c.bone == bone]
            turns = _quaternions({c.index: values[c] for c in axes})
            channels += [_channel(axes[0].path, i, groups[axes[0]], turns[:, i]) for i in range(4)]
            columns += list(turns.T)
        table = np.stack(columns, axis=1)[:-1].astype(np.float32)
        found.append(OwnerCurves(controls[0].owner, str(controls[0].owner.name), tuple(channels), table))
    return found


def _channel(path: str, index: int, group: str, values: Floats) -> Channel:
    return Channel(path, index, group, float(values[-1]), ERROR * max(float(np.ptp(values)), 1e-3), group in MOUTH)


def joined(parts: Sequence[OwnerCurves]) -> list[OwnerCurves]:
    """``parts`` with one for each data-block: an armature's own bones and its controls."""
    owners: dict[int, list[OwnerCurves]] = {}
    for part in parts:
        owners.setdefault(part.owner.session_uid, []).append(part)
    return [
        same[0] if len(same) == 1 else replace(
            same[0], channels=tuple(channel for part in same for channel in part.channels),
            values=np.concatenate([part.values for part in same], axis=1),
            still=frozenset().union(*(part.still for part in same)),
        )
        for same in owners.values()
    ]  # fmt: skip


def _quaternions(angles: dict[int, Floats]) -> Floats:
    """(T, 4) w x y z of XYZ Euler ``angles``: axis -> (T,) radians."""
    length = len(next(iter(angles.values())))
    x, y, z = (angles.get(axis, np.zeros(length)) / 2 for axis in range(3))
    cx, cy, cz, sx, sy, sz = np.cos(x), np.cos(y), np.cos(z), np.sin(x), np.sin(y), np.sin(z)
    turns: Floats = np.stack(
        [
            cx * cy * cz + sx * sy * sz, sx * cy * cz - cx * sy * sz,
            cx * sy * cz + sx * cy * sz, cx * cy * sz - sx * sy * cz,
        ], axis=1,
    )  # fmt: skip
    return turns
