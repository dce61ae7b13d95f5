"""The parent's side: start a module that answers, hand it a job, listen until it ends."""

import importlib.util
import json
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from typing import IO, Any

from model_server.cancel import Progress
from s2f_blender_addon.core import launch
from s2f_blender_addon.core.errors import UserError

ROOT = Path(__file__).resolve().parents[2]

LINES = 200
"""Lines of what Blender prints that are kept for a diagnosis."""

LONGEST = 1 << 16
"""Bytes of a line that are read at once, whatever floods the pipe."""


class BlenderCrash(Exception):
    """The child ended without an answer; the message is the end of what it printed."""


def run_in_blender(job: dict[str, Any], progress: Progress, module: str = "model_server.in_blender") -> dict[str, Any]:
    """Do ``job`` in ``python -m module`` (see ``answer``) and return its answer.

    Raises UserError with the sentence that the job gave, or where there is no bpy; BlenderCrash when Blender died.
    """
    spec = importlib.util.find_spec("bpy")
    if spec is None or spec.origin is None:
        raise UserError(
            "This needs Blender as a Python module; install it with: "
            f"{sys.executable} -m pip install bpy (Python 3.11 or 3.13)."
        )
    child = launch.start(
        [sys.executable, *launch.ISOLATED, *launch.module(ROOT, module)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert child.stdin is not None and child.stdout is not None and child.stderr is not None
    printed: deque[str] = deque(maxlen=LINES)
    reader = threading.Thread(target=_keep, args=(child.stderr, printed), name="s2f blender", daemon=True)
    reader.start()
    try:
        try:
            with child.stdin as stdin:
                stdin.write(json.dumps(job).encode())
        except BrokenPipeError:
            pass  # it died before it could listen: what it printed says why
        answer = _listen(child.stdout, progress)
    finally:
        child.kill()  # after its answer nothing is left to do, and bpy's own exit may hang or crash
        child.wait()
        reader.join(2.0)
        child.stdout.close()
    if answer is None:
        raise BlenderCrash("\n".join(printed)[-2000:])
    if "sentence" in answer:
        raise UserError(answer["sentence"])
    return answer


def _listen(lines: IO[bytes], progress: Progress) -> dict[str, Any] | None:
    for line in lines:
        message: dict[str, Any] = json.loads(line)
        if "fraction" not in message:
            return message
        progress(message["fraction"], message["doing"])
    return None


def _keep(stream: IO[bytes], printed: "deque[str]") -> None:
    while line := stream.readline(LONGEST):
        printed.append(line.decode("utf-8", "replace").rstrip())
