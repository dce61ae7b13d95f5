"""Runs a program that must not outlive Blender: ``python supervisor.py COMMAND...``, with a pipe from Blender on stdin.

However Blender ends, its end of the pipe closes; then this process kills the program, all that it started, and itself.
Imports nothing but the standard library, so that any Python can run this file by its path.
"""

import os
import signal
import subprocess
import sys
import threading


def main(command: list[str]) -> int:
    """Run ``command`` and pass its exit status on."""
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    except OSError as error:
        print(f"{command[0]} cannot start: {error}", flush=True)
        return 126
    threading.Thread(target=_watch, daemon=True).start()
    return child.wait()


def _watch() -> None:
    while os.read(0, 1):
        pass
    kill_tree(os.getpid())


def kill_tree(pid: int) -> None:
    """Kill process ``pid``, which leads a session of its own, and everything that it started."""
    if sys.platform == "win32":
        quiet = subprocess.DEVNULL
        subprocess.run(
            ["taskkill", "/T", "/F", "/PID", str(pid)], stdin=quiet, stdout=quiet, stderr=quiet,
            creationflags=subprocess.CREATE_NO_WINDOW, check=False,
        )  # fmt: skip
    else:
        os.killpg(pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
