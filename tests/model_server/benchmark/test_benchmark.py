"""The benchmark measures what it says: real processes, real memory, and a verdict that can be no."""

import os
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
import torch

from model_server.benchmark import check as checking
from model_server.benchmark.figure import Figure
from model_server.benchmark.inference import feeling_seconds, measured
from model_server.benchmark.machine import machine
from model_server.benchmark.memory import own_peak, resident
from model_server.benchmark.process import cancel_seconds, idle_memory
from model_server.benchmark.speech import voices, write_speech
from model_server.cancel import silent
from model_server.speech.talk import Talk
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.errors import UserError

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("value", "limit", "more", "met"),
    [(3.0, 4.0, False, True), (5.0, 4.0, False, False), (120.0, 100.0, True, True), (80.0, 100.0, True, False)],
)
def test_a_figure_is_met_on_the_right_side_of_its_limit(value: float, limit: float, more: bool, met: bool) -> None:
    assert Figure("x", value, "s", limit, more).met is met


@pytest.mark.parametrize(
    ("value", "text"), [(0.03712, "0.0371 s"), (1.2345, "1.23 s"), (12.345, "12.3 s"), (251.7, "252 s"), (0.0, "0 s")]
)
def test_a_figure_shows_three_digits(value: float, text: str) -> None:
    assert Figure("x", value, "s", 1).measured == text


def test_speech_to_measure_with_has_the_length_that_was_asked_for(tmp_path: Path) -> None:
    write_speech(tmp_path / "speech.wav", 12.5)
    with wave.open(str(tmp_path / "speech.wav")) as file:
        assert (file.getnframes(), file.getframerate(), file.getnchannels()) == (200_000, 16000, 1)


def test_memory_of_a_process_grows_with_what_it_holds() -> None:
    hold = "import sys; held = bytearray({} << 20); print(flush=True); sys.stdin.read()"
    sizes = []
    for megabytes in (1, 200):
        child = subprocess.Popen(
            [sys.executable, "-c", hold.format(megabytes)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        child.stdout.readline()
        sizes.append(resident(child.pid))
        child.communicate()
    assert sizes[1] - sizes[0] == pytest.approx(200 * 1.048576, rel=0.1)


def test_the_peak_is_at_least_what_is_held() -> None:
    assert own_peak() >= resident(os.getpid()) * 0.99


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA card here")
def test_a_card_is_measured_with_its_memory(tmp_path: Path) -> None:
    write_speech(tmp_path / "speech.wav", 60)
    found = measured(tmp_path / "speech.wav", "torch", "cuda")
    assert found["ratio"] > 1 and 0 < found["allocated"] <= found["reserved"]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA card here")
def test_a_card_that_is_not_there_is_one_line() -> None:
    command = [sys.executable, "-m", "model_server", "bench", "--device", "cuda"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "torch finds no CUDA card here" in done.stderr.splitlines()[-1] and "Traceback" not in done.stderr


def test_the_short_measurements_run_on_real_processes(tmp_path: Path) -> None:
    short, long = tmp_path / "short.wav", tmp_path / "long.wav"
    write_speech(short, 5)
    write_speech(long, 600)
    found = measured(short, "numpy", "cpu")
    assert found["ratio"] == pytest.approx(5 / found["seconds"])
    assert found["peak"] > 30
    assert 0 < found["processor"] < 60
    assert 0 < found["latency"] < 5
    assert "allocated" not in found
    assert 0 < feeling_seconds(short) < 60
    assert 30 < idle_memory("numpy", short) < 150
    assert 0 <= cancel_seconds("numpy", long) < 2


def test_the_speech_is_of_five_recordings_at_many_levels(tmp_path: Path) -> None:
    recordings = voices(ROOT / "tests" / "data" / "lips")
    assert len(set(recordings)) == 5
    write_speech(tmp_path / "speech.wav", 60, recordings)
    with wave.open(str(tmp_path / "speech.wav")) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(60, -1)
    loud = 20 * np.log10(np.abs(samples.astype(float)).max(1))
    assert np.ptp(loud[loud > 20]) > 6


def test_a_folder_without_sound_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no recordings"):
        voices(tmp_path)


def test_a_check_is_no_where_the_arithmetic_is_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "SENTENCES", 2)
    write_speech(tmp_path / "speech.wav", 12)
    same = list(checking.check(tmp_path / "speech.wav", "cpu", silent))
    assert same[0].met and same[0].value < 1e-4 and "torch on cpu" in same[0].name
    run = TalkModel.run

    def wrong(model: TalkModel, samples: np.ndarray, fps: float) -> Talk:
        return run(model, samples[::-1].copy() if model._hardware[0] == "torch" else samples, fps)

    monkeypatch.setattr(TalkModel, "run", wrong)
    assert not next(iter(checking.check(tmp_path / "speech.wav", "cpu", silent))).met


def test_it_says_what_it_was_measured_on() -> None:
    found = machine()
    assert set(found) == {"processors", "load", "numpy", "threads"} and np.__version__ in found["numpy"]
