"""A copied character is another character: its lines, keys and strip are its own."""

import numpy as np
import pytest

FRAMES = np.arange(1, 80)


def copied(shot, linked_action=False):
    """A copy of the target as Shift D makes one, with its mesh; ``linked_action``: by a script, the action shared."""
    original = shot.settings.target
    copy = original.copy()
    copy.data = original.data.copy()
    action = original.data.shape_keys.animation_data.action
    if not linked_action:
        shot.load("bake.compat").replace_action(copy.data.shape_keys, action.copy())
    shot.scene.collection.objects.link(copy)
    return copy


@pytest.mark.parametrize("linked_action", [False, True])
def test_baking_the_copy_leaves_the_original_where_it_is(shot, linked_action):
    shot.bake(start_frame=1)
    original, before = shot.settings.target, shot.values(FRAMES)
    copy = copied(shot, linked_action)
    shot.settings.target = copy
    shot.bake(start_frame=40)
    assert np.abs(shot.values(FRAMES, target=original) - before).max() < 1e-6
    assert shot.values(FRAMES + 39, target=copy) == pytest.approx(before, abs=0.011)
    assert np.abs(shot.values(np.arange(8, 33), target=copy)).max() < 1e-6, "the copied keys went along"
    idents = [line.ident for who in (original, copy) for line in who.s2f_character.lines]
    assert len(set(idents)) == len(idents) == 2


def test_strips_stay_with_their_own_lines(shot):
    pytest.importorskip("aud", reason="the bpy module of 4.2.0 was built without sound")
    shot.bake(start_frame=1)
    shot.settings.target = copied(shot)
    shot.bake(start_frame=40)
    start = shot.load("bake.compat").strip_start
    assert sorted(round(start(strip)) for strip in shot.strips()) == [1, 40]


def test_edits_of_the_copy_survive_its_bakes(shot):
    shot.bake(start_frame=1)
    shot.settings.target = copied(shot)
    key = next(point for point in shot.curve().keyframe_points if point.co.x > 40)
    frame, edited = key.co.x, key.co.y + 0.25
    key.co.y = edited
    shot.curve().update()
    report = shot.bake()
    assert any("edits on 1 curve" in note for note in report.notes)
    assert shot.values([frame])[0] == pytest.approx(edited, abs=1e-4)


def test_two_names_of_one_face_are_one_character(shot):
    shot.bake(start_frame=1)
    twin = shot.settings.target.copy()  # as Alt D does: the mesh is the same
    shot.scene.collection.objects.link(twin)
    ident = shot.character.lines[0].ident
    shot.load("lines").part_copies()
    assert twin.s2f_character.lines[0].ident == ident


def test_muting_the_copys_line_takes_nothing_off_the_original(shot):
    shot.bake(start_frame=1)
    before, original = shot.values(FRAMES), shot.settings.target
    copy = copied(shot)
    copy.s2f_character.lines[0].mute = True
    assert np.abs(shot.values(FRAMES, target=original) - before).max() < 1e-6
    assert shot.curve(target=copy) is None
