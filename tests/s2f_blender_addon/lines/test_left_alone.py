"""What a line that moves or goes has beside it: other characters, the rest of the face, other lines, its strip."""

import numpy as np
import pytest

from ..bake.test_layer import armature
from .test_failures import fail
from .test_moves import FRAMES, move, shot

__all__ = ["fail", "shot"]


def trim(strip, frame):
    setattr(strip, "right_handle" if hasattr(strip, "right_handle") else "frame_final_end", frame)


@pytest.mark.parametrize("way", ["moved", "removed", "muted"])
def test_somebody_else_who_plays_the_same_action_goes_on(shot, face, load, way):
    shot.settings.target.parent = armature(shot.bpy)
    other = face(name="Other", parent=armature(shot.bpy))
    shot.bake(start_frame=1)
    load("bake.compat").follow(other.data.shape_keys, shot.settings.target.data.shape_keys)
    before = shot.values(FRAMES, target=other)
    if way == "moved":
        move(shot, 0, 100)
        assert shot.values(FRAMES + 99) == pytest.approx(before, abs=0.012)
    elif way == "removed":
        shot.bpy.ops.s2f.line_remove()
    else:
        shot.settings.target.parent.s2f_character.lines[0].mute = True
    assert np.array_equal(shot.values(FRAMES, target=other), before)
    assert way == "moved" or shot.curve() is None
    assert not [action for action in shot.bpy.data.actions if not action.users and "Head" not in action.name]


def test_the_rest_of_the_face_goes_along_where_only_the_mouth_is_written(shot):
    shot.bake(start_frame=1)
    before = shot.values(FRAMES, "browInnerUp")
    assert np.ptp(before) > 0.05
    shot.settings.region = "MOUTH"
    move(shot, 0, 200)
    assert shot.values(FRAMES + 199, "browInnerUp") == pytest.approx(before, abs=0.012)
    assert np.abs(shot.values(FRAMES, "browInnerUp")).max() < 1e-6


@pytest.mark.parametrize("way", ["moved", "removed"])
def test_a_line_below_is_whole_again_whatever_the_frame_range_and_the_region(shot, way):
    if way == "moved":
        pytest.importorskip("aud", reason="the bpy module of 4.2.0 was built without sound")
    shot.bake(start_frame=1)
    before = [shot.values(FRAMES, key) for key in ("jawOpen", "browInnerUp")]
    shot.bpy.ops.s2f.line_add()
    shot.bake(audio_path=shot.sounds[1], start_frame=8)
    shot.settings.frame_range, shot.settings.region = "FRAMES", "MOUTH"
    shot.settings.range_first, shot.settings.range_last = 90, 200
    if way == "removed":
        shot.bpy.ops.s2f.line_remove()
    else:
        strip = shot.load("bake.sound_strip").strip_of(shot.scene, shot.character.lines[1].ident)
        shot.load("bake.compat").shift_strip(strip, 92)
        shot.bake()
        assert shot.character.lines[1].first == 100
    for key, values in zip(("jawOpen", "browInnerUp"), before, strict=True):
        assert shot.values(FRAMES, key) == pytest.approx(values, abs=0.012)


class TestStrips:
    @pytest.fixture
    def strip(self, shot):
        pytest.importorskip("aud", reason="the bpy module of 4.2.0 was built without sound")
        shot.bake(start_frame=1)
        (strip,) = shot.strips()
        return strip

    def test_another_sound_is_not_cut_as_the_strip_of_the_one_before(self, shot, strip):
        trim(strip, 19)
        shot.bpy.ops.s2f.choose_sound("EXEC_DEFAULT", filepath=shot.sounds[1])
        shot.bake()
        assert shot.character.lines[0].last == 30

    def test_a_bake_that_fails_leaves_trims_and_volume_as_they_were(self, shot, strip, fail):
        strip.volume = 0.4
        trim(strip, 25)
        fail(200)
        (strip,) = shot.strips()
        assert strip.volume == pytest.approx(0.4)
        assert shot.load("bake.compat").strip_span(strip) == (1, 25)
