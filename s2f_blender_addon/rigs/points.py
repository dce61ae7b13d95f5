"""Vertex sequences on a face that has keys: .npy of (T, V, 3) and Alembic, to how much of each channel is in them.

At each frame the points are laid onto the face at rest (rotation and place of the whole by Kabsch 1976, one size for
all; what keys move counts little), and the channels are found that come nearest to what is left, each from 0 to 1.
"""

from pathlib import Path

import bpy
import numpy as np
import numpy.typing as npt
from bpy.types import Object

from ..core import npy_array, plain_file
from ..core.channels import CHANNELS
from ..core.errors import UserError
from ..core.track import Array, FaceTrack, Provenance
from .likeness import displacements
from .mesh_map import MeshMap

Points = npt.NDArray[np.float64]

RATE = 30.0
"""Frames a second of a .npy file, which tells none."""
_ROUNDS = 200
_LAID, _SETTLED = 40, 1e-3
"""Times at most that points are laid onto the face, and the change of a value from which it is not worth another."""
_SAME_SIZE = 0.02
"""Share by which the size may differ without a word: a first frame that speaks is not quite the face at rest."""
_STEADY = 1e-3
"""Share of the largest movement by keys below which points count alike for where the head is."""
_TURNS = 0.05
"""Radians of the whole head from which a note speaks of them."""
LARGEST = 1 << 32


def read(path: Path, mesh: MeshMap, fps: float | None = None) -> FaceTrack:
    """The channels in a vertex sequence of the very mesh ``mesh``. ``fps``: the rate of a .npy file.

    Raises UserError that names the file, for points of another mesh and for what cannot be read.
    """
    vertices = len(mesh.object.data.vertices)
    if path.suffix.lower() == ".abc":
        points, rate, notes = _alembic(path, vertices)
    else:
        points, rate, notes = _array(path, fps)
    if points.shape[1] != vertices:
        raise UserError(
            f"{path}: it has {points.shape[1]} points a frame and {mesh.name} {vertices}; it must be of the same mesh."
        )
    if not np.isfinite(points).all():
        raise UserError(f"{path}: it holds points that are not numbers.")
    values, said = channels_in(points, mesh)
    made = Provenance(source=path.name, notes=(*notes, *said))
    return FaceTrack(values, np.zeros_like(values), rate, 0.0, made)


def channels_in(points: Points, mesh: MeshMap) -> tuple[Array, list[str]]:
    """((T, 52) values, notes) of (T, V, 3) ``points`` of ``mesh``."""
    flat = np.empty(points.shape[1] * 3, np.float32)
    mesh.key.reference_key.points.foreach_get("co", flat)
    rest = flat.reshape(-1, 3).astype(np.float64)
    keys, shares = mesh.map.values(np.eye(len(CHANNELS), dtype=np.float32))
    fields = (shares @ displacements(mesh.object, keys)).astype(np.float64)
    energy = (fields.reshape(len(fields), -1, 3) ** 2).sum(axis=(0, 2))
    weight = 1 / (energy + max(_STEADY * float(energy.max()), 1e-30))
    weight /= weight.sum()
    points, notes = _sized(points, rest, weight)
    gram, values, shown = fields @ fields.T, np.zeros((len(points), len(fields))), rest[None]
    for _ in range(_LAID):  # what is shown by then is what the points are laid onto
        laid, angles = _laid(points, shown, weight)
        moved = (laid - rest).reshape(len(points), -1)
        before, values = values, _nearest(gram, moved @ fields.T, values)
        if np.abs(values - before).max() < _SETTLED:
            break
        shown = rest + (values @ fields).reshape(len(points), -1, 3)
    if np.ptp(angles) > _TURNS:
        notes.append("The head turns with the points; that was left out, as keys do not turn it.")
    whole, left = float((moved**2).sum()), float(((moved - values @ fields) ** 2).sum())
    if whole > 0:
        notes.append(f"The keys of {mesh.name} show {max(1 - left / whole, 0.0):.0%} of how the points move.")
    return values.astype(np.float32), notes


def _nearest(gram: Points, wanted: Points, values: Points) -> Points:
    """(T, 52) in 0-1 with the least squares left, from ``values`` on: one channel at a time, all frames at once."""
    values, sizes = values.copy(), np.diag(gram)
    seen = np.flatnonzero(sizes > 1e-12 * sizes.max()) if sizes.max() > 0 else np.zeros(0, int)
    for _ in range(_ROUNDS):
        before = values.copy()
        for k in seen:
            step = (wanted[:, k] - values @ gram[:, k]) / sizes[k]
            values[:, k] = np.clip(values[:, k] + step, 0.0, 1.0)
        if np.abs(values - before).max() < 1e-5:
            break
    return values


def _sized(points: Points, rest: Points, weight: Points) -> tuple[Points, list[str]]:
    """``points`` in the size of the face, as the first frame tells, and a note where that is another."""
    free, fixed = points[0] - weight @ points[0], rest - weight @ rest
    spread = float(weight @ (free**2).sum(axis=1))
    size = float(np.sqrt(weight @ (fixed**2).sum(axis=1) / max(spread, 1e-30)))
    if abs(size - 1) <= _SAME_SIZE:
        return points, []
    return points * size, [f"The points were scaled by {size:.4g} to the size of the face."]


def _laid(points: Points, onto: Points, weight: Points) -> tuple[Points, Points]:
    """((T, V, 3) ``points`` turned and moved onto ``onto`` frame by frame, each by its ``weight``; (T,) radians)."""
    middle = np.einsum("v,tvi->ti", weight, onto)[:, None]
    free, fixed = points - np.einsum("v,tvi->ti", weight, points)[:, None], onto - middle
    fixed = np.broadcast_to(fixed, free.shape)
    u, _, v = np.linalg.svd(np.einsum("tvi,tvj->tij", free * weight[:, None], fixed))
    sign = np.ones((len(points), 3))
    sign[:, 2] = np.sign(np.linalg.det(u @ v))
    turn = (u * sign[:, None, :]) @ v
    angles = np.arccos(np.clip((np.trace(turn, axis1=1, axis2=2) - 1) / 2, -1, 1))
    return free @ turn + middle, angles


def _array(path: Path, fps: float | None) -> tuple[Points, float, list[str]]:
    try:
        points = npy_array.array(plain_file.content(path, LARGEST))
    except OSError as error:
        raise UserError(f"{path}: it cannot be read ({error.strerror}).") from error
    except ValueError as error:
        raise UserError(f"{path}: it is damaged, or no array of numbers.") from error
    if not len(points):
        raise UserError(f"{path}: it has no frames.")
    notes = [] if fps else [f"A .npy file tells no rate; {RATE:g} frames a second were taken."]
    return points.astype(np.float64), fps or RATE, notes


def _alembic(path: Path, vertices: int) -> tuple[Points, float, list[str]]:
    """The mesh in the file that has as many points, at the rate of the scene; nothing of the file stays in Blender."""
    scene, window = bpy.context.scene, bpy.context.window
    render, before = scene.render, set(_blocks())
    stage = bpy.data.scenes.new("Import")
    stage.render.fps, stage.render.fps_base = render.fps, render.fps_base
    window.scene = stage
    try:
        bpy.ops.wm.alembic_import(filepath=str(path), as_background_job=False, set_frame_range=True)
        meshes = [o for o in stage.objects if o.type == "MESH"]
        found = next((o for o in meshes if len(o.data.vertices) == vertices), meshes[0] if meshes else None)
        if found is None:
            raise UserError(f"{path}: there is no mesh in it.")
        frames = range(stage.frame_start, stage.frame_end + 1)
        return np.stack([_shown(found, frame) for frame in frames]), render.fps / render.fps_base, []
    except RuntimeError as error:
        raise UserError(f"{path}: Blender cannot read this Alembic file.") from error
    finally:
        window.scene = scene
        bpy.data.batch_remove([block for block in _blocks() if block not in before])


def _blocks() -> list[bpy.types.ID]:
    data = bpy.data
    return [b for kind in (data.scenes, data.objects, data.meshes, data.cache_files, data.materials) for b in kind]


def _shown(candidate: Object, frame: int) -> Points:
    """(V, 3) points of a mesh as it deforms on ``frame``."""
    bpy.context.scene.frame_set(frame)
    mesh = candidate.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    flat = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", flat)
    return flat.reshape(-1, 3).astype(np.float64)
