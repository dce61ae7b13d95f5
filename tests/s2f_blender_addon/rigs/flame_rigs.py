"""FLAME rigs of our own making: FLAME's numbers of vertices, names of keys and bones, and none of its shapes.

Their expressions are random mixtures of what channels move, as far as no jaw carries it, and noise.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from s2f_blender_addon.carry import at_vertices, carried_fields
from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.core.flame import correctives
from s2f_blender_addon.core.turns import matrices_of, of_vectors
from s2f_blender_addon.rigs.flame.topology import LANDMARKS, LEFT_EYEBALL, RIGHT_EYEBALL, VERTICES

SHARED = Path(__file__).parents[4] / "shared" / "rigs" / "flame-head.obj"
JAW_AT = np.array([0.0, 0.005, -0.059])
"""The joint of the jaw in mesh space: z up, the face looks along -y; metres."""

JAW_TURNS = {"jawOpen": (0.3, 0.0, 0.0), "jawLeft": (0.0, 0.1, 0.0), "jawRight": (0.0, -0.1, 0.0)}
"""What the jaw of these rigs does for channels, FLAME's axes, radians; expressions do the rest."""

TO_MESH = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
"""FLAME's axes (x left, y up, z out of the face) to those of the mesh."""


@dataclass(frozen=True)
class Shapes:
    """points (V, 3) m in mesh space, faces, jaw (V,) share of the jaw's bone, fields: channel -> (V, 3) m."""

    points: np.ndarray
    faces: np.ndarray
    jaw: np.ndarray
    fields: dict[str, np.ndarray]

    def by_jaw(self, turn):
        """(V, 3) what the jaw's bone carries for a rotation vector in FLAME's axes."""
        matrix = TO_MESH @ matrices_of(of_vectors(np.array([turn])))[0] @ TO_MESH.T
        arm = self.points - JAW_AT
        return self.jaw[:, None] * (arm @ matrix.T - arm)


def shared_head():
    """The head of ``shared``, which has FLAME's topology."""
    words = [line.split() for line in SHARED.read_text().splitlines()]
    points = np.array([w[1:4] for w in words if w[:1] == ["v"]], float) @ TO_MESH.T
    faces = np.array([[i.split("/")[0] for i in w[1:4]] for w in words if w[:1] == ["f"]], int) - 1
    return shapes_of(points, faces)


def stand_in():
    """Our demo head's face under FLAME's numbers: landmarks where FLAME has them, eyeballs last; the rest is loose."""
    from s2f_blender_addon.carry.landmarks import demo_face, demo_landmarks

    vertices, triangles = _front(demo_face())
    wanted = demo_landmarks()
    taken: dict[int, int] = {}
    for name, number in LANDMARKS.items():
        order = np.argsort(np.linalg.norm(vertices - wanted[name], axis=1))
        taken[int(next(i for i in order if i not in taken))] = number
    free = iter(sorted(set(range(LEFT_EYEBALL.start)) - set(taken.values())))
    number_of = np.array([taken[i] if i in taken else next(free) for i in range(len(vertices))])
    points = np.zeros((VERTICES, 3))
    points[number_of] = vertices
    for eyeball, side in ((LEFT_EYEBALL, 1.0), (RIGHT_EYEBALL, -1.0)):
        around = np.random.default_rng(0).normal(size=(546, 3))
        points[eyeball] = (36.0 * side, -60.0, 0.0) + 12 * around / np.linalg.norm(around, axis=1, keepdims=True)
    return shapes_of(points / 1000, number_of[triangles])


def _front(face):
    """The part of ``face`` for which FLAME has numbers enough: without the back of the head."""
    kept = np.sort(np.argsort(np.abs(face.vertices - (0, -90, -30)).max(axis=1))[: LEFT_EYEBALL.start])
    new = np.full(len(face.vertices), -1)
    new[kept] = np.arange(len(kept))
    triangles = new[np.vstack([face.quads[:, :3], face.quads[:, [0, 2, 3]]])]
    return face.vertices[kept], triangles[(triangles >= 0).all(axis=1)]


def shapes_of(points, faces):
    """The fields that are carried over to it, and a jaw that carries the chin and the lower lip."""
    at = at_vertices(points, LANDMARKS)
    fields = {name: field.astype(float) for name, field in carried_fields(points, faces, at).items()}
    for field in fields.values():
        field[LEFT_EYEBALL.start :] = 0.0
    travel = -fields["jawOpen"][:, 2]
    jaw = np.clip(travel / np.quantile(travel[travel > 0.002], 0.9), 0, 1)
    return Shapes(points, faces, jaw, fields)


def expressions(shapes, count=100, noise=2e-5, seed=0):
    """(count, V, 3) random mixtures of what expressions have to do, and noise (m)."""
    random = np.random.default_rng(seed)
    rest = {name: shapes.fields[name] - shapes.by_jaw(turn) for name, turn in JAW_TURNS.items()}
    rows = np.stack([rest.get(name, shapes.fields[name]) for name in CHANNELS]).reshape(len(CHANNELS), -1)
    mixture = np.linalg.qr(random.normal(size=(max(count, 52), 52)))[0][:count]
    mixed = (mixture @ rows).reshape(count, -1, 3)
    return mixed + noise * random.normal(size=mixed.shape)


def rig(bpy, shapes, exp, exp_name="Exp{}", first=1, bones=True, name="FLAME-generic"):
    """The mesh object with its keys under an armature, as the public add-on for FLAME builds them."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(shapes.points.tolist(), [], shapes.faces.tolist())
    head = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(head)
    head.shape_key_add(name="Basis")
    random = np.random.default_rng(1)
    away = np.exp(-((shapes.points - JAW_AT) ** 2).sum(axis=1) / 0.05**2)[:, None]
    identity = [0.001 * away * random.normal(size=3) for _ in range(12)]
    pose = [0.002 * shapes.jaw[:, None] * random.normal(size=3) if 9 <= i < 18 else 0 * away for i in range(36)]
    named = [(f"Shape{i + 1}", field) for i, field in enumerate(identity)]
    named += [(exp_name.format(i + first), field) for i, field in enumerate(exp)]
    named += [(f"Pose{i + 1}", field) for i, field in enumerate(pose)]
    for key, field in named:
        block = head.shape_key_add(name=key, from_mix=False)
        block.value = 0.0
        block.data.foreach_set("co", (shapes.points + field).astype(np.float32).ravel())
    if bones:
        _armature(bpy, head, shapes)
    return head


def _armature(bpy, head, shapes):
    data = bpy.data.armatures.new("FLAME2020-generic")
    armature = bpy.data.objects.new("FLAME2020-generic", data)
    bpy.context.scene.collection.objects.link(armature)
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    eyes = [shapes.points[ball].mean(axis=0) for ball in (LEFT_EYEBALL, RIGHT_EYEBALL)]
    joints = {
        "root": ((0, 0, -0.15), None), "neck": ((0, 0.055, -0.008), "root"), "jaw": (JAW_AT, "neck"),
        "left_eye": (eyes[0], "neck"), "right_eye": (eyes[1], "neck"),
    }  # fmt: skip
    for joint, (at, parent) in joints.items():
        bone = data.edit_bones.new(joint)
        bone.head, bone.tail = at, np.add(at, (0, 0, 0.01))
        bone.parent = data.edit_bones[parent] if parent else None
    bpy.ops.object.mode_set(mode="OBJECT")
    for bone in armature.pose.bones:
        bone.rotation_mode = "XYZ"
    weights = {"left_eye": np.zeros(VERTICES), "right_eye": np.zeros(VERTICES), "jaw": shapes.jaw}
    weights["left_eye"][LEFT_EYEBALL] = weights["right_eye"][RIGHT_EYEBALL] = 1.0
    weights["neck"] = 1 - sum(weights.values())
    for joint, share in weights.items():
        group = head.vertex_groups.new(name=joint)
        for number in np.flatnonzero(share > 1e-4):
            group.add([int(number)], float(share[number]), "REPLACE")
    head.parent = armature
    head.modifiers.new("Armature", "ARMATURE").object = armature


def pose_of(turn):
    """(9,) the correctives of a joint that turns by ``turn`` (3,)."""
    return correctives(of_vectors(np.array([turn], float)))[0]


EYEBALLS = slice(LEFT_EYEBALL.start, VERTICES)
LIPS = LANDMARKS["upper_lip"], LANDMARKS["lower_lip"]
