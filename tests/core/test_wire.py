"""A frame comes out as it went in, and any other bytes end in WireError alone."""

import io
import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from s2f_blender_addon.core import wire
from s2f_blender_addon.core.wire import DTYPES, PREFIX, Frame, WireError

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
headers = st.dictionaries(st.text(max_size=8).filter(lambda k: k != "arrays"), json_values, max_size=5).map(
    lambda h: {**h, "type": str(h.get("type", "x"))}
)
arrays = st.dictionaries(
    st.text(max_size=8),
    st.sampled_from(sorted(DTYPES)).flatmap(
        lambda d: hnp.arrays(DTYPES[d], hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5))
    ),
    max_size=3,
)
frames = st.builds(Frame, headers, arrays)


def on_the_wire(frame: Frame) -> bytes:
    return b"".join(bytes(part) for part in wire.encode(frame))


def raw(header: bytes, payload: bytes = b"") -> bytes:
    return PREFIX.pack(wire.MAGIC, len(header), len(payload)) + header + payload


@given(frames)
def test_a_frame_comes_out_as_it_went_in(frame: Frame) -> None:
    back = wire.read(io.BytesIO(on_the_wire(frame)))
    assert back is not None
    assert back.header == frame.header
    assert list(back.arrays) == list(frame.arrays)
    for name, array in frame.arrays.items():
        assert back.arrays[name].dtype == array.dtype
        assert back.arrays[name].shape == array.shape
        assert back.arrays[name].tobytes() == array.tobytes()


@given(st.lists(frames, max_size=4))
def test_frames_follow_one_another_to_a_clean_end(several: list[Frame]) -> None:
    stream = io.BytesIO(b"".join(map(on_the_wire, several)))
    for frame in several:
        back = wire.read(stream)
        assert back is not None
        assert back.header == frame.header
    assert wire.read(stream) is None


@given(frames, st.data())
def test_a_frame_cut_anywhere_is_an_error_and_never_a_shorter_frame(frame: Frame, data: st.DataObject) -> None:
    whole = on_the_wire(frame)
    cut = data.draw(st.integers(1, len(whole) - 1))
    with pytest.raises(WireError):
        wire.read(io.BytesIO(whole[:cut]))


@given(frames, st.data())
def test_a_garbled_frame_is_another_frame_or_a_wire_error(frame: Frame, data: st.DataObject) -> None:
    garbled = bytearray(on_the_wire(frame))
    for _ in range(data.draw(st.integers(1, 4))):
        garbled[data.draw(st.integers(0, len(garbled) - 1))] = data.draw(st.integers(0, 255))
    try:
        back = wire.read(io.BytesIO(bytes(garbled)))
    except WireError:
        return
    assert back is not None
    assert isinstance(back.header["type"], str)


@given(st.binary(min_size=1, max_size=200))
def test_random_bytes_are_a_wire_error(noise: bytes) -> None:
    with pytest.raises(WireError):
        wire.read(io.BytesIO(noise))


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "name": json_values,
                "dtype": st.sampled_from([*DTYPES, "<f2", "O", 1]),
                "shape": json_values | st.lists(st.integers(-1, 2**33), max_size=9),
            },
        ),
        max_size=3,
    ),
    st.binary(max_size=40),
)
@example([{"name": "a", "dtype": "<f4", "shape": [0, 2**31, 2**31, 2**31]}], b"")
@example([{"name": "a", "dtype": "<f4", "shape": [0]}], b"")
@example([{"name": "a", "dtype": "<f4", "shape": [True]}], b"abcd")
def test_a_lying_list_of_arrays_is_a_wire_error(listing: list[dict[str, object]], payload: bytes) -> None:
    header = json.dumps({"type": "x", "arrays": listing}).encode()
    try:
        back = wire.read(io.BytesIO(raw(header, payload)))
    except WireError:
        return
    assert back is not None
    assert sum(a.nbytes for a in back.arrays.values()) == len(payload)


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"[]",
        b"1",
        b"{",
        b'{"type": 1}',
        b'{"kind": "x"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"type": "x", "fps": NaN}',
        b'{"type": "x", "arrays": 1}',
    ],
)
def test_a_header_that_is_no_typed_object_is_a_wire_error(header: bytes) -> None:
    with pytest.raises(WireError):
        wire.read(io.BytesIO(raw(header)))


@pytest.mark.parametrize(("header", "payload"), [(wire.MAX_HEADER + 1, 0), (10, wire.MAX_PAYLOAD + 1)])
def test_sizes_beyond_the_limit_are_refused_before_memory_is_taken(header: int, payload: int) -> None:
    with pytest.raises(WireError, match="too long"):
        wire.read(io.BytesIO(PREFIX.pack(wire.MAGIC, header, payload)))


def test_an_array_of_objects_does_not_travel() -> None:
    with pytest.raises(WireError, match="do not travel"):
        wire.encode(Frame({"type": "x"}, {"a": np.array([None])}))


def test_big_endian_arrays_arrive_with_the_same_values() -> None:
    back = wire.read(io.BytesIO(on_the_wire(Frame({"type": "x"}, {"a": np.arange(5, dtype=">f4")}))))
    assert back is not None
    np.testing.assert_array_equal(back.arrays["a"], np.arange(5))


def test_a_stream_that_gives_a_few_bytes_at_a_time_is_read_whole() -> None:
    class Trickle(io.RawIOBase):
        def __init__(self, content: bytes) -> None:
            self._inner = io.BytesIO(content)

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            return self._inner.read(min(size, 3))

    frame = Frame({"type": "x"}, {"a": np.arange(100, dtype=np.float32)})
    back = wire.read(Trickle(on_the_wire(frame)))  # type: ignore[arg-type]
    assert back is not None
    np.testing.assert_array_equal(back.arrays["a"], frame.arrays["a"])


def test_words_beyond_a_header_travel_all_the_same() -> None:
    words = [{"text": f"word {n}", "start": n / 3, "end": n / 3 + 0.2, "confidence": 0.5} for n in range(40_000)]
    array = np.arange(6, dtype="<f4").reshape(2, 3)
    raw_frame = b"".join(bytes(part) for part in wire.encode(Frame({"type": "result", "words": words}, {"x": array})))
    assert PREFIX.unpack(raw_frame[: PREFIX.size])[1] < wire.MAX_HEADER
    back = wire.read(io.BytesIO(raw_frame))
    assert back is not None and back.header == {"type": "result", "words": words}
    np.testing.assert_array_equal(back.arrays["x"], array)
    assert set(back.arrays) == {"x"}


@pytest.mark.parametrize("number", ["1e999", "-1e400", "NaN", "Infinity", str(2**63), "-" + "9" * 4000, "1" * 5000])
def test_numbers_that_no_field_holds_are_a_wire_error(number: str) -> None:
    with pytest.raises(WireError):
        wire.read(io.BytesIO(raw(b'{"type": "x", "n": [' + number.encode() + b"]}")))


@pytest.mark.parametrize("text", ['"\\ud800"', '{"\\udfff": 1}', '["a", "\\uD83D"]'])
def test_half_a_letter_is_a_wire_error(text: str) -> None:
    with pytest.raises(WireError):
        wire.read(io.BytesIO(raw(b'{"type": "x", "t": ' + text.encode() + b"}")))
    whole = raw(b'{"type": "x", "t": "\\ud83d\\ude00"}')
    assert wire.read(io.BytesIO(whole)) is not None
