"""Other programs: started without a window, their output into the log, ended with everything that they started.

Each runs under ``core.supervisor``, which ends it when Blender is gone.
"""

import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO

from ..core import launch

TAIL = 400
"""Lines of output that are kept for a diagnosis."""


class Failed(Exception):
    """A program gave up. ``output`` holds its last lines."""

    def __init__(self, program: str, status: int, output: str) -> None:
        super().__init__(f"{program} ended with status {status}")
        self.output = output


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    log: Callable[[str], None],
    tick: Callable[[], None] = lambda: None,
    limit: float = 3600.0,
) -> str:
    """Run ``command`` to its end and return what it printed (the last ``TAIL`` lines).

    ``tick`` is called ten times a second and may raise, as for a cancel: then the program and all that it started are
    killed before the exception goes on. Raises Failed, also when the program cannot start, UserError when it may not
    (see ``launch.check``), and TimeoutError after ``limit`` seconds.
    """
    log("$ " + " ".join(command))
    child = launch.start_guarded(command, environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    assert child.stdin is not None and child.stdout is not None
    threading.Thread(target=_read, args=(child.stdout, lines), name="s2f output", daemon=True).start()
    try:
        output = _followed(lines, log, tick, time.monotonic() + limit, command[0])
        child.wait(timeout=30)
    except BaseException:
        launch.kill_tree(child)
        raise
    finally:
        child.stdin.close()
        child.stdout.close()
    if child.returncode:
        log(f"status {child.returncode}")
        raise Failed(os.path.basename(command[0]), child.returncode, output)
    return output


def _followed(
    lines: "queue.SimpleQueue[str | None]", log: Callable[[str], None], tick: Callable[[], None], end: float, name: str
) -> str:
    kept: list[str] = []
    while True:
        tick()
        if time.monotonic() > end:
            raise TimeoutError(f"{os.path.basename(name)} took too long")
        try:
            line = lines.get(timeout=0.1)
        except queue.Empty:
            continue
        if line is None:
            return "\n".join(kept)
        log(line)
        kept = [*kept[1 - TAIL :], line]


def _read(pipe: IO[bytes], lines: "queue.SimpleQueue[str | None]") -> None:
    try:
        for line in pipe:
            lines.put(line.decode("utf-8", "replace").rstrip())
    except (OSError, ValueError):
        pass
    lines.put(None)
