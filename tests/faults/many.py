"""Bad input by the ten thousand, each kind counted apart: ``python -m tests.faults.many [--cases N] [--seed N]``."""

import argparse
import contextlib
import os
import sys
import tempfile
import threading
import time
from dataclasses import dataclass

from model_server.benchmark.memory import resident

from .file_kinds import FILE_KINDS
from .http_kinds import HTTP_KINDS
from .kind import Kind, Random
from .numpy_kinds import NUMPY_KINDS
from .pipe_kinds import PIPE_KINDS
from .system_kinds import SYSTEM_KINDS

KINDS: tuple[Kind, ...] = (*PIPE_KINDS, *HTTP_KINDS, *FILE_KINDS, *NUMPY_KINDS, *SYSTEM_KINDS)
CASES = 20_000
SEED = 20261129


class Fault(AssertionError):
    """A case for which something did not hold."""


@dataclass(frozen=True)
class Figures:
    """Of one kind: cases, seconds of all, the slowest one, and MB that the process has grown."""

    cases: int
    seconds: float
    slowest: float
    grown: float


def count_of(kind: Kind, cases: int) -> int:
    """How many of ``cases`` in all are of ``kind``."""
    return -(-cases * kind.share // sum(k.share for k in KINDS))


def run(kind: Kind, count: int, seed: int = SEED) -> Figures:
    """``count`` cases of ``kind``. Raises Fault with the case, which the same seed makes again."""
    rng = Random(f"{seed} {kind.name}")
    before, began, slowest = resident(os.getpid()), time.monotonic(), 0.0
    for number in range(count):
        case = kind.make(rng)
        started = time.monotonic()
        try:
            kind.check(case)
        except BaseException as error:
            raise Fault(f"{kind.name}, seed {seed}, case {number}: {case!r}"[:2000]) from error
        slowest = max(slowest, time.monotonic() - started)
    return Figures(count, time.monotonic() - began, slowest, resident(os.getpid()) - before)


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.faults.many")
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    faults = total = 0
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder
        print(f"{'kind':16} {'cases':>8} {'seconds':>8} {'slowest':>8} {'MB more':>8}")
        for kind in KINDS:
            try:
                figures = run(kind, count_of(kind, options.cases), options.seed)
            except Fault as fault:
                faults += 1
                print(f"{kind.name:16} FAULT {fault} ({fault.__cause__!r})")
                continue
            total += figures.cases
            print(
                f"{kind.name:16} {figures.cases:8} {figures.seconds:8.1f} {figures.slowest:8.3f} {figures.grown:8.1f}",
                flush=True,
            )
        left = os.listdir(folder)
        tempfile.tempdir = None
    threads = [t.name for t in threading.enumerate() if t is not threading.main_thread() and not t.daemon]
    print(f"{total} cases, {faults} kinds with faults, {len(left)} files left, threads left: {threads or 'none'}")
    return int(bool(faults or left))


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
