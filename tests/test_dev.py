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


def blenders(table: dev.Table, monkeypatch: pytest.MonkeyPatch, *, without: str = "") -> dict[str, list[str]]:
    """What would run in each Blender, where there is no Python for the version ``without``, and 4.5 needs libraries."""
    ran: dict[str, list[str]] = {}
    lacking = next((blender.python for blender in dev.BLENDERS if blender.version == without), None)

    def python_with(blender: dev.Blender, *_: object) -> dev.Path:
        return dev.Path("python") if blender.version != "4.5" else sys.exit("needs system libraries")

    monkeypatch.setattr(dev, "find_python", lambda version: None if version == lacking else ["python"])
    monkeypatch.setattr(dev, "python_with", python_with)
    monkeypatch.setattr(table, "run", lambda name, command, _: ran.setdefault(name.split()[-1], command))
    with dev.ThreadPoolExecutor(2) as pool:
        project = pool.submit(dev.Path, "project")
        for check in dev.in_blenders(table, dev.Path("project"), dev.set_up(pool, table, project, dev.BLENDERS)):
            check.run()
    return ran


def test_what_is_the_same_in_every_blender_runs_in_the_newest_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for without, versions in (("", ["4.2", "5.0", "5.2"]), ("5.2", ["4.2", "5.0"])):
        table = dev.Table()
        ran = blenders(table, monkeypatch, without=without)
        assert [*ran] == versions
        assert [version for version, command in ran.items() if "not one_blender" not in command] == versions[-1:]
        assert [row.note for row in table.rows if not row.failed] == (
            ["left out: no Python 3.13 here"] if without else []
        )


def test_a_blender_that_cannot_be_set_up_fails_and_the_others_run(monkeypatch: pytest.MonkeyPatch) -> None:
    table = dev.Table()
    assert [*blenders(table, monkeypatch)] == ["4.2", "5.0", "5.2"] and table.show() == 1
    assert [(row.name, row.note) for row in table.rows] == [("add-on in Blender 4.5", "needs system libraries")]


def test_every_test_without_blender_runs_in_exactly_one_check(monkeypatch: pytest.MonkeyPatch) -> None:
    table, commands = dev.Table(), list[list[str]]()
    monkeypatch.setattr(table, "run", lambda _, command: commands.append(command))
    for check in dev.without_blender(table, dev.Path("python")):
        check.run()
    runs = [[word for word in command if "tests" in word] for command in commands if "pytest" in command]
    rest = next(run for run in runs if "tests" in run)
    apart = [folder for run in runs if run is not rest for folder in run]
    assert sorted(word.removeprefix("--ignore=") for word in rest[1:]) == sorted(["tests/s2f_blender_addon", *apart])
    assert len(set(apart)) == len(apart) and all((dev.ROOT / folder).is_dir() for folder in apart)
