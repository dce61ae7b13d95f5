"""Thousands of cut, garbled and shuffled streams: an error that says so, and never anything else."""

import io
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model_server.adapters.inbox import Inbox
from s2f_blender_addon.core import wire
from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.core.messages import (
    Cancel,
    Cancelled,
    Failure,
    Feel,
    Hello,
    Infer,
    Message,
    Pcm,
    PcmEnd,
    Progress,
    Result,
    parse,
)  # fmt: skip
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.core.subtitles import Cue
from s2f_blender_addon.core.track import FaceTrack
from s2f_blender_addon.core.wire import WireError

MANY = settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])

_LAYER = np.random.default_rng(0).random((2, len(CHANNELS)), np.float32)
TO_THE_MODEL: tuple[Message, ...] = (
    Infer(1, Request("a.wav", {"happy": 0.5})), Infer(2, Request()), Feel(3, Request("a.wav", words=(Cue("Hello"),))),
    Pcm(2, 48000, np.zeros(40, np.float32)), PcmEnd(2), Cancel(1), Cancel(2),
)  # fmt: skip
FROM_THE_MODEL: tuple[Message, ...] = (
    Hello(1, "0", "m", "product", "numpy", "cpu", "all", 1), Progress(1, 0.5, "Listening"), Cancelled(1),
    Failure(1, "No.", "…"), Result(1, FaceTrack(_LAYER, _LAYER, 60.0)),
)  # fmt: skip


def raw(message: Message) -> bytes:
    return b"".join(bytes(part) for part in wire.encode(message.to_frame()))


@st.composite
def damaged(draw: st.DrawFn, messages: tuple[Message, ...]) -> bytes:
    """A stream of messages with bytes changed, left out, doubled or put in."""
    chosen = draw(st.lists(st.sampled_from(messages), min_size=1, max_size=5))
    stream = bytearray(b"".join(map(raw, chosen)))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(stream)))
        match draw(st.sampled_from(["change", "cut", "double", "insert", "end"])):
            case "change":
                stream[place : place + 1] = bytes([draw(st.integers(0, 255))])
            case "cut":
                del stream[place : place + draw(st.integers(1, 30))]
            case "double":
                stream[place:place] = stream[place : place + draw(st.integers(1, 30))]
            case "insert":
                stream[place:place] = draw(st.binary(min_size=1, max_size=30))
            case _:
                del stream[place:]
    return bytes(stream)


def read_all(stream: bytes) -> list[Message]:
    """Every message until the end or the first WireError; anything else is a fault."""
    source, heard = io.BytesIO(stream), []
    try:
        while (frame := wire.read(source)) is not None:
            heard.append(parse(frame))
    except WireError:
        pass
    return heard


@given(damaged(FROM_THE_MODEL))
@MANY
def test_blender_meets_a_damaged_stream_with_messages_or_a_wire_error(stream: bytes) -> None:
    for message in read_all(stream):
        if isinstance(message, Result):
            assert np.isfinite(message.track.talk).all()
            assert message.track.talk.shape[1] == len(CHANNELS)


def listened(stream: bytes) -> tuple[list[Message], Inbox]:
    """What the model's inbox answers to ``stream`` until it ends."""
    answers: list[Message] = []
    gone = threading.Event()
    inbox = Inbox(io.BytesIO(stream), answers.append, gone.set)
    assert gone.wait(10)
    return answers, inbox


@given(damaged(TO_THE_MODEL))
@MANY
def test_the_model_meets_a_damaged_stream_with_sentences_and_its_end(stream: bytes) -> None:
    answers, inbox = listened(stream)
    assert inbox.ended.is_set()
    for answer in answers:
        assert isinstance(answer, Failure | Cancelled)
        if isinstance(answer, Failure):
            assert "\n" not in answer.sentence
            assert "Traceback" not in answer.sentence
    while (job := inbox.next()) is not None:
        assert inbox.unwanted(job.ask.id)


@given(st.binary(max_size=400))
@MANY
def test_the_model_meets_noise_with_one_sentence_and_its_end(noise: bytes) -> None:
    answers, inbox = listened(noise)
    assert len(answers) == (1 if noise else 0)
    assert inbox.broken is bool(noise)
    assert inbox.next() is None


@given(st.lists(st.sampled_from(TO_THE_MODEL), max_size=12))
@MANY
def test_messages_in_any_order_give_no_job_two_answers(messages: list[Message]) -> None:
    answers, inbox = listened(b"".join(map(raw, messages)))
    asked = [m.id for m in messages if isinstance(m, Infer | Feel)]
    told: list[Any] = [a.id for a in answers if isinstance(a, Failure | Cancelled)]
    while (job := inbox.next()) is not None:
        if inbox.claim(job.ask.id):
            told.append(job.ask.id)
    for number in set(told):
        assert told.count(number) <= max(asked.count(number), 0)


@given(st.lists(st.binary(max_size=60), max_size=6), st.data())
@MANY
def test_sound_in_blocks_of_any_bytes_is_a_job_or_a_sentence(blocks: list[bytes], data: st.DataObject) -> None:
    rate = data.draw(st.sampled_from([0, -1, 1, 8000, 48000, 2**31]))
    sound = [Pcm(2, rate, np.frombuffer(block[: len(block) // 4 * 4], "<f4")) for block in blocks]
    answers, inbox = listened(b"".join(map(raw, (Infer(2, Request()), *sound, PcmEnd(2)))))
    job = inbox.next()
    assert (job is not None) + len(answers) == 1
    if job is not None:
        assert job.sound is not None
        assert np.isfinite(job.sound.samples).all()


@pytest.mark.parametrize("size", [wire.MAX_PAYLOAD, wire.MAX_HEADER])
def test_a_frame_that_promises_gigabytes_takes_no_memory_before_they_come(size: int) -> None:
    prefix = wire.PREFIX.pack(wire.MAGIC, 2 if size > wire.MAX_HEADER else size, size if size > wire.MAX_HEADER else 0)
    answers, inbox = listened(prefix + b"{}")
    assert len(answers) == 1
    assert inbox.broken
