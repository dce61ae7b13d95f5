"""``s2f batch --ray`` on a real cluster on this machine: two workers, one of which is killed while it works."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile

from model_server.sample import SAMPLE

ray_cluster = pytest.importorskip("ray.cluster_utils", reason="the extra ray is not installed")

ROOT = Path(__file__).parents[2]
ROWS = 24


@pytest.fixture
def cluster() -> Iterator[Any]:
    """A head that makes nothing, and two workers of a core each."""
    found = ray_cluster.Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    found.add_node(num_cpus=1)
    found.add_node(num_cpus=1)
    yield found
    found.shutdown()


def manifest(folder: Path, out: str) -> Path:
    """Pieces of the sample, among them one that is missing."""
    samples, rate = soundfile.read(SAMPLE, dtype="float32")
    for i in range(ROWS):
        soundfile.write(folder / f"take{i}.wav", samples[i * 3000 : i * 3000 + rate], rate)
    path = folder / f"{out}.csv"
    rows = "".join(f"take{i}.wav,{out}/{i}.s2f,{i}\n" for i in range(ROWS))
    path.write_text(f"sound,out,seed\n{rows}missing.wav,{out}/none.s2f,0\n")
    return path


def batch(path: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "model_server", "batch", str(path), *options]


def test_a_lost_worker_costs_no_row_and_the_results_are_those_of_processes_byte_for_byte(
    cluster: Any, tmp_path: Path
) -> None:
    path = manifest(tmp_path, "cluster")
    command = batch(path, "--ray", cluster.address, "--json-progress")
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    report = tmp_path / "cluster.report.jsonl"
    limit = time.monotonic() + 240
    while not (report.exists() and report.read_text().count("done") >= 4):
        assert time.monotonic() < limit and child.poll() is None, child.communicate()
        time.sleep(0.05)
    worker = next(iter(cluster.worker_nodes))
    cluster.remove_node(worker, allow_graceful=False)
    _, said = child.communicate(timeout=300)
    assert child.returncode == 2 and "Traceback" not in said
    rows = [json.loads(line) for line in report.read_text().splitlines()]
    assert sorted(row["line"] for row in rows if row["state"] == "done") == list(range(2, ROWS + 2))
    (failed,) = [row for row in rows if row["state"] == "failed"]
    assert "missing.wav" in failed["why"]

    alone = manifest(tmp_path, "processes")
    subprocess.run(batch(alone, "--jobs", "2"), cwd=ROOT, check=False, capture_output=True)
    for i in range(ROWS):
        assert (tmp_path / f"cluster/{i}.s2f").read_bytes() == (tmp_path / f"processes/{i}.s2f").read_bytes()

    again = subprocess.run(batch(path, "--ray", cluster.address), cwd=ROOT, capture_output=True, encoding="utf-8")
    assert f"{ROWS} of {ROWS + 1} rows are done already" in again.stdout
    assert len(report.read_text().splitlines()) == len(rows) + 1


def test_where_no_cluster_is_a_sentence_says_so(tmp_path: Path) -> None:
    path = manifest(tmp_path, "nowhere")
    done = subprocess.run(
        batch(path, "--ray", "127.0.0.1:1"), cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60
    )
    assert done.returncode == 2
    assert "no cluster answers" in done.stderr and "Traceback" not in done.stderr
