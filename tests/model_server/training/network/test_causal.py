"""The causal student: learns from the model that ships, looks ahead 70 ms, and is an encoder of its own."""

from pathlib import Path

import numpy as np
import pytest
import torch

from model_server.audio.decode import decode
from model_server.cancel import silent
from model_server.sample import SAMPLE
from model_server.speech.backend import numpy_backend
from model_server.speech.network import Shape
from model_server.talk_model import TalkModel
from model_server.training.corpus.batches import BatchSource
from model_server.training.corpus.store import CorpusWriter, log_power
from model_server.training.network.acoustic import Network, exported
from model_server.training.network.causal import CausalNetwork, looks_ahead_ms, turned_causal
from model_server.training.network.encoder import Listening
from model_server.training.network.export import export
from model_server.training.network.fit import load
from model_server.training.network.from_file import unfolded
from model_server.training.network.plan import FitPlan, Softness
from model_server.training.recipe import distilled
from s2f_blender_addon.core.errors import UserError

SHAPE = Shape(44, 16, dilations=(1, 2), causal=True)


def test_numpy_computes_what_torch_trained() -> None:
    torch.manual_seed(0)
    network = CausalNetwork(SHAPE).eval()
    for block in network.blocks:
        torch.nn.init.ones_(block.mix_norm.weight)
    mel = torch.randn(1, 100, 80)
    with torch.no_grad():
        theirs = network(mel)[0].numpy()
    ours = numpy_backend(SHAPE, exported(network))(mel[0].numpy())
    assert ours == pytest.approx(theirs, abs=1e-3)


def test_a_trained_network_becomes_causal_with_the_weights_it_has() -> None:
    network = Network(Shape(44, 16, dilations=(1, 2)))
    found = turned_causal(network)
    assert found.shape == SHAPE
    assert looks_ahead_ms(found.shape) == 70
    assert torch.equal(found.stem.weight, network.stem.weight)


def test_it_is_distilled_exported_and_speaks(tmp_path: Path) -> None:
    writer, sound = CorpusWriter(), decode(SAMPLE).samples
    mel = log_power(sound)
    writer.add(mel, np.zeros(len(mel), np.uint8), "someone", "hello")
    for name in ("speech", "dev-speech"):
        writer.save(tmp_path / name)
    plan, out = FitPlan(steps=1, batch=2, frames=100), tmp_path / "causal.safetensors"
    figures = distilled.train(tmp_path, None, out, "causal", True, plan, Softness(), silent)
    assert list(figures) == ["dev-speech"]
    model = TalkModel.load(out)
    assert model.card.encoder == "tcn-causal"
    assert model.card.made["looks_ahead_ms"] == 70
    assert model.run(sound[:16000], 60.0).curves.shape == (61, 52)


def test_an_empty_corpus_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no corpus"):
        distilled.train(tmp_path, None, tmp_path / "x", "x", True, FitPlan(), Softness(), silent)


def test_what_attends_to_all_frames_cannot_become_causal(tmp_path: Path) -> None:
    writer = CorpusWriter()
    writer.add(log_power(decode(SAMPLE).samples)[:200], np.zeros(200, np.uint8), "someone", "hello")
    writer.save(tmp_path / "speech")
    start = tmp_path / "attends.safetensors"
    export(Listening(Shape(44, 16, dilations=(1, 2), layers=1, states=12, heads=2)).eval(), start, "attends", {})
    with pytest.raises(UserError, match="cannot become causal"):
        distilled.train(tmp_path, None, tmp_path / "x", "x", True, FitPlan(), Softness(), silent, start)


def test_a_student_with_small_layers_is_left_as_what_it_is(tmp_path: Path) -> None:
    """What training leaves in the work folder can be loaded again, whatever the size of its layers."""
    writer = CorpusWriter()
    mel = log_power(decode(SAMPLE).samples)
    writer.add(mel, np.zeros(len(mel), np.uint8), "someone", "hello")
    writer.save(tmp_path / "speech")
    shape = Shape(44, 16, dilations=(1, 2), layers=1, keys=8, values=12, wide=96)
    start = tmp_path / "small.safetensors"
    export(Listening(shape).eval(), start, "small", {})
    plan = FitPlan(steps=1, batch=2, frames=100)
    distilled.train(tmp_path, None, tmp_path / "on.safetensors", "on", False, plan, Softness(), silent, start)
    assert load(tmp_path / "distilled-small").shape == shape


def test_a_causal_model_file_learns_on_as_it_was(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = CausalNetwork(SHAPE).eval()
    for block in network.blocks:
        torch.nn.init.ones_(block.mix_norm.weight)
    export(network, tmp_path / "causal.safetensors", "causal", {})
    writer = CorpusWriter()
    writer.add(
        log_power(decode(SAMPLE).samples), np.zeros(len(log_power(decode(SAMPLE).samples)), np.uint8), "who", "x"
    )
    writer.save(tmp_path / "part")
    again = unfolded(tmp_path / "causal.safetensors", [BatchSource.open(tmp_path / "part", 1.0)])
    assert turned_causal(again) is again
    mel = torch.randn(1, 100, 80)
    with torch.no_grad():
        assert again(mel).numpy() == pytest.approx(network(mel).numpy(), abs=0.02)  # half precision
