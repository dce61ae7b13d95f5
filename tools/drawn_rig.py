"""A rig drawn quickly in Workbench, in its own colours where it has materials, else with what a face needs to be read.

A rig without materials has neither brows nor pupils, and nobody reads an emotion on it: brows are laid along what its
brow keys move and irises on what is round and looks to the front; both ride on the skin or the eye below them.
"""

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from model_server.in_blender.render import face_camera, plain_studio
from model_server.in_blender.rig import open_rig
from model_server.in_blender.rig_files import DEMO
from s2f_blender_addon.core.naming.names import tokens
from s2f_blender_addon.rigs import MeshMap
from s2f_blender_addon.rigs.character import Character

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Colour = tuple[float, float, float]

SKIN, BROW, LASH, WHITE = (0.72, 0.5, 0.41), (0.1, 0.05, 0.03), (0.04, 0.03, 0.03), (0.88, 0.86, 0.82)
IRIS, PUPIL, TOOTH, GUM = (0.13, 0.3, 0.36), (0.01, 0.01, 0.01), (0.9, 0.87, 0.8), (0.4, 0.14, 0.13)
PARTS = (("lash", LASH), ("tooth", TOOTH), ("teeth", TOOTH), ("gum", GUM), ("tongue", GUM))
"""What a word in the name of a mesh says of its colour, linear RGB."""
CLEAR = ("extra", "occlusion", "tear", "cornea")
"""Words in the names of meshes that one looks through."""

BROW_CHANNELS = ("browDownLeft", "browDownRight", "browOuterUpLeft", "browOuterUpRight", "browInnerUp")
THICK = 0.045
"""Half the height of a brow as a share of how far its outer end is from the middle."""
ROUND = 0.12
"""Standard deviation of a radius as a share of it, below which a piece of a mesh is an eyeball."""
EYE = ((WHITE, 80.0, 1.005), (IRIS, 28.0, 1.02), (PUPIL, 12.0, 1.035))
"""Colour, degrees from the line of sight, radii from the middle of the eye."""
FRAMED, BELOW = 3.3, 0.72
"""Height of the picture, and how far below the eyes its middle is, in distances between the eyes."""


class DrawnRig:
    """The character of a rig file before a camera; ``draw`` shows it with values of the 52 channels."""

    def __init__(self, rig: str, size: int) -> None:
        self.character: Character = open_rig(rig)
        self._riders: list[_Rider] = []
        scene = bpy.context.scene
        if rig != DEMO:
            face_camera(scene, self.character)
            plain_studio(scene)
            if not bpy.data.images:
                self._coloured()
        else:
            scene.camera.data.lens *= 1.8
            scene.camera.data.shift_y = -0.12
        scene.render.engine = "BLENDER_WORKBENCH"
        scene.display.render_aa = "5"
        scene.world = bpy.data.worlds.new("Drawn")
        scene.world.color = (0.17, 0.2, 0.22)
        scene.render.resolution_x = scene.render.resolution_y = size
        scene.render.resolution_percentage = 100
        scene.render.image_settings.file_format = "PNG"

    def draw(self, values: npt.NDArray[np.float32], path: Path) -> Path:
        """The face with ``values`` (52,) rendered to the .png file ``path``."""
        for mesh in self.character.meshes:
            keys, rows = mesh.map.values(values[None])
            for name, value in zip(keys, rows[0], strict=True):
                mesh.key.key_blocks[name].value = float(value)
        bpy.context.view_layer.update()
        for rider in self._riders:
            rider.ride()
        bpy.context.scene.render.filepath = str(path)
        bpy.ops.render.render(write_still=True)
        return path

    def _coloured(self) -> None:
        bpy.context.scene.display.shading.color_type = "OBJECT"
        eyes: list[Floats] = []
        for one in [o for o in bpy.context.scene.objects if o.type == "MESH"]:
            one.data.polygons.foreach_set("use_smooth", np.ones(len(one.data.polygons), bool))
            words = tokens(one.name)
            one.hide_render = any(part in word for word in words for part in CLEAR)
            plain = next((colour for part, colour in PARTS if any(part in word for word in words)), None)
            one.color = (*(plain or SKIN), 1.0)
            if plain is None and not one.hide_render:
                for ball in _balls(one):
                    self._riders += [_cap(one, ball, *look) for look in EYE]
                    eyes.append(ball[0])
        if len(eyes) > 1:  # an eye may be several balls, one in another
            _frame(min(eyes, key=lambda eye: eye[0]), max(eyes, key=lambda eye: eye[0]))
        for side in (1, -1):
            self._riders.append(_brow(self.character.meshes[0], side))


class _Rider:
    """A small mesh that goes along with the four points of another one nearest to each of its own."""

    def __init__(self, on: Any, points: Floats, faces: list[tuple[int, ...]], colour: Colour) -> None:
        rest = _world(on, on.data)
        nearest = np.array([np.argsort(((rest - point) ** 2).sum(1))[:4] for point in points])
        away = 1 / np.maximum(np.linalg.norm(rest[nearest] - points[:, None], axis=2), 1e-6)
        self._on, self._nearest, self._shares = on, nearest, away / away.sum(1, keepdims=True)
        self._points, self._rest = points, rest
        mesh = bpy.data.meshes.new("Rider")
        mesh.from_pydata(points.tolist(), [], faces)
        self._object = bpy.data.objects.new("Rider", mesh)
        self._object.color = (*colour, 1.0)
        bpy.context.scene.collection.objects.link(self._object)

    def ride(self) -> None:
        """Go to where the mesh below is now."""
        shown = self._on.evaluated_get(bpy.context.evaluated_depsgraph_get())
        moved = _world(shown, shown.data) - self._rest
        points = self._points + (moved[self._nearest] * self._shares[:, :, None]).sum(1)
        self._object.data.vertices.foreach_set("co", points.astype(np.float32).ravel())
        self._object.data.update()


def _frame(one: Floats, other: Floats) -> None:
    """The camera straight before a face with eyes at ``one`` and ``other``, which looks to -y."""
    camera, apart = bpy.context.scene.camera, float(np.linalg.norm(one - other))
    distance = FRAMED * apart * camera.data.lens / camera.data.sensor_width
    camera.location = (one + other) / 2 - (0, distance, BELOW * apart)
    camera.rotation_euler = (np.pi / 2, 0, 0)


def _world(one: Any, mesh: Any) -> Floats:
    points = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", points)
    matrix = np.array(one.matrix_world)
    return np.asarray(points.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3], np.float64)


def _brow(skin: MeshMap, side: int) -> _Rider:
    """A level, slightly bowed band where the brow channels move most, on one side of the middle."""
    rest, points = _of(skin.key.reference_key), _world(skin.object, skin.object.data)
    travel = np.zeros(len(rest))
    for entry in skin.map.active:
        if entry.source in BROW_CHANNELS:
            size = np.linalg.norm(_of(skin.key.key_blocks[entry.key]) - rest, axis=1)
            travel += size / max(float(size.max()), 1e-9)
    middle = float(np.average(points[:, 0], weights=travel))
    out = (points[:, 0] - middle) * side
    end = float(np.quantile(out[travel > 0.5 * travel.max()], 0.97))
    near = (out > 0.15 * end) & (out < end) & (travel > 0.6 * travel.max())
    t = np.linspace(0, 1, 12)
    along = (0.25 + 0.73 * t) * end
    height = np.average(points[near, 2], weights=travel[near] ** 2) + end * (0.06 - 0.28 * (t - 0.55) ** 2)
    thick = THICK * end * np.interp(t, (0, 0.15, 0.6, 1), (0.7, 1.0, 0.9, 0.2))
    front = np.concatenate([
        _before(points, middle + side * along, height + sign * thick, 0.02 * end) for sign in (1, -1)
    ])  # fmt: skip
    faces = [(k, k + 1, k + 13, k + 12) for k in range(11)]
    return _Rider(skin.object, front, faces, BROW)


def _before(points: Floats, x: Floats, z: Floats, gap: float) -> Floats:
    """(N, 3) places on the front of a face of ``points`` at ``x``, ``z`` (N,), ``gap`` before it."""
    found = []
    for one, height in zip(x, z, strict=True):
        off = np.hypot(points[:, 0] - one, points[:, 2] - height)
        close = np.argsort(off)[:24]
        front = close[points[close, 1] < points[close, 1].min() + 6 * gap][:4]
        found.append((one, float(np.average(points[front, 1], weights=1 / (off[front] + 1e-6))) - gap, height))
    return np.array(found)


def _cap(on: Any, ball: tuple[Floats, float], colour: Colour, edge: float, off: float) -> _Rider:
    """The front of a ball (centre, radius) up to ``edge`` degrees from the line of sight, ``off`` radii away."""
    turn, rise = np.linspace(0, 2 * np.pi, 24, endpoint=False), np.radians(np.linspace(2, edge, 5))[:, None]
    cap = np.stack([np.sin(rise) * np.cos(turn), -np.cos(rise) + 0 * turn, np.sin(rise) * np.sin(turn)], -1)
    faces = [(24 * r + k, 24 * r + (k + 1) % 24, 24 * (r + 1) + (k + 1) % 24, 24 * (r + 1) + k)
             for r in range(4) for k in range(24)]  # fmt: skip
    return _Rider(on, ball[0] + off * ball[1] * cap.reshape(-1, 3), [*faces, tuple(range(24))], colour)


def _balls(one: Any) -> list[tuple[Floats, float]]:
    """(centre, radius) of every connected piece of a mesh that is round."""
    points, found = _world(one, one.data), []
    for piece in _islands(one.data):
        if len(piece) >= 30:
            centre = (points[piece].min(0) + points[piece].max(0)) / 2
            radius = np.linalg.norm(points[piece] - centre, axis=1)
            if radius.std() < ROUND * radius.mean():
                found.append((centre, float(np.quantile(radius, 0.9))))
    return found


def _islands(mesh: Any) -> list[Ints]:
    """Vertices of each connected piece."""
    edges = np.array([tuple(edge.vertices) for edge in mesh.edges], np.intp).reshape(-1, 2)
    root = np.arange(len(mesh.vertices))
    while True:
        before = root.copy()
        low = np.minimum(root[edges[:, 0]], root[edges[:, 1]])
        np.minimum.at(root, edges[:, 0], low)
        np.minimum.at(root, edges[:, 1], low)
        root = root[root]
        if np.array_equal(root, before):
            return [np.flatnonzero(root == one) for one in np.unique(root)]


def _of(key: Any) -> Floats:
    """(N, 3) points of a shape key."""
    flat = np.empty(3 * len(key.data), np.float32)
    key.data.foreach_get("co", flat)
    return flat.reshape(-1, 3).astype(np.float64)
