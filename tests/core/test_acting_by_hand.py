"""What an animator does to a track: words are moved, blinks placed and removed, eyes aimed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2f_blender_addon.core.aimed_gaze import SIDE, aimed
from s2f_blender_addon.core.channels import CHANNELS, INDEX, REGIONS, indices
from s2f_blender_addon.core.lids import Blinks, blink_at, with_blinks
from s2f_blender_addon.core.retime import MovedWord, heard_anew, phrases, retimed
from s2f_blender_addon.core.script import SpokenWord
from s2f_blender_addon.core.track import FaceTrack

FPS = 60.0
JAW, LID = INDEX["jawOpen"], INDEX["eyeBlinkLeft"]


def track(*bumps, seconds=4.0, channel=JAW):
    """Bumps of a channel a tenth of a second wide at these times."""
    times = np.arange(int(seconds * FPS) + 1) / FPS
    talk = np.zeros((len(times), len(CHANNELS)), np.float32)
    for at in bumps:
        talk[:, channel] += 0.5 * np.exp(-0.5 * ((times - at) / 0.05) ** 2)
    return FaceTrack(talk, np.zeros_like(talk), FPS)


def peaks(found, channel=JAW):
    values = found.talk[:, channel]
    inner = (values[1:-1] > values[:-2]) & (values[1:-1] >= values[2:]) & (values[1:-1] > 0.2)
    return (np.flatnonzero(inner) + 1) / FPS


def test_a_word_that_is_dragged_takes_its_mouth_along_and_no_other():
    found = retimed(track(1.0, 2.0, 3.0), [MovedWord("a", 1, 1), MovedWord("b", 2, 2.4), MovedWord("c", 3, 3)])
    assert peaks(found) == pytest.approx([1.0, 2.4, 3.0], abs=0.02)


def test_eyes_stay_where_they_are():
    eyes = track(2.0, channel=LID)
    assert np.array_equal(retimed(eyes, [MovedWord("a", 2, 3)]).talk, eyes.talk)


def test_words_that_stay_change_nothing():
    whole = track(1.0)
    assert retimed(whole, [MovedWord("a", 1, 1)]) is whole


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(0, 4), st.floats(-1, 6)), max_size=8))
def test_however_words_are_dragged_the_track_stays_finite_and_its_values_are_those_it_had(moves):
    whole = track(0.5, 1.5, 2.5)
    found = retimed(whole, [MovedWord("x", was, now) for was, now in moves])
    mouth = indices(REGIONS["mouth"])
    assert np.isfinite(found.talk).all() and len(found.talk) == len(whole.talk)
    assert found.talk[:, mouth].max() <= whole.talk[:, mouth].max() + 1e-6


def test_a_new_bake_keeps_moves_of_the_same_words_and_lets_those_of_others_wait():
    moves = (MovedWord("hello", 1.0, 1.3), MovedWord("you", 2.0, 2.2), MovedWord("all", 3.0, 3.0))
    words = [SpokenWord("hello", 1.02, 1.4, 1.0), SpokenWord("you", 2.5, 2.7, 1.0)]
    assert heard_anew(moves, words) == ((MovedWord("hello", 1.02, 1.3), MovedWord("you", 2.5, 2.5)), (moves[1],))
    assert heard_anew(moves, words[:1]) == ((MovedWord("hello", 1.02, 1.3),), (moves[1],))
    again = [SpokenWord("you", 2.0, 2.7, 1.0)]
    assert heard_anew((moves[1],), again) == ((moves[1],), ())


def test_phrases_are_what_pauses_part():
    found = phrases(track(0.5, 0.7, 2.5))
    assert [word.text for word in found] == ["phrase 1", "phrase 2"]
    assert found[0].start < 0.5 < 0.7 < found[0].end < found[1].start < 2.5 < found[1].end


def test_a_blink_is_placed_and_one_is_removed():
    eyes = track(1.0, channel=LID)
    placed = with_blinks(eyes, Blinks(placed=(2.0,)))
    assert placed.talk[int(2.0 * FPS), LID] == pytest.approx(1.0, abs=0.02)
    assert placed.talk[int(2.0 * FPS), INDEX["eyeBlinkRight"]] == pytest.approx(1.0, abs=0.02)
    assert blink_at(placed, 2.1) == pytest.approx(2.0, abs=0.05)
    removed = with_blinks(placed, Blinks(removed=(1.05,)))
    assert blink_at(removed, 1.0) is None and blink_at(removed, 2.0) is not None
    assert removed.talk[:, LID][: int(1.5 * FPS)].max() < 0.12
    assert with_blinks(eyes, Blinks(removed=(3.0,))).talk[:, LID].max() == eyes.talk[:, LID].max()


def test_eyes_look_where_they_are_aimed_as_far_as_asked():
    still = track()
    angles = np.tile([[SIDE / 2, -15.0], [SIDE / 2, -15.0]], (len(still.talk), 1, 1))
    share = np.linspace(0, 1, len(still.talk)).astype(np.float32)
    found = aimed(still, angles, share).talk
    last = found[-1]
    assert last[INDEX["eyeLookOutLeft"]] == pytest.approx(0.5) and last[INDEX["eyeLookInRight"]] == pytest.approx(0.5)
    assert last[INDEX["eyeLookDownLeft"]] == pytest.approx(0.5)
    assert last[INDEX["eyeLookInLeft"]] == 0 and last[INDEX["eyeLookUpLeft"]] == 0
    assert last[INDEX["eyeBlinkLeft"]] > 0.1, "the lid follows"
    assert not found[0].any()
