"""Live Link Face CSV: what other programs must find in ours, and what we must make of theirs."""

import csv
import io
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.channels import CHANNELS, INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.formats import livelink, read, timecode, write
from s2f_blender_addon.core.track import FaceTrack

from .conftest import track_of

RATES = st.sampled_from(
    [12.0, 23.976023976023978, 24.0, 25.0, 29.97002997002997, 30.0, 48.0, 59.94005994005994, 60.0, 120.0]
)


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"))))


def parse(text: str) -> FaceTrack:
    return livelink.parse(text.encode(), "take.csv")


class TestWriting:
    def test_a_row_has_a_timecode_the_count_and_61_numbers(self, track: FaceTrack) -> None:
        rows = rows_of(b"".join(livelink.dump(track, Mix())))
        assert len(rows) == 90
        assert list(rows[0])[:2] == ["Timecode", "BlendshapeCount"]
        assert len(rows[0]) == 63
        assert {row["BlendshapeCount"] for row in rows} == {"61"}

    def test_every_channel_is_a_column_of_its_own_name_in_pascal_case(self, track: FaceTrack) -> None:
        rows, values = rows_of(b"".join(livelink.dump(track, Mix()))), mixed(track, Mix())
        for name in CHANNELS:
            column = np.array([float(row[name[0].upper() + name[1:]]) for row in rows])
            np.testing.assert_allclose(column, values[:, INDEX[name]], atol=1e-6)

    def test_numbers_have_at_least_four_decimals(self, track: FaceTrack) -> None:
        row = rows_of(b"".join(livelink.dump(track, Mix())))[0]
        assert all(len(cell.split(".")[1]) >= 4 for cell in list(row.values())[2:])

    def test_timecodes_count_sixtieths_of_a_second_at_any_frame_rate(self) -> None:
        rows = rows_of(b"".join(livelink.dump(track_of(49, 24.0), Mix())))
        assert [row["Timecode"] for row in rows[:3]] == ["00:00:00:00.000", "00:00:00:02.500", "00:00:00:05.000"]
        assert rows[-1]["Timecode"] == "00:00:02:00.000"

    def test_the_mix_decides_the_values(self, track: FaceTrack) -> None:
        rows = rows_of(b"".join(livelink.dump(track, Mix(intensity=0.0))))
        np.testing.assert_allclose([float(r["JawOpen"]) for r in rows], track.talk[:, INDEX["jawOpen"]], atol=1e-6)

    def test_eyes_turn_with_their_look_channels(self) -> None:
        talk = np.zeros((1, 52), np.float32)
        talk[
            0, [INDEX["eyeLookOutLeft"], INDEX["eyeLookInRight"], INDEX["eyeLookDownLeft"], INDEX["eyeLookUpRight"]]
        ] = 1
        row = rows_of(b"".join(livelink.dump(FaceTrack.captured(talk, 60.0), Mix())))[0]
        assert float(row["LeftEyeYaw"]) == float(row["RightEyeYaw"]) > 0.3  # both to the face's left
        assert float(row["LeftEyePitch"]) == -float(row["RightEyePitch"]) > 0.3

    def test_ten_minutes_at_60_fps_are_written_and_read_in_seconds(self, tmp_path: Path) -> None:
        began = time.process_time()
        write(tmp_path / "long.csv", track_of(36_000, 60.0))
        assert read(tmp_path / "long.csv").duration == pytest.approx(599.98, abs=0.01)
        assert time.process_time() - began < 15


class TestRoundTrip:
    @given(frames=st.integers(2, 40), fps=RATES, seed=st.integers(0, 99), start=st.floats(0, 90_000))
    def test_values_head_rate_and_times_come_back(self, frames: int, fps: float, seed: int, start: float) -> None:
        track = track_of(frames, fps, seed, start)
        back = livelink.parse(b"".join(livelink.dump(track, Mix(0.7))), "take.csv")
        np.testing.assert_allclose(back.talk, mixed(track, Mix(0.7)), atol=1e-6)
        np.testing.assert_allclose(back.head, track.head, atol=1e-6)
        np.testing.assert_allclose(back.times, track.times - track.times[0], atol=2 * timecode.RESOLUTION)
        assert not back.mood.any()

    @given(fps=RATES)
    def test_a_second_is_enough_to_tell_the_common_rates_apart(self, fps: float) -> None:
        back = livelink.parse(b"".join(livelink.dump(track_of(round(fps) + 2, fps), Mix())), "take.csv")
        assert back.fps == pytest.approx(fps, rel=1e-9)

    def test_a_single_frame_comes_back(self) -> None:
        assert len(livelink.parse(b"".join(livelink.dump(track_of(1, 24.0), Mix())), "take.csv").talk) == 1

    @given(st.floats(0, 86_399.9))
    def test_a_timecode_reads_back_to_the_same_time(self, seconds: float) -> None:
        assert timecode.seconds(timecode.timecode(seconds)) % timecode.DAY == pytest.approx(
            seconds, abs=timecode.RESOLUTION
        )


class TestTolerance:
    """Every row of these files moves the jaw by 0.1 a frame at 60 fps."""

    @pytest.mark.parametrize("jaw", ["JawOpen", "jawOpen", "JAWOPEN", "jaw_open", " jawOpen "])
    @pytest.mark.parametrize("smile", ["MouthSmileLeft", "mouthSmile_L", "mouth_smile_left", "MOUTHSMILELEFT"])
    def test_names_bind_in_any_spelling(self, jaw: str, smile: str) -> None:
        track = parse(
            f"Timecode,BlendShapeCount,{smile},{jaw}\n19:16:29:35.273,52,0.5,0.1\n19:16:29:36.273,52,0.5,0.2\n"
        )
        np.testing.assert_allclose(track.talk[:, INDEX["jawOpen"]], [0.1, 0.2])
        np.testing.assert_allclose(track.talk[:, INDEX["mouthSmileLeft"]], [0.5, 0.5])
        assert track.fps == 60.0
        assert track.start == 0.0

    @pytest.mark.parametrize("count", [51, 52, 61, 68])
    def test_files_of_51_to_68_columns_read(self, count: int) -> None:
        names = (list(CHANNELS) + [f"Extra{i}" for i in range(16)])[:count]
        body = "".join(f"00:00:00:{f:02d}.000,{count}," + ",".join(["0.25"] * count) + "\n" for f in range(3))
        track = parse("Timecode,BlendshapeCount," + ",".join(names) + "\n" + body)
        known = min(count, 52)
        assert (track.talk[:, :known] == 0.25).all()
        assert not track.talk[:, known:].any()

    def test_the_order_of_the_columns_means_nothing(self, track: FaceTrack) -> None:
        lines = [line.split(",") for line in b"".join(livelink.dump(track, Mix())).decode().splitlines()]
        order = [0, 1, *np.random.default_rng(1).permutation(np.arange(2, 63))]
        shuffled = "\n".join(",".join(line[i] for i in order) for line in lines)
        plain = livelink.parse(b"".join(livelink.dump(track, Mix())), "")
        np.testing.assert_array_equal(parse(shuffled).talk, plain.talk)

    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    @pytest.mark.parametrize("newline", ["\n", "\r\n"])
    def test_byte_order_marks_blank_lines_and_other_delimiters_read(self, delimiter: str, newline: str) -> None:
        lines = ["\ufefftime,jawOpen", "", "0,0.1", "", "0.04,0.2", "0.08,0.3", " ", ",", ""]
        track = parse(newline.join(lines).replace(",", delimiter))
        assert track.fps == 25.0
        np.testing.assert_allclose(track.talk[:, INDEX["jawOpen"]], [0.1, 0.2, 0.3])

    def test_a_time_column_keeps_its_start(self) -> None:
        assert parse("time,jawOpen\n1.5,0\n1.6,0\n").start == 1.5

    def test_midnight_passes(self) -> None:
        track = parse(
            "Timecode,jawOpen\n23:59:59:58.000,0.1\n23:59:59:59.000,0.2\n00:00:00:00.000,0.3\n00:00:00:01.000,0.4\n"
        )
        assert track.fps == 60.0
        np.testing.assert_allclose(track.talk[:, INDEX["jawOpen"]], [0.1, 0.2, 0.3, 0.4])

    def test_frames_that_the_camera_dropped_are_filled_in(self) -> None:
        frames = [0, 1, 2, 5, 6, 7]
        body = "".join(f"00:00:00:{f:02d}.000,{f / 10}\n" for f in frames)
        track = parse("Timecode,jawOpen\n" + body)
        assert track.fps == 60.0
        np.testing.assert_allclose(track.talk[:, INDEX["jawOpen"]], np.arange(8) / 10, atol=1e-6)

    def test_a_repeated_time_is_one_frame(self) -> None:
        track = parse("time,jawOpen\n0,0.1\n0.1,0.2\n0.1,0.3\n0.2,0.4\n")
        np.testing.assert_allclose(track.talk[:, INDEX["jawOpen"]], [0.1, 0.3, 0.4])


class TestBadFiles:
    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("Timecode,jawOpen\n", "no frame"),
            ("Timecode,BlendshapeCount,nose\n00:00:00:00.000,61,1\n", "line 1 names no ARKit blendshape"),
            ("\n\ntime,jawOpen\n0,0.1\nnoon,0.2\n", "line 5 is damaged"),
            ("Timecode,jawOpen\n1:2,0.1\n", "line 2 is damaged"),
            ("time,jawOpen\n0,0.1\n0.1,\x00\n", "line 3 is damaged"),
            ("time,jawOpen\n0,0.1\n0.1,inf\n", "line 3 is damaged"),
            ("time,jawOpen\n0,0.1\ninf,0.1\n", "line 3 is damaged"),
            ("time,jawOpen\n0,nan\n0.1,\n", "none of its rows holds a face"),
            ("time,jawOpen\n0,0.1\n0.1,0.1\n99999,0.1\n", "too few to be a track"),
            ("hello\n", "names no ARKit blendshape"),
        ],
    )
    def test_a_file_that_cannot_be_read_is_explained_in_one_sentence(
        self, text: str, sentence: str, tmp_path: Path
    ) -> None:
        path = tmp_path / "kaputt é.csv"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UserError, match=sentence) as error:
            read(path)
        assert str(path) in str(error.value)
        assert "\n" not in str(error.value)

    @given(st.binary(max_size=400))
    def test_any_bytes_give_a_track_or_a_sentence(self, data: bytes) -> None:
        try:
            livelink.parse(b"time,jawOpen,mouthClose\n" + data, "x.csv")
        except UserError as error:
            assert "\n" not in str(error)

    @given(st.text(alphabet="0123456789.,-e\n naif;:\r\t\"'", max_size=200))
    def test_any_numbers_give_a_track_or_a_sentence(self, text: str) -> None:
        try:
            track = parse("Timecode,jawOpen\n00:00:00:00.0,0\n" + text)
        except UserError as error:
            assert "\n" not in str(error)
        else:
            assert np.isfinite(track.talk).all()


@given(st.lists(st.floats(-3e4, 3e4, width=32), min_size=1, max_size=8).map(lambda row: [row, [-x / 1e4 for x in row]]))
def test_numbers_are_written_as_any_program_writes_six_decimals(table: list[list[float]]) -> None:
    said = [[f"{x:.6f}" for x in row] for row in np.array(table, np.float32).tolist()]
    plain = [",".join("0.000000" if x == "-0.000000" else x for x in row) + "\n" for row in said]
    assert b"".join(livelink._rows(np.array(table, np.float32))).decode() == "".join(plain)
