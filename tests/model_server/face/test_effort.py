"""Effort: a louder line opens the mouth further, a softer one less; lips that are shut stay shut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_server.audio.decode import decode
from model_server.audio.prosody import Prosody, prosody
from model_server.audio.sound import Sound
from model_server.engine import Engine
from model_server.face.effort import FULL_DB, MOST, Effort, effort_of
from model_server.sample import SAMPLE
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.blend import lip_gap
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.liveliness import Liveliness
from s2f_blender_addon.core.request import Request


def voice(*levels: float) -> Prosody:
    """Two seconds of speech at each of ``levels`` in dB below full scale."""
    loudness = np.repeat(np.array(levels, np.float32), 120)
    count = len(loudness)
    still, speech = np.zeros(count, np.float32), np.ones(count, np.float32)
    nothing = np.zeros((0, 2))
    return Prosody(60.0, loudness, speech, still, still, still, speech, nothing, nothing)


def test_louder_than_usual_is_effort_and_softer_is_less_than_none() -> None:
    share = effort_of(voice(-20, -20, -20, -30, -10)).share
    assert np.abs(share[:300]).max() < 0.05
    assert share[420] == pytest.approx(-1, abs=0.05) and share[-30] == pytest.approx(1, abs=0.05)


@given(level=st.floats(-60, -5), ordinary=st.floats(-60, -5))
def test_a_reference_says_what_is_ordinary(level: float, ordinary: float) -> None:
    share = effort_of(voice(level), ordinary).share
    assert np.allclose(share, np.clip((level - ordinary) / FULL_DB, -MOST, MOST), atol=0.02)


def test_silence_is_no_effort() -> None:
    silent = prosody(np.zeros(16000, np.float32), 60.0)
    assert not effort_of(silent, -30.0).share.any()


@given(share=st.floats(-MOST, MOST), jaw=st.floats(0, 0.5))
def test_shut_lips_stay_shut(share: float, jaw: float) -> None:
    curves = np.zeros((1, 52), np.float32)
    curves[:, [INDEX["jawOpen"], INDEX["mouthClose"]]] = jaw
    assert abs(lip_gap(Effort(np.array([share], np.float32)).mouth(curves))[0]) < 1e-4


def test_an_angry_line_opens_the_jaw_further_than_a_calm_one_of_the_same_voice() -> None:
    """The same sound 12 dB apart: alike to the ear, and not to a face that knows how the voice usually is."""
    sound, engine = decode(SAMPLE), Engine(TalkModel.load())
    calm = Sound((sound.samples * np.float32(0.25)).astype(np.float32))
    usual = effort_of_level(sound) - 6
    jaws = []
    for heard, life in ((sound, 1.0), (calm, 1.0), (calm, 0.0)):
        request = Request(fps=30.0, ordinary_db=usual, liveliness=Liveliness(effort=life))
        jaws.append(engine.infer(heard, request).talk[:, INDEX["jawOpen"]].max())
    loud, soft, plain = jaws
    assert loud > 1.25 * soft and soft < 0.95 * plain < 0.95 * loud


def effort_of_level(sound: Sound) -> float:
    """The median level of its speech in dB."""
    heard = prosody(sound.samples, 30.0)
    return float(np.median(heard.loudness_db[heard.speech > 0.5]))
