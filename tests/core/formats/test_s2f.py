"""Our own file keeps everything, and never believes a file that is not whole."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2f_blender_addon.core.blend import Mix
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.formats import is_track, read, s2f, write
from s2f_blender_addon.core.track import FaceTrack

from .conftest import track_of

WHOLE = b"".join(s2f.dump(track_of(3, 24.0), Mix()))


@given(frames=st.integers(1, 30), fps=st.floats(1, 240), start=st.floats(-10, 10), seed=st.integers(0, 99))
def test_layers_head_times_and_provenance_come_back_exactly(frames: int, fps: float, start: float, seed: int) -> None:
    track = track_of(frames, fps, seed, start)
    back = s2f.parse(b"".join(s2f.dump(track, Mix(intensity=0.2))), "a.s2f")
    for layer in ("talk", "mood", "head"):
        np.testing.assert_array_equal(getattr(back, layer), getattr(track, layer))
    assert (back.fps, back.start, back.provenance) == (track.fps, track.start, track.provenance)


@given(st.integers(0, len(WHOLE) - 1))
def test_a_cut_file_is_refused(length: int) -> None:
    with pytest.raises(UserError):
        s2f.parse(WHOLE[:length], "a.s2f")


def test_a_file_with_something_after_its_end_is_refused() -> None:
    with pytest.raises(UserError):
        s2f.parse(WHOLE + b"x", "a.s2f")


@given(st.integers(0, 600), st.integers(0, 255))
def test_a_changed_byte_gives_a_track_or_a_sentence(place: int, byte: int) -> None:
    data = bytearray(WHOLE)
    data[place] = byte
    try:
        s2f.parse(bytes(data), "a.s2f")
    except UserError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("suffix", [".csv", ".json", ".s2f", ".CSV"])
def test_the_suffix_decides_the_form(suffix: str, tmp_path: Path, track: FaceTrack) -> None:
    path = tmp_path / f"Zoë 1{suffix}"
    write(path, replace(track, mood=np.zeros_like(track.mood)))
    assert is_track(path)
    np.testing.assert_allclose(read(path).talk, track.talk, atol=1e-6)


@pytest.mark.parametrize("name", ["take.wav", "take", "take.xlsx"])
def test_another_suffix_is_no_track(name: str, tmp_path: Path, track: FaceTrack) -> None:
    assert not is_track(name)
    with pytest.raises(UserError, match=r"ends in \.csv, \.json, \.s2f"):
        write(tmp_path / name, track)
    assert not list(tmp_path.iterdir())


def test_missing_empty_and_folder_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty.s2f").touch()
    (tmp_path / "folder.csv").mkdir()
    for name, sentence in (("none.csv", "no such file"), ("empty.s2f", "empty"), ("folder.csv", "cannot be read")):
        with pytest.raises(UserError, match=sentence) as error:
            read(tmp_path / name)
        assert str(tmp_path / name) in str(error.value)
