"""One backend on one recording, in a process of its own so that its memory is its own."""

import json
import subprocess
import sys
import time
from pathlib import Path

from model_server.audio.decode import decode
from model_server.audio.sound import SAMPLE_RATE, Sound
from model_server.benchmark.memory import own_peak
from model_server.engine import Engine
from model_server.hardware import Library
from model_server.speech.talk import TalkModel

WARM_UP = 2.0
"""Seconds of sound whose inference is not counted: libraries settle in."""


def measured(path: Path, backend: Library, device: str) -> dict[str, float]:
    """``ratio``: times real time, decoding included; ``seconds`` of work; ``peak``: MB of the process that did it."""
    command = [sys.executable, "-m", "model_server.benchmark.inference", str(path), backend, device]
    done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _measure(path: Path, backend: Library, device: str) -> dict[str, float]:
    engine = Engine(TalkModel.load(None, backend, device))
    sound = decode(path)
    engine.infer(Sound(sound.samples[: round(WARM_UP * SAMPLE_RATE)]), {"happy": 1.0})
    start = time.perf_counter()
    sound = decode(path)
    engine.infer(sound, {"happy": 1.0})
    seconds = time.perf_counter() - start
    return {"ratio": sound.duration / seconds, "seconds": seconds, "peak": own_peak()}


if __name__ == "__main__":
    where, name, device = sys.argv[1:]
    print(json.dumps(_measure(Path(where), "torch" if name == "torch" else "numpy", device)))
