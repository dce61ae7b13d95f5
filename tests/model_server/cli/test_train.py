"""``s2f train``: the whole recipe in miniature, from a folder of recordings to a model that loads."""

import json
import shutil
import subprocess
import sys
from ctypes.util import find_library
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from model_server.slots.model_file import BUNDLED, open_model
from model_server.talk_model import TalkModel
from model_server.training.network.acoustic import exported
from model_server.training.network.fit import load
from model_server.training.recipe import bundled
from model_server.training.recipe.rounds import STUDENT
from tests.model_server.training.network.whisper_file import write_whisper

SAMPLE = Path(bundled.__file__).parents[2] / "sample" / "hello.wav"
TEXT = "Hello! My name is Poppy. Give me a voice, and I move my lips. Oh, wow! What a beautiful morning for a film."
needs_teachers = pytest.mark.skipif(
    find_library("espeak-ng") is None or shutil.which("flite") is None or find_spec("pyroomacoustics") is None,
    reason="espeak-ng, flite or pyroomacoustics is not installed on this machine",
)


def s2f(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "model_server", "train", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[3])


@needs_teachers
def test_all_stages_in_miniature_and_again_without_doing_them_twice(tmp_path: Path) -> None:
    for folder, name in (("coffee-orders", "speech_{}.wav"), ("librispeech", "{}-1-1.wav")):
        part = tmp_path / "data" / "speech" / folder
        part.mkdir(parents=True)
        names = [name.format(i) for i in range(2)]
        for one in names:
            shutil.copy(SAMPLE, part / one)
        (part / "words.jsonl").write_text("".join(json.dumps({"file": one, "text": TEXT}) + "\n" for one in names))
    write_whisper(tmp_path / "whisper", states=384)
    options = (
        "--whisper", tmp_path / "whisper", "--work", tmp_path / "work", "--scale", 0.001,
        "--out", tmp_path / "talk.safetensors", "--id", "mini",
    )  # fmt: skip
    done = s2f("all", "--data", tmp_path / "data", *options, "--json-progress")
    assert done.returncode == 0, done.stderr
    shipped = open_model(tmp_path / "talk.safetensors").weights["head.weight"]
    fitted = tmp_path / "work" / f"student{len(STUDENT) - 1}" / "network.safetensors"
    heads = [exported(load(fitted.parents[1] / f"student{i}"))["head.weight"] for i in range(len(STUDENT))]
    same = [np.array_equal(shipped, head.astype(np.float16).astype(np.float32)) for head in heads]
    assert same == [False] * (len(STUDENT) - 1) + [True], "the last round ships"
    card = TalkModel.load(tmp_path / "talk.safetensors").card
    assert (card.id, card.encoder) == ("mini", "whisper-tcn")
    assert card.made["development"]["dev-flite"]["bilabials"] > 0
    doing = [json.loads(line).get("doing", "") for line in done.stdout.splitlines()]
    assert any("fit" in words for words in doing)

    counted = s2f("measure", tmp_path / "talk.safetensors", "--data", tmp_path / "data", "--work", tmp_path / "work",
                  "--json-progress")  # fmt: skip
    assert counted.returncode == 0, counted.stderr
    figures = json.loads(counted.stdout.splitlines()[-1])["figures"]
    assert figures["dev-flite"]["as heard"]["bilabials"] == figures["dev-flite"]["in context"]["bilabials"] > 0

    when = fitted.stat().st_mtime_ns
    again = s2f("all", "--data", tmp_path / "data", *options)
    assert again.returncode == 0, again.stderr
    assert fitted.stat().st_mtime_ns == when


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
