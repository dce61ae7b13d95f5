"""Emotions that a user made show as the eight do: with their own slider, as they were saved, and the lips speak."""

import numpy as np
import pytest

from model_server.face.expressions import load_expressions
from model_server.face.life import live
from model_server.face.mood import mood
from model_server.face.own import own_expressions
from s2f_blender_addon.core.blend import blend, lip_gap
from s2f_blender_addon.core.channels import CHANNELS, EMOTIONS, INDEX
from s2f_blender_addon.core.custom_emotion import CustomEmotion
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.request import Request

from .conftest import Shot

SMIRK = CustomEmotion("Smirk", {"mouthSmileLeft": 0.9, "browOuterUpRight": 0.6})


def added(shot: Shot, own: list[CustomEmotion], *strengths: float, **values: float) -> np.ndarray:
    sliders = np.zeros((len(shot.talk.curves), len(EMOTIONS) + len(own)), np.float32)
    sliders[:, len(EMOTIONS) :] = strengths
    for name, value in values.items():
        sliders[:, EMOTIONS.index(name)] = value
    return mood(sliders, live(shot.talk, shot.prosody, 0), [*load_expressions().values(), *own_expressions(own)])


def test_its_pose_shows_and_nothing_else_does(shot: Shot) -> None:
    face = added(shot, [SMIRK], 1.0).mean(0)
    assert face[INDEX["mouthSmileLeft"]] > 0.5
    assert face[INDEX["browOuterUpRight"]] > 0.4
    others = [i for i, name in enumerate(CHANNELS) if name not in SMIRK.channels]
    assert np.abs(face[others]).max() < 0.02


def test_more_of_it_shows_more(shot: Shot) -> None:
    shown = [np.abs(added(shot, [SMIRK], strength)).sum() for strength in (0.0, 0.3, 0.6, 1.0)]
    assert shown[0] == 0
    assert (np.diff(shown) > 0).all()


def test_it_mixes_with_the_eight_and_shares_the_face_with_them(shot: Shot) -> None:
    both = added(shot, [SMIRK], 1.0, sad=1.0).mean(0)
    assert both[INDEX["browInnerUp"]] > 0.2
    assert 0.2 < both[INDEX["mouthSmileLeft"]] < added(shot, [SMIRK], 1.0).mean(0)[INDEX["mouthSmileLeft"]]


def test_it_shows_as_it_was_saved(shot: Shot) -> None:
    face = added(shot, [SMIRK], 1.0)
    for channel, value in SMIRK.channels.items():
        assert face[:, INDEX[channel]] == pytest.approx(value, abs=1e-5)


def test_lips_meet_under_it(shot: Shot) -> None:
    gape = CustomEmotion("Gape", {"jawOpen": 0.8, "mouthUpperUpLeft": 0.8})
    talk = live(shot.talk, shot.prosody, 0).face
    shut = shot.talk.seal > 0.99
    values = blend(talk, added(shot, [gape], 1.0))
    assert lip_gap(values)[shut].max() <= 0.5
    assert values[shut, INDEX["mouthUpperUpLeft"]].min() > 0.7


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        (("Smirk", {"smile": 1.0}), "no channel"),
        (("Smirk", {"jawOpen": 1.5}), "from 0 to 1"),
        (("Smirk", {"jawOpen": float("nan")}), "from 0 to 1"),
        ((" ", {"jawOpen": 1}), "needs a name"),
        (("Smirk", {}), "no pose"),
        (("happy", {"jawOpen": 1}), "two emotions"),
    ],
)
def test_what_is_none_gets_a_sentence(item: tuple[str, dict[str, float]], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        Request(custom_emotions=(CustomEmotion(*item),))
