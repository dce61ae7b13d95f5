"""A FaceTrack is whole or it is refused with a sentence; times are exact at any rate."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.track import FaceTrack


def layers(frames: int) -> dict[str, Any]:
    rng = np.random.default_rng(frames)
    return {"talk": rng.random((frames, 52), np.float32), "mood": rng.random((frames, 52), np.float32)}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"talk": np.zeros((3, 51), np.float32)}, "51"),
        ({"talk": np.zeros((2, 52), np.float32)}, "2 frames"),
        ({"mood": np.full((3, 52), np.nan, np.float32)}, "mood"),
        ({"talk": np.full((3, 52), np.inf, np.float32)}, "talk"),
        ({"talk": np.zeros((0, 52), np.float32), "mood": np.zeros((0, 52), np.float32)}, "no frames"),
        ({"fps": 0.0}, "frame rate"),
        ({"fps": float("nan")}, "frame rate"),
        ({"head": np.zeros((2, 3), np.float32)}, "Head"),
        ({"head": np.full((3, 3), np.nan, np.float32)}, "Head"),
    ],
)
def test_what_is_no_track_gets_a_sentence_that_names_the_fault(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(UserError, match=named):
        FaceTrack(**{**layers(3), "fps": 60.0, **changes})


@given(st.integers(1, 5000), st.sampled_from([23.976, 24.0, 25.0, 30000 / 1001, 60.0]), st.floats(0, 100))
def test_the_last_time_is_start_plus_duration(frames: int, fps: float, start: float) -> None:
    zeros = np.zeros((frames, 52), np.float32)
    track = FaceTrack(zeros, zeros, fps, start)
    assert len(track.times) == frames
    assert track.times[-1] == pytest.approx(start + track.duration)


def test_read_at_its_own_times_it_is_itself() -> None:
    track = FaceTrack(**layers(50), fps=60.0, start=1.5)
    again = track.at(track.times)
    np.testing.assert_allclose(again.talk, track.talk, atol=1e-6)
    np.testing.assert_allclose(again.mood, track.mood, atol=1e-6)
    assert again.fps == pytest.approx(60.0)


def test_between_two_frames_it_is_linear_and_outside_it_holds() -> None:
    track = FaceTrack(**layers(4), fps=10.0)
    middle = track.at(np.array([0.15]))
    np.testing.assert_allclose(middle.talk[0], (track.talk[1] + track.talk[2]) / 2, atol=1e-6)
    outside = track.at(np.array([-5.0, 99.0]))
    np.testing.assert_array_equal(outside.talk, track.talk[[0, -1]])


def test_one_frame_can_be_read_at_any_time() -> None:
    track = FaceTrack(**layers(1), fps=60.0)
    np.testing.assert_array_equal(track.at(np.array([0.0, 0.5, 1.0])).talk, np.repeat(track.talk, 3, axis=0))


def test_a_track_is_not_read_at_no_times() -> None:
    with pytest.raises(UserError, match="no times"):
        FaceTrack(**layers(4), fps=10.0).at(np.array([]))


def test_a_captured_track_has_no_mood() -> None:
    track = FaceTrack.captured(layers(4)["talk"], 60.0, source="iphone.csv")
    assert not track.mood.any()
    assert track.provenance.source == "iphone.csv"
    assert track.names == CHANNELS
