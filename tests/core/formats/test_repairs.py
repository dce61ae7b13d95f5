"""Tracks as they come from the field: lost rows, clocks that jump, other units, spreadsheets. Each repair is said."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2f_blender_addon.core.blend import Mix
from s2f_blender_addon.core.channels import CHANNELS, INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.formats import captured_table, livelink
from s2f_blender_addon.core.track import FaceTrack

FEW = settings(max_examples=12, deadline=None)
JAW = INDEX["jawOpen"]
FRAMES = 150


def opening(times: np.ndarray) -> np.ndarray:
    return 0.5 - 0.5 * np.cos(2 * math.pi * times)


def take(frames: int = FRAMES, rate: float = 60.0) -> FaceTrack:
    """A mouth that opens once a second below open eyes, and a head that turns."""
    talk = np.zeros((frames, len(CHANNELS)), np.float32)
    times = np.arange(frames) / rate
    talk[:, JAW] = opening(times)
    talk[:, INDEX["eyeWideLeft"]] = 0.5
    head = np.stack([np.full(frames, 0.4), np.sin(times) / 5, np.zeros(frames)], axis=1).astype(np.float32)
    return FaceTrack(talk, np.zeros_like(talk), rate, head=head)


def cells_of(track: FaceTrack) -> list[list[str]]:
    """Of each line of a Live Link Face table: the clock, the count, and 61 numbers."""
    return [line.split(",") for line in b"".join(livelink.dump(track, Mix())).decode().splitlines()]


def text_of(cells: list[list[str]], delimiter: str = ",") -> str:
    return "\n".join(delimiter.join(row) for row in cells)


def parse(text: str | bytes, fps: float | None = None) -> FaceTrack:
    return livelink.parse(text.encode() if isinstance(text, str) else text, "take.csv", fps)


def agrees(track: FaceTrack, within: float = 1e-3, frames: int = FRAMES) -> None:
    """The track is that of ``take``."""
    whole = take(frames)
    assert len(track.talk) == frames
    np.testing.assert_allclose(track.talk, whole.talk, atol=within)
    np.testing.assert_allclose(track.head, whole.head, atol=within)
    np.testing.assert_allclose(track.times, whole.times, atol=0.005)


def notes(track: FaceTrack) -> str:
    return " ".join(track.provenance.notes)


LOST = (
    "empty", "short", "count 0, zeros", "cut to the clock", "nan", "N/A", "-nan(ind)", "1.#QNAN", "#DIV/0!", "(null)",
    "undefined", "-1", "-1.000",
)  # fmt: skip


class TestLostRows:
    @pytest.mark.parametrize("how", LOST)
    @FEW
    @given(first=st.integers(1, 110), length=st.integers(1, 30))
    def test_a_face_that_is_lost_for_a_while_is_bridged_and_never_snaps_to_rest(
        self, how: str, first: int, length: int
    ) -> None:
        cells = cells_of(take())
        for row in cells[1 + first : 1 + first + length]:
            if how == "short":
                del row[2:]
            elif how == "cut to the clock":
                del row[1:]
            elif how == "count 0, zeros":
                row[1:] = ["0", *["0.000"] * 61]
            else:
                row[1:] = ["0", *["" if how == "empty" else how] * 61]
        track = parse(text_of(cells))
        assert len(track.talk) == FRAMES
        assert "bridged" in notes(track)
        jaw, whole = track.talk[:, JAW], take().talk[:, JAW]
        lost = slice(first, first + length)
        np.testing.assert_allclose(np.delete(jaw, np.r_[lost]), np.delete(whole, np.r_[lost]), atol=1e-3)
        assert np.abs(np.diff(jaw)).max() < 0.08
        np.testing.assert_allclose(track.talk[:, INDEX["eyeWideLeft"]], 0.5, atol=1e-5)
        np.testing.assert_allclose(track.head[:, 0], 0.4, atol=1e-5)

    def test_both_ends_are_held(self) -> None:
        cells = cells_of(take())
        for row in (*cells[1:10], *cells[-9:]):
            row[2:] = [""] * 61
        track = parse(text_of(cells))
        np.testing.assert_allclose(track.talk[:9, JAW], take().talk[9, JAW], atol=1e-5)
        np.testing.assert_allclose(track.talk[-9:, JAW], take().talk[-10, JAW], atol=1e-5)

    def test_a_single_empty_cell_is_bridged_in_its_column_alone(self) -> None:
        track = parse("time,jawOpen,jawLeft\n0,0.1,0.3\n0.1,,0.3\n0.2,0.3,0.9\n")
        np.testing.assert_allclose(track.talk[:, JAW], [0.1, 0.2, 0.3], atol=1e-6)
        np.testing.assert_allclose(track.talk[:, INDEX["jawLeft"]], [0.3, 0.3, 0.9], atol=1e-6)

    def test_rows_of_empty_cells_are_lost_frames_where_each_row_is_a_frame(self) -> None:
        rows = ["jawOpen,jawLeft", "0,0", "0.1,0", ",", ",", "0.4,0", "0.5,0", ",", ",,"]
        track = parse("\n".join(rows), 30)
        np.testing.assert_allclose(track.talk[:, JAW], np.arange(6) / 10, atol=1e-6)

    @pytest.mark.parametrize(
        "flag", ["success,1,0", "FaceDetected,True,False", "tracking_state,ok,lost", "confidence,0.9,0.00"]
    )
    def test_a_column_that_says_there_was_no_face_is_believed(self, flag: str) -> None:
        name, yes, no = flag.split(",")
        text = f"time,{name},jawOpen\n0,{yes},0.4\n0.1,{yes},0.5\n0.2,{no},0\n0.3,{no},0\n0.4,{yes},0.8\n"
        np.testing.assert_allclose(parse(text).talk[:, JAW], [0.4, 0.5, 0.6, 0.7, 0.8], atol=1e-6)

    def test_a_whole_face_that_drops_to_0_and_is_back_at_once_stays_as_it_is_and_is_said(self) -> None:
        cells = cells_of(take())
        for row in cells[41:61]:
            row[2:54] = ["0.000000"] * 52
        track = parse(text_of(cells))
        assert not track.talk[40:60].any()
        assert "20 of its rows are 0 throughout" in notes(track)

    def test_rows_that_are_missing_for_long_are_bridged_and_said(self) -> None:
        cells = cells_of(take())
        track = parse(text_of([*cells[:41], *cells[66:]]))
        assert len(track.talk) == FRAMES
        assert "no rows for 0.43 s after line 41" in notes(track)
        assert "no rows" not in notes(parse(text_of([*cells[:41], *cells[44:]])))

    def test_a_column_without_a_number_stays_still_and_is_said(self) -> None:
        track = parse("time,jawOpen,jawLeft\n0,0.1,\n0.1,0.2,\n0.2,0.3,\n")
        np.testing.assert_allclose(track.talk[:, JAW], [0.1, 0.2, 0.3], atol=1e-6)
        assert "1 of its columns hold no number" in notes(track)

    def test_a_count_that_is_0_throughout_says_nothing(self) -> None:
        cells = cells_of(take())
        for row in cells[1:]:
            row[1] = "0"
        agrees(parse(text_of(cells)))

    def test_the_last_line_that_a_crash_cut_off_is_left_out(self) -> None:
        text = text_of(cells_of(take(FRAMES + 1)))
        for cut in (40, 300, 565):
            track = parse(text[:-cut])
            agrees(track)
            assert "cut off" in notes(track)


class TestClocksThatJump:
    def test_a_row_that_repeats_a_time_further_back_is_left_out(self) -> None:
        cells = cells_of(take())
        cells[61][0] = cells[59][0]
        track = parse(text_of(cells))
        agrees(track, within=3e-3)
        assert "goes back in line 62" in notes(track)

    @FEW
    @given(st.integers(3, FRAMES - 10), st.integers(1, 4))
    def test_so_are_a_few(self, first: int, length: int) -> None:
        cells = cells_of(take())
        for n in range(length):
            cells[1 + first + n][0] = cells[first - 2][0]
        assert len(parse(text_of(cells)).talk) == FRAMES

    @FEW
    @given(st.randoms(use_true_random=False))
    def test_rows_in_any_order_are_sorted(self, order: random.Random) -> None:
        cells = cells_of(take())
        body = cells[1:]
        order.shuffle(body)
        body[0], body[-1] = max(body[0], body[-1]), min(body[0], body[-1])
        track = parse(text_of([cells[0], *body]))
        agrees(track)
        assert "sorted" in notes(track)

    @FEW
    @given(st.integers(20, 120), st.integers(7, 15))
    def test_after_a_clock_was_set_back_the_rows_go_on(self, at: int, back: int) -> None:
        cells = cells_of(take())
        stamps = [row[0] for row in cells]
        for n in range(at, FRAMES):
            cells[1 + n][0] = stamps[1 + n - back]
        track = parse(text_of(cells))
        agrees(track, within=2e-3)
        assert "set back" in notes(track)

    def test_two_takes_in_one_file_follow_each_other(self) -> None:
        text = b"".join(livelink.dump(take(60), Mix())).decode()
        track = parse(text + text)
        np.testing.assert_allclose(track.talk[:, JAW], np.tile(take(60).talk[:, JAW], 2), atol=1e-4)
        assert "2 times" in notes(track)


class TestUnits:
    @pytest.mark.parametrize("factor", [100, 255])
    def test_percents_and_bytes_are_told_by_values_that_no_weight_has(self, factor: int) -> None:
        cells = cells_of(take())
        for row in cells[1:]:
            row[2:54] = [f"{float(cell) * factor:.3f}" for cell in row[2:54]]
        track = parse(text_of(cells))
        agrees(track, within=2e-3)
        assert ("percent" if factor == 100 else "255") in notes(track)

    def test_a_percent_sign_is_read(self) -> None:
        np.testing.assert_allclose(parse("time,jawOpen\n0,1%\n0.1,50 %\n").talk[:, JAW], [0.01, 0.5], atol=1e-6)

    def test_one_slip_of_a_tracker_does_not_shrink_the_others(self) -> None:
        cells = cells_of(take())
        cells[1 + 90][2 + 17] = "1e30"
        track = parse(text_of(cells))
        agrees(track, within=3e-3)
        assert "no face has" in notes(track)

    @pytest.mark.parametrize("yaw", [2.0, 25.0, -40.0])
    def test_angles_that_cannot_be_radians_are_degrees(self, yaw: float) -> None:
        rows = "".join(f"{n / 30:.4f},0.1,{yaw},-1,0.5\n" for n in range(30))
        track = parse("time,jawOpen,HeadYaw,HeadPitch,HeadRoll\n" + rows)
        np.testing.assert_allclose(np.degrees(track.head[0]), [yaw, -1, 0.5], atol=1e-4)
        assert "degrees" in notes(track)

    def test_eyes_in_degrees_tell_that_a_still_head_is_in_degrees_too(self) -> None:
        rows = "".join(f"{n / 30:.4f},0.1,1.2,0,0,{n},0,0\n" for n in range(30))
        track = parse("time,jawOpen,HeadYaw,HeadPitch,HeadRoll,LeftEyeYaw,LeftEyePitch,LeftEyeRoll\n" + rows)
        np.testing.assert_allclose(np.degrees(track.head[:, 0]), 1.2, atol=1e-4)

    @pytest.mark.parametrize(
        ("name", "turn"),
        [("Head Yaw (deg)", math.radians(1)), ("HeadYaw [°]", math.radians(1)), ("head_yaw_rad", 1.0)],
    )
    def test_a_unit_in_the_name_is_believed(self, name: str, turn: float) -> None:
        assert parse(f"time,jawOpen,{name}\n0,0,1\n0.1,0,1\n").head[0, 0] == pytest.approx(turn)

    def test_radians_of_a_head_that_turns_far_stay_radians(self) -> None:
        rows = "".join(f"{n / 30:.4f},0.1,1.4,-0.9,0.5\n" for n in range(30))
        track = parse("time,jawOpen,HeadYaw,HeadPitch,HeadRoll\n" + rows)
        np.testing.assert_allclose(track.head[0], [1.4, -0.9, 0.5], atol=1e-6)
        assert "taken for radians (80°); if they are degrees" in notes(track)

    @pytest.mark.parametrize("turn", [360.0, math.tau])
    @pytest.mark.parametrize("behind", [False, True])
    def test_angles_that_start_over_at_a_whole_turn_are_joined_about_the_front(self, turn: float, behind: bool) -> None:
        yaw = 0.4 * np.sin(np.arange(60) / 10)
        told = (yaw * turn / math.tau + behind * turn / 2) % turn
        told = np.where(told > turn / 2, told - turn, told) if behind else told
        rows = "".join(f"{n / 30:.4f},0.1,{angle:.6f},0,0\n" for n, angle in enumerate(told))
        track = parse("time,jawOpen,HeadYaw,HeadPitch,HeadRoll\n" + rows)
        np.testing.assert_allclose(track.head[:, 0], yaw, atol=1e-4)
        assert "start over" in notes(track)

    def test_angles_beyond_a_whole_turn_are_left_out(self) -> None:
        rows = "".join(f"{n / 30:.4f},0.1,{420 * math.sin(n / 9)},0,0\n" for n in range(60))
        track = parse("time,jawOpen,HeadYaw,HeadPitch,HeadRoll\n" + rows)
        assert not track.head.any()
        assert "left out" in notes(track)

    @pytest.mark.parametrize("names", ["yaw,pitch,roll", "face_yaw,face_pitch,face_roll", "Head Pose Yaw,Pitch,Roll"])
    def test_angles_of_no_other_part_are_the_heads(self, names: str) -> None:
        rows = "".join(f"{n / 30:.4f},0.1,25,-10,3\n" for n in range(30))
        track = parse(f"time,jawOpen,{names}\n{rows}")
        np.testing.assert_allclose(np.degrees(track.head[0]), [25, -10, 3], atol=1e-4)


class TestSpreadsheets:
    @pytest.mark.parametrize(
        "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]
    )
    @pytest.mark.parametrize("comma", [False, True])
    @pytest.mark.parametrize("delimiter", [";", "\t", "|", ","])
    def test_any_encoding_delimiter_and_decimal_sign(self, encoding: str, comma: bool, delimiter: str) -> None:
        cells = cells_of(take())
        for row in cells[1:]:
            row[1:] = [cell.replace(".", ",") for cell in row[1:]] if comma else row[1:]
            row[1:] = [f'"{cell}"' for cell in row[1:]] if comma and delimiter == "," else row[1:]
        cells[0].append("Bemerkung für später")
        agrees(parse(text_of(cells, delimiter).encode(encoding)))

    def test_a_line_that_names_the_separator_and_lines_above_the_header_are_passed_over(self) -> None:
        agrees(parse("sep=;\n" + text_of(cells_of(take()), ";")))
        agrees(parse("Take 7, face\nrecorded,by somebody\n\n" + text_of(cells_of(take()))))

    @pytest.mark.parametrize("damage", ["decimal commas", "an unnamed first column"])
    def test_cells_that_do_not_stand_below_their_names_are_refused(self, damage: str) -> None:
        cells = cells_of(take())
        for n, row in enumerate(cells[1:]):
            row[:] = [cell.replace(".", ",") for cell in row] if damage == "decimal commas" else [str(n), *row]
        with pytest.raises(UserError, match="line 2 holds more cells than there are names in line 1"):
            parse(text_of(cells))

    def test_a_cell_too_many_in_a_few_rows_is_left_out_and_said(self) -> None:
        cells = cells_of(take())
        cells[9].append("0.5")
        track = parse(text_of(cells))
        agrees(track)
        assert "1 of its rows hold more cells than there are names (line 10)" in notes(track)

    def test_a_table_on_its_side_is_turned_and_that_is_said(self) -> None:
        track = parse(text_of([list(row) for row in zip(*cells_of(take()), strict=True)]))
        agrees(track)
        assert "rows and columns were turned" in notes(track)

    def test_empty_rows_at_the_end_are_none(self) -> None:
        agrees(parse(text_of(cells_of(take())) + "\n" + (";" * 62 + "\n" + "," * 62 + "\n") * 20))

    def test_what_no_column_says_is_named(self) -> None:
        track = parse("time,jawOpen,nostrilFlare\n0,0.1,1\n0.1,0.2,1\n")
        assert "nostrilFlare" in notes(track)

    def test_binary_data_is_no_text(self) -> None:
        with pytest.raises(UserError, match="not a text file"):
            parse(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 9)


def test_a_good_file_needs_no_word() -> None:
    assert not parse(b"".join(livelink.dump(take(), Mix()))).provenance.notes


def test_a_face_at_rest_just_below_zero_is_a_face() -> None:
    names = CHANNELS[:9]
    rows = [[-0.001 * (i + k + 1) if i % 5 == 0 else 0.3 for k in range(len(names))] for i in range(30)]
    lines = [",".join(["time", *names]), *(",".join(map(str, (i / 60, *row))) for i, row in enumerate(rows))]
    found = captured_table.parse("\n".join(lines).encode(), "take.csv")
    assert found.provenance.notes == ()
    assert found.talk[5, INDEX[names[0]]] == pytest.approx(-0.006)
