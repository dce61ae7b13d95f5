"""``s2f train``: the whole recipe in miniature, from a folder of recordings to a model that loads."""

import json
import os
import shutil
import subprocess
import sys
from ctypes.util import find_library
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from model_server.sample import SAMPLE
from model_server.slots.model_file import BUNDLED, open_model
from model_server.talk_model import TalkModel
from model_server.training.network.acoustic import exported
from model_server.training.network.fit import load
from model_server.training.recipe import complete
from model_server.training.recipe.rounds import MIXED, STUDENT

from .killed_training import killed_training
from .miniature import write_data

needs_teachers = pytest.mark.skipif(
    find_library("espeak-ng") is None or shutil.which("flite") is None or find_spec("pyroomacoustics") is None,
    reason="espeak-ng, flite or pyroomacoustics is not installed on this machine",
)


def s2f(*arguments: object, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """``path``: where programs are looked for."""
    command = [sys.executable, "-m", "model_server", "train", *map(str, arguments)]
    environment = os.environ if path is None else {**os.environ, "PATH": path}
    return subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[3], env=environment)


@needs_teachers
def test_all_stages_in_miniature_killed_and_gone_on_with_and_again_without_doing_them_twice(tmp_path: Path) -> None:
    write_data(tmp_path)
    options = ["--data", str(tmp_path / "data"), "--whisper", str(tmp_path / "whisper"), "--scale", "0.0002"]
    killed = {"throats and rooms", "last round"}
    assert killed_training(tmp_path, killed, options, ("-m", "tests.model_server.cli.small_rounds")) == killed
    fitted = tmp_path / "work" / f"student{len(STUDENT) - 1}" / "network.safetensors"
    before = open_model(tmp_path / "work" / complete.BEFORE)
    heads = [exported(load(fitted.parents[1] / f"student{i}"))["head.weight"] for i in range(len(STUDENT))]
    same = [np.array_equal(before.weights["head.weight"], head.astype("f2").astype("f4")) for head in heads]
    assert same == [False] * (len(STUDENT) - 1) + [True], "the last round goes on from the student's last"
    card = TalkModel.load(tmp_path / "talk.safetensors").card
    assert card.encoder == "whisper-tcn"
    assert before.card.made["development"]["dev-flite"]["bilabials"] > 0
    assert set(card.made["mixed"]["shares"]) == set(MIXED.shares), "it has heard every set"
    hours = json.loads((tmp_path / "work" / "hours.json").read_text())
    assert {"corpus", "teacher", "last round"} <= hours.keys()

    counted = s2f("measure", tmp_path / "talk.safetensors", "--data", tmp_path / "data", "--work", tmp_path / "work",
                  "--json-progress")  # fmt: skip
    assert counted.returncode == 0, counted.stderr
    figures = json.loads(counted.stdout.splitlines()[-1])["figures"]
    assert figures["dev-flite"]["as heard"]["bilabials"] == figures["dev-flite"]["in context"]["bilabials"] > 0

    when = fitted.stat().st_mtime_ns
    again = s2f("all", *options, "--work", tmp_path / "work", "--out", tmp_path / "talk.safetensors")
    assert again.returncode == 0, again.stderr
    assert fitted.stat().st_mtime_ns == when
    other = s2f("all", *options[:-1], 0.1, "--work", tmp_path / "work", "--out", tmp_path / "talk.safetensors")
    assert other.returncode == 2
    assert "--scale 0.0002" in other.stderr


def test_all_that_is_missing_is_told_before_the_hours_begin(tmp_path: Path) -> None:
    write_data(tmp_path)
    shutil.rmtree(tmp_path / "data" / "speech" / "kerstin-de")
    shutil.rmtree(tmp_path / "data" / "emotional")
    done = s2f("all", "--data", tmp_path / "data", "--work", tmp_path / "work", "--aligner", tmp_path / "talk.pt",
               "--out", tmp_path / "data", path="")  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    for named in ("speech/kerstin-de, emotional/crema-d", "--whisper", "flite is not installed", "talk.pt", "--out"):
        assert named in done.stderr
    assert "kathleen" not in done.stderr
    assert not (tmp_path / "work").exists()


def test_fitting_without_a_corpus_says_what_to_do(tmp_path: Path) -> None:
    done = s2f("fit", "--data", tmp_path, "--work", tmp_path)
    assert done.returncode == 2
    assert "s2f train corpus" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_fitting_without_a_whisper_says_what_to_do(tmp_path: Path) -> None:
    for name in ("flite", "english", "world"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.json").write_text("{}")
    done = s2f("fit", "--data", tmp_path, "--work", tmp_path)
    assert done.returncode == 2
    assert "--whisper" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_measuring_without_development_parts_says_what_to_do(tmp_path: Path) -> None:
    done = s2f("measure", BUNDLED, "--work", tmp_path)
    assert done.returncode == 2
    assert "no development parts" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_recordings_that_are_not_there_are_named(tmp_path: Path) -> None:
    done = s2f("words", "--data", tmp_path, "--work", tmp_path / "work")
    assert done.returncode == 2
    assert "--data" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_words_that_nobody_has_written_down_need_a_model(tmp_path: Path) -> None:
    for folder, name in (("coffee-orders", "speech_1.wav"), ("librispeech", "1-1-1.wav")):
        (tmp_path / "speech" / folder).mkdir(parents=True)
        shutil.copy(SAMPLE, tmp_path / "speech" / folder / name)
    done = s2f("words", "--data", tmp_path, "--work", tmp_path / "work")
    assert done.returncode == 2
    assert "--whisper" in done.stderr
    assert len(done.stderr.splitlines()) == 1
