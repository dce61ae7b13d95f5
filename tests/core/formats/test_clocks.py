"""A track's clock is read, not assumed: every way to tell when a row was, at every rate that is in use."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.formats import livelink
from s2f_blender_addon.core.track import FaceTrack

JAW = INDEX["jawOpen"]
HOURS = st.sampled_from([0, 1, 11, 23])


def opening(times: np.ndarray) -> np.ndarray:
    """A mouth that opens once a second."""
    return 0.5 - 0.5 * np.cos(2 * math.pi * times)


def table(cells: list[str], rate: float, name: str = "Timecode") -> str:
    times = np.arange(len(cells)) / rate
    rows = [f"{cell},{value:.6f}" for cell, value in zip(cells, opening(times), strict=True)]
    return "\n".join([f"{name},JawOpen", *rows])


def parse(text: str, fps: float | None = None) -> FaceTrack:
    return livelink.parse(text.encode(), "take.csv", fps)


def agrees(track: FaceTrack, seconds: float, within: float = 0.03) -> None:
    """The mouth opens once a second over the whole length."""
    assert track.duration == pytest.approx(seconds, abs=0.03 + 0.002 * seconds)
    times = track.times - track.times[0]
    np.testing.assert_allclose(track.talk[:, JAW], opening(times), atol=within + 0.01 * seconds)


def frames_of_the_capture(rate: int, hour: int = 0, sub: Callable[[int], str] = lambda n: "") -> Callable[[int], str]:
    def cell(n: int) -> str:
        second = n // rate
        return f"{hour:02d}:{second // 60:02d}:{second % 60:02d}:{n % rate:02d}{sub(n)}"

    return cell


@given(st.sampled_from([12, 15, 24, 25, 30, 48, 50, 60, 72, 90, 100, 120]), HOURS, st.integers(0, 200), st.booleans())
def test_a_frame_field_that_counts_the_frames_of_the_capture_tells_its_rate(
    rate: int, hour: int, begin: int, running: bool
) -> None:
    sub: Callable[[int], str] = (lambda n: f".{n % 1000:03d}") if running else lambda n: ""
    cell = frames_of_the_capture(rate, hour, sub)
    track = parse(table([cell(n) for n in range(begin, begin + 3 * rate)], rate))
    assert track.fps == pytest.approx(rate, rel=0.002)  # at 60 a running number is 59.94's own form
    agrees(track, 3 - 1 / rate)


@given(st.sampled_from([12, 15, 20, 24, 25, 30, 48, 50, 59.94005994005994, 60, 120]), HOURS, st.floats(0, 50))
def test_live_link_faces_own_sixtieths_stay_right_at_every_rate(rate: float, hour: int, begin: float) -> None:
    def cell(n: int) -> str:
        ticks = round((hour * 3600 + begin + n / rate) * 60_000)
        whole, ticks = divmod(ticks, 60_000)
        return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}:{ticks // 1000:02d}.{ticks % 1000:03d}"

    track = parse(table([cell(n) for n in range(round(3 * rate))], rate))
    assert track.fps == pytest.approx(rate, rel=1e-6)
    agrees(track, 3 - 1 / rate)


@given(st.sampled_from([15, 20, 24, 25, 30, 48, 50, 60]), st.integers(0, 40))
def test_sixtieths_without_thousandths_keep_the_time(rate: int, begin: int) -> None:
    def cell(n: int) -> str:
        ticks = int((begin + n / rate) * 60 + 1e-6)
        return f"00:00:{ticks // 60:02d}:{ticks % 60:02d}"

    track = parse(table([cell(n) for n in range(4 * rate)], rate))
    agrees(track, 4 - 1 / rate, within=0.12)


@pytest.mark.parametrize("parted", [":", ";"])
@pytest.mark.parametrize("base", [30, 60])
def test_drop_frame_timecode_runs_at_1000_over_1001_over_a_minute(parted: str, base: int) -> None:
    drop, rate = base // 15, base * 1000 / 1001

    def cell(n: int) -> str:
        tens, rest = divmod(n, 600 * base - 9 * drop)
        n += 9 * drop * tens + (drop * ((rest - drop) // (60 * base - drop)) if rest >= drop else 0)
        second = n // base
        return f"01:{second // 60:02d}:{second % 60:02d}{parted}{n % base:02d}"

    track = parse(table([cell(n) for n in range(58 * base, 63 * base)], rate))
    assert track.fps == pytest.approx(rate, rel=1e-5)
    agrees(track, 5)


@pytest.mark.parametrize("rate", [24, 25, 30, 50])
def test_a_frame_field_may_count_from_1(rate: int) -> None:
    cell = frames_of_the_capture(rate)
    cells = [f"{cell(n)[:-2]}{n % rate + 1:02d}" for n in range(3 * rate)]
    track = parse(table(cells, rate))
    assert (track.fps, len(track.talk)) == (rate, 3 * rate)


@pytest.mark.parametrize(("base", "told"), [(24, "23.976"), (30, "29.97"), (60, "59.94"), (24, "23,98")])
def test_a_rate_that_is_told_parts_23_976_frames_a_second_from_24(base: int, told: str) -> None:
    cell = frames_of_the_capture(base)
    text = table([cell(n) for n in range(3 * base)], base / 1.001)
    assert parse(f"Frame rate: {told}\n{text}").fps == pytest.approx(base / 1.001)
    assert parse(f"Frame rate: {base}\n{text}").fps == base
    assert parse(text).fps == base


def test_a_rate_that_is_told_says_what_a_frame_field_counts_that_never_starts_anew() -> None:
    text = table([frames_of_the_capture(25)(n) for n in range(20)], 25)
    track = parse(f"fps: 25\n{text}")
    assert track.fps == 25
    assert not track.provenance.notes


def test_a_prefix_that_all_columns_share_makes_no_clock_of_them() -> None:
    names = ["blendShapes.JawOpen", "blendShapes.JawLeft", "blendShapes.MouthClose", "blendShapes.MouthLeft"]
    header = ",".join(["timeCode", *(f"frame.{name}" for name in names)])
    text = "\n".join([header, *(f"{n / 50:.2f},{n / 100},0,0,0" for n in range(50))])
    assert parse(text).fps == 50
    np.testing.assert_allclose(parse(text).talk[:, JAW], np.arange(50) / 100, atol=1e-6)


@pytest.mark.parametrize("rate", [30, 30 / 1.001])
@pytest.mark.parametrize(("digits", "frames"), [(2, 400), (3, 120), (3, 900)])
def test_times_that_are_rounded_tell_30_from_29_97_and_are_30_where_they_cannot(
    rate: float, digits: int, frames: int
) -> None:
    def text(length: int) -> str:
        return table([f"{n / rate:.{digits}f}" for n in range(length)], rate, "time_s")

    assert parse(text(frames)).fps == pytest.approx(rate)
    assert parse(text(40 if digits == 2 else 10)).fps == 30


def test_midnight_passes_in_frames_of_the_capture() -> None:
    cells = [f"23:59:59:{n:02d}" for n in range(20, 25)] + [f"00:00:{n // 25:02d}:{n % 25:02d}" for n in range(45)]
    track = parse(table(cells, 25))
    assert track.fps == 25
    agrees(track, 49 / 25)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("time", "{s:.6f}"), ("Time (s)", "{s:.4f}"), ("timestamp", "{s:.3f}"), ("Timecode", "{s:.6f}"),
        ("timeCode", "{s:.3f}"), ("seconds", "{s:.5f}"), ("t", "{s:.6f}"),
        ("timestamp_ms", "{ms:.0f}"), ("Time_MS", "{ms:.3f}"), ("timestamp", "{ms:.0f}"), ("milliseconds", "{ms:.1f}"),
        ("timestamp_us", "{us:.0f}"), ("timestamp", "{us:.0f}"), ("time_ns", "{ns:.0f}"),
        ("Timecode", "{clock}"), ("time", "{clock}"), ("timestamp", "2024-05-01T{clock}"),
        ("timestamp", "2024-05-01 {clock}+00:00"), ("time", '"{comma}"'),
    ],
)  # fmt: skip
@pytest.mark.parametrize("rate", [24, 25, 30, 60])
def test_seconds_milliseconds_and_times_of_day_are_told_apart(name: str, form: str, rate: int) -> None:
    cells = []
    for n in range(3 * rate):
        s = n / rate
        clock = f"10:20:{30 + int(s):02d}.{round(s % 1 * 1000) % 1000:03d}"
        comma = f"{s:.6f}".replace(".", ",")
        cells.append(form.format(s=s, ms=s * 1e3, us=s * 1e6, ns=s * 1e9, clock=clock, comma=comma))
    track = parse(table(cells, rate, name))
    assert track.fps == pytest.approx(rate, rel=1e-3)
    agrees(track, 3 - 1 / rate)


@pytest.mark.parametrize("begin", [0, 1, 101, 86_400])
@pytest.mark.parametrize("name", ["frame", "Frame", "frame_id", "FrameNumber", "index", "", "Unnamed: 0"])
def test_frame_numbers_count_from_their_first_at_the_rate_that_is_given(name: str, begin: int) -> None:
    text = table([str(begin + n) for n in range(75)], 25, name)
    track = parse(text, 25)
    assert (track.fps, track.start) == (25, 0)
    agrees(track, 74 / 25)
    assumed = parse(text)
    assert assumed.fps == 30
    assert any("30 a second were taken" in note for note in assumed.provenance.notes)


def test_rows_without_a_clock_are_frames_at_the_rate_that_is_given_or_said_to_be_assumed() -> None:
    text = "\n".join(["jawOpen,mouthClose", *(f"{v:.6f},0" for v in opening(np.arange(100) / 50))])
    assert parse(text, 50).fps == 50
    assert not parse(text, 50).provenance.notes
    assumed = parse(text)
    assert assumed.fps == 30
    assert any("no clock" in note for note in assumed.provenance.notes)


@pytest.mark.parametrize("text", ["# FPS: 25", "fps = 25", "Frame rate,25"])
def test_a_rate_above_the_header_is_heard(text: str) -> None:
    assert parse(text + "\nframe,jawOpen\n" + "\n".join(f"{n},0.1" for n in range(30))).fps == 25


def test_a_rate_in_a_column_is_heard() -> None:
    assert parse("frame,fps,jawOpen\n" + "\n".join(f"{n},50,0.1" for n in range(30))).fps == 50


def test_a_real_clock_goes_before_frame_numbers_and_a_clock_that_stands_still_is_none() -> None:
    rows = "\n".join(f"{n},{n * 40},0.1" for n in range(30))
    assert parse(f"frame,timestamp_ms,jawOpen\n{rows}").fps == 25
    still = "\n".join(f"00:00:00:00,{n},0.1" for n in range(30))
    assert parse(f"Timecode,frame,jawOpen\n{still}", 50).fps == 50
    alone = "\n".join("00:00:00:00,0.1" for _ in range(30))
    assert any("stands still" in note for note in parse(f"Timecode,jawOpen\n{alone}").provenance.notes)


@given(st.sampled_from([24, 25, 30, 50, 60, 120]), st.sampled_from([24.0, 30.0, 60.0, 119.88]))
def test_the_rate_that_is_given_overrules_every_clock_and_says_so(rate: int, given_rate: float) -> None:
    codes = [frames_of_the_capture(rate)(n) for n in range(2 * rate)]
    assert parse(table(codes, rate), given_rate).fps == pytest.approx(given_rate, rel=1e-6)
    seconds = parse(table([f"{n / rate:.6f}" for n in range(2 * rate)], rate, "time"), given_rate)
    assert seconds.fps == pytest.approx(given_rate, rel=1e-6)
    assert any("set aside" in note for note in seconds.provenance.notes)


@pytest.mark.parametrize("each", [2, 4])
def test_a_clock_that_ticks_slower_than_the_capture_is_spread(each: int) -> None:
    rate = 30 * each
    track = parse(table([frames_of_the_capture(30)(n // each) for n in range(3 * rate)], rate))
    assert track.fps == pytest.approx(rate, rel=1e-3)
    agrees(track, 3 - 1 / rate)
    assert any("spread" in note for note in track.provenance.notes)


def test_a_time_since_the_device_was_switched_on_starts_at_0_and_a_late_start_stays() -> None:
    late = parse(table([f"{12.5 + n / 30:.4f}" for n in range(60)], 30, "time"))
    assert late.start == pytest.approx(12.5)
    for begin in (5_200.0, 1.7e9):
        track = parse(table([f"{begin + n / 30:.4f}" for n in range(60)], 30, "timestamp"))
        assert track.start == 0
        assert track.fps == pytest.approx(30, rel=1e-3)
        assert any("clock of its own" in note for note in track.provenance.notes)


def test_a_track_shorter_than_a_second_says_which_frames_were_taken() -> None:
    track = parse(table([f"00:00:00:{n:02d}" for n in range(12)], 60))
    assert track.fps == 60
    assert any("sixtieths" in note for note in track.provenance.notes)


@pytest.mark.parametrize(
    "text",
    [
        "time,jawOpen\n0,0\n9000000,1", "time,jawOpen\n0,0\n1e300,1", "time,jawOpen\n-1e300,0\n1e300,1",
        "time,jawOpen\n0,0\n1e-9,1\n", "time_s,jawOpen\n0,0\n1e9,1\n", "frame,jawOpen\n0,0\n1,0\n99999999999,1",
        "Timecode,jawOpen\n00:00:00:00,0\n00:00:00:999999999,1\n", "Timecode,jawOpen\n0:0:0:1,0\n9999:59:59:1,1\n",
        "time,jawOpen\n1e15,1", "frame,jawOpen\n1e300,1\n1e301,1", "time,jawOpen\n0,1e300\n0.1,-1e300\n0.2,0",
    ],
)  # fmt: skip
def test_a_few_bytes_never_ask_for_much(text: str) -> None:
    for fps in (None, 1000.0):
        try:
            track = parse(text, fps)
        except UserError as error:
            assert "\n" not in str(error)
        else:
            assert track.talk.nbytes < 1 << 20
            assert track.duration < 600
            assert abs(track.start) <= 600
            assert np.isfinite(track.talk).all()
