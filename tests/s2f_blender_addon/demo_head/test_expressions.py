"""The 52 keys of the demo head, as arrays: they do what their names say, and lips and lids close."""

import sys
import time
from subprocess import run

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2f_blender_addon.core.blend import OPENERS
from s2f_blender_addon.core.channels import CHANNELS, mirrored
from s2f_blender_addon.demo_head.anatomy import eye, mouth
from s2f_blender_addon.demo_head.anatomy.face import build_face
from s2f_blender_addon.demo_head.expressions import face_keys
from s2f_blender_addon.demo_head.geometry import character

pytestmark = pytest.mark.one_blender

FACE = build_face()
KEYS = face_keys(FACE)
PARTS = {part.name: part for part in character()}
Points = npt.NDArray[np.float64]

MIDDLE = FACE.mouth.shape[1] // 2
UPPER, LOWER = FACE.mouth[:, : MIDDLE + 1], FACE.mouth[:, : MIDDLE - 1 : -1]
"""Each upper-lip vertex and its partner on the lower lip, from the middle to the left corner."""


def posed(**values: float) -> Points:
    """The face's vertices with some channels set; ``mouthSmile=1`` without a side sets both."""
    vertices = FACE.vertices.copy()
    for name, value in values.items():
        for channel in [name] if name in KEYS else [f"{name}Left", f"{name}Right"]:
            vertices += value * KEYS[channel]
    return vertices


def gap(vertices: Points) -> float:
    """The widest opening between the inner edges of the lips, in mm; 0 when they meet everywhere."""
    edge = vertices[UPPER[mouth.RIM]] - vertices[LOWER[mouth.RIM]]
    return float(np.max(edge[:, 2], initial=0.0))


def test_every_part_is_finite_and_the_whole_is_light() -> None:
    for part in PARTS.values():
        assert np.isfinite(part.vertices).all()
        assert all(np.isfinite(delta).all() for delta in part.keys.values()), part.name
    assert sum(len(part.quads) for part in PARTS.values()) < 15_000


def shells(quads: npt.NDArray[np.intp], size: int) -> npt.NDArray[np.intp]:
    """(size,) the lowest vertex that each vertex hangs together with."""
    lowest = np.arange(size)
    while True:
        least = lowest[quads].min(1)
        spread = lowest.copy()
        for corner in range(4):
            np.minimum.at(spread, quads[:, corner], least)
        if np.array_equal(spread, lowest):
            return lowest
        lowest = spread[spread]


@pytest.mark.parametrize("name", [name for name in PARTS if name != "lashes"])
def test_every_shell_faces_outwards(name: str) -> None:
    part = PARTS[name]
    shell = shells(part.quads, len(part.vertices))
    triangles = np.concatenate([part.quads[:, [0, 1, 2]], part.quads[:, [0, 2, 3]]])
    for label in np.unique(shell):
        a, b, c = (part.vertices - part.vertices[shell == label].mean(0))[triangles[shell[triangles[:, 0]] == label].T]
        assert np.sum(a * np.cross(b, c)) > 0


def test_it_needs_no_blender() -> None:
    code = "import sys; from s2f_blender_addon.demo_head.geometry import character; character(); print(*sys.modules)"
    assert "bpy" not in run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def test_it_is_built_within_a_second() -> None:
    start = time.process_time()
    character()
    assert time.process_time() - start < 1.0


def test_the_face_has_all_52_keys_in_order() -> None:
    assert tuple(PARTS["face"].keys) == CHANNELS


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_key_moves_something_that_one_can_see(channel: str) -> None:
    farthest = max(np.linalg.norm(part.keys[channel], axis=1).max() for part in PARTS.values() if channel in part.keys)
    assert farthest > 4.0
    assert farthest < (50 if channel == "tongueOut" else 30)


@pytest.mark.parametrize("channel", [name for name in CHANNELS if name.endswith("Left")])
def test_left_and_right_are_mirror_images(channel: str) -> None:
    for part in (PARTS["face"], PARTS["eyes"], PARTS["brows"], PARTS["lashes"]):
        if channel not in part.keys:
            continue
        left, right = part.keys[channel], part.keys[mirrored(channel)]
        assert np.sum(left**2) == pytest.approx(np.sum(right**2))
        if channel not in ("jawLeft", "mouthLeft"):  # these two carry the whole mouth along
            own = part.vertices[:, 0] > 0
            assert np.sum(left[own] ** 2) > 0.85 * np.sum(left**2), part.name
    assert KEYS[mirrored(channel)] == pytest.approx(KEYS[channel][FACE.twin] * (-1, 1, 1))


def test_the_face_is_symmetric() -> None:
    assert FACE.vertices[FACE.twin] * (-1, 1, 1) == pytest.approx(FACE.vertices, abs=1e-9)


# --- lips --------------------------------------------------------------------------------------------------------


def test_lips_meet_at_rest() -> None:
    for loop in (mouth.RIM, mouth.RIM + 1):
        assert np.abs(FACE.vertices[UPPER[loop]] - FACE.vertices[LOWER[loop]]).max() < 1e-6


@given(st.floats(0, 1))
def test_mouth_close_closes_exactly_what_the_jaw_opens(value: float) -> None:
    vertices = posed(jawOpen=value, mouthClose=value)
    for loop in (mouth.RIM, mouth.RIM + 1):
        assert np.abs(vertices[UPPER[loop]] - vertices[LOWER[loop]]).max() < 1e-6


def test_the_jaw_opens_wide_and_round() -> None:
    vertices = posed(jawOpen=1)
    opening = vertices[UPPER[mouth.RIM], 2] - vertices[LOWER[mouth.RIM], 2]
    assert 22 < opening[0] < 30
    assert np.all(np.diff(opening) < 1e-6), "widest in the middle, closed at the corner"
    assert opening[-1] == pytest.approx(0)


@pytest.mark.parametrize(
    "channel", ["mouthSmile", "mouthFrown", "mouthDimple", "mouthStretch", "mouthPress", "mouthPucker", "mouthLeft",
                "mouthRollUpper", "mouthRollLower", "mouthShrugLower", "jawLeft", "jawForward", "cheekPuff"],
)  # fmt: skip
@given(strength=st.floats(0, 1), jaw=st.floats(0, 0.6))
def test_closed_lips_stay_closed_under(channel: str, strength: float, jaw: float) -> None:
    assert gap(posed(jawOpen=jaw, mouthClose=jaw, **{channel: strength})) <= 0.5


@pytest.mark.parametrize("channel", ["jawOpen", "mouthFunnel", "mouthShrugUpper", "mouthUpperUpLeft", "noseSneerLeft"])
def test_lips_part_about_as_far_as_the_shared_estimate_says(channel: str) -> None:
    vertices = posed(**{channel: 1})
    middle = vertices[UPPER[mouth.RIM, 0], 2] - vertices[LOWER[mouth.RIM, 0], 2]
    assert middle == pytest.approx(OPENERS[channel], rel=0.45)


@pytest.mark.parametrize(
    "shape",
    [{"jawOpen": 0.4, "mouthFunnel": 0.8}, {"jawOpen": 0.3, "mouthPucker": 0.6}, {"jawOpen": 0.5, "mouthSmile": 1.0},
     {"jawOpen": 0.2, "mouthStretch": 0.8, "mouthLowerDown": 0.4}, {"jawOpen": 1.0, "mouthFrown": 0.6}],
)  # fmt: skip
def test_shapes_of_speech_keep_the_lips_in_order(shape: dict[str, float]) -> None:
    vertices = posed(**shape)
    assert np.all(vertices[UPPER[mouth.RIM], 2] >= vertices[LOWER[mouth.RIM], 2] - 1e-6)
    for lip in (UPPER, LOWER):
        red = vertices[lip[mouth.BORDER : mouth.RIM + 1]]
        assert np.all(np.diff(red[..., 0], axis=1) > -0.6), "no spoke of the lips passes its neighbour"


def test_lower_teeth_and_tongue_follow_the_chin() -> None:
    chin = KEYS["jawOpen"][np.argmin(FACE.vertices[:, 1] + 1000 * (np.abs(FACE.vertices[:, 2] + 92) > 4))]
    teeth = PARTS["teeth"].keys["jawOpen"]
    assert teeth.min(0)[2] < 0.7 * chin[2] < 0
    assert np.any(np.all(teeth == 0, axis=1)), "the upper teeth stay"
    assert PARTS["tongue"].keys["jawOpen"][:, 2].mean() < -10


def test_the_tongue_comes_out_between_the_lips() -> None:
    vertices = posed(tongueOut=1)
    out = PARTS["tongue"].vertices + PARTS["tongue"].keys["tongueOut"]
    lip = vertices[UPPER[mouth.BORDER : mouth.RIM + 1, 0]][:, 1].min()
    assert out[:, 1].min() < lip - 10
    between = np.abs(out[:, 1] - vertices[UPPER[mouth.RIM, 0], 1]) < 4
    assert out[between, 2].max() < vertices[UPPER[mouth.RIM, 0], 2] + 1.0


# --- lids --------------------------------------------------------------------------------------------------------

LIDS = FACE.eye[eye.CREASE : eye.RIM + 1]


def test_lids_meet_when_the_eye_blinks() -> None:
    edge = posed(eyeBlinkLeft=1)[FACE.eye[eye.RIM]]
    half = len(edge) // 2
    assert np.abs(edge[1:half] - edge[: half : -1]).max() < 1e-6


@given(blink=st.floats(0, 1), squint=st.floats(0, 1), wide=st.floats(0, 1), down=st.floats(0, 1))
def test_no_lid_ever_cuts_the_eyeball(blink: float, squint: float, wide: float, down: float) -> None:
    vertices = posed(eyeBlinkLeft=blink, eyeSquintLeft=squint * (1 - blink), eyeWideLeft=wide * (1 - blink),
                     eyeLookDownLeft=down * (1 - blink))  # fmt: skip
    assert np.linalg.norm(vertices[LIDS] - eye.CENTRE, axis=-1).min() > eye.RADIUS + 0.1


def test_open_eyes_show_the_iris() -> None:
    edge = FACE.vertices[FACE.eye[eye.RIM]]
    assert edge[:, 2].max() - edge[:, 2].min() > 15
    assert np.ptp(edge[:, 0]) > 25


# --- directions --------------------------------------------------------------------------------------------------

CORNER = UPPER[mouth.RIM, -1]
LIP_UP, LIP_LOW = UPPER[mouth.BORDER + 2, 2], LOWER[mouth.BORDER + 2, 2]
LID_UP, LID_LOW = FACE.eye[eye.RIM, FACE.eye.shape[1] // 4], FACE.eye[eye.RIM, 3 * FACE.eye.shape[1] // 4]


def nearest(x: float, z: float) -> int:
    """The vertex of the front of the face nearest to a place that a viewer sees."""
    away = np.hypot(FACE.vertices[:, 0] - x, FACE.vertices[:, 2] - z) + 1000.0 * (FACE.vertices[:, 1] > -20)
    return int(np.argmin(away))


@pytest.mark.parametrize(
    ("channel", "vertex", "axis", "sign"),
    [
        ("mouthSmileLeft", CORNER, 2, 1), ("mouthSmileLeft", CORNER, 0, 1), ("mouthFrownLeft", CORNER, 2, -1),
        ("mouthStretchLeft", CORNER, 0, 1), ("mouthDimpleLeft", CORNER, 1, 1), ("mouthPucker", CORNER, 0, -1),
        ("mouthFunnel", CORNER, 0, -1), ("mouthFunnel", LIP_UP, 1, -1), ("mouthPucker", LIP_UP, 1, -1),
        ("mouthLeft", LIP_UP, 0, 1), ("jawLeft", nearest(0, -92), 0, 1), ("jawForward", nearest(0, -92), 1, -1),
        ("jawOpen", nearest(0, -92), 2, -1), ("mouthUpperUpLeft", LIP_UP, 2, 1), ("mouthLowerDownLeft", LIP_LOW, 2, -1),
        ("mouthRollUpper", LIP_UP, 1, 1), ("mouthRollLower", LIP_LOW, 1, 1), ("mouthShrugLower", LIP_LOW, 2, 1),
        ("mouthShrugUpper", LIP_UP, 2, 1), ("eyeBlinkLeft", LID_UP, 2, -1), ("eyeWideLeft", LID_UP, 2, 1),
        ("eyeSquintLeft", LID_LOW, 2, 1), ("eyeLookUpLeft", LID_UP, 2, 1), ("eyeLookDownLeft", LID_UP, 2, -1),
        ("browInnerUp", nearest(15, 32), 2, 1), ("browDownLeft", nearest(25, 30), 2, -1),
        ("browOuterUpLeft", nearest(47, 32), 2, 1), ("cheekPuff", nearest(46, -57), 0, 1),
        ("cheekSquintLeft", nearest(45, -28), 2, 1), ("noseSneerLeft", nearest(12, -36), 2, 1),
    ],
)  # fmt: skip
def test_what_is_moved_goes_where_the_name_says(channel: str, vertex: int, axis: int, sign: int) -> None:
    assert sign * KEYS[channel][vertex, axis] > 1.0


@pytest.mark.parametrize(
    ("channel", "axis", "sign"),
    [("eyeLookUpLeft", 2, 1), ("eyeLookDownLeft", 2, -1), ("eyeLookOutLeft", 0, 1), ("eyeLookInLeft", 0, -1)],
)
def test_the_pupil_looks_where_the_name_says(channel: str, axis: int, sign: int) -> None:
    eyes = PARTS["eyes"]
    pupil = np.argmin(eyes.vertices[:, 1] + 1000 * (eyes.vertices[:, 0] < 0))
    assert sign * eyes.keys[channel][pupil, axis] > 6


def test_brows_ride_on_the_skin() -> None:
    for channel in ("browInnerUp", "browDownLeft", "browOuterUpRight"):
        assert np.linalg.norm(PARTS["brows"].keys[channel], axis=1).max() > 5
