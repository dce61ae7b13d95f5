"""The model process as Blender's side meets it: its memory at rest, and how soon it lets go of a job."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from model_server.benchmark.memory import resident
from model_server.hardware import Library
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.messages import Cancel, Cancelled, Hello, Infer, Message, Progress, Result
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.process.client import ModelProcess
from s2f_blender_addon.process.command import with_torch
from s2f_blender_addon.process.connection import Gone

FPS = 60.0


@contextmanager
def running(backend: Library | None = None) -> Iterator[ModelProcess]:
    """A model process of this Python that has said hello; without ``backend`` it takes the best."""
    process = ModelProcess(replace(with_torch(sys.executable), backend=backend or "auto"))
    process.start()
    try:
        wait_for(process, Hello)
        yield process
    finally:
        process.stop()


def wait_for(process: ModelProcess, kind: type[Message]) -> Message:
    """The next message of ``kind``. Raises UserError when the process ends instead."""
    while True:
        for message in process.messages():
            if isinstance(message, kind):
                return message
            if isinstance(message, Gone):
                raise UserError(message.sentence)
        time.sleep(0.001)


def idle_memory(backend: Library, recording: Path) -> float:
    """Megabytes of a process that has done one job and waits for the next."""
    with running(backend) as process:
        process.send(Infer(1, Request(str(recording), fps=FPS)))
        wait_for(process, Result)
        return resident(process.pid)


def cancel_seconds(backend: Library, long_recording: Path) -> float:
    """From asking to the answer, in the middle of a long job."""
    with running(backend) as process:
        process.send(Infer(1, Request(str(long_recording), fps=FPS)))
        wait_for(process, Progress)
        time.sleep(0.5)
        asked = time.perf_counter()
        process.send(Cancel(1))
        wait_for(process, Cancelled)
        return time.perf_counter() - asked
