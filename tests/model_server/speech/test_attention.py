"""The transformer before the blocks: numpy, torch and training compute the same; a window is heard as a whole."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model_server.cancel import silent
from model_server.speech import acoustics
from model_server.speech.backend import numpy_backend
from model_server.speech.layers import gelu, normal
from model_server.speech.network import MARGIN, WINDOW, Shape, positions
from model_server.speech.torch_backend import torch_backend
from model_server.talk_model import TalkModel
from model_server.training.corpus.batches import BatchSource
from model_server.training.corpus.store import CorpusWriter
from model_server.training.network.acoustic import AcousticBlock, exported
from model_server.training.network.encoder import Listening
from model_server.training.network.export import export
from model_server.training.network.from_file import unfolded

SHAPE = Shape(44, 16, dilations=(1, 2), layers=2, states=24, heads=3, keys=8, values=6, wide=40)


@pytest.fixture
def network() -> Listening:
    torch.manual_seed(0)
    found = Listening(SHAPE).eval()
    for block in found.blocks:
        assert isinstance(block, AcousticBlock)
        torch.nn.init.ones_(block.mix_norm.weight)
    for parameter in found.layers.parameters():
        torch.nn.init.normal_(parameter, 0.1, 0.3)
    return found


@pytest.mark.parametrize("frames", [2, 4, 50, 650])
def test_both_backends_compute_what_was_trained(network: Listening, frames: int) -> None:
    mel = torch.randn(1, frames, 80)
    with torch.no_grad():
        wanted = network(mel)[0].numpy()
    weights = exported(network)
    assert {name: array.shape for name, array in weights.items()} == SHAPE.tensors()
    for backend in (numpy_backend(SHAPE, weights), torch_backend(SHAPE, weights, "cpu")):
        assert backend(mel[0].numpy()) == pytest.approx(wanted, abs=1e-3)


def test_every_frame_of_a_window_hears_every_other(network: Listening) -> None:
    backend = numpy_backend(SHAPE, exported(network))
    mel = np.random.default_rng(0).normal(size=(200, 80)).astype(np.float32)
    changed = mel.copy()
    changed[:2] += 3.0
    assert np.abs(backend(changed)[-1] - backend(mel)[-1]).max() > 1e-4


def test_a_window_hears_its_margins_and_nothing_beyond(network: Listening) -> None:
    backend = numpy_backend(SHAPE, exported(network))
    mel = np.random.default_rng(0).normal(size=(3 * acoustics.FRAMES, 80)).astype(np.float32)
    for behind, hears in ((2 * MARGIN, True), (2 * MARGIN + 1, False)):
        changed = mel.copy()
        changed[acoustics.FRAMES - behind] += 3.0
        one, other = (acoustics.posteriors(m, SHAPE, backend, silent) for m in (mel, changed))
        window = slice(acoustics.FRAMES, 2 * acoustics.FRAMES)
        assert (np.abs(one[window] - other[window]).max() > 0) == hears


@given(frames=st.integers(acoustics.FRAMES + 1, 7 * acoustics.FRAMES))
@settings(max_examples=30, deadline=None)
def test_a_recording_longer_than_a_window_is_heard_in_windows_of_one_size(frames: int) -> None:
    heard: list[int] = []

    def backend(mel: np.ndarray) -> np.ndarray:
        heard.append(len(mel))
        return np.zeros((len(mel), SHAPE.outputs), np.float32)

    found = acoustics.posteriors(np.zeros((frames, 80), np.float32), SHAPE, backend, silent)
    assert found.shape == (frames, SHAPE.outputs)
    assert acoustics.FRAMES / 2 < min(heard) <= max(heard) <= acoustics.FRAMES + 4 * MARGIN
    assert len(heard) % 2 == 0 or len(heard) < acoustics.MANY  # two cores finish together


def test_a_model_file_with_layers_loads_speaks_and_learns_on(network: Listening, tmp_path: Path) -> None:
    card = export(network, tmp_path / "talk.safetensors", "mini", {})
    assert card.encoder == "whisper-tcn"
    sound = np.random.default_rng(0).normal(size=16000).astype(np.float32) * 0.1
    assert TalkModel.load(tmp_path / "talk.safetensors").run(sound, 60.0).curves.shape == (61, 52)
    writer = CorpusWriter()
    writer.add(np.random.default_rng(0).normal(size=(500, 80)).astype(np.float16), np.zeros(500, np.uint8), "who", "x")
    writer.save(tmp_path / "part")
    again = unfolded(tmp_path / "talk.safetensors", [BatchSource.open(tmp_path / "part", 1.0)])
    mel = torch.randn(1, 64, 80)
    with torch.no_grad():
        assert torch.allclose(network(mel), again(mel), atol=0.1)  # half precision


def test_what_already_knows_speech_learns_slower_and_all_of_it_learns(network: Listening) -> None:
    (known, pace), (others, full) = network.paces()
    assert pace < full == 1.0
    assert len(known) + len(others) == len(list(network.parameters()))


@given(arrays(np.float32, (3, 8), elements=st.floats(-50, 50, width=32)))
def test_rows_are_normalised(x: np.ndarray) -> None:
    found = normal(x)
    assert np.abs(found.mean(1)).max() < 1e-3
    assert (found.std(1) <= 1.001).all()


@given(arrays(np.float32, 16, elements=st.floats(-50, 50, width=32)))
def test_gelu_is_torchs(x: np.ndarray) -> None:
    wanted = torch.nn.functional.gelu(torch.from_numpy(x), approximate="tanh").numpy()
    assert gelu(x.copy()) == pytest.approx(wanted, abs=1e-4)


def test_no_two_positions_of_a_window_are_alike() -> None:
    found = positions(WINDOW + 2 * MARGIN, 384)
    apart = np.linalg.norm(found[:, None, :] - found[None], axis=2) + 10 * np.eye(len(found))
    assert apart.min() > 0.5
