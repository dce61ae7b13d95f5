"""Every message survives the wire, and a message that lies about itself is a WireError."""

import io
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2f_blender_addon.core import messages, wire
from s2f_blender_addon.core.channels import CHANNELS, EMOTIONS
from s2f_blender_addon.core.custom_emotion import CustomEmotion
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.liveliness import Liveliness
from s2f_blender_addon.core.messages import (
    Cancel,
    Cancelled,
    Failure,
    Feel,
    Felt,
    FeltSentence,
    Hello,
    Infer,
    Know,
    Known,
    Message,
    Pcm,
    PcmEnd,
    Progress,
    Read,
    Reads,
    Result,
    parse,
)  # fmt: skip
from s2f_blender_addon.core.request import Hearing, Request
from s2f_blender_addon.core.subtitles import Cue
from s2f_blender_addon.core.track import FaceTrack, Provenance
from s2f_blender_addon.core.vocal_events import VocalEvent
from s2f_blender_addon.core.wire import Frame, WireError

numbers = st.integers(0, 2**31)
fractions = st.floats(0, 1)
words = st.text(max_size=30)
cues = st.builds(Cue, words, st.floats(0, 1e5), st.floats(0, 1e5))
strengths = st.floats(0, 2)
requests = st.builds(
    Request, words, st.dictionaries(st.sampled_from(EMOTIONS), fractions), numbers, st.floats(1, 240),
    st.floats(0, 1e5), st.floats(0, 1e5), st.lists(cues, max_size=3).map(tuple), st.text(max_size=20),
    custom_emotions=st.lists(
        st.builds(CustomEmotion, st.just("Smirk"), st.just({"jawOpen": 0.5})), max_size=1
    ).map(tuple),
    contempt_side=st.sampled_from(["left", "right"]), liveliness=st.builds(Liveliness, strengths, strengths, strengths),
    hear=st.none() | st.builds(Hearing, fractions, fractions, st.floats(0, 4), st.floats(0, 60), st.integers(1, 8)),
    name=words,
)  # fmt: skip
plain = st.one_of(
    st.builds(Infer, numbers, requests), st.builds(Feel, numbers, requests),
    st.builds(Hello, numbers, words, words, words, words, words, words, numbers),
    st.builds(Reads, numbers, st.dictionaries(words, fractions, max_size=3)),
    st.builds(Know, numbers, requests, st.booleans()), st.builds(Known, numbers, words, fractions),
    st.builds(PcmEnd, numbers), st.builds(Cancel, numbers), st.builds(Cancelled, numbers),
    st.builds(Progress, numbers, fractions, words), st.builds(Failure, st.integers(-1, 2**31), words, words),
)  # fmt: skip
junk = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.lists(st.integers(), max_size=3)
    | st.dictionaries(st.text(max_size=5), st.integers(), max_size=2)
)


def over_the_wire(message: Message) -> Message:
    stream = io.BytesIO()
    wire.write(stream, message.to_frame())
    stream.seek(0)
    frame = wire.read(stream)
    assert frame is not None
    return parse(frame)


def request_header() -> dict[str, object]:
    return dict(Infer(1, Request("a.wav")).to_frame().header)


def a_track(frames: int = 3) -> FaceTrack:
    rng = np.random.default_rng(1)
    talk, mood = rng.random((2, frames, len(CHANNELS)), np.float32)
    return FaceTrack(
        talk, mood, 59.94, 0.25, Provenance("m", "abc", {"happy": 0.5}, 7), rng.random((frames, 3), np.float32)
    )


@given(plain)
def test_a_message_comes_out_as_it_went_in(message: Message) -> None:
    assert over_the_wire(message) == message


def test_sound_comes_out_as_it_went_in() -> None:
    samples = np.linspace(-1, 1, 1001, dtype=np.float32)
    back = over_the_wire(Pcm(3, 44100, samples))
    assert isinstance(back, Pcm)
    assert (back.id, back.rate) == (3, 44100)
    np.testing.assert_array_equal(back.samples, samples)


def test_what_a_face_reads_as_over_time_has_a_column_for_each_share() -> None:
    shares, over_time = {"neutral": 0.25, "happy": 0.75}, np.array([[0.5, 0.5], [0.0, 1.0]], np.float32)
    back = over_the_wire(Reads(3, shares, 1.0, 0.5, over_time))
    assert isinstance(back, Reads) and (back.first, back.every) == (1.0, 0.5)
    np.testing.assert_array_equal(back.over_time, over_time)
    with pytest.raises(WireError, match="reads as over time"):
        Reads(3, shares, 1.0, 0.5, over_time[:, :1])


def test_felt_sliders_and_sentences_come_out_as_they_went_in() -> None:
    sliders = np.random.default_rng(0).random((90, len(EMOTIONS)), np.float32)
    said = (FeltSentence("Schön!", 0.5, 1.5, {"happy": 0.6}),)
    events = (VocalEvent("sob", 1.0, 2.5),)
    back = over_the_wire(Felt(3, 24.0, 0.5, said, "who", "product", sliders, events))
    assert isinstance(back, Felt) and back.events == events
    assert (back.id, back.fps, back.start, back.sentences) == (3, 24.0, 0.5, said)
    np.testing.assert_array_equal(back.sliders, sliders)
    with pytest.raises(WireError, match="felt"):
        Felt(3, 24.0, 0.5, said, "who", "product", sliders[:, :7])


def test_keyed_sliders_come_out_as_they_went_in() -> None:
    keyed = np.random.default_rng(0).random((90, len(EMOTIONS)), np.float32)
    back = over_the_wire(Infer(3, Request("a.wav", emotion_track=keyed)))
    assert isinstance(back, Infer)
    np.testing.assert_array_equal(back.request.emotion_track, keyed)


def test_emotions_of_the_users_own_have_sliders_beside_the_others() -> None:
    own = (CustomEmotion("Smirk", {"mouthSmileLeft": 0.8}),)
    keyed = np.random.default_rng(0).random((90, len(EMOTIONS) + 1), np.float32)
    asked = Request("a.wav", {"Smirk": 0.5, "sad": 1.0}, custom_emotions=own, emotion_track=keyed)
    back = over_the_wire(Infer(3, asked))
    assert isinstance(back, Infer)
    assert (back.request.custom_emotions, back.request.emotion) == (own, {"Smirk": 0.5, "sad": 1.0})
    np.testing.assert_array_equal(back.request.emotion_track, keyed)
    with pytest.raises(UserError, match="no emotion 'Smirk'"):
        Request("a.wav", {"Smirk": 0.5})
    with pytest.raises(UserError, match="emotion_track"):
        Request("a.wav", emotion_track=keyed)


def test_a_face_to_read_comes_out_as_it_went_in() -> None:
    values = np.random.default_rng(0).random((90, 52), np.float32)
    back = over_the_wire(Read(3, 30.0, values))
    assert isinstance(back, Read)
    np.testing.assert_array_equal(back.values, values)
    for wrong in (values[:, :51], values[:0], values[0]):
        with pytest.raises(WireError, match="face"):
            Read(3, 30.0, wrong)


@pytest.mark.parametrize("keyed", [np.zeros((3, 7), np.float32), np.zeros(len(EMOTIONS), np.float32)])
def test_keyed_sliders_are_eight_a_frame(keyed: np.ndarray) -> None:
    with pytest.raises(UserError, match="emotion_track"):
        parse(Frame(request_header(), {"request.emotion_track": keyed}))


@pytest.mark.parametrize("samples", [np.zeros((2, 2), np.float32), np.zeros(2, np.int16), None])
def test_sound_is_one_row_of_float32(samples: np.ndarray | None) -> None:
    arrays = {} if samples is None else {"samples": samples}
    with pytest.raises(WireError, match="samples"):
        parse(Frame({"type": "pcm", "id": 1, "rate": 48000}, arrays))


def test_a_track_comes_out_as_it_went_in() -> None:
    track = a_track()
    back = over_the_wire(Result(4, track))
    assert isinstance(back, Result)
    for layer in ("talk", "mood", "head"):
        np.testing.assert_array_equal(getattr(back.track, layer), getattr(track, layer))
    assert (back.track.fps, back.track.start, back.track.provenance) == (track.fps, track.start, track.provenance)


def test_channels_bind_by_name_and_never_by_place() -> None:
    track = a_track()
    frame = Result(4, track).to_frame()
    turned = list(reversed(range(len(CHANNELS))))
    header = {**frame.header, "names": [CHANNELS[i] for i in turned]}
    shuffled = Frame(header, {**frame.arrays, "talk": track.talk[:, turned], "mood": track.mood[:, turned]})
    back = parse(shuffled)
    assert isinstance(back, Result)
    np.testing.assert_array_equal(back.track.talk, track.talk)
    np.testing.assert_array_equal(back.track.mood, track.mood)


@pytest.mark.parametrize(
    "damage",
    [
        {"names": list(CHANNELS[:-1])}, {"names": None}, {"fps": 0}, {"fps": "x"}, {"fps": 10**400},
        {"provenance": {"unknown": 1}}, {"provenance": 3}, {"start": None}, {"id": None},
    ],
)  # fmt: skip
def test_a_result_with_a_damaged_header_is_a_wire_error(damage: dict[str, object]) -> None:
    frame = Result(4, a_track()).to_frame()
    with pytest.raises(WireError):
        parse(Frame({**frame.header, **damage}, frame.arrays))


@pytest.mark.parametrize("layer", ["talk", "mood", "head"])
def test_a_result_without_a_layer_or_with_nan_is_a_wire_error(layer: str) -> None:
    frame = Result(4, a_track()).to_frame()
    for damaged in (
        {k: v for k, v in frame.arrays.items() if k != layer},
        {**frame.arrays, layer: frame.arrays[layer] * np.nan},
    ):
        with pytest.raises(WireError):
            parse(Frame(frame.header, damaged))


@given(plain, st.data())
def test_a_field_that_is_missing_or_of_another_kind_is_a_wire_error_or_a_message(
    message: Message, data: st.DataObject
) -> None:
    header = dict(message.to_frame().header)
    name = data.draw(st.sampled_from(sorted(header)))
    if data.draw(st.booleans()):
        del header[name]
        header.setdefault("type", "nothing known")
    else:
        header[name] = data.draw(junk) if name != "type" else data.draw(words)
    if isinstance(header.get("request"), dict) and header["request"]:
        field = data.draw(st.sampled_from(sorted(header["request"])))
        header["request"] = {**header["request"], field: data.draw(junk)}
    try:
        parse(Frame(header))
    except (WireError, UserError):
        return
    assert header["type"] in messages.TYPES


@pytest.mark.parametrize("name", ["rage", "Happy", ""])
def test_an_unknown_emotion_is_refused_by_name(name: str) -> None:
    with pytest.raises(UserError, match=f"no emotion '{name}'"):
        Request("a.wav", {name: 1.0})


def test_an_unknown_kind_of_message_is_named() -> None:
    with pytest.raises(WireError, match="dance"):
        parse(Frame({"type": "dance"}))


def test_fields_of_a_newer_version_are_ignored() -> None:
    frame = Cancel(3).to_frame()
    assert parse(Frame({**frame.header, "because": "of the new button"})) == Cancel(3)


def test_a_hello_of_an_older_version_names_no_card() -> None:
    older = {"type": "hello", "protocol": 1, "version": "0", "model": "m", "licence_track": "product",
             "backend": "torch", "device": "cpu", "decodes": "all", "pid": 1}  # fmt: skip
    hello = parse(Frame(older))
    assert isinstance(hello, Hello) and (hello.card, hello.precision) == ("", "single")


def test_a_long_answer_is_in_memory_once_when_it_is_parsed() -> None:
    layer = np.random.default_rng(0).random((40_000, len(CHANNELS)), np.float32)
    sent = b"".join(wire.encode(Result(1, FaceTrack(layer, layer, 60.0)).to_frame()))
    stream = io.BytesIO(sent)
    tracemalloc.start()
    try:
        frame = wire.read(stream)
        assert frame is not None
        track = Result.from_frame(frame).track
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    np.testing.assert_array_equal(track.mood, layer)
    assert track.talk.flags.writeable
    assert peak < 1.25 * len(sent)
