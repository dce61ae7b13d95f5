"""A fusion with any weights at all: the product's safety net holds, and torch's arithmetic is ours."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from model_server.audio.decode import decode
from model_server.engine import Engine
from model_server.sample import SAMPLE
from model_server.slots.fused import RATE, Fused, FusionShape, content, recurrent
from model_server.speech.card import Card
from model_server.speech.network import Shape
from model_server.speech.talk import Talk
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.blend import Mix, lip_gap, mixed, sealed
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.custom_emotion import CustomEmotion
from s2f_blender_addon.core.emotions import EMOTIONS
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.request import Request

SHAPES = {
    "concat": FusionShape(False, ("rules", "someone"), 16, (1, 2), 8, 4),
    "film-gru": FusionShape(True, ("rules", "someone"), 16, (1, 2), 8, 4),
}


def weights(shape: FusionShape, size: float = 0.4) -> dict[str, np.ndarray]:
    random = np.random.default_rng(1)
    return {name: random.normal(0, size, s).astype(np.float32) for name, s in shape.tensors().items()}


def written(path: Path, name: str, **changed: object) -> Path:
    """A model file that brings a fusion of random weights only."""
    shape = SHAPES[name]
    settings = {"shape": shape.to_json(), "identity": [0.5, 0.5]}
    card = json.loads(
        Card("odd", "research", "none", Shape(44), encoder="bundled", fusion=name, fusion_settings=settings).to_json()
    )
    arrays = {f"fusion.{key}": array.astype(np.float16) for key, array in weights(shape).items()}
    path.write_bytes(save(arrays, {"card": json.dumps(card | changed)}))
    return path


@pytest.fixture(scope="module", params=SHAPES)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TalkModel:
    return TalkModel.load(written(tmp_path_factory.mktemp("models") / "odd.safetensors", request.param))


@pytest.fixture(scope="module")
def neutral(model: TalkModel) -> Talk:
    return model.run(decode(SAMPLE).samples, 60.0)


def test_the_card_says_who_hears_and_who_fuses(model: TalkModel) -> None:
    assert model.card.id == f"odd on {TalkModel.load().card.id}"
    assert model.card.licence_track == "research"
    assert model.card.fusion in SHAPES


def test_the_mouth_seals_where_the_plain_model_seals_it(neutral: Talk) -> None:
    plain = TalkModel.load().run(decode(SAMPLE).samples, 60.0)
    assert np.array_equal(neutral.seal, plain.seal)
    assert not np.allclose(neutral.curves, plain.curves, atol=0.05)  # another fusion, another mouth
    shut = neutral.seal > 0.99
    assert shut.any()
    assert (lip_gap(neutral.curves)[shut] < 0.5).all()
    assert (neutral.curves >= 0).all() and (neutral.curves <= 1).all()


def test_intensity_0_is_neutral_to_the_bit_and_lips_stay_shut_at_2(model: TalkModel) -> None:
    sound = decode(SAMPLE)
    engine = Engine(model)
    calm, angry = engine.infer(sound, Request()), engine.infer(sound, Request(emotion={"angry": 1.0, "surprise": 0.5}))
    assert np.array_equal(mixed(angry, Mix(intensity=0)), mixed(calm, Mix()))
    assert np.abs(angry.mood).max() > 0.05
    values = mixed(angry, Mix(intensity=2))
    assert (values >= 0).all() and (values <= 1).all()
    shut = (sealed(angry.talk) > 0.99) & (lip_gap(angry.talk) < 0.5)
    assert shut.any()
    assert (lip_gap(values)[shut] < 0.5).all()


def test_zero_sliders_add_exactly_nothing_and_own_expressions_still_show(model: TalkModel) -> None:
    engine, sound = Engine(model), decode(SAMPLE)
    assert not engine.infer(sound, Request(emotion={"happy": 0.0})).mood.any()
    own = CustomEmotion("bored", {"mouthSmileLeft": 0.6, "mouthSmileRight": 0.6})
    added = engine.infer(sound, Request(emotion={"bored": 1.0}, custom_emotions=(own,))).mood
    assert added[:, INDEX["mouthSmileLeft"]].max() > 0.1


@pytest.mark.parametrize("name", SHAPES)
def test_level_0_is_neutral_and_pieces_are_the_whole(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fused = Fused(SHAPES[name], weights(SHAPES[name]), np.array([1, 0], np.float32))
    random = np.random.default_rng(0)
    heard = random.random((201, 45)).astype(np.float32)
    felt = random.random((201, len(EMOTIONS))).astype(np.float32)
    assert np.array_equal(fused.run(heard, felt, 0.0), fused.run(heard, None))
    whole = fused.run(heard, felt)
    assert np.abs(whole - fused.run(heard, None)).max() > 0.1
    monkeypatch.setattr("model_server.slots.fused.BLOCK", 40)
    assert fused.run(heard, felt) == pytest.approx(whole, abs=1e-4)


def test_the_unit_is_torchs() -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    gru = torch.nn.GRU(5, 7, bidirectional=True, batch_first=True)
    x = torch.randn(1, 30, 5)
    with torch.no_grad():
        theirs = gru(x)[0][0].numpy()
    state = {name: value.detach().numpy() for name, value in gru.named_parameters()}
    ends = ("_l0", "_l0_reverse")
    forward = x[0].numpy()
    inputs = np.stack(
        [
            (forward if end == "_l0" else forward[::-1]) @ state[f"weight_ih{end}"].T + state[f"bias_ih{end}"]
            for end in ends
        ]
    )
    weight = np.stack([state[f"weight_hh{end}"].T for end in ends])
    ours = recurrent(inputs, weight, np.stack([state[f"bias_hh{end}"] for end in ends]))
    assert np.concatenate([ours[0], ours[1, ::-1]], 1) == pytest.approx(theirs, abs=1e-5)


def test_content_is_read_at_its_own_rate_from_any_other() -> None:
    phones = np.repeat(np.linspace(0, 1, 101, dtype=np.float32)[:, None], 44, 1)
    heard = content(phones, np.zeros(101, np.float32), 100.0)
    assert heard.shape == (int(RATE) + 1, 45)
    assert heard[25, 0] == pytest.approx(0.5)
    assert (heard[:, -1] == 1).all()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"fusion": "future"}, "newer version"),
        ({"encoder": "future"}, "newer version"),
        ({"fusion_settings": {}}, "another way"),
        ({"fusion_settings": {"shape": SHAPES["concat"].to_json(), "identity": [1]}}, "another way"),
        ({"fusion": "rules"}, "other weights"),
        ({"encoder": "tcn"}, "other weights"),
    ],
)
def test_files_of_another_kind_are_refused(tmp_path: Path, changed: dict[str, object], reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        TalkModel.load(written(tmp_path / "odd.safetensors", "concat", **changed))
