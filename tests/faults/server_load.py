"""A running ``s2f serve`` under load, in figures: ``python -m tests.faults.server_load [--jobs N] [--arrivals N]``.

Everything goes over HTTP to real model processes. Waits are told as ratios, since machines differ, and the sounds all
differ, so that nothing is answered from memory but where that is what is measured.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from model_server.benchmark.figure import Figure
from model_server.benchmark.memory import resident
from model_server.benchmark.speech import write_speech
from tests.serving import Server

LINE, REEL, SHORT = 10.0, 600.0, 2.5
"""Seconds of sound: a line of dialogue, what is long, and what five hundred of can be done in a while."""
EVERY = 20
"""One job in so many is a reel."""
CLIENTS = 16
SEED = 20261130


class Load:
    """Jobs for ``server``, each timed from its making to its track."""

    def __init__(self, server: Server, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._sounds = 0

    def sound(self, seconds: float) -> bytes:
        """A recording that the server has not heard."""
        self._sounds += 1
        path = self._folder / "sound.wav"
        write_speech(path, seconds, seed=SEED + self._sounds)
        return path.read_bytes()

    def seconds(self, sound: bytes, client: str = "", happy: float = 0.0) -> float:
        """How long ``client`` waits for the face of ``sound``. Raises AssertionError where it gets none."""
        began = time.monotonic()
        number = self._server.job(sound, client=client, emotion={"happy": happy})
        state, status = self._server.end(number)
        assert state == "done", status
        code, track = self._server.ask("GET", f"/v1/jobs/{number}/track?form=s2f")
        assert code == 200 and track
        return time.monotonic() - began

    def alone(self, times: int = 7) -> float:
        """Seconds of a line while nobody else asks: the median."""
        return statistics.median([self.seconds(self.sound(LINE)) for _ in range(times)])

    def closed(
        self, sounds: Sequence[bytes], clients: int, happy: Callable[[int], float] = lambda _: 0.0
    ) -> list[float]:
        """Waits where each of ``clients`` sends its next of ``sounds`` as soon as it has the last one's answer."""
        left = iter(enumerate(sounds))
        taking = threading.Lock()

        def client(name: str) -> list[float]:
            waited = []
            while True:
                with taking:
                    number, sound = next(left, (0, b""))
                if not sound:
                    return waited
                waited.append(self.seconds(sound, name, happy(number)))

        with ThreadPoolExecutor(clients) as pool:
            return [wait for waits in pool.map(client, [f"client {n}" for n in range(clients)]) for wait in waits]

    def arriving(self, sounds: Sequence[bytes], each: float, rng: random.Random) -> list[float]:
        """The wait of each of ``sounds``, which arrive at random, one in ``each`` seconds on average (Poisson)."""
        with ThreadPoolExecutor(len(sounds)) as pool:
            waits = []
            for number, sound in enumerate(sounds):
                waits.append(pool.submit(self.seconds, sound, f"client {number % CLIENTS}"))
                time.sleep(rng.expovariate(1 / each))
            return [wait.result() for wait in waits]


def arrivals(load: Load, count: int) -> Iterator[Figure]:
    """Lines among reels at half of what the server can do."""
    before = load.alone()
    mixed = [load.sound(REEL if n % EVERY == EVERY // 3 else LINE) for n in range(2 * EVERY)]
    began = time.monotonic()
    load.closed(mixed, 6)
    each = 2 * (time.monotonic() - began) / len(mixed)
    print(f"a line alone {before:.2f} s; at half of the capacity a job every {each:.2f} s", flush=True)
    lengths = [REEL if n % EVERY == EVERY // 3 else LINE for n in range(count)]
    waits = load.arriving([load.sound(seconds) for seconds in lengths], each, random.Random(SEED))
    lines = sorted(wait for wait, seconds in zip(waits, lengths, strict=True) if seconds == LINE)
    after = load.alone()
    print(f"a line alone, afterwards {after:.2f} s; lines {_spread(lines)}", flush=True)
    alone = statistics.mean((before, after))
    yield Figure(f"p95 of a line among reels, {len(lines)} lines", lines[int(0.95 * len(lines))] / alone, "× alone", 3)


def crowd(load: Load, server: Server, count: int) -> Iterator[Figure]:
    """Sixteen clients who never stop: each recording another one, then one recording with another slider each."""
    once = [load.sound(SHORT) for _ in range(count)]
    for what, sounds in (("distinct sounds", once), ("one sound", once[:1] * count)):
        with _measured(server) as sizes:
            began = time.monotonic()
            waits = load.closed(sounds, CLIENTS, lambda n: n % 100 / 100)
            took = time.monotonic() - began
        half, last = max(sizes[len(sizes) // 4 : len(sizes) // 2]), max(sizes[len(sizes) // 2 :])
        print(f"{what}: {len(waits)} answered in {took:.0f} s, waits {_spread(sorted(waits))}", flush=True)
        print("MB of the server and its workers: " + " ".join(f"{size:.0f}" for size in _thinned(sizes)), flush=True)
        yield Figure(f"answered, {what}", len(waits) / count, "of all", 1, True)
        yield Figure(f"longest wait of any client, {what}", max(waits) / statistics.mean(waits), "× the mean", 2)
        yield Figure(f"memory of the second half, {what}", last / half, "× the second quarter", 1.05)


def leaving(server: Server) -> Iterator[Figure]:
    """What is there when it was told to stop."""
    workers = list(_children(server.process.pid))
    left = len(server.files())
    server.process.terminate()
    server.process.wait(30)
    time.sleep(0.5)
    yield Figure("recordings left", float(left + len(server.files())), "files", 0)
    yield Figure("orphans", float(sum(os.path.exists(f"/proc/{pid}") for pid in workers)), "processes", 0)


@contextmanager
def _measured(server: Server) -> Iterator[list[float]]:
    """MB of the server with its workers, a few times a second."""
    sizes: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.3):
            sizes.append(sum(resident(pid) for pid in (server.process.pid, *_children(server.process.pid))))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield sizes
    finally:
        over.set()
        looking.join()


def _children(pid: int) -> Iterator[int]:
    """Processes that ``pid`` has started, on Linux."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        yield from map(int, (task / "children").read_text().split())


def _thinned(sizes: Sequence[float]) -> list[float]:
    return list(sizes[:: max(len(sizes) // 20, 1)])


def _spread(waits: Sequence[float]) -> str:
    p50, p95 = waits[len(waits) // 2], waits[int(0.95 * len(waits))]
    return f"mean {statistics.mean(waits):.2f} s, p50 {p50:.2f}, p95 {p95:.2f}, longest {waits[-1]:.2f}"


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.faults.server_load")
    parser.add_argument("--jobs", type=int, default=500, help="of sixteen clients in a closed loop, twice; 0 for none")
    parser.add_argument("--arrivals", type=int, default=200, help="at half of the capacity; 0 for none")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        (place := Path(folder, "server")).mkdir()
        server = Server(place, "--queue", "1000")
        load = Load(server, Path(folder))
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before", flush=True)
        figures = []
        try:
            wanted = [arrivals(load, options.arrivals)] if options.arrivals else []
            wanted += [crowd(load, server, options.jobs)] if options.jobs else []
            for figure in chain(*wanted, leaving(server)):
                figures.append(figure)
                print(f"{figure.name}: {figure.measured}, to be {figure.target}", flush=True)
        finally:
            server.end_it()
    return int(not all(figure.met for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
