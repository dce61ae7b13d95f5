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
    present = ours > 0
    assert (theirs[present] == 0).any() or not np.allclose(theirs, ours)
    assert not theirs[~present].any()
    assert len(CHANNELS) == len(theirs)
