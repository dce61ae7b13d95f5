"""What is seen between the lips: teeth that follow their arc in every pose, a tongue that passes between the teeth."""

import numpy as np
import numpy.typing as npt
import pytest
from mathutils import Vector
from mathutils.bvhtree import BVHTree

from s2f_blender_addon.core.channels import CHANNELS, mirrored
from s2f_blender_addon.demo_head.anatomy import mouth
from s2f_blender_addon.demo_head.anatomy.face import build_face
from s2f_blender_addon.demo_head.geometry import character
from s2f_blender_addon.demo_head.part import HeadPart

pytestmark = pytest.mark.one_blender

PARTS = {part.name: part for part in character()}
LINING = PARTS["face"].materials.index("mouth")
Points = npt.NDArray[np.float64]

POSES: dict[str, dict[str, float]] = {
    "ah": {"jawOpen": 0.3}, "wide": {"jawOpen": 1.0}, "grin": {"jawOpen": 0.25, "mouthSmile": 0.8},
    "s": {"jawOpen": 0.03, "mouthStretch": 0.25, "mouthLowerDown": 0.6, "mouthUpperUp": 0.3, "mouthSmile": 0.15},
    "ee": {"jawOpen": 0.06, "mouthStretch": 0.5, "mouthSmile": 0.2, "mouthLowerDown": 0.3, "mouthUpperUp": 0.12},
    "stretched": {"jawOpen": 0.15, "mouthStretch": 0.8}, "oh": {"jawOpen": 0.3, "mouthFunnel": 0.8},
    "left": {"jawOpen": 0.25, "mouthLeft": 0.7}, "jaw left": {"jawOpen": 0.2, "jawLeft": 0.7},
    "f": {"jawOpen": 0.08, "mouthRollLower": 0.9, "mouthUpperUp": 0.34},
    "snarl": {"mouthUpperUp": 1.0, "noseSneer": 1.0},
    "sad": {"jawOpen": 0.15, "mouthFrown": 1.0, "mouthLowerDown": 0.5}, "shut": {"mouthPress": 1.0},
    "sucked in": {"mouthRollUpper": 1.0, "mouthRollLower": 1.0}, "dimpled": {"mouthDimple": 1.0, "jawOpen": 0.15},
    "grinning oo": {"jawOpen": 0.44, "mouthFunnel": 0.36, "mouthPucker": 0.74, "mouthSmile": 0.96, "mouthDimple": 0.14},
    "kiss": {"mouthPucker": 1.0}, "chin out": {"jawForward": 1.0}, "puffed": {"cheekPuff": 1.0},
    "jaw dropped, lips shut": {"jawOpen": 1.0, "mouthClose": 1.0}, "tongue out": {"tongueOut": 1.0},
}  # fmt: skip


def posed(part: HeadPart, pose: dict[str, float]) -> Points:
    """The vertices of ``part``; a channel without a side sets both."""
    vertices = part.vertices.copy()
    for name, value in pose.items():
        for channel in [name] if name in CHANNELS else [f"{name}Left", mirrored(f"{name}Left")]:
            vertices += value * part.keys.get(channel, 0.0)
    return vertices


def tree(part: HeadPart, pose: dict[str, float]) -> BVHTree:
    return BVHTree.FromPolygons(posed(part, pose).tolist(), [list(dict.fromkeys(q)) for q in part.quads.tolist()])


def seen(trees: list[BVHTree], x: float, z: float) -> tuple[int, int | None, float]:
    """(which of ``trees`` a viewer in front sees at ``x``, ``z``, the face of it, how far back in mm)."""
    hits = [found.ray_cast(Vector((x, -300.0, z)), Vector((0.0, 1.0, 0.0))) for found in trees]
    depths = [hit[0].y if hit[0] is not None else np.inf for hit in hits]
    first = int(np.argmin(depths))
    return first, hits[first][2], depths[first]


@pytest.mark.parametrize("pose", POSES.values(), ids=POSES)
def test_no_tooth_and_no_gum_reaches_through_the_lips(pose: dict[str, float]) -> None:
    skin = tree(PARTS["face"], pose)
    for x, y, z in posed(PARTS["teeth"], pose):
        _, quad, depth = seen([skin], x, z)
        if quad is not None and PARTS["face"].paint[quad] != LINING:
            assert y > depth, (x, y, z)


@pytest.mark.parametrize("name", ["ah", "grin", "s", "ee", "f", "left", "jaw left", "dimpled"])
def test_teeth_are_seen_out_to_the_corners_of_the_mouth_on_both_sides(name: str) -> None:
    """Where the viewer looks past the teeth into the dark, it is a strip of less than a fifth of the opening."""
    pose, face = POSES[name], build_face()
    rim = face.mouth[mouth.RIM]
    edge = posed(PARTS["face"], pose)[np.concatenate([rim, face.twin[rim]])]
    trees = [tree(PARTS[part], pose) for part in ("face", "teeth", "tongue")]
    dark = {}
    for x in np.linspace(edge[:, 0].min(), edge[:, 0].max(), 41):
        column = [seen(trees, x, z) for z in np.linspace(edge[:, 2].min(), edge[:, 2].max(), 15)]
        opened = [hit for hit in column if hit[0] > 0 or PARTS["face"].paint[hit[1]] == LINING]
        if opened:
            dark[x] = np.mean([kind == 0 and depth > -80.0 for kind, _, depth in opened])
    places = np.array(list(dark))
    for side in (places < np.median(places), places > np.median(places)):
        assert np.mean(np.array(list(dark.values()))[side] > 0.6) < 0.2


def test_the_tip_of_the_tongue_lies_between_the_teeth_for_th() -> None:
    pose = {"jawOpen": 0.08, "tongueOut": 0.36, "mouthLowerDown": 0.22, "mouthUpperUp": 0.12}
    trees = [tree(PARTS[part], pose) for part in ("face", "teeth", "tongue")]
    column = [seen(trees, 0.3, z)[0] for z in np.arange(-50.0, -80.0, -0.25)]
    assert 2 in column, "the tongue is seen"
    assert column.index(2) > column.index(1), "below the upper teeth"
    assert 1 not in column[column.index(2) :], "and over the lower ones"
