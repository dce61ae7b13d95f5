"""``s2f train all`` that is killed in every one of its steps and started again, until it has made what ships.

The suite kills it in two steps of a miniature. All steps: ``python -m tests.model_server.cli.killed_training``, with
``--data DATA --whisper WHISPER --scale 0.002`` on real recordings.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

from model_server.slots.model_file import open_model
from tests.model_server.cli.miniature import write_data

ROOT = Path(__file__).parents[3]


def steps_until(command: list[str], kill_in: Collection[str] | None, killed: set[str]) -> tuple[int, list[str]]:
    """Run ``command`` until it reports of a step in ``kill_in`` (None: of any) that is not in ``killed``, then kill it;
    its exit status and the steps it reported of.
    """
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert child.stdout is not None
    seen: list[str] = []
    for line in child.stdout:
        told = json.loads(line)
        step = told.get("doing", "").partition(": ")[0]
        if told["event"] != "progress" or not step:
            continue
        assert "left" in told or told["fraction"] == 1, told
        seen += [step] if step not in seen else []
        if step not in killed and (kill_in is None or step in kill_in):
            os.killpg(child.pid, signal.SIGKILL)
            killed.add(step)
            break
    return child.wait(), seen


def killed_training(
    folder: Path, kill_in: Collection[str] | None, options: list[str], s2f: Sequence[str] = ("-m", "model_server")
) -> set[str]:
    """Train into ``folder``/work with ``options``, killing all its processes once in each step of ``kill_in``.

    ``s2f``: what Python starts.

    Raises AssertionError unless it comes to its end, and what is there is whole. The steps in which it was killed.
    """
    command = [
        sys.executable, *s2f, "train", "all", *options, "--work", str(folder / "work"),
        "--out", str(folder / "talk.safetensors"), "--id", "mini", "--json-progress",
    ]  # fmt: skip
    killed: set[str] = set()
    status, done = steps_until(command, kill_in, killed)
    while status == -signal.SIGKILL:
        print(f"killed in {sorted(killed)}", file=sys.stderr, flush=True)
        assert not (folder / "talk.safetensors").exists() or "figures" in killed, "whole or not at all"
        status, done = steps_until(command, kill_in, killed)
    assert status == 0, done
    card = open_model(folder / "talk.safetensors").card
    assert card.id == "mini"
    assert card.made["mixed"]["start"] == "mini-before"
    return killed


if __name__ == "__main__":
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--data")
    given.add_argument("--whisper")
    given.add_argument("--scale", default="0.001")
    told = given.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        if told.data is None:
            write_data(place)
        data, whisper = told.data or str(place / "data"), told.whisper or str(place / "whisper")
        found = killed_training(place, None, ["--data", data, "--whisper", whisper, "--scale", told.scale])
        print(f"Killed in {len(found)} steps ({', '.join(sorted(found))}), and went on to the end.")
        print((place / "work" / "hours.json").read_text("utf-8"))
