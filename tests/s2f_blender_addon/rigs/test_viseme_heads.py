"""Heads that have nothing but mouth shapes speak: measured between the lips of a mesh, against the head with 52 keys.

The shapes are sculpted here with the demo head's own keys, as an artist would, not as the add-on thinks of them.
"""

import numpy as np
import pytest

from model_server.audio.decode import decode
from model_server.engine import Engine
from model_server.sample import SAMPLE
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.blend import Mix, mixed, sealed
from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.demo_head.anatomy import mouth
from s2f_blender_addon.demo_head.anatomy.face import build_face
from s2f_blender_addon.demo_head.expressions import face_keys

FPS = 60.0
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
HEADS = {
    "Oculus": {
        "viseme_sil": {}, "viseme_PP": SHUT, "viseme_FF": TEETH, "viseme_TH": {**LOOSE, "tongueOut": 0.5},
        "viseme_DD": LOOSE, "viseme_kk": {"jawOpen": 0.28}, "viseme_CH": {"jawOpen": 0.1, "mouthFunnel": 0.6},
        "viseme_SS": CLENCHED, "viseme_nn": {"jawOpen": 0.15}, "viseme_RR": {"jawOpen": 0.16, "mouthFunnel": 0.4},
        "viseme_aa": OPEN, "viseme_E": MID, "viseme_I": SPREAD, "viseme_O": ROUND, "viseme_U": KISS,
    },
    "VRM": {"A": OPEN, "I": SPREAD, "U": KISS, "E": MID, "O": ROUND},
    "Rhubarb": {
        "A": SHUT, "B": CLENCHED, "C": MID, "D": OPEN, "E": {"jawOpen": 0.35, "mouthFunnel": 0.5}, "F": KISS,
        "G": TEETH, "H": {"jawOpen": 0.4, "tongueOut": 0.1}, "X": {},
    },
}  # fmt: skip


def sculpted(pose):
    """(V, 3) displacement of the face."""
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


@pytest.fixture(scope="module")
def hello():
    """The sample recording as the bundled model speaks it, without a mood."""
    return Engine(TalkModel.load()).infer(decode(SAMPLE), Request(fps=FPS))


@pytest.fixture
def head(blender):
    def make(shapes):
        mesh = blender.data.meshes.new("Head")
        mesh.from_pydata((FACE.vertices / 1000).tolist(), [], FACE.quads.tolist())
        candidate = blender.data.objects.new("Head", mesh)
        blender.context.scene.collection.objects.link(candidate)
        candidate.shape_key_add(name="Basis")
        for name, pose in shapes.items():
            points = ((FACE.vertices + sculpted(pose)) / 1000).astype(np.float32)
            candidate.shape_key_add(name=name).data.foreach_set("co", points.ravel())
        return candidate

    return make


@pytest.mark.parametrize("kind", HEADS)
def test_lips_meet_for_closures_and_part_for_vowels(load, blender, head, hello, curve_values, kind):
    shapes = HEADS[kind]
    target = head(shapes)
    track = load("core.track").FaceTrack(hello.talk, hello.mood, FPS)
    blender.context.scene.render.fps = int(FPS)
    character = load("rigs").find_character(target)
    load("bake").bake(track, character, blender.context.scene, 1)
    frames = np.arange(1, len(hello.talk) + 1)
    names = character.meshes[0].map.keys()
    values = np.stack([curve_values(target, name, frames) for name in names], axis=1)
    spoken = gaps(values, [sculpted(shapes[name]) for name in names])
    wanted = gaps(mixed(hello, Mix()), [KEYS[name] for name in CHANNELS])

    edges = np.flatnonzero(np.diff((sealed(hello.talk) > 0.5).astype(int), prepend=0, append=0))
    closures = [spoken[a:b].min() for a, b in zip(edges[::2], edges[1::2], strict=True)]
    assert len(closures) >= 8, "there is nothing to be measured"
    assert max(closures) <= 0.5
    vowels = wanted > 6.0
    assert vowels.sum() >= 60, "there is nothing to be measured"
    assert 0.8 <= np.median(spoken[vowels] / wanted[vowels]) <= 1.25
    assert np.corrcoef(spoken, wanted)[0, 1] >= 0.97
