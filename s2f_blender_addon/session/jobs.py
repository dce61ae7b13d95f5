"""What is asked of the model: requests that the user waits for, and one behind the user's back."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import bpy

from .. import window
from ..core.errors import UserError
from ..process.connection import Connection
from ..process.job import Job, Order, Phase
from .link import Link

Finish = Callable[[Sequence[Job]], None]
"""Takes the finished jobs, in the order of their requests, on the main thread, when something may be written."""

_TELLING = 1.0
"""Seconds of work before anything is said of the time that is left."""


@dataclass(frozen=True)
class Running:
    """How far the work has come that the user waits for. left: seconds, None while nobody can tell."""

    fraction: float
    doing: str
    left: float | None


class _Batch:
    """Requests that run one after another and are written together; ``ahead`` runs already and goes before them.

    ``apart``: one that fails leaves the others alone.
    """

    def __init__(
        self, connection: Connection, orders: Sequence[Order], finish: Finish, ahead: Job | None, apart: bool
    ) -> None:
        self.waiting_for = ""
        self.apart = apart
        self._connection = connection
        self._to_do = list(orders)
        self._finish = finish
        self._done: list[Job] = []
        self._ahead = ahead
        self.job = ahead or self._next()
        self._began, self._at_first = time.monotonic(), self._fraction
        self._told: tuple[float, float | None] = self._at_first, None

    def _next(self) -> Job:
        return Job(self._connection, self._to_do.pop(0), bpy.app.binary_path or "")

    @property
    def _fraction(self) -> float:
        over = len(self._done) + (self._ahead is not None and self.job is not self._ahead)
        return (over + self.job.fraction) / (over + 1 + len(self._to_do))

    @property
    def running(self) -> Running:
        """How far all of them together have come."""
        fraction = self._fraction
        if fraction != self._told[0]:  # else panel and status bar, drawn one after the other, would tell two times
            passed, come = time.monotonic() - self._began, fraction - self._at_first
            self._told = fraction, passed * (1 - fraction) / come if come > 0.02 and passed > _TELLING else None
        return Running(fraction, self.waiting_for or self.job.doing, self._told[1])

    @property
    def more(self) -> bool:
        """Whether another job follows the one that runs."""
        return bool(self._to_do)

    def go_on(self, connection: Connection) -> None:
        """After a job is over, where more follow: begin the next one."""
        if self.job is not self._ahead:
            self._done.append(self.job)
        self._connection = connection
        self.job = self._next()

    def hand_over(self) -> None:
        self._finish([*self._done, self.job])


@dataclass
class _Aside:
    """What nobody waits for; without a ``job`` until the next ``poll``."""

    order: Order
    finish: Callable[[Job], None]
    topic: str
    job: Job | None = None


class Jobs:
    """Owns what runs. ``failed`` takes sentence and report of what the user waits for in vain."""

    def __init__(self, link: Link, failed: Callable[[str, str], None]) -> None:
        self._link = link
        self._failed = failed
        self._batch: _Batch | None = None
        self._wanted: _Aside | None = None
        self._aside: _Aside | None = None

    @property
    def busy(self) -> bool:
        """Whether the user waits for something."""
        return self._batch is not None

    @property
    def running(self) -> Running | None:
        """How far that has come."""
        return self._batch.running if self._batch is not None else None

    @property
    def job(self) -> Job | None:
        """The request that the user waits for right now."""
        return self._batch.job if self._batch is not None else None

    def why_busy(self) -> str:
        """Why nothing else can be begun; empty when it can."""
        return "A bake is running" if self.busy else ""

    def start(self, orders: Sequence[Order], finish: Finish, topic: str = "", apart: bool = False) -> None:
        """Begin ``orders``, which run one after another. ``finish`` is called once, when all of them are done; where
        they stand ``apart``, also with those that have failed.

        What runs aside gives way, but goes before them where it is about the same ``topic``.
        Raises UserError when something is running or the model cannot be reached.
        """
        self.check_free()
        connection, aside, ahead = self._link.ready(), self._aside, None
        if topic and aside is not None and aside.topic == topic and aside.job is not None:
            ahead, self._aside = (aside.job, None) if aside.job.process is connection else (None, aside)
        self.stop_aside()
        self._batch = _Batch(connection, orders, finish, ahead, apart)

    def check_free(self) -> None:
        """Raises UserError when something is running that the user waits for."""
        if self.busy:
            raise UserError("A bake is running; wait for it or cancel it.")

    def aside(self, order: Order, finish: Callable[[Job], None], topic: str = "") -> None:
        """Ask for what nobody waits for, in place of what was asked before; where it fails, nothing is said.

        Nothing happens where no model runs or the user waits for something. ``poll`` begins with it: an operator that
        writes a face asks for this while Blender does not hold Python's lock, see ``window.in_view``.
        """
        self.stop_aside()
        if not self.busy and self._link.alive:
            self._wanted = _Aside(order, finish, topic)

    def stop_aside(self) -> None:
        """Do not wait for what nobody waits for."""
        aside, self._aside, self._wanted = self._aside, None, None
        if aside is not None and aside.job is not None:
            aside.job.cancel()
            aside.job.join()

    def cancel(self) -> None:
        """End everything that runs; nothing is written."""
        self.stop_aside()
        if self._batch is not None:
            self._batch.job.cancel()
            self._batch = None

    def poll(self) -> bool:
        """Move on what runs; True when nothing does."""
        while self._batch is not None:
            if not self._move_on(self._batch):
                return False
        return self._move_aside_on()

    def _move_on(self, batch: _Batch) -> bool:
        """False while the job of ``batch`` has to be waited for."""
        job = batch.job
        if not job.poll():
            return False
        if job.phase is not Phase.DONE and not (batch.apart and job.phase is Phase.FAILED):
            return self._give_up(job.sentence, job.report)
        if batch.more:
            if job.process.hello is None:  # it never answered, so the others would wait for it in vain
                return self._give_up(job.sentence, job.report)
            try:
                batch.go_on(job.process if job.process.alive else self._link.ready())
            except UserError as error:
                return self._give_up(str(error), job.report)
            return True
        batch.waiting_for = window.why_not_now()
        if batch.waiting_for:
            return False
        self._batch = None
        batch.hand_over()
        return True

    def _give_up(self, sentence: str, report: str) -> bool:
        """Nothing is written; without a ``sentence`` because it was cancelled. Always True."""
        self._batch = None
        if sentence:
            self._failed(sentence, report)
        return True

    def _move_aside_on(self) -> bool:
        connection = self._link.connection
        if self._wanted is not None and connection is not None:
            self._aside, self._wanted = self._wanted, None
            self._aside.job = Job(connection, self._aside.order, bpy.app.binary_path or "")
        aside = self._aside
        if aside is None or aside.job is None:
            return True
        if not aside.job.poll():
            return False
        self._aside = None
        if aside.job.phase is Phase.DONE:
            aside.finish(aside.job)
        return self.poll()
