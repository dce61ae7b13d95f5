"""A card that runs out of memory; no machine that runs tests has one, so a stand-in speaks torch's words about it."""

from collections.abc import Callable

import numpy as np
import pytest

from model_server.adapters.job import perform
from model_server.audio.sound import Sound
from model_server.engine import Engine
from model_server.speech.backend import Array, Backend
from model_server.speech.fallback import NOTICE, CardOrProcessor
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.messages import Infer, Result, parse
from s2f_blender_addon.core.request import Request

WORDS = [
    "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 8.00 GiB",
    "CUDA error: out of memory",
    "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
    "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
]


class Card:
    """Computes like the processor, until its memory is full from call number ``full`` on."""

    def __init__(self, processor: Backend, full: int, words: str = WORDS[0]) -> None:
        self.processor, self.full, self.words, self.calls = processor, full, words, 0

    def __call__(self, features: Array) -> Array:
        self.calls += 1
        if self.calls >= self.full:
            raise RuntimeError(self.words)
        return self.processor(features)


def on(model: TalkModel, card: Callable[[], Backend]) -> TalkModel:
    """``model``, moved to a card."""
    processor = model._backend
    return TalkModel(model.card, CardOrProcessor(card, lambda: processor), model._average)


@pytest.fixture(scope="module")
def model() -> TalkModel:
    return TalkModel.load()


@pytest.fixture(scope="module")
def sound() -> Sound:
    samples = (0.1 * np.random.default_rng(0).standard_normal(16000 * 40)).astype(np.float32)
    return Sound(samples)


@pytest.mark.parametrize("words", WORDS)
def test_the_job_goes_on_with_the_same_curves_and_says_so(
    model: TalkModel, sound: Sound, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = on(model, lambda: Card(model._backend, 3, words))
    answer = perform(Engine(moved), Infer(1, Request(fps=30.0)), sound, lambda *_: None)
    wanted = perform(Engine(model), Infer(1, Request(fps=30.0)), sound, lambda *_: None)
    assert isinstance(answer, Result) and isinstance(wanted, Result)
    np.testing.assert_array_equal(answer.track.talk, wanted.track.talk)
    assert answer.notice == NOTICE and wanted.notice == ""
    assert NOTICE in capsys.readouterr().err
    again = parse(answer.to_frame())
    assert isinstance(again, Result) and again.notice == NOTICE


def test_the_next_job_gives_the_card_another_chance(model: TalkModel, sound: Sound) -> None:
    cards = [Card(model._backend, 2), Card(model._backend, 10**6)]
    moved = on(model, lambda: cards.pop(0))
    moved.run(sound.samples, 30.0)
    assert moved.notice == NOTICE
    moved.run(sound.samples, 30.0)
    assert moved.notice == "" and not cards


def test_a_card_that_is_full_from_the_start_is_no_reason_to_fail(model: TalkModel, sound: Sound) -> None:
    def full() -> Backend:
        raise RuntimeError(WORDS[0])

    moved = on(model, full)
    moved.run(sound.samples, 30.0)
    assert moved.notice == NOTICE


def test_any_other_error_of_the_card_is_not_hidden(model: TalkModel, sound: Sound) -> None:
    moved = on(model, lambda: Card(model._backend, 1, "CUDA error: an illegal memory access was encountered"))
    with pytest.raises(RuntimeError, match="illegal memory access"):
        moved.run(sound.samples, 30.0)
