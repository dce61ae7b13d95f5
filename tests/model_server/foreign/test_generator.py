"""A checkpoint of others as the model: it makes the face, our sliders mix its levels, our ear keeps the closures."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from model_server.audio.decode import decode
from model_server.audio.sound import Sound
from model_server.engine import Engine
from model_server.foreign import CurveNetwork
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.acting import Acting
from s2f_blender_addon.core.blend import blend, lip_gap, sealed
from s2f_blender_addon.core.channels import CHANNELS, INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.liveliness import Liveliness
from s2f_blender_addon.core.request import Request

from .published import v0002_shapes, weights

HELLO = Path(__file__).parents[3] / "model_server" / "sample" / "hello.wav"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("foreign") / "emotalk_finetuned.pth"
    tensors = weights(v0002_shapes())
    # Curves around the middle of their range, so that clamping does not hide what the levels do.
    tensors["linear.bias"] = torch.full((52,), 0.4)
    tensors["linear.weight"] *= 0.2
    tensors["obj_vector_level.weight"] *= 5
    torch.save(tensors, path)
    return path


@pytest.fixture(scope="module")
def engine(checkpoint: Path) -> Engine:
    return Engine(TalkModel.load(checkpoint))


@pytest.fixture(scope="module")
def hello() -> Sound:
    return decode(HELLO).between(0.0, 1.5)


def test_the_track_says_what_made_it_and_that_it_is_research(engine: Engine, hello: Sound) -> None:
    track = engine.infer(hello, Request())
    assert track.provenance.model == "EmoTalk_v0002, neutral, person 0"
    assert track.provenance.licence_track == "research"
    assert len(track.talk) == int(hello.duration * 60) + 1
    assert not track.mood.any()


def test_lips_meet_where_ours_do_unless_that_is_switched_off(engine: Engine, hello: Sound) -> None:
    ours = Engine(TalkModel.load()).infer(hello, Request())
    shut = sealed(ours.talk) > 0.99
    assert shut.any()
    for closures in (True, False):
        track = engine.infer(hello, Request(acting=Acting(closures=closures)))
        assert (lip_gap(track.talk[shut]).max() < 0.5) == closures


def test_blinks_and_gaze_stay_ours(engine: Engine, hello: Sound) -> None:
    ours = Engine(TalkModel.load()).infer(hello, Request(seed=3))
    track = engine.infer(hello, Request(seed=3))
    eyes = [INDEX[name] for name in CHANNELS if name.startswith(("eyeBlink", "eyeLook"))]
    assert np.array_equal(track.talk[:, eyes], ours.talk[:, eyes])


def test_sliders_mix_its_levels(engine: Engine, hello: Sound) -> None:
    neutral = engine.infer(hello, Request())
    half, full = (engine.infer(hello, Request(emotion={"angry": value})) for value in (0.5, 1.0))
    assert np.abs(full.mood).max() > 0.01
    assert 0 < np.abs(half.mood).sum() < np.abs(full.mood).sum()
    assert np.array_equal(blend(full.talk, full.mood, 0.0), blend(neutral.talk, neutral.mood))


def test_a_full_slider_is_the_networks_own_level(engine: Engine, hello: Sound) -> None:
    free = Acting(closures=False)
    mixed = engine.infer(hello, Request(emotion={"angry": 1.0}, acting=free))
    chosen = engine.infer(hello, Request(acting=replace(free, level=4)))
    brow = INDEX["browDownLeft"]  # no other layer of ours touches it
    assert np.allclose((mixed.talk + mixed.mood)[:, brow], chosen.talk[:, brow], atol=1e-4)
    assert chosen.provenance.model == "EmoTalk_v0002, angry, person 0"


def test_upstreams_blinks_and_filter_are_a_choice(engine: Engine, hello: Sound) -> None:
    lids = [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]
    free = Acting(closures=False, blinks="theirs", smoothing="theirs")
    theirs, again, other = (engine.infer(hello, Request(seed=seed, acting=free)) for seed in (3, 3, 4))
    assert theirs.talk[:, lids].max() > 0.5 and np.array_equal(theirs.talk, again.talk)
    assert not np.array_equal(theirs.talk[:, lids], other.talk[:, lids])
    rough = engine.infer(hello, Request(acting=Acting(closures=False))).talk
    jaw = INDEX["jawOpen"]
    assert np.abs(np.diff(theirs.talk[:, jaw], 2)).sum() < np.abs(np.diff(rough[:, jaw], 2)).sum()
    none = engine.infer(hello, Request(acting=free, liveliness=Liveliness(blinks=0.0)))
    assert none.talk[:, lids].max() < 0.5


def test_another_level_does_not_ask_the_encoders_again(
    checkpoint: Path, hello: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = Engine(TalkModel.load(checkpoint))
    fresh.infer(hello, Request())
    monkeypatch.setattr(CurveNetwork, "heard", lambda *_: pytest.fail("the encoders were asked again"))
    fresh.infer(hello, Request(acting=Acting(level=3, person=2)))


def test_a_request_names_the_checkpoint_and_the_process_keeps_it(checkpoint: Path, hello: Sound) -> None:
    process = Engine(TalkModel.load())
    track = process.infer(hello, Request(model=str(checkpoint), acting=Acting(level=2)))
    assert track.provenance.model == "EmoTalk_v0002, happy, person 0"
    assert process.with_model(str(checkpoint)) is process.with_model(str(checkpoint))
    assert process.infer(hello, Request()).provenance.licence_track == "product"
    with pytest.raises(UserError, match="no model file"):
        process.infer(hello, Request(model="nowhere.pth"))


def test_contempt_which_it_does_not_know_is_ours(engine: Engine, hello: Sound) -> None:
    assert engine.infer(hello, Request(emotion={"contempt": 1.0})).mood.any()


@pytest.mark.parametrize(
    ("acting", "complaint"),
    [(Acting(level=9), "no level 9"), (Acting(person=40), "persons 0 to 24"), (Acting(identity="me"), "by number")],
)
def test_what_it_does_not_know_is_refused(engine: Engine, hello: Sound, acting: Acting, complaint: str) -> None:
    with pytest.raises(UserError, match=complaint):
        engine.infer(hello, Request(acting=acting))


def test_rules_know_no_levels(hello: Sound) -> None:
    with pytest.raises(UserError, match="--model"):
        Engine(TalkModel.load()).infer(hello, Request(acting=Acting(level=1)))
