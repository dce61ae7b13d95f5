"""What commands say while they work."""

import json
import time
from pathlib import Path

import pytest

from model_server.cli.progress import Report, reporting


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_programs_get_one_json_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with reporting(json_progress=True) as report:
        report.progress(0.5, "thinking\nhard")
        report.note("Grüße", frames=3)
        report.wrote(Path("a b.csv"))
    assert lines(capsys) == [
        {"event": "progress", "fraction": 0.5, "doing": "thinking\nhard"},
        {"event": "note", "text": "Grüße", "frames": 3},
        {"event": "wrote", "path": "a b.csv"},
    ]


def test_fast_work_does_not_flood_but_its_end_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(None)
    for i in range(1001):
        report.progress(i / 1000, "counting")
    told = lines(capsys)
    assert len(told) < 50
    assert told[-1]["fraction"] == 1.0


def test_slow_work_is_told_every_time(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(None)
    for i in range(3):
        report.progress(i / 10, "counting")
        time.sleep(0.11)
    assert len(lines(capsys)) == 3


def test_a_part_covers_its_stretch_of_the_whole() -> None:
    seen: list[tuple[float, str]] = []
    part = Report(lambda fraction, doing, left: seen.append((fraction, doing))).part(0.5, 1.0, "b.wav")
    part(0.5, "listening")
    assert seen == [(0.75, "b.wav: listening")]


def test_nothing_but_results_is_printed_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with reporting(json_progress=False) as report:
        report.progress(0.5, "thinking")
        report.wrote(Path("a.csv"))
    assert capsys.readouterr() == ("a.csv\n", "")
