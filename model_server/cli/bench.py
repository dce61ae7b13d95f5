"""``s2f bench``: the promised figures, measured here."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from model_server.benchmark.figure import Figure
from model_server.cancel import Progress
from model_server.hardware import Library, for_a_process
from s2f_blender_addon.core.errors import UserError

from .options import Device
from .progress import reporting

SHORT, MIDDLE, TEN, LONG = 10.0, 120.0, 600.0, 3600.0
"""Seconds of the recordings that are measured with."""


def bench(
    device: Device = "auto",
    speech: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Recordings to measure with.", show_default="the sample recording"),
    ] = None,
    only_check: Annotated[
        bool, typer.Option("--check", help="Only whether the device gives numpy's curves: twenty sentences, a minute.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure speed, memory and latency on this machine."""
    from model_server.benchmark.check import SECONDS, check
    from model_server.benchmark.machine import machine
    from model_server.benchmark.speech import voices, write_speech

    heard = voices(speech)
    facts = {**machine(), "speech": ", ".join(path.name for path in heard)}
    with tempfile.TemporaryDirectory() as folder, reporting(False) as report:
        if only_check:
            write_speech(Path(folder) / "sentences.wav", SECONDS, heard)
            figures = list(check(Path(folder) / "sentences.wav", device, report.progress))
        else:
            figures = list(measure(Path(folder), device, report.progress, heard))
        rows = [(f.name, f.measured, f.target, "yes" if f.met else "NO") for f in figures]
        if as_json:
            print(json.dumps({"machine": facts, "figures": [{**asdict(f), "met": f.met} for f in figures]}))
        else:
            report.table(("figure", "here", "target", "met"), rows)
            report.table(("measured on", ""), list(facts.items()))


def measure(folder: Path, device: str, progress: Progress, heard: Sequence[Path]) -> Iterator[Figure]:
    """All figures that this Python can measure; recordings are made of those ``heard`` in ``folder``."""
    from model_server.benchmark.inference import feeling_seconds, measured
    from model_server.benchmark.process import cancel_seconds, idle_memory
    from model_server.benchmark.speech import write_speech

    backends = _backends(device)
    progress(0.0, "Making recordings")
    short, other, middle, long = (folder / f"{name}.wav" for name in ("short", "other", "middle", "long"))
    for path, seconds in ((short, SHORT), (other, SHORT / 2), (middle, MIDDLE), (long, LONG)):
        write_speech(path, seconds, heard)
    for i, (backend, where) in enumerate(backends):
        progress(0.05 + 0.1 * i, f"Inference with {backend} on {where}")
        found = measured(middle, backend, where)
        yield Figure(f"inference, {backend} on {where}", found["ratio"], "× real time", 100, True)
        yield Figure(f"processor time of a minute, {backend} on {where}", found["processor"], "s", 1.0)
        yield Figure(f"latency of 10 s, {backend} on {where}", found["latency"], "s", 0.5)
    for backend, limit in (("numpy", 150.0), ("torch", 600.0)):
        if (backend, "cpu") in backends:
            progress(0.35, f"Memory with {backend}")
            yield Figure(f"memory of the idle process, {backend}", idle_memory(backend, short), "MB", limit)
    progress(0.38, "Feeling ten minutes")
    write_speech(ten := folder / "ten.wav", TEN, heard)
    yield Figure("processor time of a minute, feel", feeling_seconds(ten), "s", 0.6)
    progress(0.4, "Cancelling")
    yield Figure("cancel", cancel_seconds(backends[0][0], long), "s", 0.2)
    progress(0.45, "A cold start")
    yield Figure("cold s2f infer, 10 s", _cold(short, folder / "short.csv", device), "s", 4)
    progress(0.5, "One hour")
    yield from _hour(long, *backends[0])
    if ("torch", "cuda") in backends:
        progress(0.7, "One hour on the card")
        yield from _hour(long, "torch", "cuda")
    if find_spec("bpy") is not None:
        from model_server.in_blender import run_in_blender

        keys = run_in_blender(
            {"do": "time_keys", "recording": str(short)},
            lambda f, doing: progress(0.8 + 0.2 * f, doing),
            "model_server.benchmark",
        )
        yield Figure("Bake to keys, warm, 10 s", keys["warm"], "s", 0.5)
        yield Figure("slider to new keys, 10 s", keys["slider"], "s", 0.1)
        yield Figure("keys by default, of one on every frame at 24", keys["kept"], "%", 12.5)
        yield Figure("speech that a file keeps for a minute", keys["stored"], "MB", 1)
        yield Figure("ten-minute bake", keys["bake"], "s", 1)
        yield Figure("every frame of ten minutes, over the bare loop", keys["bare"], "×", 1.5)
        yield Figure("every frame of a minute, against keyframe_insert", keys["insert"], "×", 100, True)


def _hour(recording: Path, backend: Library, where: str) -> Iterator[Figure]:
    """The longest recording."""
    from model_server.benchmark.inference import measured

    hour = measured(recording, backend, where)
    yield Figure(f"one hour, {backend} on {where}", hour["ratio"], "× real time", 100, True)
    yield Figure(f"memory for one hour, {backend} on {where}", hour["peak"], "MB", 1000 if where == "cpu" else 6000)
    if where == "cuda":
        yield Figure("card memory allocated", hour["allocated"], "MB", 2000)
        yield Figure("card memory reserved", hour["reserved"], "MB", 4000)


def _backends(device: str) -> list[tuple[Library, str]]:
    """What can be measured here, the bundled numpy first."""
    found: list[tuple[Library, str]] = [("numpy", "cpu")]
    if find_spec("torch") is not None:
        found.append(("torch", "cpu"))
    with suppress(UserError):
        for_a_process("openvino")
        found.append(("openvino", "cpu"))
    if for_a_process(device=device).device == "cuda":
        found.append(("torch", "cuda"))
    return found


def _cold(recording: Path, out: Path, device: str) -> float:
    """Seconds of the whole command, from nothing to the file."""
    command = [sys.executable, "-m", "model_server", "infer", str(recording), "-o", str(out), "--device", device]
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start
