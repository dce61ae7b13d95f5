"""The bundled model on real sound: both backends alike, any length, windows that do not show, rest in silence."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from model_server.cancel import JobCancelled
from model_server.speech.talk import Talk
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.blend import lip_gap
from s2f_blender_addon.core.channels import CHANNELS, REGIONS

CLIPS = sorted((Path(__file__).parents[2] / "data" / "lips").glob("*.flac"))


@pytest.fixture(scope="module")
def model() -> TalkModel:
    return TalkModel.load()


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    return np.concatenate([soundfile.read(path, dtype="float32")[0] for path in CLIPS])


def same(a: Talk, b: Talk, tolerance: float = 1e-4) -> bool:
    """Phones may differ more: the search for words drops a way at its beam on one side and keeps it on the other."""
    return bool(np.abs(a.curves - b.curves).max() <= tolerance and np.abs(a.phones - b.phones).max() <= 10 * tolerance)


def test_numpy_and_torch_give_the_same_curves(model: TalkModel, speech: np.ndarray) -> None:
    assert same(model.run(speech, 60.0), TalkModel.load(backend="torch").run(speech, 60.0))


@pytest.mark.parametrize("seconds", [3, 7])
def test_where_windows_meet_changes_no_closure(model: TalkModel, speech: np.ndarray, seconds: int) -> None:
    """Silence before the speech moves it against the windows that the network hears."""
    long = np.concatenate([speech] * 4)
    late = np.concatenate([np.zeros(seconds * 16000, np.float32), long])
    one, other = model.run(long, 60.0).seal, model.run(late, 60.0).seal[seconds * 60 :]
    shut = (one > 0.5) | (other > 0.5)
    assert shut.sum() > 100
    assert ((one > 0.5) & (other > 0.5)).sum() > 0.9 * shut.sum()


def test_the_same_sound_gives_the_same_bytes(model: TalkModel, speech: np.ndarray) -> None:
    assert model.run(speech, 30.0).curves.tobytes() == model.run(speech, 30.0).curves.tobytes()


@pytest.mark.parametrize("fps", [23.976, 24.0, 30.0, 60.0, 100.0])
def test_frames_cover_the_sound_at_any_rate(model: TalkModel, speech: np.ndarray, fps: float) -> None:
    talk = model.run(speech, fps)
    assert len(talk.curves) == int(len(speech) / 16000 * fps) + 1
    assert talk.curves.min() >= 0
    assert talk.curves.max() <= 1


@pytest.mark.parametrize("samples", [0, 1, 10, 159, 160, 161, 1600])
def test_the_shortest_sounds_have_a_frame(model: TalkModel, samples: int) -> None:
    talk = model.run(np.full(samples, 0.1, np.float32), 60.0)
    assert talk.curves.shape == (int(samples / 16000 * 60) + 1, 52)
    assert np.isfinite(talk.curves).all()


def test_silence_is_rest(model: TalkModel) -> None:
    assert not model.run(np.zeros(32000, np.float32), 60.0).curves.any()


def test_only_the_mouth_moves_and_it_does(model: TalkModel, speech: np.ndarray) -> None:
    talk = model.run(speech, 60.0)
    moving = {CHANNELS[i] for i in np.flatnonzero(talk.curves.std(0) > 0.01)}
    assert moving <= set(REGIONS["mouth"])
    assert {"jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthUpperUpLeft", "mouthStretchRight"} <= moving


def test_sealed_lips_are_closed_and_open_ones_are_not(model: TalkModel, speech: np.ndarray) -> None:
    talk = model.run(speech, 60.0)
    gap = lip_gap(talk.curves)
    assert gap[talk.seal == 1].max() < 0.5
    assert gap[(talk.seal == 0) & (talk.speech == 1)].min() > 1.0


def test_progress_rises_and_cancelling_gets_through(model: TalkModel, speech: np.ndarray) -> None:
    seen: list[float] = []
    model.run(speech, 60.0, lambda fraction, doing: seen.append(fraction))
    assert seen == sorted(seen)
    assert len(seen) > 3

    def cancel(fraction: float, doing: str) -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        model.run(speech, 60.0, cancel)


def test_the_numpy_path_needs_neither_torch_nor_scipy() -> None:
    code = (
        "import sys\n"
        "for name in ('torch', 'scipy', 'safetensors', 'soundfile', 'transformers'): sys.modules[name] = None\n"
        "import numpy as np\n"
        "from model_server.talk_model import TalkModel\n"
        "print(TalkModel.load().run(np.zeros(16000, np.float32), 60.0).curves.shape)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[3])
    assert done.stdout.strip() == "(61, 52)", done.stderr
