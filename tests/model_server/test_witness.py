"""The terminal and the engine make what they made: thirty-four outputs over all that can be asked (tests.witness)."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from model_server.audio.decode import decode
from model_server.cli.main import main
from model_server.engine import Engine
from model_server.sample import SAMPLE
from model_server.talk_model import TalkModel
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.custom_emotion import CustomEmotion, write_file
from s2f_blender_addon.core.request import Request, Side
from s2f_blender_addon.core.track import FaceTrack
from tests.witness.stored import Witness, mixed, over_time

WITNESS = Witness("model.npz")
LIPS = Path(__file__).parents[1] / "data" / "lips"
WORDS = "Hello! My name is Poppy. Give me a voice, and I move my lips."
KEYS = "time,happy,fear\n0.0,0.0,0.6\n2.0,0.9,0.1\n3.5,0.2,0.0\n"
POSE = {"mouthDimpleRight": 0.9, "browOuterUpLeft": 0.4, "eyeSquintLeft": 0.3}
SRT = "1\n00:00:00,000 --> 00:00:00,900\nHello!\n\n2\n00:00:00,800 --> 00:00:02,400\nMy name is [beep] Poppy.\n"

SLT, RMS, GB, US = (
    LIPS / f"{name}.flac"
    for name in ("flite-slt-paper", "flite-rms-remember", "espeak-en-gb-m7-paper", "espeak-en-us-f5-remember")
)
CASES: dict[str, tuple[Path, str, list[str]]] = {
    "plain.s2f": (SAMPLE, ".s2f", []),
    "plain.csv": (SAMPLE, ".csv", []),
    "plain.json": (SAMPLE, ".json", []),
    "24 frames.csv": (SLT, ".csv", ["--fps", "24"]),
    "29.97 frames.json": (RMS, ".json", ["--fps", "29.97", "--seed", "3"]),
    "120 frames.s2f": (GB, ".s2f", ["--fps", "120"]),
    "seed 1.s2f": (SLT, ".s2f", ["--seed", "1"]),
    "seed 12345.csv": (US, ".csv", ["--seed", "12345"]),
    **{f"{name}.s2f": (SLT, ".s2f", ["--emotion", f"{name}=0.9", "--fps", "30"]) for name in EMOTIONS},
    "mixture.csv": (RMS, ".csv", ["--emotion", "happy=0.6,fear=0.3,surprise=0.4", "--intensity", "1.4"]),
    "half.json": (RMS, ".json", ["--emotion", "angry=1", "--intensity", "0.5", "--seed", "9"]),
    "keyed.s2f": (SLT, ".s2f", ["--emotion-track", "keys.csv"]),
    "keyed.csv": (RMS, ".csv", ["--emotion-track", "keys.csv", "--fps", "25", "--intensity", "2"]),
    "own.s2f": (SLT, ".s2f", ["--custom-emotion", "own.json", "--emotion", "Smirk=0.8,sad=0.3"]),
    **{
        f"{part} 0.s2f": (GB, ".s2f", ["--life", f"{part}=0"])
        for part in ("blinks", "gaze", "brows", "head", "breath")
    },
    "lively.s2f": (
        US, ".s2f", ["--life", "blinks=2,gaze=1.5,brows=2,head=0.5,breath=1.7", "--emotion", "happy=0.5"],
    ),
    "words.s2f": (SAMPLE, ".s2f", ["--transcript", WORDS, "--seed", "4"]),
    "subtitles.csv": (SAMPLE, ".csv", ["--transcript", "said.srt"]),
    "heard.s2f": (SAMPLE, ".s2f", ["--emotion", "auto"]),
    "heard with words.s2f": (SAMPLE, ".s2f", ["--emotion", "auto", "--transcript", WORDS, "--fps", "30"]),
}
"""name: (sound, suffix, options of ``s2f infer``)."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the commands run, with the files that their options name."""
    (tmp_path / "keys.csv").write_text(KEYS)
    (tmp_path / "said.srt").write_text(SRT)
    write_file(tmp_path / "own.json", "Smirk", POSE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def numbers(track: FaceTrack) -> dict[str, np.ndarray]:
    layers = {"talk": track.talk, "mood": track.mood, "head": track.head}
    found = {f"{name} over time": over_time(mixed(layer)) for name, layer in layers.items() if layer.any()}
    return found | {f"{name} of each": layer.mean(0) for name, layer in layers.items() if layer.any()}


def text(track: FaceTrack) -> str:
    made_by = {name: value for name, value in asdict(track.provenance).items() if name != "notes"}
    return json.dumps({"frames": len(track.talk), "fps": round(track.fps, 3), **made_by})


@pytest.mark.parametrize("case", CASES)
def test_the_terminal(case: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    sound, suffix, options = CASES[case]
    command = ["s2f", "infer", str(sound), "-o", f"out{suffix}", "--json-progress", *options]
    monkeypatch.setattr(sys, "argv", command)
    assert main() == 0, capsys.readouterr().err
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    words = [word for line in told for word in line.get("words", ())]
    sentences = [sentence for line in told for sentence in line.get("sentences", ())]
    track = formats.read(f"out{suffix}")
    found = numbers(track)
    if words:
        found["words"] = np.array([[word[key] for key in ("start", "end", "confidence")] for word in words])
    if sentences:
        found["sentences"] = np.array(
            [[one["start"], one["end"], *(one["emotion"].get(name, 0.0) for name in EMOTIONS)] for one in sentences]
        )
    WITNESS.compare(case, found, text(track) + " ".join(one["text"] for one in (*words, *sentences)))


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(TalkModel.load())


@pytest.mark.parametrize("side", ["left", "right"])
def test_contempt_has_a_side(engine: Engine, side: Side) -> None:
    track = engine.infer(decode(US), Request(emotion={"contempt": 1.0}, seed=2, fps=30.0, contempt_side=side))
    WITNESS.compare(f"contempt {side}", numbers(track), text(track))


def test_keys_of_ones_own(engine: Engine) -> None:
    own = (CustomEmotion("Smirk", POSE),)
    sliders = np.linspace(0, 1, 50 * 9, dtype=np.float32).reshape(50, 9)[:, ::-1] * 0.7
    track = engine.infer(decode(US), Request(emotion_track=sliders, seed=2, fps=30.0, custom_emotions=own))
    WITNESS.compare("own keyed", numbers(track), text(track))
