"""Landmarks found by looking: on the demo head, however it stands and whatever its units are."""

import bpy  # noqa: F401  (mathutils comes with it)
import numpy as np
import pytest

from s2f_blender_addon.carry.landmarks import NEEDED, demo_landmarks
from s2f_blender_addon.carry.propose import propose
from s2f_blender_addon.core.errors import UserError

from .heads import POINTS, QUADS, of

pytestmark = pytest.mark.one_blender

SIDEWAYS = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])


def test_what_keys_need_is_found_within_a_few_millimetres_on_a_head_that_looks_along_x():
    found = propose(POINTS @ SIDEWAYS.T * 0.001 + (5, 0, 1), QUADS)
    assert set(NEEDED) <= set(found.found) <= set(found.landmarks)
    for name, place in found.landmarks.items():
        there = (np.array(place) - (5, 0, 1)) @ SIDEWAYS * 1000
        assert np.linalg.norm(there - demo_landmarks()[name]) < 7, name
    lips = [np.array(found.landmarks[name]) for name in ("upper_lip", "lower_lip")]
    assert np.linalg.norm(lips[0] - lips[1]) < 0.001


def test_a_head_without_eyes_says_that_landmarks_have_to_be_placed_by_hand():
    blind = QUADS[~((of("eyes").start <= QUADS) & (of("eyes").stop > QUADS)).any(axis=1)]
    with pytest.raises(UserError, match="by hand"):
        propose(POINTS, blind)


def test_two_balls_without_a_face_are_no_head():
    eyes = QUADS[((of("eyes").start <= QUADS) & (of("eyes").stop > QUADS)).all(axis=1)]
    with pytest.raises(UserError, match="by hand"):
        propose(POINTS, eyes)
