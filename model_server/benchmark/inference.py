"""One backend on one recording, in a process of its own so that its memory is its own."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import cast

from model_server.audio.decode import decode
from model_server.audio.sound import SAMPLE_RATE, Sound
from model_server.benchmark.memory import card_memory, own_peak
from model_server.engine import Engine
from model_server.hardware import Library, for_a_process
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.request import Request

HAPPY = Request(emotion={"happy": 1.0})

WARM_UP = 2.0
"""Seconds of sound whose inference is not counted: libraries settle in."""

SHORT = 10.0
"""Seconds of sound, a line of dialogue, for which the latency is measured."""

FEELING_RATE = 10.0
"""Sliders a second that ``s2f feel`` writes."""


def measured(path: Path, backend: Library, device: str) -> dict[str, float]:
    """``ratio``: times real time, decoding included; ``seconds`` of work; ``processor``: seconds of all processors for
    a minute of sound; ``latency``: seconds for a line of dialogue; ``peak``: MB of the process that did it; on a card
    also ``allocated`` and ``reserved``: MB of its memory at most.
    """
    command = [sys.executable, "-m", "model_server.benchmark.inference", str(path), backend, device]
    done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _measure(path: Path, backend: Library, device: str) -> dict[str, float]:
    hardware = for_a_process(backend, device)
    engine = Engine(TalkModel.load(None, hardware.library, hardware.device, hardware.precision))
    sound = decode(path)
    engine.infer(Sound(sound.samples[: round(WARM_UP * SAMPLE_RATE)]), HAPPY)
    latency, _ = _timed(engine, Sound(sound.samples[: round(SHORT * SAMPLE_RATE)]))
    start, busy = time.perf_counter(), time.process_time()
    sound = decode(path)
    decoding = time.perf_counter() - start
    inferring, notice = _timed(engine, sound)
    if notice:
        raise SystemExit(notice)
    seconds = decoding + inferring
    processor = (time.process_time() - busy) / (sound.duration / 60)
    figures = {"ratio": sound.duration / seconds, "seconds": seconds, "processor": processor}
    figures |= {"latency": latency, "peak": own_peak()}
    return figures | (card_memory() if device == "cuda" else {})


def feeling_seconds(path: Path) -> float:
    """Seconds of all processors in which the voice that ships is heard in a minute of the recording ``path``."""
    from model_server.emotion.feel import feel

    sound = decode(path)
    feel(Sound(sound.samples[: round(WARM_UP * SAMPLE_RATE)]), FEELING_RATE)
    busy = time.process_time()
    sound = decode(path)
    feel(sound, FEELING_RATE)
    return (time.process_time() - busy) / (sound.duration / 60)


def _timed(engine: Engine, sound: Sound) -> tuple[float, str]:
    """Seconds of one inference, and what it had to say."""
    start = time.perf_counter()
    engine.infer(sound, HAPPY)
    return time.perf_counter() - start, engine.model.notice


if __name__ == "__main__":
    where, name, device = sys.argv[1:]
    print(json.dumps(_measure(Path(where), cast(Library, name), device)))
