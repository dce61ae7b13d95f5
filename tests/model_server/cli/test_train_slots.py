"""``s2f train part``, ``fusion``, ``distil`` and ``head``: what is not there gets one sentence."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from model_server.slots.model_file import BUNDLED
from model_server.speech.weights import read


def s2f(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "model_server", "train", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[3])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("part", "elvish"), "Nobody here speaks 'elvish'"),
        (("fusion", "vq", "--data", "."), "no fusion 'vq'"),
        (("fusion", "concat", "--data", "{empty}"), "holds no recording beside a capture"),
        (("distil",), "holds no corpus"),
        (("head", "--encoder", "{empty}", "--licence-track", "product"), "holds no speech encoder"),
        (("head", "--encoder", "{empty}", "--licence-track", "mine"), "product or research"),
    ],
)
def test_what_is_not_there_gets_one_sentence(tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    (tmp_path / "empty").mkdir()
    told = [argument.format(empty=tmp_path / "empty") for argument in arguments]
    done = s2f(*told, "--work", tmp_path / "work")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert sentence in done.stderr


def test_a_head_wants_to_know_what_the_licence_allows(tmp_path: Path) -> None:
    done = s2f("head", "--encoder", tmp_path)
    assert done.returncode == 2
    assert "--licence-track" in done.stderr


@pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed on this machine")
def test_a_student_of_a_research_model_is_for_research(tmp_path: Path) -> None:
    for dev in ((), ("--dev",)):
        assert s2f("part", "flite", "--hours", 0.002, "--work", tmp_path, *dev).returncode == 0
    arrays, notes = read(BUNDLED)
    card = json.loads(notes["card"]) | {"licence_track": "research"}
    teacher = tmp_path / "teacher.safetensors"
    teacher.write_bytes(save({n: a.astype(np.float16) for n, a in arrays.items()}, {"card": json.dumps(card)}))
    out = tmp_path / "student.safetensors"
    done = s2f("distil", "--work", tmp_path, "--teacher", teacher, "--steps", 1, "-o", out)
    assert done.returncode == 0, done.stderr
    assert "closure_f1" in done.stdout
    assert json.loads(read(out)[1]["card"])["licence_track"] == "research"
