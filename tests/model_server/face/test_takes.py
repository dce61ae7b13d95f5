"""Takes of one line differ as a director would call it, are the same again, and close the lips alike."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from model_server.audio.decode import decode
from model_server.engine import Engine
from model_server.face.takes import MANNERS, manner, played
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.blend import lip_gap, sealed
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.core.takes import NAMES, diversity, manner_name
from s2f_blender_addon.core.track import FaceTrack

HELLO = Path(__file__).parents[3] / "model_server" / "sample" / "hello.wav"
TAKES = 4


@pytest.fixture(scope="module")
def takes() -> list[FaceTrack]:
    engine, sound = Engine(TalkModel.load()), decode(HELLO)
    return [engine.infer(sound, Request(seed=5, take=take)) for take in range(TAKES)]


def test_take_0_is_the_plain_performance(takes: list[FaceTrack]) -> None:
    plain = Engine(TalkModel.load()).infer(decode(HELLO), Request(seed=5))
    assert np.array_equal(takes[0].talk, plain.talk)


def test_the_same_take_is_the_same_performance(takes: list[FaceTrack]) -> None:
    again = Engine(TalkModel.load()).infer(decode(HELLO), Request(seed=5, take=2))
    assert again.talk.tobytes() == takes[2].talk.tobytes()


def test_every_two_takes_differ_on_the_mouth_and_on_the_upper_face(takes: list[FaceTrack]) -> None:
    for one, other in combinations(takes, 2):
        found = diversity([one.talk, other.talk])
        assert found["mouth"] >= 0.15
        assert found["upper"] >= 0.15


def test_lips_close_in_every_take_where_they_close_in_the_first(takes: list[FaceTrack]) -> None:
    shut = sealed(takes[0].talk) > 0.99
    apart = lip_gap(takes[0].talk) > 2.0
    assert shut.any()
    assert apart.any()
    for take in takes[1:]:
        assert lip_gap(take.talk)[shut].max() < 0.5
        assert lip_gap(take.talk)[apart].min() > 0.8


def test_every_manner_has_a_name() -> None:
    assert len(NAMES) == 1 + len(MANNERS)
    assert [manner_name(take) for take in (0, 1, 4)] == [NAMES[0], NAMES[1], NAMES[1]]


def test_manners_repeat_only_with_other_luck() -> None:
    known = [manner(0, take) for take in range(8)]
    assert len(set(known)) == 8


def test_diversity_of_one_performance_and_of_itself_is_none() -> None:
    face = np.random.default_rng(0).random((50, 52), np.float32)
    assert diversity([face]) == {"mouth": 0.0, "upper": 0.0}
    assert diversity([face, face])["mouth"] == 0


def test_silence_stays_silent_in_every_take() -> None:
    still = np.zeros((60, 52), np.float32)
    for take in range(TAKES):
        assert not played(still, np.zeros(60, np.float32), 60.0, 0, take).any()
