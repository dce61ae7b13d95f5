"""The user's own recogniser writes down what is said; where it is missing or broken, one sentence says so."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from model_server.audio.decode import decode
from model_server.audio.sound import Sound
from model_server.cancel import JobCancelled
from model_server.sample import SAMPLE
from model_server.speech.words.recogniser import written_down
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.subtitles import Cue, parse, to_srt
from tests.whisper_cpp import stand_in

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script")


@pytest.fixture
def sound() -> Sound:
    return decode(SAMPLE)


def test_whisper_cpp_hears_the_whole_sound_and_tells_words_with_times(sound: Sound, tmp_path: Path) -> None:
    told: list[float] = []
    found = written_down(sound, stand_in(tmp_path), lambda fraction, _: told.append(fraction))
    assert found.language == "en"
    assert found.cues == (Cue("Hello! My name is Poppy.", 0.1, 2.4), Cue("8.0 s were heard.", 2.5, 8.0))
    assert told == [0.0, 0.4, 1.0]
    assert parse(to_srt(found.cues)) == found.cues


def test_the_user_may_stop_it(sound: Sound, tmp_path: Path) -> None:
    def stop(fraction: float, _: str) -> None:
        if fraction > 0.3:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        written_down(sound, stand_in(tmp_path), stop)


def test_faster_whisper_is_asked_for_a_local_folder_alone(
    sound: Sound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    class Model:
        def __init__(self, folder: str, **options: Any) -> None:
            asked.update(options, folder=folder)

        def transcribe(self, samples: np.ndarray, **_: Any) -> tuple[Any, Any]:
            asked["seconds"] = len(samples) / 16000
            pieces = [SimpleNamespace(text=" Hello! ", start=0.1, end=0.7), SimpleNamespace(text=" ", start=1, end=2)]
            return iter(pieces), SimpleNamespace(language="en")

    (tmp_path / "model.bin").touch()
    monkeypatch.setitem(sys.modules, "faster_whisper", SimpleNamespace(WhisperModel=Model))
    assert written_down(sound, tmp_path).cues == (Cue("Hello!", 0.1, 0.7),)
    assert asked["local_files_only"] is True and asked["folder"] == str(tmp_path)
    assert asked["seconds"] == pytest.approx(sound.duration, abs=0.01)


def test_what_is_missing_or_broken_is_named(sound: Sound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="there is no recogniser"):
        written_down(sound, tmp_path / "none")
    with pytest.raises(UserError, match=r"holds no model.bin"):
        written_down(sound, tmp_path)
    (tmp_path / "model.bin").touch()
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(UserError, match="faster-whisper is not installed"):
        written_down(sound, tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="whisper-cli is neither"):
        written_down(sound, tmp_path / "model.bin")
    monkeypatch.undo()
    broken = stand_in(tmp_path / "broken", fails=True)
    with pytest.raises(UserError, match="invalid model"):
        written_down(sound, broken)
