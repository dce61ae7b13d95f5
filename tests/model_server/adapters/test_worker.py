"""The server's own model processes: replaced when they die, not confused by numbers, quick the second time."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from model_server.adapters.http import worker as module
from model_server.adapters.http.job import JobState
from model_server.adapters.http.jobs import JobLimits, JobQueue, Stopping, TooManyJobs
from model_server.adapters.http.worker import Worker
from model_server.cancel import JobCancelled
from model_server.sample import SAMPLE
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.messages import Cancelled, Failure, Infer, Read, Result
from s2f_blender_addon.core.request import Request

OPTIONS = ("--backend", "numpy", "--longest", "100")


def silent(fraction: float, doing: str) -> None:
    """No word."""


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    one = Worker(OPTIONS)
    one.start()
    yield one
    one.kill()


def infer(sound: Path = SAMPLE, happy: float = 0.5) -> Infer:
    return Infer(0, Request(str(sound), {"happy": happy}, 3))


@pytest.fixture(scope="module")
def reel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    samples, rate = soundfile.read(SAMPLE, dtype="float32")
    path = tmp_path_factory.mktemp("reel") / "reel.wav"
    soundfile.write(path, np.resize(samples, 90 * rate), rate)
    return path


def test_a_job_after_a_cancelled_one_of_the_same_number_gets_its_own_answer(worker: Worker, reel: Path) -> None:
    """Every client numbers its jobs from the same number on."""

    def unwanted(fraction: float, doing: str) -> None:
        if fraction > 0.1:
            raise JobCancelled

    assert isinstance(worker.perform(infer(reel), unwanted), Cancelled)
    answer = worker.perform(infer(Path("/none.wav")), silent)
    assert isinstance(answer, Failure) and "/none.wav" in answer.sentence and answer.id == 0
    assert isinstance(worker.perform(infer(), silent), Result)


def test_a_slider_over_the_same_sound_does_not_cost_the_inference_anew(worker: Worker) -> None:
    took = []
    for happy in (0.1, 0.9):
        began = time.monotonic()
        answer = worker.perform(Infer(0, Request(str(SAMPLE), {"happy": happy}, 7, 24.0)), silent)
        took.append(time.monotonic() - began)
        assert isinstance(answer, Result)
    assert took[1] < took[0] / 2


def test_a_recording_that_is_too_long_is_refused_while_it_is_read(worker: Worker, tmp_path: Path) -> None:
    """A small file of silence that would be hours of sound."""
    bomb = tmp_path / "bomb.flac"
    with soundfile.SoundFile(bomb, "w", 16000, 1, format="FLAC") as out:
        for _ in range(60):
            out.write(np.zeros(16000 * 60, np.float32))
    assert bomb.stat().st_size < 3 << 20
    began = time.monotonic()
    answer = worker.perform(infer(bomb), silent)
    assert isinstance(answer, Failure) and "is longer than" in answer.sentence
    assert time.monotonic() - began < 20


@pytest.mark.skipif(sys.platform == "win32", reason="Windows stops no processes")
def test_a_process_that_was_stopped_is_noticed_and_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Worker(OPTIONS)
    pid = one.start().pid
    monkeypatch.setattr(module, "PATIENCE", 1.0)
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(module.Died, match="said nothing for 1 s"):
        one.perform(infer(), silent)
    assert not one.alive
    monkeypatch.setattr(module, "PATIENCE", 120.0)
    assert one.start().pid != pid
    assert isinstance(one.perform(Read(5, 30.0, np.zeros((3, 52), np.float32)), silent), module.said.Reads)
    one.kill()


def test_a_model_that_is_none_is_one_sentence() -> None:
    jobs = JobQueue(["--model", "/none.safetensors"], 1)
    with pytest.raises(UserError, match="/none.safetensors"):
        jobs.start()
    jobs.close()


def face(count: int = 3) -> Read:
    return Read(1, 30.0, np.zeros((count, 52), np.float32))


def ended(jobs: JobQueue, number: str) -> JobState:
    end = time.monotonic() + 120
    while (job := jobs.get(number)) is not None and not job.over:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert job is not None
    return job.state


@pytest.fixture
def jobs() -> Iterator[JobQueue]:
    one = JobQueue(OPTIONS, 2)
    one.start()
    yield one
    one.close()


def test_a_process_that_dies_under_a_job_is_replaced_and_the_job_is_done(jobs: JobQueue, reel: Path) -> None:
    job = jobs.make(infer())
    assert jobs.receive(job) and job.sound is not None
    job.sound.write_bytes(reel.read_bytes())
    jobs.start_job(job, "digest")
    while job.fraction < 0.15:
        assert not job.over
        time.sleep(0.005)
    for one in list(jobs._workers):
        if one._child is not None:
            one._child.kill()
    assert ended(jobs, job.id) is JobState.DONE
    assert isinstance(job.answer, Result) and not job.sound.exists()


def test_sixteen_clients_in_a_closed_loop_are_all_answered_and_none_waits_twice_as_long(jobs: JobQueue) -> None:
    waited: dict[str, list[float]] = {f"client {n}": [] for n in range(16)}

    def client(name: str) -> None:
        for _ in range(20):
            began = time.monotonic()
            job = jobs.make(face(), name)
            assert ended(jobs, job.id) is JobState.DONE
            jobs.forget(job)
            waited[name].append(time.monotonic() - began)

    threads = [threading.Thread(target=client, args=(name,)) for name in waited]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    means = [sum(times) / len(times) for times in waited.values()]
    assert [len(times) for times in waited.values()] == [20] * 16
    assert max(means) <= 2 * sum(means) / len(means)


def test_jobs_without_sound_lock_nobody_out() -> None:
    jobs = JobQueue((), 1, JobLimits(most=3, spare=0.1))
    for _ in range(3):
        jobs.make(infer())
    with pytest.raises(TooManyJobs):
        jobs.make(infer())
    time.sleep(0.15)
    assert jobs.make(infer()).state is JobState.MADE
    jobs.end_all()
    with pytest.raises(Stopping):
        jobs.make(infer())
    assert all(job.state is JobState.CANCELLED for job in jobs._jobs.values())


def test_every_process_is_there_before_a_job_waits_for_it() -> None:
    """Under load, the first job of a process that starts would wait as long as ten others."""
    jobs = JobQueue(OPTIONS, 2)
    try:
        jobs.start()
        end = time.monotonic() + 120
        while not all(one.alive for one in jobs._workers):
            assert time.monotonic() < end
            time.sleep(0.05)
    finally:
        jobs.close()
    assert not any(one.alive for one in jobs._workers)
