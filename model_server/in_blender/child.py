"""The parent's side: start a module that answers, hand it a job, listen until it ends."""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

from model_server.cancel import Progress
from s2f_blender_addon.core.errors import UserError

ROOT = Path(__file__).resolve().parents[2]


class BlenderCrash(Exception):
    """The child ended without an answer; the message is the end of what it printed."""


def run_in_blender(job: dict[str, Any], progress: Progress, module: str = "model_server.in_blender") -> dict[str, Any]:
    """Do ``job`` in ``python -m module`` (see ``answer``) and return its answer.

    Raises UserError with the sentence that the job gave, or where there is no bpy; BlenderCrash when Blender died.
    """
    if importlib.util.find_spec("bpy") is None:
        raise UserError(
            "This needs Blender as a Python module; install it with: "
            f"{sys.executable} -m pip install bpy (Python 3.11 or 3.13)."
        )
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    with tempfile.TemporaryFile() as log:
        child = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1"},
            encoding="utf-8",
        )
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            with child.stdin as stdin:
                json.dump(job, stdin)
            answer = _listen(child.stdout, progress)
        finally:
            child.kill()  # after its answer nothing is left to do, and bpy's own exit may hang or crash
            child.wait()
        if answer is None:
            log.seek(0)
            raise BlenderCrash(log.read().decode("utf-8", "replace")[-2000:])
    if "sentence" in answer:
        raise UserError(answer["sentence"])
    return answer


def _listen(lines: IO[str], progress: Progress) -> dict[str, Any] | None:
    for line in lines:
        message: dict[str, Any] = json.loads(line)
        if "fraction" not in message:
            return message
        progress(message["fraction"], message["doing"])
    return None
