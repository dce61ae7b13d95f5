"""What comes on pipes and from servers: frames and events."""

import io

import numpy as np

from s2f_blender_addon.core import wire
from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.core.emotions import EMOTIONS
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.messages import (
    PROTOCOL,
    Cancel,
    Cancelled,
    Failure,
    Feel,
    Hello,
    Infer,
    Pcm,
    PcmEnd,
    Progress,
    Read,
    Result,
    parse,
)  # fmt: skip
from s2f_blender_addon.core.request import Hearing, Request
from s2f_blender_addon.core.script import SpokenWord
from s2f_blender_addon.core.subtitles import Cue
from s2f_blender_addon.core.track import FaceTrack
from s2f_blender_addon.process import events

from .kind import Kind, Random, damaged, fields, sentence

_LAYER = np.random.default_rng(0).random((2, len(CHANNELS)), np.float32)
MESSAGES = (
    Infer(1, Request("a.wav", {"happy": 0.5})),
    Infer(2, Request(emotion_track=np.zeros((3, len(EMOTIONS)), np.float32))),
    Feel(3, Request("a.wav", words=(Cue("Hello"),), hear=Hearing())),
    Read(4, 30.0, _LAYER), Pcm(2, 48000, np.zeros(9, np.float32)), PcmEnd(2),
    Cancel(1), Hello(PROTOCOL, "0", "m", "product", "numpy", "cpu", "all", 1), Progress(1, 0.5, "Listening"),
    Cancelled(1), Failure(1, "No.", "…"),
    Result(1, FaceTrack(_LAYER, _LAYER, 60.0), words=(SpokenWord("a", 0.0, 0.1, 1.0),)),
)  # fmt: skip
FRAMES = [b"".join(bytes(part) for part in wire.encode(message.to_frame())) for message in MESSAGES]


def frame(header: bytes, payload: bytes = b"") -> bytes:
    return wire.PREFIX.pack(wire.MAGIC, len(header), len(payload)) + header + payload


FIELDS = ("id", "request", "fps", "fraction", "doing", "values", "rate", "samples", "words", "arrays", "track", "long")
WANTED = (
    "audio", "emotion", "seed", "fps", "start", "end", "words", "language", "emotion_track", "custom_emotions",
    "contempt_side", "liveliness", "hear",
)  # fmt: skip


def a_frame(rng: Random) -> bytes:
    """Good messages that were damaged, or one of a known type with any fields."""
    if rng.random() < 0.5:
        return damaged(rng, b"".join(rng.choices(FRAMES, k=rng.randrange(1, 3))))
    request = f'"id":1,"request":{fields(rng, WANTED)},' if rng.random() < 0.5 else ""
    header = f'{{"type":"{rng.choice(MESSAGES).type}",{request}' + fields(rng, FIELDS)[1:]
    return frame(header.replace(",}", "}").encode())


def check_frame(stream: bytes) -> None:
    source = io.BytesIO(stream)
    try:
        while (read := wire.read(source)) is not None:
            message = parse(read)
            if isinstance(message, Result):
                assert np.isfinite(message.track.talk).all()
            wire.encode(message.to_frame())  # whatever is understood can be said again
    except (wire.WireError, UserError) as error:
        sentence(error)


EVENTS = (b'event: progress\ndata: {"id": "1", "fraction": 0.5, "doing": "x", "ahead": 0}\n\n', b": still here\n\n",
          b'event: done\ndata: {"id": "1", "fraction": 1.0}\n\n')  # fmt: skip


def check_events(stream: bytes) -> None:
    try:
        for name, status in events.read(io.BytesIO(stream)):  # type: ignore[arg-type]
            assert isinstance(name, str) and isinstance(status, dict)
    except ValueError:
        pass


PIPE_KINDS = (
    Kind("frames", 220, a_frame, check_frame, (
        b"", b"S2F1", b"S2F2" + b"\0" * 12, frame(b"{}"), frame(b"[]"), frame(b'{"type":1}'), frame(b'{"type":"x"}'),
        frame(b'{"type":"cancel","id":1e999}'), frame(b'{"type":"cancel","id":' + b"9" * 99 + b"}"),
        frame(b'{"type":"cancel","id":true}'), frame(b'{"type":"progress","id":1,"fraction":NaN,"doing":""}'),
        frame(b'{"type":"progress","id":1,"fraction":0,"doing":"\\ud800"}'), frame(b"[" * 9000),
        frame(b'{"type":"pcm_end","id":1,"arrays":[{"name":"x","dtype":"<f4","shape":[0,9223372036854775807]}]}'),
        frame(b'{"type":"x","long":true}'),
        frame(b'{"type":"infer","id":1,"request":{"fps":1e301}}'), frame(b'{"type":"infer","id":1,"request":[]}'),
        FRAMES[0] + FRAMES[0][:-1], wire.PREFIX.pack(wire.MAGIC, 2, 1 << 62) + b"{}",
    )),
    Kind("server events", 50, lambda r: damaged(r, b"".join(r.choices(EVENTS, k=r.randrange(4)))), check_events, (
        b"data:", b"data: [", b"data: " + b"[" * 9000, b"\xff\n", b"data: 1\n",
    )),
)  # fmt: skip
