"""What is asked of the model: requests that the user waits for, and one behind the user's back."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

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


@dataclass
class _Batch:
    """Requests that run one after another and are written together."""

    connection: Connection
    orders: Sequence[Order]
    finish: Finish
    done: list[Job] = field(default_factory=list)
    job: Job = field(init=False)
    waiting_for: str = ""
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.next()

    def next(self) -> None:
        self.job = Job(self.connection, self.orders[len(self.done)], bpy.app.binary_path or "")

    @property
    def running(self) -> Running:
        fraction = (len(self.done) + self.job.fraction) / len(self.orders)
        passed = time.monotonic() - self.began
        left = passed * (1 - fraction) / fraction if fraction > 0.02 and passed > _TELLING else None
        return Running(fraction, self.waiting_for or self.job.doing, left)


class Jobs:
    """Owns what runs. ``failed`` takes sentence and report of what the user waits for in vain."""

    def __init__(self, link: Link, failed: Callable[[str, str], None]) -> None:
        self._link = link
        self._failed = failed
        self._batch: _Batch | None = None
        self._wanted: tuple[Order, Callable[[Job], None]] | None = None
        self._aside: tuple[Job, Callable[[Job], None]] | None = None

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

    def start(self, orders: Sequence[Order], finish: Finish) -> None:
        """Begin ``orders``, which run one after another. ``finish`` is called once, when all of them are done.

        Raises UserError when something is running or the model cannot be reached.
        """
        self.check_free()
        self.stop_aside()
        self._batch = _Batch(self._link.ready(), orders, finish)

    def check_free(self) -> None:
        """Raises UserError when something is running that the user waits for."""
        if self.busy:
            raise UserError("A bake is running; wait for it or cancel it.")

    def aside(self, order: Order, finish: Callable[[Job], None]) -> None:
        """Ask for what nobody waits for, in place of what was asked before; where it fails, nothing is said.

        Nothing happens where no model runs or the user waits for something. ``poll`` begins with it: an operator that
        writes a face asks for this while Blender does not hold Python's lock, see ``window.in_view``.
        """
        self.stop_aside()
        if not self.busy and self._link.alive:
            self._wanted = order, finish

    def stop_aside(self) -> None:
        """Do not wait for what nobody waits for."""
        aside, self._aside, self._wanted = self._aside, None, None
        if aside is not None:
            aside[0].cancel()
            aside[0].join()

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
        if job.phase is not Phase.DONE:
            self._batch = None
            if job.phase is Phase.FAILED:
                self._failed(job.sentence, job.report)
            return True
        if len(batch.done) + 1 < len(batch.orders):
            batch.done.append(job)
            batch.next()
            return True
        batch.waiting_for = window.why_not_now()
        if batch.waiting_for:
            return False
        self._batch = None
        batch.finish([*batch.done, job])
        return True

    def _move_aside_on(self) -> bool:
        connection = self._link.connection
        if self._wanted is not None and connection is not None:
            (order, finish), self._wanted = self._wanted, None
            self._aside = Job(connection, order), finish
        if self._aside is None:
            return True
        job, finish = self._aside
        if not job.poll():
            return False
        self._aside = None
        if job.phase is Phase.DONE:
            finish(job)
        return self.poll()
