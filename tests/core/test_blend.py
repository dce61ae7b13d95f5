"""Two layers and a few sliders become values: intensity 0 is neutral, sealed lips stay shut, nothing leaves 0-1."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from s2f_blender_addon.core import blend as blending
from s2f_blender_addon.core.blend import Mix, blend, lip_gap, mixed, sealed, smooth
from s2f_blender_addon.core.channels import CHANNELS, INDEX, REGIONS, indices
from s2f_blender_addon.core.track import FaceTrack

Layer = npt.NDArray[np.float32]
unit = st.floats(0, 1, width=32)
layers = hnp.arrays(np.float32, (6, 52), elements=unit)
signed_unit = st.floats(-1, 1, width=32)
signed = hnp.arrays(np.float32, (6, 52), elements=signed_unit)
intensities = st.floats(0, 2, width=32)


def closed_talk(frames: int = 40) -> Layer:
    """Lips that open and close; the frames in the middle are a firm p."""
    talk = np.zeros((frames, 52), np.float32)
    talk[:, INDEX["jawOpen"]] = 0.3
    middle = slice(frames // 2 - 4, frames // 2 + 4)
    talk[middle, INDEX["jawOpen"]] = talk[middle, INDEX["mouthClose"]] = 0.1
    return talk


@given(layers, signed, intensities)
def test_values_stay_between_0_and_1(talk: Layer, mood: Layer, intensity: float) -> None:
    values = blend(talk, mood, intensity)
    assert values.dtype == np.float32
    assert values.min() >= 0
    assert values.max() <= 1


@given(
    hnp.arrays(np.float32, (23, 52), elements=unit), hnp.arrays(np.float32, (23, 52), elements=signed_unit),
    st.integers(1, 30), st.sampled_from([0.0, 0.03, 0.2, 3.0]), intensities,
)  # fmt: skip
@settings(max_examples=50)
def test_pieces_of_any_size_give_what_the_whole_gives(
    talk: Layer, mood: Layer, size: int, smoothing: float, intensity: float
) -> None:
    track, mix = FaceTrack(talk, mood, 24.0), Mix(intensity, smoothing, mouth=1.2)
    keyed = np.linspace(0, 1, 23, dtype=np.float32)
    with pytest.MonkeyPatch.context() as patch:
        whole, alike = mixed(track, mix), mixed(track, mix, keyed)
        patch.setattr(blending, "BLOCK", size)
        np.testing.assert_allclose(mixed(track, mix), whole, atol=2e-6)
        np.testing.assert_allclose(mixed(track, mix, keyed), alike, atol=2e-6)


@given(layers, signed)
def test_intensity_0_is_neutral_to_the_bit(talk: Layer, mood: Layer) -> None:
    np.testing.assert_array_equal(blend(talk, mood, 0.0), np.clip(talk, 0, 1))


@given(layers, signed, intensities)
def test_an_intensity_over_time_is_the_number_frame_by_frame(talk: Layer, mood: Layer, intensity: float) -> None:
    over_time = np.full(len(talk), intensity, np.float32)
    np.testing.assert_array_equal(blend(talk, mood, over_time), blend(talk, mood, intensity))


@given(layers, layers, st.floats(0, 1), st.floats(0, 1))
def test_more_intensity_never_moves_a_channel_back_to_neutral(
    talk: Layer, mood: Layer, one: float, other: float
) -> None:
    free = [i for i, name in enumerate(CHANNELS) if name != "mouthClose"]  # it follows the jaw where lips are sealed
    low, high = sorted((one, other))
    assert (blend(talk, mood, high)[:, free] - blend(talk, mood, low)[:, free] >= -1e-6).all()


@given(hnp.arrays(np.float32, (40, 52), elements=st.floats(-0.875, 0.875, width=32)), intensities)
def test_sealed_lips_stay_shut_under_any_mood(mood: Layer, intensity: float) -> None:
    talk = closed_talk()
    shut = sealed(talk) >= 1
    assert shut.sum() == 8
    assert lip_gap(blend(talk, mood, intensity))[shut].max() <= 0.5


@given(hnp.arrays(np.float32, (40, 52), elements=st.floats(0, 0.625, width=32)), st.floats(0, 0.15), intensities)
@settings(max_examples=50)
def test_sealed_lips_stay_shut_under_smoothing(mood: Layer, seconds: float, intensity: float) -> None:
    track = FaceTrack(closed_talk(), mood, 60.0)
    shut = sealed(track.talk) >= 1
    assert lip_gap(mixed(track, Mix(intensity=intensity, smoothing=seconds)))[shut].max() <= 0.5


def test_a_wrinkled_nose_stays_wrinkled_while_lips_close_and_the_chin_helps() -> None:
    talk, mood = closed_talk(), np.zeros((40, 52), np.float32)
    for name, value in (("noseSneer", 0.8), ("mouthUpperUp", 0.6)):
        mood[:, [INDEX[name + "Left"], INDEX[name + "Right"]]] = value
    values = blend(talk, mood)
    shut = sealed(talk) >= 1
    assert values[shut, INDEX["noseSneerLeft"]] == pytest.approx(0.8)
    assert values[shut, INDEX["mouthShrugLower"]].min() > 0.05 > values[~shut, INDEX["mouthShrugLower"]].max()
    assert lip_gap(values)[shut].max() <= 0.5


def test_lips_at_rest_are_free_to_part() -> None:
    talk, mood = np.zeros((2, 52), np.float32), np.zeros((2, 52), np.float32)
    mood[:, INDEX["jawOpen"]] = 0.3
    assert lip_gap(blend(talk, mood))[0] > 5


@given(layers, st.floats(0, 0.3))
def test_smoothing_keeps_the_range_and_a_constant(values: Layer, seconds: float) -> None:
    smoothed = smooth(values, 60.0, seconds)
    assert smoothed.min() >= values.min() - 1e-6
    assert smoothed.max() <= values.max() + 1e-6
    constant = np.repeat(values[:1], 50, axis=0)
    np.testing.assert_allclose(smooth(constant, 60.0, seconds), constant, atol=1e-6)


def test_smoothing_does_not_shift_in_time() -> None:
    peak = np.zeros((101, 52), np.float32)
    peak[50] = 1
    smoothed = smooth(peak, 60.0, 0.05)
    assert smoothed[:, 0].argmax() == 50
    np.testing.assert_allclose(smoothed, smoothed[::-1], atol=1e-7)
    assert smoothed[:, 0].sum() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("region", ["mouth", "brow", "eye"])
def test_a_strength_of_0_stills_its_region_and_no_other(region: str) -> None:
    rng = np.random.default_rng(3)
    track = FaceTrack(rng.random((9, 52), np.float32) * 0.5, np.zeros((9, 52), np.float32), 60.0)
    plain, stilled = mixed(track, Mix()), mixed(track, Mix(**{region: 0.0}))
    inside = indices(REGIONS[region])
    outside = [i for i in range(52) if i not in inside]
    assert not stilled[:, inside].any()
    np.testing.assert_array_equal(stilled[:, outside], plain[:, outside])


def test_a_weaker_mouth_still_closes() -> None:
    track = FaceTrack(closed_talk(), np.full((40, 52), 0.4, np.float32), 60.0)
    shut = sealed(track.talk) >= 1
    for strength in (0.25, 0.5, 2.0):
        for mix in (Mix(mouth=strength), Mix(jaw=strength), Mix(lips=strength), Mix(jaw=strength, lips=2.5 - strength)):
            assert lip_gap(mixed(track, mix))[shut].max() <= 0.5


def test_jaw_and_lips_have_strengths_of_their_own() -> None:
    rng = np.random.default_rng(5)
    track = FaceTrack(rng.random((9, 52), np.float32) * 0.2, np.zeros((9, 52), np.float32), 60.0)
    plain, jaw, lips = (mixed(track, mix) for mix in (Mix(), Mix(jaw=2.0), Mix(lips=2.0)))
    for name, column in INDEX.items():
        of_jaw, of_lips = name.startswith("jaw") or name == "mouthClose", name.startswith("mouth")
        np.testing.assert_allclose(jaw[:, column], plain[:, column] * (2 if of_jaw else 1), atol=1e-6)
        np.testing.assert_allclose(lips[:, column], plain[:, column] * (2 if of_lips and not of_jaw else 1), atol=1e-6)


def test_a_mood_may_not_take_away_what_holds_the_lips_shut() -> None:
    talk, mood = np.zeros((2, 52), np.float32), np.zeros((2, 52), np.float32)
    talk[:, [INDEX["jawOpen"], INDEX["mouthClose"]]] = 0.045
    talk[:, INDEX["mouthShrugLower"]] = 0.3
    mood[:, INDEX["mouthShrugLower"]] = -0.3
    assert lip_gap(blend(talk, mood))[0] <= lip_gap(talk)[0] + 1e-5
