"""Tables that a spreadsheet, or a clock that was not set, has spoilt: what is there is read, what was done is said."""

from collections.abc import Callable

import numpy as np
import pytest

from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.formats import livelink
from s2f_blender_addon.core.track import FaceTrack


def noon(i: int) -> str:
    """A minute to one in the afternoon and what follows, at 30 frames a second."""
    return f"{'12:59:59' if i < 30 else f'1:00:{i // 30 - 1:02}'}.{i % 30 * 1000 // 30:03} PM"


class TestClocksThatJump:
    def at(self, times: list[float]) -> str:
        return "time,jawOpen\n" + "".join(f"{t:.4f},{0.4 + 0.3 * np.sin(i / 9):.4f}\n" for i, t in enumerate(times))

    def test_a_row_that_runs_ahead_is_left_out_and_the_others_keep_their_times(self) -> None:
        times = [i / 60 for i in range(120)]
        good = livelink.parse(self.at(times).encode(), "a")
        for row, ahead in ((50, 0.65), (50, 3600.0), (118, 30.0)):
            jumps = times.copy()
            jumps[row] += ahead
            found = livelink.parse(self.at(jumps).encode(), "a")
            assert (len(found.talk), found.fps) == (120, 60)
            assert np.abs(found.talk - good.talk).max() < 0.01
            assert f"line {row + 2}" in " ".join(found.provenance.notes)

    def test_rows_at_either_end_whose_clock_is_not_set_are_left_out(self) -> None:
        times = [36_000 + i / 60 for i in range(120)]
        for at, kept in (([0.0, *times[1:]], 119), ([0.0, 0.1, *times[2:]], 118), ([*times[:-1], 0.0], 119)):
            found = livelink.parse(self.at(at).encode(), "a")
            assert (len(found.talk), found.fps) == (kept, 60)
            assert "s from all others" in " ".join(found.provenance.notes)
            assert found.start == 0

    def test_midnight_is_a_day_and_a_wrong_row_is_none(self) -> None:
        def codes(first: int, wrong: int = -1) -> str:
            clock = [(first + i // 60, i % 60) for i in range(240)]
            rows = [
                f"{s // 3600 % 24 if i != wrong else 23:02}:{s // 60 % 60:02}:{s % 60:02}:{f:02}.000,{i / 240:.3f}\n"
                for i, (s, f) in enumerate(clock)
            ]
            return "Timecode,jawOpen\n" + "".join(rows)

        for text in (codes(86_398), codes(7200), codes(7200, 100)):
            found = livelink.parse(text.encode(), "a")
            assert (len(found.talk), found.fps) == (240, 60)
            np.testing.assert_allclose(found.talk[:, INDEX["jawOpen"]], np.arange(240) / 240, atol=0.006)


class TestSpreadsheets:
    ROWS = 90

    def table(self, clock: Callable[[int], str], name: str = "Timecode", sep: str = ",") -> FaceTrack:
        rows = (f"{clock(i)}{sep}{i / self.ROWS:.4f}\n" for i in range(self.ROWS))
        return livelink.parse(f"{name}{sep}jawOpen\n{''.join(rows)}".encode(), "a")

    @pytest.mark.parametrize(
        ("name", "clock"),
        [
            ("Timecode", lambda i: f"{(36_000 + i / 30) / 86_400:.10f}"),
            ("Time (min)", lambda i: f"{i / 1800:.7f}"),
            ("Timecode", lambda i: f"01/02/2024 10:00:{i // 30:02}.{i % 30 * 1000 // 30:03}"),
            ("Timecode", lambda i: f"02.01.2024 10:00:{i // 30:02}.{i % 30 * 1000 // 30:03}"),
            ("Timecode", lambda i: noon(i)),
        ],
    )
    def test_clocks_as_they_write_them(self, name: str, clock: Callable[[int], str]) -> None:
        found = self.table(clock, name)
        assert (len(found.talk), found.fps) == (self.ROWS, 30)

    def test_a_clock_that_they_lost_is_said_and_the_rate_can_be_given(self) -> None:
        found = self.table(lambda i: "#VALUE!")
        assert "Its Timecode cannot be read (“#VALUE!”); 30 frames a second were taken" in found.provenance.notes[0]
        given = livelink.parse(b"Timecode,jawOpen\n#####,0.1\n#####,0.2\n", "a", 24)
        assert (given.fps, len(given.talk)) == (24, 2)

    def test_units_below_the_names_are_left_out(self) -> None:
        rows = "".join(f"{i / 30:.4f},{i / 90:.3f}\n" for i in range(90))
        found = livelink.parse(f"time,jawOpen\n[s],[-]\n{rows}".encode(), "a")
        assert len(found.talk) == 90
        assert "Line 2 holds no number" in found.provenance.notes[0]

    def test_a_cell_that_is_no_number_is_named(self) -> None:
        with pytest.raises(UserError, match=r"line 3 is damaged \(“05\. Mai” is no number\)"):
            livelink.parse(b"time;jawOpen\n0,0;0,4\n0,1;05. Mai\n", "a")

    def test_a_scale_that_nobody_knows_is_refused_and_rounded_values_are_said(self) -> None:
        rows = "".join(f"{i / 30:.4f},{500 + i}\n" for i in range(90))
        with pytest.raises(UserError, match="go up to 589, which is no scale"):
            livelink.parse(f"time,jawOpen\n{rows}".encode(), "a")
        rows = "".join(f"{i / 30:.4f},{i // 45}\n" for i in range(90))
        assert "rounded" in " ".join(livelink.parse(f"time,jawOpen\n{rows}".encode(), "a").provenance.notes)

    def test_a_table_in_which_nothing_moves_says_so(self) -> None:
        rows = "".join(f"{i / 30:.4f},0,0\n" for i in range(90))
        found = livelink.parse(f"time,jawOpen,HeadYaw\n{rows}".encode(), "a")
        assert "All its values are 0" in found.provenance.notes[-1]
