"""The demo head under other names: keys sculpted with its own, as artists would; its lips measured in millimetres."""

import numpy as np

from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.demo_head.anatomy import mouth
from s2f_blender_addon.demo_head.anatomy.face import build_face
from s2f_blender_addon.demo_head.expressions import face_keys

FACE = build_face()
KEYS = face_keys(FACE)
MIDDLE = FACE.mouth.shape[1] // 2
UPPER, LOWER = FACE.mouth[mouth.RIM, : MIDDLE + 1], FACE.mouth[mouth.RIM, : MIDDLE - 1 : -1]

OPEN = {"jawOpen": 0.75, "mouthLowerDown": 0.15}
SHUT = {"mouthPress": 0.6, "mouthRollLower": 0.35, "mouthRollUpper": 0.3}
TEETH = {"mouthRollLower": 0.8, "mouthUpperUp": 0.3, "jawOpen": 0.06}
MID = {"jawOpen": 0.42, "mouthStretch": 0.3}
SPREAD = {"jawOpen": 0.16, "mouthSmile": 0.4, "mouthStretch": 0.3, "mouthLowerDown": 0.15}
ROUND = {"jawOpen": 0.45, "mouthFunnel": 0.7}
KISS = {"jawOpen": 0.12, "mouthPucker": 0.9, "mouthFunnel": 0.2}
CLENCHED = {"jawOpen": 0.07, "mouthStretch": 0.4, "mouthLowerDown": 0.3, "mouthUpperUp": 0.2}
LOOSE = {"jawOpen": 0.2, "mouthLowerDown": 0.2}


def sculpted(pose):
    """(V, 3) displacement of the face in millimetres; ``pose``: channel, with or without its side -> 0-1, or that."""
    if not isinstance(pose, dict):
        return pose
    moved = np.zeros_like(FACE.vertices)
    for name, value in pose.items():
        for key in (name,) if name in KEYS else (f"{name}Left", f"{name}Right"):
            moved += value * KEYS[key]
    return moved


def gaps(values, displacements):
    """(T,) millimetres between the lips where they are farthest apart, for ``values`` (T, K) of K displacements."""
    upper, lower = (
        FACE.vertices[rim][:, 2] + values @ np.stack([moved[rim][:, 2] for moved in displacements])
        for rim in (UPPER, LOWER)
    )
    return (upper - lower).max(axis=1).clip(0)


def head_with(bpy, shapes, name="Head"):
    """A mesh object of the face, in metres, with a key for each of ``shapes``: name -> pose."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata((FACE.vertices / 1000).tolist(), [], FACE.quads.tolist())
    candidate = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(candidate)
    candidate.shape_key_add(name="Basis")
    for key, pose in shapes.items():
        points = ((FACE.vertices + sculpted(pose)) / 1000).astype(np.float32)
        block = candidate.shape_key_add(name=key)
        block.data.foreach_set("co", points.ravel())
        block.value = 0.0
    return candidate


def lips(candidate, frames):
    """((T,) opening, (T,) width) of the mouth in millimetres on the evaluated mesh, at scene ``frames``."""
    import bpy

    scene, found = bpy.context.scene, []
    for frame in frames:
        scene.frame_set(int(frame))
        evaluated = candidate.evaluated_get(bpy.context.evaluated_depsgraph_get())
        points = np.empty(3 * len(evaluated.data.vertices), np.float32)
        evaluated.data.vertices.foreach_get("co", points)
        points = points.reshape(-1, 3) * 1000
        gap = (points[UPPER, 2] - points[LOWER, 2]).max()
        found.append((max(gap, 0.0), np.linalg.norm(points[UPPER[0]] - points[UPPER[-1]])))
    opening, width = np.array(found).T
    return opening, width


def wanted_lips(curves):
    """The same of the demo head itself for ``curves`` (T, 52)."""
    moves = np.stack([KEYS[name] for name in CHANNELS])
    rims = [FACE.vertices[rim] + np.tensordot(curves, moves[:, rim], 1) for rim in (UPPER, LOWER)]
    opening = (rims[0][..., 2] - rims[1][..., 2]).max(axis=1).clip(0)
    return opening, np.linalg.norm(rims[0][:, 0] - rims[0][:, -1], axis=1)
