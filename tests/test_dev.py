"""dev.py counts what it runs, finds other Pythons and fails when anything failed."""

import sys

import pytest

import dev


def say(*lines: str, status: int = 0) -> list[str]:
    """A command that prints ``lines`` and ends with ``status``."""
    return [sys.executable, "-c", f"print({chr(10).join(lines)!r}); raise SystemExit({status})"]


@pytest.mark.parametrize(
    ("command", "passed", "failed", "skipped"),
    [
        (say("90 passed in 3.73s"), 90, 0, 0),
        (say("== 2 failed, 88 passed, 1 skipped in 5.63s ==", status=1), 88, 2, 1),
        (say("3 passed, 1 error in 0.5s", status=1), 3, 1, 0),
        (say("12 passed in 61.25s (0:01:01)", status=139), 12, 1, 0),  # crashed after its last test
        (say("All checks passed!"), 1, 0, 0),
        (say("Found 2 errors.", status=1), 0, 1, 0),
        (say("no tests ran in 0.01s", status=5), 0, 1, 0),
    ],
)
def test_counts_are_those_of_pytest_or_of_the_exit_status(
    command: list[str], passed: int, failed: int, skipped: int, capsys: pytest.CaptureFixture[str]
) -> None:
    table = dev.Table()
    table.run("check", command)
    row = table.rows[0]
    assert (row.passed, row.failed, row.skipped) == (passed, failed, skipped)
    assert ("status" in row.note) == (command[-1].endswith(("(139)", "(5)")))
    assert table.show() == (1 if failed else 0)
    assert capsys.readouterr().out.splitlines()[-1] == f"{passed} passed, {failed} failed"


def test_a_check_that_hangs_is_stopped_with_all_that_it_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "LONGEST", 1)
    table = dev.Table()
    hang = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE)"
    table.run("check", [sys.executable, "-c", f"import time; {hang}; time.sleep(99)"])
    assert table.rows[0].failed == 1 and "stopped after" in table.rows[0].note
    assert table.rows[0].seconds < 30


def test_a_check_that_leaves_a_process_behind_ends_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "ENDING", 1)
    table = dev.Table()
    leave = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)'])"
    table.run("check", [sys.executable, "-c", f"{leave}; print('3 passed in 0.1s')"])
    assert table.rows[0].failed == 0 and table.rows[0].passed == 3
    assert table.rows[0].note == "left a process behind" and table.rows[0].seconds < 30


def test_a_row_that_was_left_out_says_why_and_fails_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    table = dev.Table([dev.Row("add-on in Blender 5.2", note="left out: no Python 3.13 here")])
    assert table.show() == 0
    assert "no Python 3.13" in capsys.readouterr().out


def test_this_python_is_found_and_one_that_nobody_has_is_not() -> None:
    assert dev.find_python((sys.version_info[0], sys.version_info[1])) == [sys.executable]
    assert dev.find_python((3, 99)) is None


def test_every_blender_is_pinned_to_its_own_version() -> None:
    for blender in dev.BLENDERS:
        assert blender.bpy.startswith(f"bpy=={blender.version}.")
