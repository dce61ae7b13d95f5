"""A head on a foreign encoder: a tiny one, made here, trained a little, and spoken with through the whole path."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from model_server.audio.decode import decode
from model_server.cancel import silent
from model_server.engine import Engine
from model_server.sample import SAMPLE
from model_server.slots.hidden_states import HiddenStates
from model_server.talk_model import TalkModel
from model_server.training.corpus import synthesis
from model_server.training.corpus.features import Features
from model_server.training.corpus.store import CorpusWriter, log_power
from model_server.training.network.plan import FitPlan
from model_server.training.slots import encoder_head
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.request import Request

transformers = pytest.importorskip("transformers")

KINDS = {"wav2vec2": "Wav2Vec2", "hubert": "Hubert", "wavlm": "WavLM"}
SIZE = 16


def tiny(folder: Path, kind: str = "wav2vec2") -> Path:
    """An encoder of the real architecture with random weights, a thousandth of the usual size."""
    import torch

    torch.manual_seed(0)
    config = getattr(transformers, f"{KINDS[kind]}Config")(
        hidden_size=SIZE, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, conv_dim=(8,) * 7,
        num_conv_pos_embeddings=8, num_conv_pos_embedding_groups=2,
    )  # fmt: skip
    getattr(transformers, f"{KINDS[kind]}Model")(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny(tmp_path_factory.mktemp("encoder"))


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Speech for the corpus without a synthesiser: the sample, loud parts called m and the rest silence."""
    sound = decode(SAMPLE).samples[:32000]
    loud = log_power(sound).astype(np.float32).mean(1) > -6
    said = synthesis.Utterance(sound, np.where(loud, 3, 0).astype(np.uint8), "sample")
    monkeypatch.setattr(synthesis, "utterances", lambda kind, seed, held: iter([said] * 100))


def trained(encoder: Path, work: Path, **changed: object) -> Path:
    plan = FitPlan(steps=5, batch=2, frames=100, width=8, dilations=(1,))
    out = work / "head.safetensors"
    options = {"data": None, "licence": encoder_head.Licence("research", "CC BY-NC 4.0")} | changed
    options |= {"features": Features(), "report": silent}
    encoder_head.train(encoder, work=work, hours=0.001, out=out, model_id="tiny", plan=plan, **options)
    return out


@pytest.mark.usefixtures("spoken")
@pytest.mark.parametrize("kind", KINDS)
def test_from_a_local_folder_to_a_track(kind: str, tmp_path: Path) -> None:
    model = TalkModel.load(trained(tiny(tmp_path / kind, kind), tmp_path))
    assert model.card.encoder == "transformers"
    assert model.card.licence_track == "research"
    assert model.card.licence == "CC BY-NC 4.0"
    sound = decode(SAMPLE)
    track = Engine(model).infer(sound, Request(emotion={"happy": 1.0}))
    assert track.provenance.licence_track == "research"
    assert np.isfinite(track.talk).all() and track.mood.any()
    assert len(track.talk) == int(sound.duration * 60 + 1e-9) + 1


@pytest.mark.usefixtures("spoken")
def test_real_recordings_teach_with_the_labels_that_the_corpus_has(encoder: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "speech").mkdir(parents=True)
    shutil.copy(SAMPLE, tmp_path / "data" / "speech" / SAMPLE.name)
    mel = log_power(decode(SAMPLE).samples)
    for name in ("real", "synthetic"):
        writer = CorpusWriter()
        writer.add(mel, np.zeros(len(mel), np.uint8), "who", SAMPLE.name if name == "real" else "flite-0")
        writer.save(tmp_path / "work" / name)
    trained(encoder, tmp_path / "work", data=tmp_path / "data")
    heard = {p.parent.name for p in (tmp_path / "work").glob("head-*/*/index.json")}
    assert heard == {"real", "flite", "english", "world", "dev-flite", "dev-english", "dev-world"}
    assert (tmp_path / "data" / "speech" / f"{SAMPLE.name}.wav2vec2.safetensors").exists()


def test_the_head_learns_what_hidden_states_say(encoder: Path, tmp_path: Path) -> None:
    random, writer = np.random.default_rng(0), CorpusWriter()
    label = np.repeat(random.integers(0, 2, 100), 20).astype(np.uint8)
    states = random.normal(size=(2000, SIZE // 2)) + 2 * label[:, None]
    writer.add(states.astype(np.float16), label, "who", "made")
    writer.save(tmp_path / "part")
    source = encoder_head.BatchSource.open(tmp_path / "part", 1.0)
    plan = FitPlan(steps=80, batch=8, frames=100, rate=1e-2, width=16, dilations=(1,))
    network = encoder_head.fit([source], SIZE, plan, tmp_path / "run", silent)
    assert encoder_head.measured(network, source.part)["frames_right"] > 0.9


def test_states_have_a_frame_for_every_feature_frame_and_pieces_nearly_the_same(
    encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ear, sound = HiddenStates.from_folder(encoder), decode(SAMPLE).samples[:48000]
    for count in (1, 100, 399, 400, 15999, 16000, 16161):
        features, loudness = ear(sound[:count], np.zeros(SIZE // 2, np.float32), silent)
        assert len(features) == len(loudness) == count // 160 + 1
    whole = ear.states(sound)
    monkeypatch.setattr("model_server.slots.hidden_states.CHUNK", 40)
    assert np.abs(ear.states(sound) - whole).mean() < 0.1 * np.abs(whole).mean()


def test_a_wrong_folder_gets_a_sentence_that_names_it(encoder: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=f"{tmp_path} holds no speech encoder"):
        HiddenStates.from_folder(tmp_path)
    for change, reason in (({"model_type": "bert"}, "holds a bert"), ({"hidden_size": "x"}, "holds no speech encoder")):
        config = json.loads((encoder / "config.json").read_text()) | change
        (tmp_path / "config.json").write_text(json.dumps(config))
        with pytest.raises(UserError, match=reason):
            HiddenStates.from_folder(tmp_path)
    shutil.copy(encoder / "config.json", tmp_path)
    with pytest.raises(UserError, match="holds no weights"):
        HiddenStates.from_folder(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(UserError, match="does not load"):
        HiddenStates.from_folder(tmp_path)


@pytest.mark.usefixtures("spoken")
def test_an_encoder_that_has_gone_or_changed_is_noticed(encoder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "encoder"
    shutil.copytree(encoder, copy)
    out = trained(copy, tmp_path / "work")
    with (copy / "model.safetensors").open("ab") as weights:
        weights.write(b" ")
    with pytest.raises(UserError, match="another encoder"):
        TalkModel.load(out)
    shutil.rmtree(copy)
    with pytest.raises(UserError, match="holds no speech encoder"):
        TalkModel.load(out)


def test_without_transformers_a_sentence_says_so(encoder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(UserError, match="no torch or no transformers"):
        HiddenStates.from_folder(encoder)


def test_the_user_has_to_say_what_the_licence_allows(encoder: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="product or research"):
        trained(encoder, tmp_path, licence=encoder_head.Licence("mine", ""))
