"""Disks are asked without waiting for them."""

import threading
import time
from collections.abc import Iterator

import pytest

from s2f_blender_addon.core import in_time
from s2f_blender_addon.core.in_time import InTime


@pytest.fixture
def disk() -> Iterator[threading.Event]:
    """Set while the disk answers; it does so after the test in any case."""
    answers = threading.Event()
    answers.set()
    yield answers
    answers.set()


def question(disk: threading.Event, found: list[str], fresh: float = 0.0) -> InTime[str, str]:
    def look(path: str) -> str:
        answer = found[-1]
        disk.wait(30)
        return f"{path} {answer}"

    return InTime(look, "nobody knows", fresh, soon=5.0 if disk.is_set() else 0.05)


def test_what_answers_at_once_is_told_at_once_and_asked_anew_when_it_is_no_longer_fresh(disk: threading.Event) -> None:
    found = ["here"]
    ask, kept = question(disk, found), question(disk, found, fresh=100.0)
    assert ask("a") == kept("a") == "a here"
    found.append("gone")
    assert ask("a") == "a gone" and kept("a") == "a here"
    kept.again()
    assert kept("a") == "a gone"


def test_a_disk_that_does_not_answer_is_waited_for_once(disk: threading.Event) -> None:
    disk.clear()
    ask = question(disk, ["here"])
    began = time.monotonic()
    assert [ask("a") for _ in range(100)] == ["nobody knows"] * 100
    assert time.monotonic() - began < 2.0
    disk.set()
    end = time.monotonic() + 10
    while ask("a") != "a here":
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_last_answer_stands_while_the_disk_is_away(disk: threading.Event) -> None:
    ask = question(disk, ["here"])
    assert ask("a") == "a here"
    disk.clear()
    ask._soon = 0.05
    assert ask("a") == "a here"


def test_threads_that_wait_for_a_disk_are_few(disk: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_time, "_asking", threading.BoundedSemaphore(in_time.STUCK))
    disk.clear()
    ask, before = question(disk, ["here"]), threading.active_count()
    for number in range(20):
        assert ask(str(number)) == "nobody knows"
    assert threading.active_count() - before <= in_time.STUCK


def test_what_went_wrong_is_told_to_who_asks() -> None:
    def fail(_: str) -> None:
        raise OSError("x")

    ask = InTime(fail, None, 0.0, soon=5.0)
    for _ in range(2):
        with pytest.raises(OSError, match="x"):
            ask("a")
