"""Who is listened to: what the panel offers, a command, a row of a batch and the pipe offer under the same name."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import soundfile

from model_server.adapters.job import perform
from model_server.cli import batch_work, manifest
from model_server.cli.main import main
from model_server.engine import Engine
from model_server.sample import SAMPLE
from model_server.talk_model import TalkModel
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.messages import Infer, Result
from s2f_blender_addon.core.request import Ear, Request

SIDES = {"all": "lr", "left": "l", "right": "r", "louder": "l", "nearest": "l"}
"""Which of the two people are heard: the right one is 20 dB softer."""
LENGTH = 1.5
Command = Callable[..., int]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(TalkModel.load())


@pytest.fixture(scope="module")
def dialogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One speaks on the left, and after a pause the other on the right."""
    voice, rate = soundfile.read(SAMPLE, dtype="float32")
    voice, pause = voice[: int(LENGTH * rate)], np.zeros(rate // 2, np.float32)
    both = np.zeros((2 * len(voice) + len(pause), 2), np.float32)
    both[: len(voice), 0], both[-len(voice) :, 1] = voice, 0.1 * voice
    path = tmp_path_factory.mktemp("dialogue") / "two.wav"
    soundfile.write(path, both, rate)
    return path


@pytest.fixture
def s2f(monkeypatch: pytest.MonkeyPatch) -> Command:
    def run(*arguments: object) -> int:
        monkeypatch.setattr(sys, "argv", ["s2f", *map(str, arguments)])
        return main()

    return run


def said(talk: np.ndarray, fps: float) -> str:
    """Whose lines move the jaw."""
    jaw = talk[:, INDEX["jawOpen"]] > 0.1
    return "l" * bool(jaw[: int(LENGTH * fps)].any()) + "r" * bool(jaw[int((LENGTH + 0.4) * fps) :].any())


def test_every_ear_has_been_listened_with() -> None:
    assert set(SIDES) == set(get_args(Ear))


@pytest.mark.parametrize("ear", SIDES)
def test_a_command_and_the_pipe_listen_alike(
    ear: Ear, dialogue: Path, engine: Engine, s2f: Command, tmp_path: Path
) -> None:
    out = tmp_path / "track.s2f"
    assert s2f("infer", dialogue, "-o", out, "--ear", ear, "--fps", 30) == 0
    track = formats.read(out)
    assert said(track.talk, 30.0) == SIDES[ear]
    answer = perform(engine, Infer(1, Request(audio=str(dialogue), ear=ear, fps=30.0)), None, lambda *_: None)
    assert isinstance(answer, Result)
    np.testing.assert_allclose(answer.track.talk, track.talk, atol=1e-4)


def test_a_row_of_a_batch_has_an_ear_of_its_own(dialogue: Path, tmp_path: Path) -> None:
    lines = ("sound,out,ear", f"{dialogue},left.s2f,left", f"{dialogue},right.s2f,Right")
    (tmp_path / "lines.csv").write_text("\n".join(lines), "utf-8")
    rows, wrong = manifest.read(tmp_path / "lines.csv")
    assert not wrong
    for row in rows:
        batch_work.make(row, 30.0)
    assert [said(formats.read(row.out).talk, 30.0) for row in rows] == ["l", "r"]


def test_emotion_is_heard_with_the_same_ear(
    dialogue: Path, s2f: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    found = []
    for ear in ("left", "right"):
        assert s2f("feel", dialogue, "--json", "--ear", ear) == 0
        found.append(json.loads(capsys.readouterr().out)[0]["scores"])
    assert found[0] != found[1]


def test_an_ear_that_does_not_exist_and_one_for_a_track_get_a_sentence(
    dialogue: Path, jaw_track: Path, s2f: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert s2f("infer", dialogue, "-o", tmp_path / "x.csv", "--ear", "middle") == 2
    assert "choose from all, left, right, louder, nearest" in capsys.readouterr().err
    assert s2f("bake", jaw_track, "--rig", "demo", "-o", tmp_path / "x.blend", "--ear", "left") == 2
    assert "leave --ear out" in capsys.readouterr().err
