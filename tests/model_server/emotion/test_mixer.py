"""Voice, words, sliders and keys become one: what the weights say, without lag, memory or more than N at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_server.emotion.mixer import Recipe, mix
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.errors import UserError

FPS = 50.0
E = len(EMOTIONS)


def constant(count: int = 100, **values: float) -> np.ndarray:
    track = np.zeros((count, E), np.float32)
    for name, value in values.items():
        track[:, EMOTIONS.index(name)] = value
    return track


def plain(**changes: object) -> Recipe:
    return Recipe(**({"smoothing": 0.0, "most": E} | changes))  # type: ignore[arg-type]


def test_one_source_at_weight_one_passes_unchanged() -> None:
    rng = np.random.default_rng(0)
    track = rng.random((100, E)).astype(np.float32)
    assert np.array_equal(mix({"sliders": track}, plain(), FPS), track)


def test_a_source_that_speaks_alone_is_not_halved() -> None:
    voice = constant(angry=0.8)
    assert mix({"voice": voice}, plain(), FPS) == pytest.approx(voice)
    quiet = {"words": np.zeros(100, np.float32)}
    assert mix({"voice": voice, "words": constant()}, plain(), FPS, quiet) == pytest.approx(voice)


def test_weights_are_shares_and_the_surer_source_has_more_to_say() -> None:
    angry, sad = EMOTIONS.index("angry"), EMOTIONS.index("sad")
    even = mix({"voice": constant(angry=0.8), "words": constant(sad=0.8)}, plain(), FPS)[50]
    assert even[angry] == even[sad] == pytest.approx(0.4)
    leaning = plain(weights={"voice": 0.75, "words": 0.25})
    assert mix({"voice": constant(angry=0.8), "words": constant(sad=0.8)}, leaning, FPS)[50][angry] == pytest.approx(
        0.6
    )
    unsure = mix({"voice": constant(angry=0.1), "words": constant(sad=0.9)}, plain(), FPS)[50]
    assert unsure[sad] > 0.65 and unsure[angry] < 0.03
    muted = mix({"voice": constant(angry=0.8), "words": constant(sad=0.8)}, plain(weights={"words": 1.0}), FPS)[50]
    assert muted[angry] == 0 and muted[sad] == pytest.approx(0.8)
    nobody = plain(weights={"voice": 0.0, "words": 0.0})
    assert not mix({"voice": constant(angry=0.8), "words": constant(sad=0.8)}, nobody, FPS).any()


def test_words_count_while_they_are_said() -> None:
    said = np.zeros(100, np.float32)
    said[50:] = 1
    mixed = mix({"voice": constant(angry=0.5), "words": constant(sad=0.5)}, plain(), FPS, {"words": said})
    assert mixed[20, EMOTIONS.index("angry")] == pytest.approx(0.5) and not mixed[20, EMOTIONS.index("sad")]
    assert mixed[80, EMOTIONS.index("sad")] == pytest.approx(0.25)


def test_the_amount_scales_and_stops_at_one() -> None:
    source = {"voice": constant(angry=0.6)}
    assert mix(source, plain(amount=0.5), FPS)[0].max() == pytest.approx(0.3)
    assert mix(source, plain(amount=2.0), FPS)[0].max() == 1.0
    assert not mix(source, plain(amount=0.0), FPS).any()


def test_contrast_favours_the_strongest_and_leaves_neutral_neutral() -> None:
    source = {"sliders": constant(angry=0.5, sad=0.3)}
    angry, sad = EMOTIONS.index("angry"), EMOTIONS.index("sad")
    ratios = [mix(source, plain(contrast=c), FPS)[0] for c in (0.5, 1.0, 2.0)]
    assert ratios[0][angry] / ratios[0][sad] < ratios[1][angry] / ratios[1][sad] < ratios[2][angry] / ratios[2][sad]
    assert not mix({"sliders": constant()}, plain(contrast=3.0), FPS).any()
    weak = mix({"sliders": constant(fear=0.1)}, plain(contrast=3.0), FPS)[0]
    assert weak.max() < 0.01


def test_smoothing_is_in_seconds_whatever_the_rate_and_has_no_lag() -> None:
    def ramp(fps: float) -> np.ndarray:
        step = constant(int(4 * fps) + 1)
        step[int(2 * fps) :, 0] = 1.0
        return mix({"keys": step}, plain(smoothing=0.3), fps)[:, 0]

    slow, fast = ramp(25.0), ramp(100.0)
    assert slow == pytest.approx(fast[::4], abs=0.05)
    assert fast[200] == pytest.approx(0.5, abs=0.02)
    assert fast[200 - 30] == pytest.approx(1 - fast[200 + 30], abs=0.02)


def test_at_most_n_emotions_at_once_and_none_pops() -> None:
    t = np.linspace(0, 1, 400)[:, None]
    track = np.clip(0.5 + 0.4 * np.sin(2 * np.pi * (t + np.arange(E) / E)), 0, 1).astype(np.float32)
    for most in (1, 2, 3):
        result = mix({"sliders": track}, plain(most=most), FPS)
        assert (result > 1e-6).sum(1).max() <= most
        assert np.abs(np.diff(result, axis=0)).max() < 12 * np.abs(np.diff(track, axis=0)).max()


def test_nothing_is_remembered_between_calls() -> None:
    recipe = plain()
    mix({"sliders": constant(angry=1.0)}, recipe, FPS)
    assert not mix({"sliders": constant()}, recipe, FPS).any()


@settings(max_examples=40)
@given(
    st.lists(st.lists(st.floats(0, 1, width=32), min_size=E, max_size=E), min_size=1, max_size=6),
    st.floats(0, 4),
    st.integers(1, E),
    st.floats(0, 1),
)
def test_any_mixture_stays_between_0_and_1(
    rows: list[list[float]], contrast: float, most: int, smoothing: float
) -> None:
    track = np.array(rows, np.float32)
    result = mix(
        {"voice": track, "words": track, "keys": track}, Recipe(contrast=contrast, most=most, smoothing=smoothing), FPS
    )
    assert result.shape == track.shape
    assert np.isfinite(result).all()
    assert result.min() >= 0
    assert result.max() <= 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"weights": {"stars": 1.0}},
        {"weights": {"voice": 2.0}},
        {"contrast": -1.0},
        {"most": 0},
        {"smoothing": -0.1},
        {"amount": 3.0},
    ],
)
def test_a_recipe_outside_its_ranges_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UserError):
        plain(**wrong)


def test_sources_of_different_lengths_are_refused() -> None:
    with pytest.raises(UserError, match="frames"):
        mix({"voice": constant(10), "words": constant(11)}, plain(), FPS)
