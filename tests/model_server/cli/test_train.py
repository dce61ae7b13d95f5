"""``s2f train``: the whole recipe in miniature, from a folder of recordings to a model that loads."""

import json
import shutil
import subprocess
import sys
from ctypes.util import find_library
from importlib.util import find_spec
from pathlib import Path

import pytest

from model_server.speech.talk import TalkModel

CLIPS = Path(__file__).parents[2] / "data" / "lips"
needs_teachers = pytest.mark.skipif(
    find_library("espeak-ng") is None or shutil.which("flite") is None or find_spec("pocketsphinx") is None,
    reason="espeak-ng, flite or pocketsphinx is not installed on this machine",
)


def s2f(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "model_server", "train", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[3])


@needs_teachers
def test_all_stages_in_miniature_and_again_without_doing_them_twice(tmp_path: Path) -> None:
    speech = tmp_path / "data" / "speech"
    for folder, name in (("coffee-orders", "speech_{}.flac"), ("librispeech", "{}-1-1.flac")):
        (speech / folder).mkdir(parents=True)
        for i, clip in enumerate(sorted(CLIPS.glob("*.flac"))[:2]):
            shutil.copy(clip, speech / folder / name.format(i))
    options = ("--work", tmp_path / "work", "--scale", 0.001, "--out", tmp_path / "talk.safetensors", "--id", "mini")
    done = s2f("all", "--data", tmp_path / "data", *options, "--json-progress")
    assert done.returncode == 0, done.stderr
    card = TalkModel.load(tmp_path / "talk.safetensors").card
    assert card.id == "mini"
    assert card.made["development"]["dev-flite"]["bilabials"] > 0
    doing = [json.loads(line).get("doing", "") for line in done.stdout.splitlines()]
    assert any("fit" in words for words in doing)

    fitted = (tmp_path / "work" / "round0" / "network.safetensors").stat().st_mtime_ns
    again = s2f("all", "--data", tmp_path / "data", *options)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "work" / "round0" / "network.safetensors").stat().st_mtime_ns == fitted


def test_fitting_without_a_corpus_says_what_to_do(tmp_path: Path) -> None:
    done = s2f("fit", "--data", tmp_path, "--work", tmp_path)
    assert done.returncode == 2
    assert "s2f train corpus" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_aligning_without_recordings_says_what_to_do(tmp_path: Path) -> None:
    done = s2f("align", "--data", tmp_path, "--work", tmp_path / "work")
    assert done.returncode == 2
    assert "--data" in done.stderr
    assert len(done.stderr.splitlines()) == 1
