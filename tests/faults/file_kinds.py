"""Files of every kind that is read, with any bytes in them."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from model_server.adapters.http.length import length_of
from model_server.audio.wav import NotWav, open_wav
from model_server.emotion.keys_file import parse_keys
from model_server.slots.model_file import open_model
from model_server.speech import weights
from model_server.speech.card import Card
from model_server.speech.network import Shape
from s2f_blender_addon.core import custom_emotion, formats, subtitles
from s2f_blender_addon.core.blend import Mix
from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.core.emotions import EMOTIONS
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.track import FaceTrack

from .kind import Kind, Random, damaged, sentence, value
from .pipe_kinds import _LAYER


def in_file(suffix: str, work: Callable[[Path], None]) -> Callable[[bytes], None]:
    """``work`` on a file with the bytes of the case; whoever refuses them says one sentence."""

    def check(content: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"file{suffix}"
            path.write_bytes(content)
            try:
                work(path)
            except UserError as error:
                sentence(error)
            assert [p.name for p in Path(folder).iterdir()] == [path.name]

    return check


def a_safetensors(rng: Random) -> bytes:
    entry = '{"dtype":"%s","shape":%s,"data_offsets":%s}'
    shape = rng.choice(("[2]", "[]", "[0]", "[-1]", "[1e999]", "[2,0,9223372036854775807]", "2", "[true]", "[1.5]"))
    places = ("[0,8]", "[4,12]", "[0,4]", "[8,0]", "[0]", "[0,1e999]", "[NaN,8]", "null", "[0,99999]", "[-4,4]")
    offsets = rng.choice(places)
    header = ",".join(f'"{n}":' + entry % (rng.choice(("F32", "F16", "I64", "x")), shape, offsets) for n in "ab")
    header = rng.choice((f"{{{header}}}", "[]", "[" * 3000, f'{{"__metadata__":{value(rng)},{header}}}', "7"))
    raw = header.encode()
    body = len(raw).to_bytes(8, "little") + raw + np.ones(4, "<f4").tobytes()
    return damaged(rng, body)


def check_weights(path: Path) -> None:
    arrays, notes = weights.read(path)
    assert all(np.isfinite(array).all() for array in arrays.values())
    assert sum(array.nbytes for array in arrays.values()) <= 2 * path.stat().st_size
    assert all(isinstance(v, str) for v in notes.values())


def _model(card: bytes) -> bytes:
    """A model file with this card and one small array."""
    metadata = json.dumps(card.decode("utf-8", "replace"))
    header = f'{{"__metadata__":{{"card":{metadata}}},"a":{{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}}}'.encode()
    return len(header).to_bytes(8, "little") + header + bytes(4)


CARD = Card("a model", "product", "CC0", Shape(4)).to_json().encode()


def check_model(path: Path) -> None:
    open_model(path)
    raise AssertionError("a file without weights is no model")


WAV = (b"RIFF\x2c\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x80>\x00\x00\x00}\x00\x00\x02\x00\x10\x00"
       b"data\x08\x00\x00\x00" + b"\x01\x02" * 4)  # fmt: skip


def check_wav(path: Path) -> None:
    assert 0.0 <= length_of(path) < 1e9
    try:
        wav = open_wav(path)
        taken = sum(len(block) for _, block in zip(range(5), wav.blocks(64), strict=False))
    except (NotWav, OSError, ValueError, MemoryError):
        return
    assert 0 <= taken <= path.stat().st_size


def check_track(path: Path) -> None:
    track = formats.read(path)
    assert np.isfinite(track.talk).all() and track.talk.shape[1] == len(CHANNELS) and track.fps > 0


_CSV = b"".join(formats.BY_SUFFIX[".csv"].dump(FaceTrack(_LAYER, _LAYER, 60.0), Mix()))
_JSON = b"".join(formats.BY_SUFFIX[".json"].dump(FaceTrack(_LAYER, _LAYER, 60.0), Mix()))
_S2F = b"".join(formats.BY_SUFFIX[".s2f"].dump(FaceTrack(_LAYER, _LAYER, 60.0), Mix()))
_TSV, _XML, _CUES, _DAT = (
    b"".join(formats.BY_SUFFIX[ending].dump(FaceTrack(_LAYER, _LAYER, 60.0), Mix()))
    for ending in (".tsv", ".xml", ".rhubarb.json", ".dat")
)
_KEYED = b'{"fps": 24, "tracks": [{"name": "a.morphTargetInfluences[jawOpen]", "times": [0, 0.5], "values": [0, 1]}, ' \
    b'{"name": "mouthPucker", "keys": [{"time": 0, "value": 1}, {"time": 1, "value": 0}]}], "jawLeft": [[0, 1]]}'
_TURNED = b"---,0,0.04,0.08,0.12\njawOpen,0,0.1,0.2,0.1\nmouthPucker,0,1,0,1\n"


def check_emotion(path: Path) -> None:
    emotion = custom_emotion.read_file(path)
    assert emotion.name.encode() and all(0 <= value <= 1 for value in emotion.channels.values())


EMOTION = b'{"format": "s2f.emotion", "version": 1, "name": "smug", "channels": {"jawOpen": 0.5}}'


def check_subtitles(text: str) -> None:
    try:
        cues = subtitles.parse(text)
    except UserError as error:
        sentence(error)
        return
    assert all(0 <= cue.start < cue.end and cue.text for cue in cues)


def check_keys(text: str) -> None:
    try:
        sliders = parse_keys(text, 1.0, 30.0)
    except UserError as error:
        sentence(error)
        return
    assert sliders.shape == (31, len(EMOTIONS)) and ((sliders >= 0) & (sliders <= 1)).all()


def text_of(good: bytes) -> Callable[[Random], str]:
    return lambda rng: damaged(rng, good).decode("utf-8", rng.choice(("replace", "surrogateescape")))


FILE_KINDS = (
    Kind("weights", 50, a_safetensors, in_file(".safetensors", check_weights), (
        b"", b"\0" * 8, b"\2" + b"\0" * 7 + b"[]", b"\xff" * 9, (2990).to_bytes(8, "little") + b"[" * 2990,
        b'\x3b' + b"\0" * 7 + b'{"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}}  ' + b"\0" * 4,
    )),
    Kind("model cards", 30, lambda r: _model(damaged(r, CARD)), in_file(".safetensors", check_model), (
        _model(CARD), _model(b"[]"), _model(b"{" * 9000), _model(CARD.replace(b'"layers": 0', b'"layers": 1000000000')),
        _model(CARD.replace(b'"width": 256', b'"width": 1e999')), _model(CARD.replace(b'"product"', b"[]")),
        _model(CARD.replace(b'"rules"', b"{}")), _model(CARD.replace(b'"tcn"', b"[]")),
        _model(CARD.replace(b'"a model"', b"7")), _model(CARD.replace(b"[1, 2, 4, 8, 1, 2, 4, 8]", b"[NaN]")),
    )),
    Kind("wav", 50, lambda r: damaged(r, WAV), in_file(".wav", check_wav), (
        b"RIFF", WAV[:20], WAV.replace(b"\x01\x00\x01\x00", b"\x01\x00\x00\x00"), WAV.replace(b"fmt ", b"data"),
        b"fLaC", b"fLaC" + b"\0" * 38, b"RIFF\0\0\0\0WAVEfmt \xff\xff\xff\xff",
    )),
    Kind("tables", 40, lambda r: damaged(r, _CSV[: r.randrange(len(_CSV))]), in_file(".csv", check_track), (
        b"", b"\0", b"Timecode,BlendshapeCount\n", b"a,b\n1", b'"', b"\xff\xfe",
    )),
    Kind("track JSON", 30, lambda r: damaged(r, _JSON), in_file(".json", check_track), (
        b"[" * 9000, b"{}", b"NaN", b"7",
    )),
    Kind("turned tables", 20, lambda r: damaged(r, _TURNED), in_file(".csv", check_track), (
        b"jawOpen,1", b"jawOpen\nmouthPucker", b"jawOpen,\nmouthPucker,", b"0,jawOpen,nan\n0,jawOpen,1",
    )),
    Kind("keyed JSON", 20, lambda r: damaged(r, _KEYED), in_file(".json", check_track), (
        b'{"jawOpen": {"0": 0, "\xc2\xb2": 1}}', b'{"jawOpen": [[NaN, 1], [1, NaN]]}', b'{"jawOpen": [[1, 1], [1, 1]]}',
        b'{"jawOpen": [{"frame": -1e11, "value": 1}, {"frame": 1e11, "value": 1}]}', b'{"jawOpen": [true, false]}',
    )),
    Kind("cue tables", 10, lambda r: damaged(r, _TSV), in_file(".tsv", check_track), (
        b"0\tX", b"9e9\tX", b"1\tX\n0\tA",
    )),
    Kind("cue XML", 10, lambda r: damaged(r, _XML), in_file(".xml", check_track), (
        b"<mouthCue start='9' end='1'>X</mouthCue>", b"<mouthCue start='1' end='99999999999'>A</mouthCue>",
    )),
    Kind("cue JSON", 10, lambda r: damaged(r, _CUES), in_file(".json", check_track), (
        b'{"mouthCues": [{"start": NaN, "end": 1, "value": "A"}]}', b'{"mouthCues": {"a": 1}}', b'{"mouthCues": [1]}',
    )),
    Kind("switches", 10, lambda r: damaged(r, _DAT), in_file(".dat", check_track), (
        b"MohoSwitch1", b"MohoSwitch1\n0 rest", b"MohoSwitch1\n9999999 AI",
    )),
    Kind("tracks", 20, lambda r: damaged(r, _S2F), in_file(".s2f", check_track), (b"S2F1", _S2F[:-1], _S2F + b"x")),
    Kind("own emotions", 20, lambda r: damaged(r, EMOTION), in_file(".json", check_emotion), (
        EMOTION.replace(b"smug", b"\\ud800"), EMOTION.replace(b"0.5", b"NaN"), EMOTION.replace(b"0.5", b"1e999"),
        EMOTION.replace(b'{"jawOpen": 0.5}', b"[]"), EMOTION.replace(b'"smug"', b"1"), b"[" * 9000, b"\xff",
    )),
    Kind("subtitles", 20, text_of(b"1\n00:00:01,000 --> 00:00:02,500\nHello <i>there</i>\n\n"), check_subtitles, (
        "", "00:01 --> 00:00", "\udcff", "99:99 --> 999:99:99\nx",
    )),
    Kind("emotion keys", 20, text_of(b"time,happy,sad\n0.0,0.0,0.4\n2.5,0.8,0.0\n"), check_keys, (
        "time\n", "time,time\n1,1", "time,happy\n0,nan", "time,happy\n1,0\n0,0", 'time,happy\n"', "time,happy\n1e999,0",
        "time,happy\n0,\ud800",
    )),
)  # fmt: skip
