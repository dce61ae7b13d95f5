"""float16: the same curves, in bounded memory. What only a card can show is skipped without one."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from model_server.hardware import for_a_process, on_card
from model_server.slots.model_file import BUNDLED
from model_server.speech.card import Card
from model_server.speech.torch_backend import torch_backend
from model_server.speech.weights import read
from model_server.talk_model import TalkModel

CLIPS = sorted((Path(__file__).parents[2] / "data" / "lips").glob("*.flac"))
TOLERANCE, MOST = 1e-3, 0.02
"""For 99 frames of 100, and for any: where a phrase ends is a yes or no, which rounding may turn."""
with_a_card = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA card here")


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    return np.concatenate([soundfile.read(path, dtype="float32")[0] for path in CLIPS])


@pytest.fixture(scope="module")
def wanted(speech: np.ndarray) -> np.ndarray:
    """The curves of the numpy backend."""
    return TalkModel.load().run(speech, 60.0).curves


def close(curves: np.ndarray, wanted: np.ndarray) -> bool:
    apart = np.abs(curves - wanted).max(1)
    return bool(np.percentile(apart, 99) <= TOLERANCE and apart.max() <= MOST)


def test_half_precision_hardly_moves_a_curve(speech: np.ndarray, wanted: np.ndarray) -> None:
    """The processor computes float16 here; it rounds as a card does, only slowly."""
    half = TalkModel.load(None, "torch", "cpu", "half").run(speech, 60.0).curves
    assert (half != wanted).any()
    assert close(half, wanted)


def test_half_precision_multiplies_float16_and_gives_float32() -> None:
    weights, notes = read(BUNDLED)
    shape = Card.from_metadata(notes, BUNDLED).shape
    features = np.random.default_rng(0).standard_normal((200, shape.bands)).astype(np.float32)
    single, half = (torch_backend(shape, weights, "cpu", precision)(features) for precision in ("single", "half"))  # type: ignore[arg-type]
    assert half.dtype == np.float32
    assert 0 < np.abs(half - single).max() < 0.05 * np.abs(single).max()


@pytest.mark.parametrize(("capability", "precision"), [((6, 1), "single"), ((7, 0), "half"), ((12, 0), "half")])
def test_cards_with_tensor_cores_compute_in_half_precision(capability: tuple[int, int], precision: str) -> None:
    assert on_card("A card", capability).precision == precision


@with_a_card
def test_a_card_gives_the_curves_of_the_processor(speech: np.ndarray, wanted: np.ndarray) -> None:
    hardware = for_a_process("torch", "cuda")
    model = TalkModel.load(None, hardware.library, hardware.device, hardware.precision)
    assert close(model.run(speech, 60.0).curves, wanted)
    assert model.notice == ""


@with_a_card
def test_a_card_in_single_precision_gives_the_same_to_a_ten_thousandth(speech: np.ndarray, wanted: np.ndarray) -> None:
    assert np.abs(TalkModel.load(None, "torch", "cuda").run(speech, 60.0).curves - wanted).max() <= 1e-4


@with_a_card
def test_an_hour_on_a_card_takes_little_of_its_memory(speech: np.ndarray) -> None:
    model = TalkModel.load(None, "torch", "cuda", "half")
    torch.cuda.reset_peak_memory_stats()
    model.run(np.resize(speech, 3600 * 16000), 30.0)
    assert torch.cuda.max_memory_reserved() <= 1 << 30
