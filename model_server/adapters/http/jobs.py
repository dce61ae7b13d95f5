"""Jobs of several clients, one after another on the one engine, and forgotten once they are answered."""

import secrets
import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from model_server.adapters.job import perform
from model_server.cancel import JobCancelled
from model_server.engine import Engine
from s2f_blender_addon.core.messages import Answer, Ask, Cancelled, Failure, Read, Result
from s2f_blender_addon.core.track import FaceTrack


class State(StrEnum):
    """Where a job is in its life; the last three are final."""

    MADE = "made"
    RECEIVING = "receiving"
    QUEUED = "queued"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL = (State.DONE, State.FAILED, State.CANCELLED)


@dataclass(frozen=True)
class Limits:
    """most: jobs that may be known at once. sound: bytes of one recording. patience: seconds that a job without sound,
    or a track that nobody fetches, is kept.
    """

    most: int = 32
    sound: int = 1 << 30
    patience: float = 600.0


@dataclass
class Job:
    """What is asked. ``name`` is what sentences call its recording; ``sound`` is where it lies meanwhile."""

    id: str
    ask: Ask
    name: str
    sound: Path
    state: State = State.MADE
    fraction: float = 0.0
    doing: str = "Waiting for the sound"
    answer: Answer | None = None
    touched: float = field(default_factory=time.monotonic)
    unwanted: bool = False

    @property
    def over(self) -> bool:
        return self.state in FINAL

    @property
    def failure(self) -> Failure | None:
        """Why it failed, if it did."""
        return self.answer if isinstance(self.answer, Failure) else None

    @property
    def track(self) -> FaceTrack | None:
        """What it was made for, where that is a track and is there."""
        return self.answer.track if isinstance(self.answer, Result) else None


class TooManyJobs(Exception):
    """The queue is full."""


class Jobs:
    """A queue and the one thread that works it off. Every method may be called from any thread."""

    def __init__(self, engine: Engine, limits: Limits | None = None) -> None:
        self.engine = engine
        self.limits = limits or Limits()
        self.folder = Path(tempfile.mkdtemp(prefix="s2f-serve-"))
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._changed = threading.Condition()
        self._closing = False
        self._worker = threading.Thread(target=self._work, name="engine", daemon=True)
        self._worker.start()

    def make(self, ask: Ask) -> Job:
        """A job that waits for its sound, or for its turn where it needs none. Raises TooManyJobs."""
        with self._changed:
            self._forget_stale()
            if len(self._jobs) >= self.limits.most or self._closing:
                raise TooManyJobs
            number = secrets.token_hex(8)
            path = self.folder / number
            if isinstance(ask, Read):
                job = Job(number, ask, "", path)
                self._set(job, State.QUEUED, "Waiting for its turn")
            else:
                ours = replace(ask.request, audio=str(path))  # never a path that a client names
                job = Job(number, replace(ask, request=ours), ours.name, path)
            self._jobs[number] = job
            return job

    def get(self, number: str) -> Job | None:
        """The job ``number``, unless it was never made or is forgotten."""
        with self._changed:
            self._forget_stale()
            return self._jobs.get(number)

    def receive(self, job: Job) -> bool:
        """Whether the caller may write the sound of ``job``: only one may, and only once."""
        with self._changed:
            if job.state is not State.MADE:
                return False
            self._set(job, State.RECEIVING, "Receiving the sound")
            return True

    def start(self, job: Job) -> None:
        """Its sound is there: queue it behind the others."""
        with self._changed:
            if job.state is State.RECEIVING:
                self._set(job, State.QUEUED, "Waiting for its turn")

    def cancel(self, job: Job) -> None:
        """End ``job`` and forget it; one that runs stops at its next progress."""
        with self._changed:
            job.unwanted = True
            if not job.over:
                self._set(job, State.CANCELLED, "Cancelled")
            self._forget(job)

    def forget(self, job: Job) -> None:
        """Its track was handed over."""
        with self._changed:
            self._forget(job)

    def ahead(self, job: Job) -> int:
        """How many queued or working jobs come before it."""
        with self._changed:
            busy = [j for j in self._jobs.values() if j.state in (State.QUEUED, State.WORKING)]
            return busy.index(job) if job in busy else 0

    def close(self) -> None:
        """Cancel everything, wait for the worker a moment, and leave no file."""
        with self._changed:
            self._closing = True
            for job in list(self._jobs.values()):
                job.unwanted = True
                if not job.over:
                    self._set(job, State.CANCELLED, "The server is stopping")
            self._changed.notify_all()
        self._worker.join(timeout=5)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _work(self) -> None:
        while (job := self._next()) is not None:
            answer = perform(self.engine, job.ask, None, self._listener(job))
            self.engine.forget()
            job.sound.unlink(missing_ok=True)
            with self._changed:
                if not job.over:  # else it was cancelled while it worked
                    self._answer(job, answer)

    def _next(self) -> Job | None:
        with self._changed:
            while not self._closing:
                for job in self._jobs.values():
                    if job.state is State.QUEUED:
                        self._set(job, State.WORKING, "Starting")
                        return job
                self._changed.wait()
            return None

    def _listener(self, job: Job) -> Callable[[float, str], None]:
        def progress(fraction: float, doing: str) -> None:
            if job.unwanted:
                raise JobCancelled
            job.fraction, job.doing = fraction, doing

        return progress

    def _forget_stale(self) -> None:
        limit = time.monotonic() - self.limits.patience
        for job in list(self._jobs.values()):
            if job.touched < limit and (job.over or job.state in (State.MADE, State.RECEIVING)):
                self._forget(job)

    def _forget(self, job: Job) -> None:
        self._jobs.pop(job.id, None)
        if job.state is not State.WORKING:
            job.sound.unlink(missing_ok=True)

    def _set(self, job: Job, state: State, doing: str) -> None:
        job.state, job.doing, job.touched = state, doing, time.monotonic()
        self._changed.notify_all()

    def _answer(self, job: Job, answer: Answer) -> None:
        if isinstance(answer, Failure):
            sentence, report = (text.replace(str(job.sound), job.name) for text in (answer.sentence, answer.report))
            job.answer = replace(answer, sentence=sentence, report=report)
            self._set(job, State.FAILED, "Failed")
        elif isinstance(answer, Cancelled):
            self._set(job, State.CANCELLED, "Cancelled")
        else:
            job.answer, job.fraction = answer, 1.0
            self._set(job, State.DONE, "Done")
