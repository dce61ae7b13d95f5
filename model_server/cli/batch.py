"""``s2f batch``: a manifest of many lines of dialogue, in several processes, again and again until all is done."""

import re
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import active_children, get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Annotated

import typer

from s2f_blender_addon.core.errors import UserError

from . import batch_ray, batch_report, batch_work, manifest, stop
from .batch_report import BatchReport
from .complaint import complain
from .manifest import Row
from .option_records import with_records
from .options import Fps
from .progress import JsonProgress, Report, reporting
from .speech import PerformanceOptions, Sampling

_TIDYING = 5.0
"""Seconds that a process gets to take away what it has begun."""

Work = partial[tuple[str, list[str]]]
"""Makes a row, wherever it is called; gives the digest of its output, and notes."""
Ended = tuple[Row, str, list[str], str]
"""A row, the digest of its output, notes, and why it failed."""


@with_records
def batch(
    path: Annotated[Path, typer.Argument(metavar="MANIFEST.csv", help=f"Columns {', '.join(manifest.COLUMNS)}.")],
    jobs: Annotated[
        int | None,
        typer.Option(
            help="Processes, each of which calculates in one thread; with --ray as many as there is room for.",
            show_default="1",
            min=1,
            max=4096,
        ),
    ] = None,
    ray: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS", help="Of a Ray cluster that makes the rows, for example auto.", show_default="none"
        ),
    ] = "",
    shard: Annotated[
        str, typer.Option(metavar="I/N", help="Only the I-th of N parts, as in a job array.", show_default="all")
    ] = "",
    fps: Fps = 60.0,
    *,
    performance: PerformanceOptions,
    sampling: Sampling,
    json_progress: JsonProgress = False,
) -> None:
    """Make a track or a .blend file of every row. What is done already is left alone; a bad row stops nothing.

    Options are for rows whose column of that name is empty.
    """
    part = _part(shard)
    rows, wrong = manifest.read(path, performance, sampling)
    mine, wrong = list(manifest.shard(rows, *part)), wrong if part[0] == 1 else []
    with reporting(json_progress) as report:
        lines = BatchReport(batch_report.place(path, shard))
        try:
            work = partial(batch_work.make, fps=fps)
            on_cards = performance.device == "cuda"
            ended = partial(_on_cluster, ray, on_cards, jobs) if ray else partial(_ended, jobs or 1)
            failed = _all(path, mine, wrong, lines, report, ended, work)
        finally:
            lines.close()
        report.wrote(lines.path)
    if failed:
        count = len(mine) + len(wrong)
        raise UserError(f"{failed} of {count} rows were not made; {lines.path} says why, run it again for them.")


def _part(shard: str) -> tuple[int, int]:
    """(number, count) in ``3/8``. Raises UserError."""
    if not shard:
        return 1, 1
    found = re.fullmatch(r"(\d+)/(\d+)", shard)
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise UserError(f"--shard {shard}: write the part and how many there are, for example 1/8 … 8/8.")
    return int(found[1]), int(found[2])


def _all(
    path: Path, mine: list[Row], wrong: list[tuple[int, str]], lines: BatchReport, report: Report,
    ended: "partial[Iterator[Ended]]", work: Work,
) -> int:  # fmt: skip
    """Make what is not made yet; how many rows failed."""
    failed = 0

    def fail(number: int, why: str, key: str = "") -> None:
        nonlocal failed
        failed += 1
        sentence = " ".join(why.split())
        lines.add(line=number, state="failed", why=sentence, key=key)
        complain(f"{path}, line {number}: {sentence}")

    for number, why in wrong:
        fail(number, why)
    keys, todo = {}, []
    before = batch_report.done_before(path)
    for row in mine:
        try:
            keys[row.number] = row.key(work.keywords["fps"])
        except UserError as error:
            fail(row.number, str(error))
            continue
        if not batch_report.is_done(keys[row.number], row.outs, before):
            todo.append(row)
    there = len(mine) - len(todo) - failed + len(wrong)
    report.note(f"{there} of {len(mine)} rows are done already", done=there, rows=len(mine))
    began = time.monotonic()
    report.progress(0.0, f"0 of {len(todo)} rows")
    for count, (row, digest, notes, why) in enumerate(ended(todo, work), 1):
        if why:
            fail(row.number, why, keys[row.number])
        else:
            lines.add(
                line=row.number, state="done", sound=str(row.sound), out=str(row.out),
                takes=[str(out) for out in row.outs], notes=notes, digest=digest, key=keys[row.number],
            )  # fmt: skip
        left = (time.monotonic() - began) / count * (len(todo) - count)
        report.progress(count / len(todo), f"{count} of {len(todo)} rows, {_clock(left)} left")
    return failed


def _clock(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _on_cluster(address: str, on_cards: bool, most: int | None, todo: list[Row], work: Work) -> Iterator[Ended]:
    """As ``_ended``, by Ray."""
    if not todo:
        return
    for row, outcome in batch_ray.made(todo, address, on_cards, most or len(todo), work):
        yield (row, "", [], _why(outcome)) if isinstance(outcome, Exception) else (row, *outcome, "")


def _ended(jobs: int, todo: list[Row], work: Work) -> Iterator[Ended]:
    """Each row of ``todo`` as it comes to its end."""
    if min(jobs, len(todo)) > 1:
        yield from _in_processes(todo, min(jobs, len(todo)), work)
        return
    for row in todo:
        try:
            yield (row, *work(row), "")
        except Exception as error:  # a bad row stops nothing
            yield row, "", [], _why(error)


def _why(error: Exception) -> str:
    from model_server.adapters.job import failure

    return failure(-1, error).sentence


def _in_processes(todo: list[Row], jobs: int, work: Work) -> Iterator[Ended]:
    """As ``_ended``. A process that dies takes the others along: what was under way is begun again, one at a time, and
    what dies then is to blame.
    """
    batch_work.one_thread_each()
    waiting, suspects = deque(todo), deque[Row]()
    while waiting or suspects:
        alone = bool(suspects)
        lost: list[Row] = []
        most = 1 if alone else jobs
        with _workers(most) as pool:
            yield from _until_broken(pool, most, suspects if alone else waiting, work, lost)
        if not alone:
            suspects.extend(lost)
            continue
        for row in lost:
            yield row, "", [], "The process that made it died; it may need more memory than there is."


@contextmanager
def _workers(count: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that make rows, and end with the block: at once where it is left by Ctrl-C."""
    pool = ProcessPoolExecutor(count, get_context("spawn"), initializer=batch_work.end_on_request)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        _end(active_children())
        raise
    finally:
        pool.shutdown()


def _end(workers: Sequence[BaseProcess]) -> None:
    """Ask them to tidy up, and end what has not within a few seconds."""
    for worker in workers:
        worker.terminate()
    limit = time.monotonic() + _TIDYING
    for worker in workers:
        worker.join(max(limit - time.monotonic(), 0.0))
        worker.kill()


def _until_broken(
    pool: ProcessPoolExecutor, most: int, queue: deque[Row], work: Work, lost: list[Row]
) -> Iterator[Ended]:
    """Rows of ``queue``, ``most`` at a time, until it is empty or ``pool`` breaks; then ``lost`` has what was begun."""
    running: dict[Future[tuple[str, list[str]]], Row] = {}
    while queue or running:
        while queue and not lost and len(running) < most:
            try:
                with stop.unheard():  # the processes that this may start
                    running[pool.submit(work, queue[0])] = queue[0]
            except BrokenProcessPool:
                break
            queue.popleft()
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            row = running.pop(future)
            try:
                yield (row, *future.result(), "")
            except BrokenProcessPool:
                lost.append(row)
            except Exception as error:  # a bad row stops nothing
                yield row, "", [], _why(error)
