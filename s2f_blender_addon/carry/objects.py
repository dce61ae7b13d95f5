"""Heads as Blender has them: the meshes of one put together, and the keys written to each of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from bpy.types import Object

from ..core.channels import CHANNELS
from ..core.errors import UserError
from ..demo_head.curves import Floats
from .mesh import Ints

_STILL = 0.01
"""Share of a key's largest movement below which a part gets no key."""


@dataclass(frozen=True)
class Gathered:
    """Meshes at rest in one space. points (V, 3) in the world; triangles (F, 3); starts: each object's first vertex."""

    objects: tuple[Object, ...]
    points: Floats
    triangles: Ints
    starts: tuple[int, ...]

    def of(self, number: int) -> slice:
        """The vertices of the object ``number``."""
        return slice(self.starts[number], self.starts[number + 1])

    def face(self, landmarks: Mapping[str, tuple[float, float, float]]) -> Object:
        """The object on which most landmarks lie."""
        places = np.array(list(landmarks.values()), float)
        nearest = [int(((self.points - place) ** 2).sum(axis=1).argmin()) for place in places]
        owners = np.searchsorted(self.starts, nearest, side="right") - 1
        return self.objects[int(np.bincount(owners).argmax())]


def gathered(objects: Sequence[Object]) -> Gathered:
    """The meshes ``objects`` without modifiers and with all their keys at 0."""
    points, triangles, starts = [], [], [0]
    for candidate in objects:
        mesh = candidate.data
        flat = np.empty(3 * len(mesh.vertices), np.float32)
        shapes = mesh.shape_keys
        (shapes.reference_key.data if shapes is not None else mesh.vertices).foreach_get("co", flat)
        world = np.array(candidate.matrix_world, float)
        points.append(flat.reshape(-1, 3) @ world[:3, :3].T + world[:3, 3])
        mesh.calc_loop_triangles()
        corners = np.empty(3 * len(mesh.loop_triangles), np.int32)
        mesh.loop_triangles.foreach_get("vertices", corners)
        triangles.append(corners.reshape(-1, 3).astype(np.int64) + starts[-1])
        starts.append(starts[-1] + len(mesh.vertices))
    return Gathered(tuple(objects), np.concatenate(points), np.concatenate(triangles), tuple(starts))


def write(
    head: Gathered, face: Object, fields: Mapping[str, npt.NDArray[np.float32]], channels: Collection[str] = CHANNELS
) -> tuple[dict[str, int], list[str]]:
    """Add the keys ``channels`` to the objects of ``head``: all of them to ``face``, to others those that move them.

    A key that is there already is left alone. Returns how many keys each object got, and notes. Raises UserError where
    a mesh has no longer the vertices that were gathered.
    """
    sizes = np.diff(head.starts).tolist()
    changed = [o.name for o, size in zip(head.objects, sizes, strict=True) if len(o.data.vertices) != size]
    if changed:
        raise UserError(f"{changed[0]} was changed while its keys were made; add them again.")
    least = {name: _STILL * float(np.abs(fields[name]).max()) for name in channels}
    added, notes = {}, []
    for number, candidate in enumerate(head.objects):
        part = head.of(number)
        own = {name: fields[name][part] for name in CHANNELS if name in channels}
        moved = [n for n, move in own.items() if candidate == face or np.abs(move).max(initial=0) > least[n]]
        if moved:
            notes += _own_mesh(candidate)
            turn = np.linalg.inv(np.array(candidate.matrix_world, float)[:3, :3])
            added[str(candidate.name)] = _add(candidate, {name: own[name] @ turn.T for name in moved})
    return added, notes


def _own_mesh(candidate: Object) -> list[str]:
    """Give ``candidate`` a mesh of its own where others share it: left and right eye move apart."""
    if candidate.data.users < 2:
        return []
    candidate.data = candidate.data.copy()
    return [f"{candidate.name} shared its mesh with another object and has its own now, since its keys are its own."]


def _add(candidate: Object, moves: Mapping[str, Floats]) -> int:
    """Add a key for each of ``moves`` (V, 3), in the coordinates of the object; returns how many were added."""
    shapes = candidate.data.shape_keys
    if shapes is None:
        candidate.shape_key_add(name="Basis", from_mix=False)
        shapes = candidate.data.shape_keys
    rest = np.empty(3 * len(candidate.data.vertices), np.float32)
    shapes.reference_key.points.foreach_get("co", rest)
    fresh = {name: move for name, move in moves.items() if name not in shapes.key_blocks}
    for name, move in fresh.items():
        key = candidate.shape_key_add(name=name, from_mix=False)
        key.data.foreach_set("co", rest + move.astype(np.float32).ravel())
        key.value = 0.0  # Blender 5.0 and later make it 1
    candidate.data.update()
    return len(fresh)
