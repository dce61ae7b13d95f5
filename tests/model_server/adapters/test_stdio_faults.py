"""What makes no sense to the model process gets a sentence, and work goes on where it can."""

import numpy as np
import pytest

from model_server import VERSION
from s2f_blender_addon.core import wire
from s2f_blender_addon.core.messages import (
    Failure,
    Hello,
    PcmEnd,
    Result,
)  # fmt: skip
from s2f_blender_addon.core.wire import Frame

from .conftest import Child, request, sent_as_pcm


def changed(number: int = 5, **fields: object) -> Frame:
    """A request with fields that no Request would take."""
    frame = request(number).to_frame()
    return Frame({**frame.header, "request": {**frame.header["request"], **fields}}, frame.arrays)


@pytest.mark.parametrize(
    "garbage", [b"GET / HTTP/1.1\r\n\r\n", b"\0" * 64, b"S2F1\xff\xff\xff\xff", b"S2F1\x02\0\0\0" + b"\0" * 8 + b"[]"]
)
def test_garbage_on_stdin_is_a_sentence_and_an_end(garbage: bytes, child: Child) -> None:
    child.say_bytes(garbage)
    child.hang_up()
    failure = child.hear(Failure)
    assert failure.id == -1
    assert "does not understand" in failure.sentence
    assert child.end() in (0, 2)


def test_half_a_message_is_a_sentence_and_an_end(child: Child) -> None:
    whole = b"".join(bytes(part) for part in wire.encode(request(1).to_frame()))
    child.say_bytes(whole[:-5])
    child.hang_up()
    assert child.hear(Failure).id == -1
    child.end()


@pytest.mark.parametrize(
    "frame",
    [
        Frame({"type": "teleport", "id": 5}),
        Frame({"type": "infer", "id": 5}),
        changed(emotion={"rage": 1.0}),
        changed(fps="sixty"),
        changed(contempt_side="below"),
        changed(hear={"most": "two"}),
        changed(words=[{"start": 0.0}]),
        changed(words=[{"text": "a", "start": "soon"}]),
        Frame({**Hello(1, "", "", "", "", "", "", 1).to_frame().header, "id": 5}),
    ],
)
def test_a_message_of_another_version_is_a_sentence_and_work_goes_on(frame: Frame, child: Child) -> None:
    assert child.process.stdin is not None
    wire.write(child.process.stdin, frame)
    failure = child.answer()
    assert isinstance(failure, Failure)
    assert failure.id == 5
    child.say(request(6))
    assert child.answer().id == 6


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"audio": "missing Zoë.wav"}, "missing Zoë.wav"),
        ({"fps": 0.0}, "frames a second"),
        ({"fps": -60.0}, "frames a second"),
        ({"emotion": {"happy": 1.5}}, "0 to 1"),
        ({"liveliness": {"blinks": 3}}, "0 to 2"),
        ({"start": 5.0, "end": 4.0}, "5-4 s"),
        ({"start": 1e9}, "holds nothing"),
    ],
)
def test_a_request_that_cannot_be_met_gets_its_sentence_and_a_report(
    changes: dict[str, object], named: str, child: Child
) -> None:
    assert child.process.stdin is not None
    wire.write(child.process.stdin, changed(1, **changes))
    failure = child.answer()
    assert isinstance(failure, Failure)
    assert named in failure.sentence
    assert "Traceback" not in failure.sentence
    assert "\n" not in failure.sentence
    assert VERSION in failure.report


def test_sound_that_is_none_gets_its_sentence_with_the_name_that_blender_gave(child: Child) -> None:
    nan = np.full(100, np.nan, np.float32)
    child.say(*sent_as_pcm(1, nan, 48000, name="broken take.wav"), request(2, ""), PcmEnd(2), request(3))
    answers = [child.answer() for _ in range(3)]
    by_id = {answer.id: answer for answer in answers}
    assert "broken take.wav" in by_id[1].sentence
    assert "zero samples" in by_id[2].sentence
    assert isinstance(by_id[3], Result)
