"""An actor's own emotions: sizes, speeds and couplings out of clips of which they are known."""

from pathlib import Path

import numpy as np
import pytest

from model_server.training.actor.expressions import learn_folder, learned
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.blend import Mix
from s2f_blender_addon.core.channels import CHANNELS, INDEX
from s2f_blender_addon.core.custom_emotion import ONSET, RELEASE, read_file
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.track import FaceTrack

POSE = {"browDownLeft": 0.7, "browDownRight": 0.4, "noseSneerLeft": 0.3, "mouthPressLeft": 0.2}
FPS = 30.0
REST = {"browDownLeft": 0.1, "browInnerUp": 0.15}


def clip(strength: np.ndarray, pose: dict[str, float] = POSE, seed: int = 0) -> FaceTrack:
    """A face that rests as REST, speaks, looks about, and shows ``pose`` as ``strength`` (T,) says."""
    rng = np.random.default_rng(seed)
    values = np.zeros((len(strength), len(CHANNELS)), np.float32)
    for name, value in REST.items():
        values[:, INDEX[name]] += value
    for name, value in pose.items():
        values[:, INDEX[name]] += value * strength
    values[:, INDEX["jawOpen"]] += 0.15 * (1 + np.sin(np.arange(len(strength)) * 0.9))
    values[:, INDEX["eyeLookInLeft"]] = 0.4 * rng.random(len(strength))
    return FaceTrack.captured(np.clip(values + rng.normal(0, 0.004, values.shape), 0, 1).astype(np.float32), FPS)


def swings(up: float, down: float) -> np.ndarray:
    """(T,) 0-1: comes in ``up`` seconds, holds, goes in ``down``, three times."""
    times = np.arange(0, 5, 1 / FPS)
    return np.tile(np.interp(times, [0.5, 0.5 + up, 2.0, 2.0 + down], [0, 1, 1, 0]), 3)


NEUTRAL = clip(np.zeros(150), seed=1)


def test_sizes_keep_their_proportions_and_sides() -> None:
    emotion = learned({"angry": [clip(swings(0.3, 1.2))], "neutral": [NEUTRAL]})["angry"].emotion
    assert emotion.name == "My angry", "the eight keep their names"
    for name, value in POSE.items():
        assert emotion.channels[name] == pytest.approx(value, abs=0.06), name
    assert not {"jawOpen", "browInnerUp", "eyeLookInLeft"} & set(emotion.channels), "speech, rest, gaze"


@pytest.mark.parametrize(("up", "down"), [(0.3, 1.2), (1.0, 0.4)])
def test_speeds_are_those_of_the_actor(up: float, down: float) -> None:
    emotion = learned({"angry": [clip(swings(up, down))], "neutral": [NEUTRAL]})["angry"].emotion
    assert emotion.onset == pytest.approx(up, rel=0.4)
    assert emotion.release == pytest.approx(down, rel=0.4)
    assert (emotion.onset < emotion.release) == (up < down)


def test_a_clip_that_shows_it_throughout_says_nothing_of_speeds(tmp_path: Path) -> None:
    formats.write(tmp_path / "neutral.csv", NEUTRAL, Mix())
    formats.write(tmp_path / "sulky.csv", clip(np.ones(90)), Mix())
    formats.write(tmp_path / "bored.csv", clip(np.interp(np.arange(90), [15, 30], [0, 1])), Mix())
    found, notes = learn_folder(tmp_path, tmp_path / "none.task", tmp_path / "out")
    assert (found["sulky"].emotion.onset, found["sulky"].emotion.release) == (ONSET, RELEASE)
    assert found["bored"].emotion.onset == pytest.approx(0.5, rel=0.4) and found["bored"].emotion.release == RELEASE
    assert sum("how fast it comes (0.5 s) and goes (1.4 s)" in note for note in notes) == 1
    assert sum("how fast it goes (1.4 s)" in note for note in notes) == 1


def test_what_goes_together_is_told() -> None:
    found = learned({"angry": [clip(swings(0.3, 1.2))], "neutral": [NEUTRAL]})["angry"]
    assert found.together[INDEX["browDownRight"]] > 0.9 > 0.3 > abs(found.together[INDEX["jawOpen"]])
    assert found.strongest.startswith("browDownLeft 0.")


def test_a_folder_becomes_emotions_that_blender_imports(tmp_path: Path) -> None:
    (tmp_path / "clips" / "bored").mkdir(parents=True)
    formats.write(tmp_path / "clips" / "neutral_1.csv", NEUTRAL, Mix())
    formats.write(tmp_path / "clips" / "angry 1.csv", clip(swings(0.3, 1.2)), Mix())
    formats.write(tmp_path / "clips" / "bored" / "a.csv", clip(swings(1, 1), {"eyeBlinkLeft": 0.4}), Mix())
    found, notes = learn_folder(tmp_path / "clips", tmp_path / "none.task", tmp_path / "out")
    assert set(found) == {"angry", "bored"} and notes == []
    for name in ("My angry", "bored"):
        assert read_file(tmp_path / "out" / f"{name}.json").name == name
    assert read_file(tmp_path / "out" / "My angry.json").onset < 0.6


def test_without_neutral_the_calmest_moments_stand_for_it_and_that_is_said(tmp_path: Path) -> None:
    formats.write(tmp_path / "angry.csv", clip(swings(0.3, 1.2)), Mix())
    found, notes = learn_folder(tmp_path, tmp_path / "none.task", tmp_path / "out")
    assert found["angry"].emotion.channels["browDownLeft"] == pytest.approx(0.7, abs=0.1)
    assert "neutral" in notes[0]


def test_what_cannot_be_learned_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no clips"):
        learn_folder(tmp_path, tmp_path, tmp_path / "out")
    with pytest.raises(UserError, match="named? files or folders|name files"):
        learned({"neutral": [NEUTRAL]})
    with pytest.raises(UserError, match="same face as the neutral"):
        learned({"angry": [clip(np.zeros(150), seed=2)], "neutral": [NEUTRAL]})
    (tmp_path / "angry.mp4").write_bytes(b"")
    with pytest.raises(UserError, match="mediapipe|cv2|no face tracker"):
        learn_folder(tmp_path, tmp_path / "none.task", tmp_path / "out")
