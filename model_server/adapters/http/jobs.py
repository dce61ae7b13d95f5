"""Jobs of several clients, worked off by several model processes, and forgotten once they are answered."""

import contextlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from model_server.adapters.http.job import JobState, ServedJob
from model_server.adapters.http.length import length_of
from model_server.adapters.http.turns import QueueTurn, in_order, next_turn
from model_server.adapters.http.worker import Died, Worker
from model_server.adapters.job import failure
from model_server.cancel import JobCancelled
from s2f_blender_addon.core import patient
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.messages import Answer, Ask, Cancelled, Failure, Hello, Soundless
from s2f_blender_addon.core.private_folder import private_folder

STOPPING = "The server is stopping"


@dataclass(frozen=True)
class JobLimits:
    """most: jobs that may wait or run at once, and as many that are done. sound: bytes of one recording. patience:
    seconds that an answer which nobody fetches is kept. idle: seconds that a job may be without its sound; spare: after
    which such a job makes room where the queue is full.
    """

    most: int = 32
    sound: int = 1 << 30
    patience: float = 600.0
    idle: float = 60.0
    spare: float = 20.0


class TooManyJobs(Exception):
    """The queue is full."""


class Stopping(Exception):
    """No job is taken any more."""


class JobQueue:
    """A queue, and a thread for each of ``count`` workers. Every method may be called from any thread.

    ``options`` are those of ``adapters.stdio``, in which the workers run.
    """

    def __init__(self, options: Sequence[str] = (), count: int = 2, limits: JobLimits | None = None) -> None:
        self.limits = limits or JobLimits()
        self._workers = [Worker(options) for _ in range(count)]
        self._jobs: OrderedDict[str, ServedJob] = OrderedDict()
        self._running: dict[int, ServedJob] = {}
        self._heard: dict[int, str] = {}  # which recording a worker has heard last, and so still knows
        self._served: dict[str, float] = {}
        self._changed = threading.Condition()
        self._closing = False
        self._threads = [
            threading.Thread(target=self._work, args=(number,), name=f"worker {number}", daemon=True)
            for number in range(count)
        ]

    def start(self) -> Hello:
        """Start the workers and say what the first of them is. Raises UserError where it cannot serve."""
        try:
            hello = self._workers[0].start()
        except Died as error:
            raise UserError(f"The model process does not start: {str(error).splitlines()[-1]}.") from error
        for thread in self._threads:
            thread.start()
        return hello

    def make(self, ask: Ask, client: str = "", notes: tuple[str, ...] = ()) -> ServedJob:
        """A job that waits for its sound, or for its turn where it needs none. Raises TooManyJobs, Stopping."""
        with self._changed:
            if self._closing:
                raise Stopping
            self._make_room()
            number = secrets.token_hex(8)
            job = ServedJob(number, ask, "" if isinstance(ask, Soundless) else ask.request.title, client, notes)
            if isinstance(ask, Soundless):
                self._set(job, JobState.QUEUED, "Waiting for its turn")
            self._jobs[number] = job
            return job

    def get(self, number: str) -> ServedJob | None:
        """The job ``number``, unless it was never made or is forgotten."""
        with self._changed:
            self._forget_stale()
            return self._jobs.get(number)

    def receive(self, job: ServedJob) -> bool:
        """Whether the caller may write the sound of ``job`` to ``job.sound``: only one may, and only once.

        Raises OSError, UserError where there is no place for it.
        """
        with self._changed:
            if job.state is not JobState.MADE or isinstance(job.ask, Soundless):
                return False
            folder = private_folder() / "sounds"
            folder.mkdir(exist_ok=True)
            job.sound = folder / job.id
            ours = replace(job.ask.request, audio=str(job.sound))  # never a path that a client names
            job.ask = replace(job.ask, request=ours)
            self._set(job, JobState.RECEIVING, "Receiving the sound")
            return True

    def start_job(self, job: ServedJob, content: str) -> None:
        """Its sound is there, with the digest ``content``: it waits for its turn."""
        assert job.sound is not None and not isinstance(job.ask, Soundless)
        seconds = length_of(job.sound)
        end = min(job.ask.request.end or seconds, seconds)
        with self._changed:
            if job.state is JobState.RECEIVING:
                job.content, job.seconds = content, max(end - job.ask.request.start, 0.0)
                self._set(job, JobState.QUEUED, "Waiting for its turn")

    def cancel(self, job: ServedJob) -> None:
        """End ``job`` and forget it; one that runs stops soon."""
        with self._changed:
            job.unwanted = True
            if not job.over:
                self._set(job, JobState.CANCELLED, "Cancelled")
            self._forget(job)

    def forget(self, job: ServedJob) -> None:
        """Its answer was handed over."""
        with self._changed:
            self._forget(job)

    def ahead(self, job: ServedJob) -> int:
        """How many jobs have to end before it begins."""
        with self._changed:
            if job.state is not JobState.QUEUED:
                return 0
            place = [turn.id for turn in self._in_order()].index(job.id)
            return max(place + len(self._running) - len(self._workers) + 1, 0)

    def end_all(self) -> None:
        """Cancel everything and tell whoever follows it that the server is stopping; no new job is taken."""
        with self._changed:
            self._closing = True
            for job in list(self._jobs.values()):
                job.unwanted = True
                if not job.over:
                    self._set(job, JobState.CANCELLED, STOPPING)
            self._changed.notify_all()

    def close(self) -> None:
        """Cancel everything, end the workers, and leave no file."""
        self.end_all()
        for worker in self._workers:
            worker.kill()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=5)
        with self._changed:
            for job in list(self._jobs.values()):
                self._forget(job)

    def _work(self, number: int) -> None:
        """The thread of one worker, which is started before anybody waits for it: at first, and where it died."""
        self._wake(number)
        while (job := self._next(number)) is not None:
            try:
                answer = self._answer_of(number, job)
            except Exception as error:  # whatever it is, the job gets a sentence and the worker goes on
                answer = failure(job.ask.id, error)
            with self._changed:
                del self._running[number]
                _unlink(job)
                if not job.over:  # else it was cancelled while it worked
                    self._answer(job, answer)
                self._changed.notify_all()
            self._wake(number)

    def _wake(self, number: int) -> None:
        worker = self._workers[number]
        if not worker.alive and not self._closing:
            with contextlib.suppress(Died, UserError):  # then its next job gets the sentence
                worker.start()
        if self._closing:  # meanwhile
            worker.kill()

    def _answer_of(self, number: int, job: ServedJob) -> Answer:
        """From the worker; a job whose process died under it gets a second one."""
        worker = self._workers[number]
        for last in (False, True):
            try:
                if not worker.alive:
                    worker.start()
                return worker.perform(job.ask, self._listener(job))
            except Died as death:
                if job.unwanted:
                    return Cancelled(job.ask.id)
                if last:
                    sentence = f"The server's model process died twice over {job.name}; try another recording."
                    return Failure(job.ask.id, sentence, str(death))
        raise AssertionError

    def _next(self, number: int) -> ServedJob | None:
        """The job for worker ``number``, waiting for it; None at the end."""
        with self._changed:
            while not self._closing:
                running = [job.turn for job in self._running.values()]
                turn = next_turn(self._in_order(), running, len(self._workers))
                if turn is not None and self._is_for(number, self._jobs[turn.id]):
                    job = self._jobs[turn.id]
                    self._running[number], self._heard[number] = job, job.content
                    self._served[job.client] = time.monotonic()
                    self._set(job, JobState.WORKING, "Starting")
                    self._changed.notify_all()  # the next one may be another worker's
                    return job
                self._changed.wait(timeout=1.0)
            return None

    def _is_for(self, number: int, job: ServedJob) -> bool:
        """Whether no other worker that is free knows the recording already."""
        if not job.content or self._heard.get(number) == job.content:
            return True
        return not any(
            heard == job.content and other not in self._running and self._workers[other].alive
            for other, heard in self._heard.items()
        )

    def _in_order(self) -> list[QueueTurn]:
        queued = [job.turn for job in self._jobs.values() if job.state is JobState.QUEUED]
        return in_order(queued, [job.turn for job in self._running.values()], self._served, time.monotonic())

    def _listener(self, job: ServedJob) -> Callable[[float, str], None]:
        def progress(fraction: float, doing: str) -> None:
            if job.unwanted:
                raise JobCancelled
            job.fraction, job.doing = fraction, doing

        return progress

    def _make_room(self) -> None:
        """Raises TooManyJobs where there is none."""
        self._forget_stale()
        if sum(not job.over for job in self._jobs.values()) >= self.limits.most:
            idle = [job for job in self._jobs.values() if job.state is JobState.MADE]
            if not idle or time.monotonic() - idle[0].touched < self.limits.spare:
                raise TooManyJobs
            self._forget(idle[0])
        done = [job for job in self._jobs.values() if job.over]
        for job in done[: max(len(done) - self.limits.most, 0)]:
            self._forget(job)
        if len(self._served) > 10_000:
            self._served.clear()

    def _forget_stale(self) -> None:
        now = time.monotonic()
        for job in list(self._jobs.values()):
            kept = self.limits.patience if job.over else self.limits.idle
            if now - job.touched > kept and (job.over or job.state in (JobState.MADE, JobState.RECEIVING)):
                job.unwanted = True
                self._forget(job)

    def _forget(self, job: ServedJob) -> None:
        self._jobs.pop(job.id, None)
        _unlink(job)

    def _set(self, job: ServedJob, state: JobState, doing: str) -> None:
        job.state, job.doing, job.touched = state, doing, time.monotonic()
        self._changed.notify_all()

    def _answer(self, job: ServedJob, answer: Answer) -> None:
        if isinstance(answer, Failure):
            path = str(job.sound) if job.sound is not None else ""
            texts = (answer.sentence, answer.report)
            sentence, report = (text.replace(path, job.name) if path else text for text in texts)
            job.answer = replace(answer, sentence=sentence, report=report)
            self._set(job, JobState.FAILED, "Failed")
        elif isinstance(answer, Cancelled):
            self._set(job, JobState.CANCELLED, "Cancelled")
        else:
            job.answer, job.fraction = answer, 1.0
            self._set(job, JobState.DONE, "Done")


def _unlink(job: ServedJob) -> None:
    """Delete its recording, if it is there; Windows may refuse while a worker reads it, which deletes it in the end."""
    if job.sound is not None:
        patient.delete(job.sound)
