"""The words of a recording by a Whisper model of the user's (Radford et al. 2022), run by a program of the user's:
faster-whisper with a folder in CTranslate2's form, or whisper.cpp with a .bin file. Nothing is ever fetched.
"""

import json
import re
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model_server.audio.sound import SAMPLE_RATE, Sound
from model_server.cancel import Progress, silent
from s2f_blender_addon.core import launch
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.subtitles import Cue

PROGRAMS = ("whisper-cli", "whisper-cpp")
"""What whisper.cpp's program is called."""

_PERCENT = re.compile(r"progress\s*=\s*(\d+)%")


@dataclass(frozen=True)
class Transcription:
    """What was understood, with times; ``language`` is its code, as the model tells it."""

    cues: tuple[Cue, ...]
    language: str


def written_down(sound: Sound, where: Path, progress: Progress = silent) -> Transcription:
    """The words of ``sound`` by the model at ``where``; ``progress`` may raise JobCancelled.

    Raises UserError where the model or its program is missing, or does not work.
    """
    if where.is_dir():
        return _faster_whisper(sound, where, progress)
    if where.is_file():
        return _whisper_cpp(sound, where, progress)
    raise UserError(f"{where}: there is no recogniser; choose a faster-whisper folder or a .bin file of whisper.cpp.")


def _faster_whisper(sound: Sound, folder: Path, progress: Progress) -> Transcription:
    if not (folder / "model.bin").is_file():
        raise UserError(f"{folder} holds no model.bin; choose a Whisper model in the form of faster-whisper.")
    try:
        from faster_whisper import WhisperModel
    except ImportError:
        raise UserError(
            "faster-whisper is not installed where the model runs; install it into that Python, or choose a .bin file "
            "of whisper.cpp."
        ) from None
    try:
        progress(0.0, "Opening the recogniser")
        model = WhisperModel(str(folder), device="cpu", compute_type="int8", local_files_only=True)
        pieces, about = model.transcribe(sound.samples, condition_on_previous_text=False)
        cues = []
        for piece in pieces:
            progress(min(piece.end / max(sound.duration, 1e-6), 1.0), "Writing down what is said")
            cues.append(Cue(piece.text.strip(), float(piece.start), float(piece.end)))
    except (RuntimeError, ValueError, OSError) as error:
        raise UserError(f"{folder} does not work as a Whisper model ({error}).") from error
    return Transcription(_told(cues), str(about.language))


def _whisper_cpp(sound: Sound, model: Path, progress: Progress) -> Transcription:
    program = _program(model)
    with tempfile.TemporaryDirectory() as place:
        heard, told = Path(place) / "heard.wav", Path(place) / "told"
        with wave.open(str(heard), "wb") as file:
            file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
            file.writeframes((np.clip(sound.samples, -1, 1) * 32767).astype("<i2").tobytes())
        command = [program, "-m", str(model), "-f", str(heard), "-l", "auto", "-oj", "-of", str(told), "-pp", "-np"]
        said = list(_run(command, progress))
        try:
            document = json.loads(told.with_suffix(".json").read_text("utf-8", errors="replace"))
            cues = [
                Cue(str(piece["text"]).strip(), piece["offsets"]["from"] / 1000, piece["offsets"]["to"] / 1000)
                for piece in document["transcription"]
            ]
            return Transcription(_told(cues), str(document.get("result", {}).get("language", "")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            reason = said[-1] if said else "it said nothing"
            raise UserError(f"{model} does not work with {program} ({reason}).") from error


def _program(model: Path) -> str:
    """whisper.cpp's program, on the PATH or near the model, as it is built. Raises UserError where there is none."""
    near = [folder / inner for folder in (model.parent, model.parent.parent) for inner in ("", "build/bin", "bin")]
    for name in PROGRAMS:
        for folder in (None, *near):
            if found := shutil.which(name, path=str(folder) if folder is not None else None):
                return found
    raise UserError(
        f"whisper.cpp's program {PROGRAMS[0]} is neither on the PATH nor beside {model}; put it there, or choose a "
        "folder of faster-whisper."
    )


def _run(command: list[str], progress: Progress) -> Iterator[str]:
    """What ``command`` prints that is no progress; killed when ``progress`` raises."""
    progress(0.0, "Writing down what is said")
    child = launch.start(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert child.stderr is not None
    try:
        for line in child.stderr:
            text = line.decode("utf-8", "replace").strip()
            if percent := _PERCENT.search(text):
                progress(int(percent[1]) / 100, "Writing down what is said")
            elif text:
                yield text
    finally:
        child.kill()
        child.wait()
        child.stderr.close()


def _told(cues: list[Cue]) -> tuple[Cue, ...]:
    return tuple(cue for cue in cues if cue.text and cue.end > cue.start)
