"""Heads that have nothing but mouth shapes speak: measured between the lips of a mesh, against the head with 52 keys.

The shapes are sculpted here with the demo head's own keys, as an artist would, not as the add-on thinks of them.
"""

import numpy as np
import pytest

from s2f_blender_addon.core.blend import Mix, mixed, sealed
from s2f_blender_addon.core.channels import CHANNELS

from .heads import CLENCHED, KEYS, KISS, LOOSE, MID, OPEN, ROUND, SHUT, SPREAD, TEETH, gaps, head_with, sculpted

pytestmark = pytest.mark.one_blender

FPS = 60.0
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


@pytest.mark.parametrize("kind", HEADS)
def test_lips_meet_for_closures_and_part_for_vowels(load, blender, hello, curve_values, kind):
    shapes = HEADS[kind]
    target = head_with(blender, shapes)
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
