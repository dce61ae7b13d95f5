"""The demo head's keys on other heads: on a bent copy of itself they are what bending makes of its own."""

import bpy  # noqa: F401  (mathutils comes with it)
import numpy as np
import pytest

from s2f_blender_addon.carry import NAMES, at_vertices, carry
from s2f_blender_addon.carry.landmarks import NEEDED, other_side
from s2f_blender_addon.carry.strengths import strengths
from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.core.errors import UserError

from .heads import KEYS, POINTS, QUADS, bent, bent_landmarks, of

pytestmark = pytest.mark.one_blender

BENT = bent(POINTS)
LIDS = {name for name in CHANNELS if name.startswith("eye")}
SIDEWAYS = {"jawLeft", "jawRight"}


@pytest.fixture(scope="module")
def carried():
    return carry(BENT, QUADS, bent_landmarks())


def off(carried, name, part):
    """How far the carried key is from the bent one, by the size of that."""
    truth = bent(POINTS + KEYS[name])[of(part)] - BENT[of(part)]
    return np.linalg.norm(carried.fields[name][of(part)] - truth) / np.linalg.norm(truth)


def test_there_is_a_field_for_every_channel_and_nothing_to_be_said(carried):
    assert tuple(carried.fields) == CHANNELS
    assert all(field.shape == POINTS.shape and field.dtype == np.float32 for field in carried.fields.values())
    assert carried.notes == ()


@pytest.mark.parametrize("name", [name for name in CHANNELS if name not in LIDS | SIDEWAYS])
def test_lips_jaw_brows_and_cheeks_move_as_on_the_bent_head_itself(carried, name):
    assert off(carried, name, "face") < 0.05


@pytest.mark.parametrize("name", sorted(LIDS | SIDEWAYS))
def test_lids_turn_about_its_own_eyes_and_a_jaw_slides_nearly_so(carried, name):
    assert off(carried, name, "face") < 0.1


@pytest.mark.parametrize("name", ["jawOpen", "jawForward", "jawLeft"])
def test_teeth_and_tongue_go_with_the_jaw_and_eyes_with_the_gaze(carried, name):
    assert off(carried, name, "teeth") < 0.03
    assert off(carried, name, "tongue") < 0.03
    assert off(carried, "eyeLookUpLeft", "eyes") < 0.07


def test_teeth_stay_solid_and_the_upper_ones_where_they_are(carried):
    teeth, moved = BENT[of("teeth")], carried.fields["jawOpen"][of("teeth")]
    still = np.linalg.norm(moved, axis=1) == 0
    assert 0.4 < still.mean() < 0.6
    lower = teeth[~still][::17]
    apart = np.linalg.norm(lower[:, None] - lower[None], axis=2)
    after = lower + moved[~still][::17]
    assert np.linalg.norm(after[:, None] - after[None], axis=2) == pytest.approx(apart, abs=1e-4)


def test_lips_that_an_open_jaw_parts_meet_again(carried):
    from s2f_blender_addon.carry.landmarks import demo_face
    from s2f_blender_addon.demo_head.anatomy import mouth

    rim = demo_face().mouth[mouth.RIM]
    upper, lower = rim[: len(rim) // 2], rim[::-1][: len(rim) // 2]
    opened = BENT + carried.fields["jawOpen"]
    closed = opened + carried.fields["mouthClose"]
    assert np.linalg.norm(opened[upper[0]] - opened[lower[0]]) > 2.0  # centimetres
    assert np.linalg.norm(closed[upper] - closed[lower], axis=1).max() < 0.05


def test_lids_meet_when_they_blink(carried):
    from s2f_blender_addon.carry.landmarks import demo_face
    from s2f_blender_addon.demo_head.anatomy import eye

    rim = demo_face().eye[eye.RIM]
    amid = np.arange(3, len(rim) // 2 - 2)

    def gaps(points):
        upper, lower = points[rim[amid]], points[rim[-amid]][::-1]
        return (upper[:, 2] - np.interp(upper[:, 0], lower[:, 0], lower[:, 2]))[2:-2]

    assert gaps(BENT).min() > 1.0  # centimetres
    assert np.abs(gaps(BENT + carried.fields["eyeBlinkLeft"])).max() < 0.05


def test_size_place_and_direction_of_a_head_do_not_matter(carried):
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]) * 100
    marks = {name: tuple(turn @ place) for name, place in bent_landmarks().items()}
    other = carry(BENT @ turn.T, QUADS, marks)
    for name in ("jawOpen", "mouthSmileLeft", "eyeBlinkRight"):
        assert other.fields[name] == pytest.approx(carried.fields[name] @ turn.T, abs=0.5)


def test_a_strength_is_a_factor_but_a_blink_always_closes(carried):
    weak = strengths(1.0, {"mouth": 0.5, "eyes": 0.5, "jaw": 2.0})
    assert (weak["mouthSmileLeft"], weak["eyeWideRight"], weak["browInnerUp"]) == (0.5, 0.5, 1.0)
    assert (weak["eyeBlinkLeft"], weak["eyeBlinkRight"]) == (1.0, 1.0)
    assert weak["jawOpen"] == weak["mouthClose"] == 2.0
    natural = strengths(0.0, {})
    assert natural["mouthFrownLeft"] == natural["mouthFrownRight"] < 1.0
    assert set(strengths(1.0, {}).values()) == {1.0}


def test_lips_that_are_not_cut_apart_are_said_to_stretch():
    from s2f_blender_addon.carry.landmarks import demo_face
    from s2f_blender_addon.demo_head.anatomy import mouth

    face = demo_face()
    new = np.arange(len(POINTS))
    for side in (face.mouth, face.twin[face.mouth]):
        rim = side[mouth.RIM]
        new[rim[::-1][: len(rim) // 2]] = rim[: len(rim) // 2]
    sewn = new[QUADS]
    inside = face.mouth[mouth.RIM + 1 :].ravel()
    hollow = np.isin(QUADS, np.concatenate([inside, face.twin[inside]]))
    said = carry(BENT, sewn[~hollow.any(axis=1)], bent_landmarks()).notes
    assert any("not cut apart" in note for note in said)


def test_landmarks_that_are_missing_unknown_or_nowhere_are_named():
    marks = bent_landmarks()
    with pytest.raises(UserError, match="chin"):
        carry(BENT, QUADS, {name: place for name, place in marks.items() if name != "chin"})
    with pytest.raises(UserError, match="nose_hair"):
        carry(BENT, QUADS, marks | {"nose_hair": (0.0, 0.0, 0.0)})
    with pytest.raises(UserError, match="nose_tip"):
        carry(BENT, QUADS, marks | {"nose_tip": (0.0, float("nan"), 0.0)})
    with pytest.raises(UserError, match="on its surface"):
        carry(BENT, QUADS, {name: tuple(np.array(place) + 900) for name, place in marks.items()})


def test_landmarks_may_be_vertices_of_a_known_topology():
    assert at_vertices(POINTS, {"chin": 3}) == {"chin": tuple(POINTS[3])}
    with pytest.raises(UserError, match="chin is vertex"):
        at_vertices(POINTS, {"chin": len(POINTS)})


def test_names_come_in_pairs():
    assert set(NEEDED) <= set(NAMES)
    assert all(other_side(other_side(name)) == name and other_side(name) in NAMES for name in NAMES)
