"""A batch that is killed at random and started again, until all is done; and nothing twice.

The suite runs a short one. The long one: ``python -m tests.model_server.cli.killed_batch --rows 500 --kills 2``.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import soundfile

from model_server.cli.batch_work import digest
from model_server.sample import SAMPLE

ROOT = Path(__file__).parents[3]
LIMIT = 3600.0
"""Seconds without a new row until it counts as stuck."""


def killed_batch(folder: Path, rows: int, kills: int, jobs: int, seed: int) -> None:
    """Make ``rows`` rows in ``folder``, killing all processes ``kills`` times while they work.

    Raises AssertionError unless each row is done once and its output is what the report says.
    """
    chance, samples = random.Random(seed), soundfile.read(SAMPLE, dtype="float32")[0]
    for i in range(rows):
        begin = chance.randrange(len(samples) - 8000)
        soundfile.write(folder / f"take{i}.wav", samples[begin : begin + 8000], 16000)
    manifest, report = folder / "lines.csv", folder / "lines.report.jsonl"
    manifest.write_text("sound,out,seed\n" + "".join(f"take{i}.wav,out/{i}.csv,{i}\n" for i in range(rows)), "utf-8")
    command = [sys.executable, "-m", "model_server", "batch", str(manifest), "--jobs", str(jobs)]
    for until in sorted(chance.sample(range(1, rows - jobs), kills)):
        child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True)
        _wait(report, until, child)
        time.sleep(chance.uniform(0.0, 0.3))
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    assert subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL).returncode == 0
    told = []
    for line in report.read_text("utf-8").splitlines():
        try:
            told.append(json.loads(line))
        except ValueError:
            continue  # the kill cut it off
    assert sorted(row["line"] for row in told) == list(range(2, rows + 2)), "each row once"
    assert all(row["state"] == "done" and row["digest"] == digest([Path(row["out"])]) for row in told)


def _wait(report: Path, count: int, child: "subprocess.Popen[bytes]") -> None:
    """Until the report has more than ``count`` lines."""
    limit = time.monotonic() + LIMIT
    while not (report.exists() and report.read_text("utf-8").count("\n") >= count):
        assert time.monotonic() < limit and child.poll() is None, "it ended, or stands still"
        time.sleep(0.01)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=500)
    options.add_argument("--kills", type=int, default=2)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    given = options.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        killed_batch(Path(place), given.rows, given.kills, given.jobs, given.seed)
    took = time.monotonic() - began
    print(f"{given.rows} rows, killed {given.kills} times (seed {given.seed}): each done once, {took:.0f} s")
