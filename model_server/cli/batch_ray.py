"""Rows of a batch on a Ray cluster: an actor per core or card, which keeps its engine from row to row.

Every machine has this version of the program, and sees manifest, sounds and outputs under the same paths. Each actor
has one row at a time, so that nothing piles up anywhere; a row whose actor is lost goes to another.
"""

import logging
import os
import socket
from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import Any

from model_server import VERSION
from s2f_blender_addon.core.errors import UserError

from .manifest import Row

Work = partial[tuple[str, list[str]]]
Made = tuple[Row, tuple[str, list[str]] | Exception]
"""A row, and the digest of its output and notes, or why it failed."""

TRIES = 3
"""Actors that a row may lose before it is to blame."""

PATIENCE = 120.0
"""Seconds until a cluster that starts no actor at all counts as full."""


def made(todo: list[Row], address: str, on_cards: bool, most: int, work: Work) -> Iterator[Made]:
    """Each row of ``todo`` as it comes to its end, on at most ``most`` actors of the cluster at ``address``.

    ``on_cards``: an actor takes a card, not only a core. Raises UserError where there is no such cluster.
    """
    try:
        import ray
    except ImportError as error:
        raise UserError("--ray needs Ray; install it with: pip install speech2face-blender[ray].") from error
    try:
        _knock(address)
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, ValueError, RuntimeError) as error:  # ConnectionError and TimeoutError are OSErrors
        raise UserError(f"--ray {address}: no cluster answers there; start one with: ray start --head.") from error
    try:
        yield from _Pool(ray, on_cards, work).run(todo, most)
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Raises OSError where nobody listens: Ray itself would wait for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()


class _RowMaker:
    """The actor."""

    def __init__(self, folder: str, version: str) -> None:
        if version != VERSION:
            raise UserError(f"A machine of the cluster has version {VERSION}, this one {version}; install the same.")
        os.chdir(folder)

    def ready(self) -> None:
        """Called first, to know when it has begun."""

    def make(self, work: Work, row: Row) -> tuple[str, list[str]]:
        return work(row)


class _Pool:
    def __init__(self, ray: Any, on_cards: bool, work: Work) -> None:
        self._ray = ray
        self._unit = "GPU" if on_cards else "CPU"
        self._work = ray.put(work)
        self._class = ray.remote(_RowMaker).options(num_cpus=1, num_gpus=1 if on_cards else 0)
        self._starting: dict[Any, Any] = {}
        self._idle: list[Any] = []
        self._running: dict[Any, tuple[Any, Row]] = {}

    def run(self, todo: list[Row], most: int) -> Iterator[Made]:
        """See ``made``."""
        queue, lost = deque(todo), dict.fromkeys((row.number for row in todo), 0)
        while queue or self._running:
            self._fill(min(most, len(queue) + len(self._running)))
            while queue and self._idle:
                actor, row = self._idle.pop(), queue.popleft()
                self._running[actor.make.remote(self._work, row)] = actor, row
            for row, outcome in self._ended():
                if outcome is not None:
                    yield row, outcome
                elif lost[row.number] + 1 < TRIES:
                    lost[row.number] += 1
                    queue.appendleft(row)
                else:
                    why = "The processes that made it died; it may need more memory than there is."
                    yield row, UserError(why)

    def _fill(self, most: int) -> None:
        """Have as many actors as the cluster has room for, and no more than ``most``."""
        room = int(self._ray.cluster_resources().get(self._unit, 0))
        there = len(self._starting) + len(self._idle) + len(self._running)
        for _ in range(min(most, room) - there):
            actor = self._class.remote(os.getcwd(), VERSION)
            self._starting[actor.ready.remote()] = actor

    def _ended(self) -> Iterator[tuple[Row, tuple[str, list[str]] | Exception | None]]:
        """What has come to an end, waited for; None for a row whose actor was lost."""
        waiting = [*self._running, *self._starting]
        patience = None if self._running else PATIENCE
        ended, _ = self._ray.wait(waiting, num_returns=1, timeout=patience) if waiting else ([], [])
        if not ended:
            raise UserError(f"The cluster has no {self._unit} to spare; add machines, or wait until some are free.")
        for ref in ended:
            if ref in self._starting:
                self._begun(ref)
                continue
            actor, row = self._running.pop(ref)
            try:
                outcome = self._ray.get(ref)
            except self._ray.exceptions.RayTaskError as error:  # what the work raised
                outcome = error.cause
            except (self._ray.exceptions.RayError, OSError):
                yield row, None
                continue
            self._idle.append(actor)
            yield row, outcome

    def _begun(self, ref: Any) -> None:
        actor = self._starting.pop(ref)
        try:
            self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            cause = getattr(error, "cause", None) or error.__cause__
            if "UserError" in str(error):
                raise UserError(str(cause or error).strip().splitlines()[-1]) from error
            return  # its machine is gone; another is started where there is room
        self._idle.append(actor)
