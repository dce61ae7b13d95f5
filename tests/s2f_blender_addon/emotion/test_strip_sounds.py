"""Laughs, sighs, gasps and sobs in the timeline: a hand moves, trims, renames and removes them."""

import pytest


@pytest.fixture
def heard(scene):
    """A laugh on frames 10-30 and a sigh on 28-50 of the character."""
    for kind, first, last in (("LAUGH", 10, 30), ("SIGH", 28, 50)):
        item = scene.character.events.add()
        item.kind, item.first, item.last = kind, first, last
    return scene


@pytest.fixture
def sounds(load):
    return load("emotion.heard")


def test_an_edge_is_taken_before_the_middle_and_the_later_of_two_that_overlap(heard, load, sounds):
    told = load("emotion.told").sounds_of(heard.owner)
    held = {frame: sounds.grip_at(told, frame, near=2.0) for frame in (5, 9, 11, 20, 29, 40, 51, 60)}
    assert {frame: (grip.number, grip.part) if grip else None for frame, grip in held.items()} == {
        5: None, 9: (0, "first"), 11: (0, "first"), 20: (0, "whole"), 29: (1, "first"), 40: (1, "whole"),
        51: (1, "last"), 60: None,
    }  # fmt: skip


def test_a_short_sound_can_still_be_taken_as_a_whole(sounds):
    assert sounds.grip_at([sounds.HeardEvent("gasp", 10.0, 13.0)], 11.5, near=8.0).part == "whole"


@pytest.mark.parametrize(
    ("part", "by", "after"),
    [("whole", 5, (15, 35)), ("whole", -30, (-20, 0)), ("first", 5, (15, 30)), ("first", 90, (29, 30)),
     ("last", -90, (10, 11)), ("last", 12, (10, 42))],
)  # fmt: skip
def test_a_drag_moves_the_sound_or_an_end_that_stops_before_the_other(sounds, part, by, after):
    moved = sounds.dragged(sounds.HeardEvent("laugh", 10.0, 30.0), part, by)
    assert (moved.first, moved.last) == after


def test_it_becomes_another_sound_is_not_acted_or_goes(blender, heard, load):
    told = load("emotion.told").sounds_of
    blender.ops.s2f.sound_change(number=0, to="SOB")
    blender.ops.s2f.sound_change(number=1, to="SWITCH")
    assert [(one.kind, one.acted) for one in told(heard.owner)] == [("sob", True), ("sigh", False)]
    blender.ops.s2f.sound_change(number=0, to="REMOVE")
    assert [one.kind for one in told(heard.owner)] == ["sigh"]
    blender.ops.s2f.sound_change(number=0, to="REMOVE")
    with pytest.raises(RuntimeError, match="No laugh, sigh, gasp or sob was heard"):
        blender.ops.s2f.sound_change(number=0, to="SOB")


def test_the_face_follows_the_sound_that_was_moved(blender, heard, baked, load, wait, curve_values):
    """A laugh that is dragged away takes its raised cheeks along: nothing else has to be pressed."""
    heard.character.events.remove(1)
    before = baked("cheekSquintLeft", range(1, 60))
    item = heard.character.events[0]
    item.first, item.last = 40, 58
    blender.ops.s2f.tune(anew=True)  # what the timer calls in a window
    wait()
    after = curve_values(heard.owner, "cheekSquintLeft", range(1, 60))
    assert before[9:25].mean() > after[9:25].mean() + 0.2
    assert after[44:56].mean() > before[44:56].mean() + 0.2


def test_rows_keep_their_place_for_the_mouse(load):
    """The sounds lie below the colours and above the words; a low editor drops the last first."""
    rows = load("panels.strip").rows_in(200.0, ["felt", "sounds", "words"])
    assert rows["felt"][0] > rows["sounds"][0] > rows["words"][0]
    assert list(load("panels.strip").rows_in(82.0, ["felt", "sounds", "words"])) == ["sounds", "felt"]
