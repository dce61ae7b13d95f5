"""float16 and long chunks: the same curves, in bounded memory. What only a card can show is skipped without one."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from model_server.hardware import Precision, for_a_process, on_card
from model_server.speech.backend import Backend, Weights
from model_server.speech.card import Card
from model_server.speech.network import Shape
from model_server.speech.talk import BUNDLED, TalkModel
from model_server.speech.torch_backend import LONGEST, frames_that_fit, free_memory, torch_backend
from model_server.speech.weights import read

CLIPS = sorted((Path(__file__).parents[2] / "data" / "lips").glob("*.flac"))
TOLERANCE = 1e-3
with_a_card = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA card here")


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    return np.concatenate([soundfile.read(path, dtype="float32")[0] for path in CLIPS])


@pytest.fixture(scope="module")
def wanted(speech: np.ndarray) -> np.ndarray:
    """The curves of the numpy backend."""
    return TalkModel.load().run(speech, 60.0).curves


def test_half_precision_moves_no_curve_by_a_thousandth(speech: np.ndarray, wanted: np.ndarray) -> None:
    """The processor computes float16 here; it rounds as a card does, only slowly."""
    half = TalkModel.load(None, "torch", "cpu", "half").run(speech, 60.0).curves
    assert 0 < np.abs(half - wanted).max() <= TOLERANCE


def test_half_precision_holds_the_blocks_in_float16_and_gives_float32() -> None:
    weights, notes = read(BUNDLED)
    shape = Card.from_metadata(notes, BUNDLED).shape
    features = np.random.default_rng(0).standard_normal((200, shape.bands)).astype(np.float32)
    single, half = (torch_backend(shape, weights, "cpu", precision)(features) for precision in ("single", "half"))  # type: ignore[arg-type]
    assert half.dtype == np.float32
    assert 0 < np.abs(half - single).max() < 0.05 * np.abs(single).max()


@pytest.mark.parametrize(("capability", "precision"), [((6, 1), "single"), ((7, 0), "half"), ((12, 0), "half")])
def test_cards_with_tensor_cores_compute_in_half_precision(capability: tuple[int, int], precision: str) -> None:
    assert on_card("A card", capability).precision == precision


def test_a_chunk_is_as_long_as_memory_lets_it_be() -> None:
    shape = Shape(44)
    lengths = [frames_that_fit(shape, megabytes << 20) for megabytes in (0, 16, 64, 256, 1 << 20)]
    assert lengths == sorted(lengths) and all(length % 2 == 0 for length in lengths)
    assert lengths[0] == 100 and lengths[-1] == LONGEST


def test_a_chunk_takes_no_more_memory_than_it_may(speech: np.ndarray) -> None:
    """Measured by torch's own count of what it allocates."""
    weights, notes = read(BUNDLED)
    shape = Card.from_metadata(notes, BUNDLED).shape
    run = torch_backend(shape, weights, "cpu")
    free = 64 << 20
    frames = frames_that_fit(shape, free)
    features = np.zeros((frames, shape.bands), np.float32)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profile:
        run(features)
    held = peak = 0
    for event in profile.profiler.kineto_results.events():  # type: ignore[union-attr]
        if event.name() == "[memory]":
            held += event.nbytes()
            peak = max(peak, held)
    assert 0 < peak <= free / 4


def test_a_recording_in_one_long_chunk_has_the_same_curves(speech: np.ndarray, wanted: np.ndarray) -> None:
    weights, notes = read(BUNDLED)
    card = Card.from_metadata(notes, BUNDLED)
    asked: list[int] = []
    model = TalkModel(
        card, torch_backend(card.shape, weights, "cpu"), weights["average"], lambda: asked.append(1) or LONGEST
    )  # fmt: skip
    assert np.abs(model.run(speech, 60.0).curves - wanted).max() <= 1e-4
    assert asked == [1]


def test_on_a_card_chunks_follow_its_memory_and_curves_stay(
    speech: np.ndarray, wanted: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card is the processor in disguise: same code, same float16, and as much memory as it says."""
    lengths: list[int] = []
    free = [1 << 40, 8 << 20]

    def disguised(shape: Shape, weights: Weights, device: str, precision: Precision = "single") -> Backend:
        run = torch_backend(shape, weights, "cpu", precision)
        return lambda features: lengths.append(len(features)) or run(features)

    monkeypatch.setattr("model_server.speech.torch_backend.torch_backend", disguised)
    monkeypatch.setattr("model_server.speech.torch_backend.free_memory", lambda: free.pop(0))
    model = TalkModel.load(None, "torch", "cuda", "half")
    assert np.abs(model.run(speech, 60.0).curves - wanted).max() <= TOLERANCE
    assert len(lengths) == 1 and model.device == "cuda"
    assert np.abs(model.run(speech, 60.0).curves - wanted).max() <= TOLERANCE
    assert len(lengths) > 5 and not free


@with_a_card
def test_a_card_gives_the_curves_of_the_processor(speech: np.ndarray, wanted: np.ndarray) -> None:
    hardware = for_a_process("torch", "cuda")
    model = TalkModel.load(None, hardware.library, hardware.device, hardware.precision)
    assert np.abs(model.run(speech, 60.0).curves - wanted).max() <= TOLERANCE
    assert model.notice == ""


@with_a_card
def test_a_card_in_single_precision_gives_the_same_to_a_ten_thousandth(speech: np.ndarray, wanted: np.ndarray) -> None:
    assert np.abs(TalkModel.load(None, "torch", "cuda").run(speech, 60.0).curves - wanted).max() <= 1e-4


@with_a_card
def test_an_hour_on_a_card_takes_no_more_than_its_share_of_memory(speech: np.ndarray) -> None:
    model = TalkModel.load(None, "torch", "cuda", "half")
    free = free_memory()
    torch.cuda.reset_peak_memory_stats()
    model.run(np.resize(speech, 3600 * 16000), 30.0)
    assert torch.cuda.max_memory_reserved() <= max(free / 2, 1 << 30)
