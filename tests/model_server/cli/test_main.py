"""What holds for every command: help at once, one line for what is wrong, status 2."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from .conftest import S2F, Refused

ROOT = Path(__file__).parents[3]


def test_help_names_every_command_at_once(s2f: S2F) -> None:
    began = time.perf_counter()
    done = s2f("--help")
    assert time.perf_counter() - began < 5
    assert done.returncode == 0
    for command in ("infer", "bake", "demo", "extension"):
        assert f" {command} " in done.stdout


@pytest.mark.parametrize("command", ["infer", "bake", "demo", "extension"])
def test_every_command_explains_itself(s2f: S2F, command: str) -> None:
    done = s2f(command, "--help")
    assert done.returncode == 0
    assert "--json-progress" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--nonsense"], "--nonsense"),
        (["sing"], "sing"),
        (["bake", "a.wav"], "--rig"),
        (["bake", "a.wav", "--rig", "demo", "-o", "a.blend", "--intensity", "3"], "--intensity"),
        (["bake", "a.wav", "--rig", "demo", "-o", "a.blend", "--seed", "x"], "--seed"),
        (["bake", "a.wav", "--rig", "demo", "-o", "a.blend", "--fps", "0"], "--fps"),
        (["bake", "a.wav", "--rig", "demo", "-o", "a.blend", "--emotion", "glee=1"], "glee"),
        (["bake", "a.wav", "--rig", "demo", "-o", "a.blend", "--emotion", "happy=2"], "happy=2"),
        (["bake", "a.wav", "--rig", "demo", "-o", "a.blend", "--emotion", "happy=much"], "happy=much"),
    ],
)
def test_bad_options_are_named_in_one_line(
    refused: Refused, arguments: list[str], named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert named in refused(*arguments)
    assert not list(tmp_path.iterdir())


def test_no_command_is_answered_with_help(s2f: S2F) -> None:
    done = s2f()
    assert done.returncode == 2
    assert "Usage" in done.stdout
    assert done.stderr == ""


def test_the_shell_completes_commands_options_and_choices(s2f: S2F) -> None:
    def completed(words: str) -> list[str]:
        done = s2f(_S2F_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(len(words.split(" ")) - 1))
        return done.stdout.split()

    assert {"bake", "batch", "bench"} <= set(completed("s2f b"))
    assert "--export" in completed("s2f bake --ex")
    assert completed("s2f bake --keys tw") == ["twos"]
    script = s2f("--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")  # whatever started us
    assert script.returncode == 0 and "_S2F_COMPLETE" in script.stdout


def test_no_command_loads_torch_before_it_is_asked_for() -> None:
    commands = ", ".join(f"model_server.cli.{name}" for name in ("main", "train", "infer", "bench", "serve"))
    code = f"import sys, {commands}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "False", "a hundred megabytes and a second for whoever only infers"
