"""Foreign encoders on a device: a small HuBERT of random weights, in float16, in batches, with memory that runs out."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import HubertConfig, HubertModel

from model_server.slots import hidden_states
from model_server.slots.hidden_states import HiddenStates
from model_server.slots.on_device import MOST, CardMemory, OnDevice
from model_server.speech.fallback import NOTICE

with_a_card = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA card here")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder as a user has it, of the usual convolutions and a small transformer."""
    torch.manual_seed(0)
    config = HubertConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64, conv_dim=(16,) * 7,
        num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=4,
    )  # fmt: skip
    path = tmp_path_factory.mktemp("hubert")
    HubertModel(config).eval().save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    """65 s, so that there are four pieces, two of them of one length."""
    rng = np.random.default_rng(0)
    envelope = np.sin(np.arange(65 * 16000) / 4000) ** 2
    return (rng.standard_normal(65 * 16000) * envelope * 0.1).astype(np.float32)


class Card:
    """The memory of a card that is not there: what is ``free``, and the ``cost`` of the first piece."""

    def __init__(self, free: int, cost: int) -> None:
        self._free, self._cost = free, cost

    def free(self) -> int:
        return self._free

    def forget_peak(self) -> None:
        pass

    def peak(self) -> int:
        return self._cost


class Watched(torch.nn.Module):
    """Passes on to ``model``, notes the size of each batch, and has no room for more than ``room`` pieces."""

    def __init__(self, model: Any, room: int = 1000) -> None:
        super().__init__()
        self.inner, self.room, self.batches = model, room, []

    def forward(self, batch: torch.Tensor) -> Any:
        if len(batch) > self.room:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        self.batches.append(len(batch))
        return self.inner(batch)


def encoder(folder: Path, free: int, cost: int, room: int = 1000) -> tuple[HiddenStates, Watched]:
    """The encoder of ``folder`` as if on a card."""
    watched = Watched(HubertModel.from_pretrained(folder).eval(), room)
    return HiddenStates(OnDevice(watched, "cpu", "single", Card(free, cost)), hidden_states.described(folder)), watched


def test_pieces_go_together_as_far_as_memory_goes(folder: Path, sound: np.ndarray) -> None:
    wanted = HiddenStates.from_folder(folder).states(sound)
    heard, watched = encoder(folder, free=8 << 30, cost=1 << 30)
    np.testing.assert_allclose(heard.states(sound), wanted, atol=1e-4)
    assert watched.batches == [1, 2, 1], "the first piece shows what one takes; the last is shorter"
    tight, watched = encoder(folder, free=3 << 30, cost=1 << 30)
    np.testing.assert_allclose(tight.states(sound), wanted, atol=1e-4)
    assert watched.batches == [1, 1, 1, 1]


def test_never_more_than_a_job_can_be_cancelled_between(folder: Path) -> None:
    heard, _ = encoder(folder, free=1 << 50, cost=1)
    heard.states(np.zeros(16000, np.float32))
    assert heard.model.at_once() == MOST


def test_a_batch_that_does_not_fit_goes_one_by_one_and_then_to_the_processor(folder: Path, sound: np.ndarray) -> None:
    wanted = HiddenStates.from_folder(folder).states(sound)
    heard, watched = encoder(folder, free=8 << 30, cost=1 << 30, room=1)
    np.testing.assert_allclose(heard.states(sound), wanted, atol=1e-4)
    assert watched.batches == [1, 1, 1, 1] and heard.notice == ""
    full, watched = encoder(folder, free=8 << 30, cost=1 << 30, room=0)
    with pytest.raises(RuntimeError, match="out of memory"):  # the stand-in has no room on the processor either
        full.states(sound)
    assert full.notice == NOTICE and full.model.device == "cpu"
    watched.room = 10
    full.states(sound)
    assert full.notice == "", "the next job gives the card another chance"


def test_an_error_of_another_kind_is_not_hidden(folder: Path) -> None:
    class Broken(torch.nn.Module):
        def forward(self, batch: torch.Tensor) -> Any:
            raise RuntimeError("CUDA error: an illegal memory access was encountered")

    with pytest.raises(RuntimeError, match="illegal memory access"):
        OnDevice(Broken(), "cpu", "single", Card(1, 1)).run([np.zeros(400, np.float32)], lambda said: said)


def test_half_precision_gives_float32_states_that_are_as_good(folder: Path, sound: np.ndarray) -> None:
    """The processor computes float16 here, under the same autocast as a card does."""
    single, half = (
        HiddenStates(
            OnDevice(HubertModel.from_pretrained(folder).eval(), "cpu", precision), hidden_states.described(folder)
        ).states(sound[: 5 * 16000])
        for precision in ("single", "half")
    )
    assert half.dtype == np.float32
    assert 0 < np.abs(half - single).max() < 0.02 * np.abs(single).max()


@with_a_card
def test_a_card_gives_the_states_of_the_processor_in_bounded_memory(folder: Path, sound: np.ndarray) -> None:
    wanted = HiddenStates.from_folder(folder).states(sound)
    memory = CardMemory()
    memory.forget_peak()
    on_card = HiddenStates.from_folder(folder, "cuda")
    assert np.abs(on_card.states(sound) - wanted).max() < 0.02 * np.abs(wanted).max()
    assert memory.peak() < memory.free() / 2 and on_card.notice == ""
