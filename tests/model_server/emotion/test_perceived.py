"""Does this track read as angry? The shipped classifier on tracks of ours, of others, and of nobody in particular."""

import numpy as np
import pytest

from model_server.emotion.perceived import CLASSES, MIRROR, card, perceive
from model_server.face.expressions import load_expressions
from model_server.training.emotion.perceived_set import FPS, Talking, make_emotional, varied
from s2f_blender_addon.core.channels import CHANNELS, INDEX
from tests.model_server.face.conftest import make_shot


def speaking() -> Talking:
    shot = make_shot(8.0, FPS)
    return Talking("test", shot.talk, shot.prosody)  # type: ignore[arg-type]


def test_our_own_moods_are_read_as_what_they_are() -> None:
    clips = list(make_emotional([speaking()], 2, seed=5))
    right = [perceive(clip.values, FPS).emotion == CLASSES[clip.label] for clip in clips]
    assert np.mean(right) >= 0.9


def test_another_artists_expressions_are_read_too() -> None:
    clips = list(make_emotional([speaking()], 3, seed=6, vary=1.0))
    right = [perceive(clip.values, FPS).emotion == CLASSES[clip.label] for clip in clips]
    assert np.mean(right) >= 0.85


def test_a_face_at_rest_is_neutral() -> None:
    assert perceive(np.zeros((120, 52), np.float32), 60.0).emotion == "neutral"


def tracked(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """``values`` as a face tracker has them of somebody with narrow eyes and low brows: a rest of its own, trembling,
    a gaze that wanders, and nothing of what trackers hardly see.
    """
    seen = values.copy()
    for stem in ("mouthUpperUp", "mouthLowerDown", "noseSneer"):
        seen[:, [INDEX[stem + "Left"], INDEX[stem + "Right"]]] *= 0.1
    for channel, rest in (("eyeSquintLeft", 0.5), ("eyeSquintRight", 0.42), ("browDownLeft", 0.12),
                          ("browDownRight", 0.13), ("eyeBlinkLeft", 0.11), ("eyeBlinkRight", 0.08)):  # fmt: skip
        seen[:, INDEX[channel]] += rest
    eyes = [INDEX[name] for name in CHANNELS if name.startswith("eye")]
    wander = np.repeat(rng.normal(0, 0.1, (len(seen) // 10 + 1, len(eyes))), 10, axis=0)[: len(seen)]
    seen[:, eyes] += wander
    return np.clip(seen + rng.normal(0, 0.01, seen.shape), 0, 1).astype(np.float32)


def test_a_neutral_talker_stays_neutral_in_the_eyes_of_a_tracker() -> None:
    rng = np.random.default_rng(3)
    clips = [clip for clip in make_emotional([speaking()], 4, seed=11) if not clip.label]
    windows = np.concatenate([perceive(tracked(clip.values, rng), FPS).over_time for clip in clips])
    assert (windows.argmax(1) == CLASSES.index("neutral")).mean() >= 0.95


def test_a_tracked_actor_is_still_read() -> None:
    rng = np.random.default_rng(4)
    felt = ("happy", "sad", "fear")
    clips = [clip for clip in make_emotional([speaking()], 2, seed=12) if CLASSES[clip.label] in felt]
    right = [perceive(tracked(clip.values, rng), FPS).emotion == CLASSES[clip.label] for clip in clips]
    assert np.mean(right) >= 0.8


def test_a_hand_made_smile_is_happy_at_any_rate_and_length() -> None:
    values = np.zeros((240, 52), np.float32)
    for stem, value in (("mouthSmile", 0.7), ("cheekSquint", 0.5), ("eyeSquint", 0.3)):
        for side in ("Left", "Right"):
            values[:, INDEX[stem + side]] = value
    for fps, count in ((24.0, 240), (60.0, 240), (60.0, 20), (60.0, 1)):
        assert perceive(values[:count], fps).emotion == "happy"


def test_sides_do_not_matter() -> None:
    clip = next(c for c in make_emotional([speaking()], 1, seed=7) if CLASSES[c.label] == "contempt")
    assert perceive(clip.values, FPS).shares == pytest.approx(perceive(clip.values[:, MIRROR], FPS).shares, abs=1e-5)


def test_a_change_of_mood_is_seen_when_it_happens() -> None:
    clips = {CLASSES[c.label]: c.values for c in make_emotional([speaking()], 1, seed=8)}
    seen = perceive(np.concatenate([clips["happy"], clips["sad"]]), FPS)
    halfway = len(clips["happy"]) / FPS
    early, late = seen.over_time[seen.times < halfway - 1], seen.over_time[seen.times > halfway + 1]
    assert CLASSES[int(early.mean(0).argmax())] == "happy"
    assert CLASSES[int(late.mean(0).argmax())] == "sad"


def test_its_card_says_how_it_was_made_and_how_well_it_does() -> None:
    figures = card()["figures"]
    assert card()["licence_track"] == "product"
    assert figures["held-out tables"]["accuracy"] >= 0.9
    assert figures["false alarms"] <= 0.1


def test_a_varied_table_differs_by_up_to_forty_percent_and_lacks_channels() -> None:
    table = load_expressions()
    other = varied(table, np.random.default_rng(0))
    ours, theirs = table["happy"].steps[3], other["happy"].steps[3]
    assert not np.allclose(other["happy"].spoken, table["happy"].spoken), "in speech as in silence"
    present = ours > 0
    assert (theirs[present] == 0).any() or not np.allclose(theirs, ours)
    assert not theirs[~present].any()
    assert len(CHANNELS) == len(theirs)
