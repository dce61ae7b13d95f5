"""A mood over a speech that is only remembered is the mood that the sound gave."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model_server.audio.decode import decode
from model_server.engine import Engine
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.drive import COLUMNS, Drive, packed_drive, unpacked_drive
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.request import Request

SAMPLE = Path(__file__).parents[3] / "model_server/sample/hello.wav"


@pytest.fixture(scope="module")
def made():
    engine, sound = Engine(TalkModel.load(None, "numpy", "cpu")), decode(SAMPLE)
    request = Request(emotion={"happy": 0.7}, end=4.0)
    return engine, sound, request, engine.infer(sound, request), engine.drive(sound, request)


@pytest.mark.parametrize("emotion", [{"angry": 1.0}, {"sad": 0.8, "fear": 0.3}, {}])
def test_another_mood_needs_no_sound(made, emotion):
    engine, sound, request, track, drive = made
    kept = unpacked_drive(packed_drive(drive))
    wanted = replace(request, emotion=emotion)
    heard = mixed(engine.infer(sound, wanted), Mix())
    remembered = mixed(engine.mood(track.talk, track.head, kept, wanted), Mix())
    assert np.abs(remembered - heard).max() < 0.1
    assert np.abs(remembered - heard).mean() < 0.002


def test_it_takes_far_less_than_a_megabyte_a_minute(made):
    seconds = 4.0
    assert len(packed_drive(made[4])) < 0.3e6 * seconds / 60


def test_what_does_not_fit_is_one_sentence(made):
    engine, _, request, track, drive = made
    with pytest.raises(UserError, match="bake it again"):
        engine.mood(track.talk[:-5], track.head[:-5], drive, request)
    with pytest.raises(UserError, match="damaged"):
        unpacked_drive("nonsense")
    with pytest.raises(UserError, match="damaged"):
        Drive(np.full((3, len(COLUMNS)), np.nan, np.float32))
    assert len(unpacked_drive("")) == 0
