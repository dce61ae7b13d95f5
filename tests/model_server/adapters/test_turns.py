"""Whose turn it is on a server that several people use."""

import random
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from model_server.adapters.http.length import length_of
from model_server.adapters.http.turns import LONG_ENOUGH, QueueTurn, in_order, next_turn
from model_server.sample import SAMPLE

LINE, REEL = 10.0, 600.0
NUMBERS = count()


def turn(client: str = "ann", sound: float = LINE, since: float = 0.0) -> QueueTurn:
    return QueueTurn(str(next(NUMBERS)), client, sound, since)


def test_a_line_comes_before_a_reel_that_was_there_first() -> None:
    reel, line = turn("ann", REEL, 0.0), turn("bob", LINE, 1.0)
    assert in_order([reel, line], [], {}, 2.0) == [line, reel]


def test_a_reel_that_has_waited_long_enough_is_overtaken_no_more() -> None:
    reel, line = turn("ann", REEL, 0.0), turn("bob", LINE, 1.0)
    assert in_order([reel, line], [], {}, LONG_ENOUGH + 1) == [reel, line]


def test_clients_take_turns() -> None:
    many = [turn("ann", since=n) for n in range(5)]
    one = turn("bob", since=10.0)
    assert in_order([*many, one], [], {"ann": 1.0}, 11.0)[:2] == [one, many[0]]
    assert in_order([*many, one], [many[0]], {}, 11.0)[0] == one


def test_the_last_worker_takes_no_reel() -> None:
    reels, line = [turn(sound=REEL) for _ in range(3)], turn()
    assert next_turn(reels, [], 2) == reels[0]
    assert next_turn(reels[1:], reels[:1], 2) is None
    assert next_turn([*reels[1:], line], reels[:1], 2) == line
    assert next_turn(reels, [], 1) == reels[0]  # where there is but one, everything is its work


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from([LINE, REEL]), st.floats(0, 50)), max_size=40))
def test_everybody_comes_and_nobody_twice(jobs: list[tuple[str, float, float]]) -> None:
    queued = [turn(*job) for job in jobs]
    ordered = in_order(queued, [], {}, 50.0)
    assert sorted(t.id for t in ordered) == sorted(t.id for t in queued)
    for client in "abcd":
        own = [t.since for t in ordered if t.client == client and not t.is_long]
        assert own == sorted(own)


def waits(workers: int, arrivals: list[tuple[float, QueueTurn, float]]) -> dict[str, float]:
    """Seconds from arrival to end of each job, on workers that need as long as they are told; a discrete simulation."""
    free_at, queued, running = [0.0] * workers, [], {}
    served: dict[str, float] = {}
    done: dict[str, float] = {}
    took = {t.id: seconds for _, t, seconds in arrivals}
    events = sorted({at for at, _, _ in arrivals})
    coming = sorted(arrivals, key=lambda a: a[0])
    now = 0.0
    while coming or queued or running:
        while coming and coming[0][0] <= now:
            queued.append(coming.pop(0)[1])
        for number in [n for n, t in running.items() if free_at[n] <= now]:
            finished = running.pop(number)
            done[finished.id] = now - finished.since
        for number in range(workers):
            if number not in running:
                busy = list(running.values())
                chosen = next_turn(in_order(queued, busy, served, now), busy, workers)
                if chosen is not None:
                    queued.remove(chosen)
                    running[number], free_at[number] = chosen, now + took[chosen.id]
                    served[chosen.client] = now
        later = [free_at[n] for n in running] + ([coming[0][0]] if coming else [])
        now = min((at for at in later if at > now), default=now)
    assert len(events) <= len(arrivals) == len(done)
    return done


def test_at_half_the_capacity_lines_do_not_wait_for_reels() -> None:
    """One job in twenty is ten minutes long. p95 of a line stays within three times its time alone."""
    rng = random.Random(0)
    line, reel, workers, at = 0.6, 20.0, 2, 0.0
    mean = 0.95 * line + 0.05 * reel
    arrivals = []
    for number in range(2000):
        at += rng.expovariate(0.5 * workers / mean)
        long = number % 20 == 7
        arrivals.append((at, turn(f"c{number % 16}", REEL if long else LINE, at), reel if long else line))
    done = waits(workers, arrivals)
    lines = sorted(done[t.id] for _, t, _ in arrivals if not t.is_long)
    assert lines[int(0.95 * len(lines))] <= 3 * line


def test_the_length_of_a_recording_is_read_from_its_head(tmp_path) -> None:  # type: ignore[no-untyped-def]
    import numpy as np
    import soundfile

    samples, rate = soundfile.read(SAMPLE, dtype="float32")
    for suffix in ("wav", "flac"):
        path = tmp_path / f"long.{suffix}"
        soundfile.write(path, np.resize(samples, 70 * rate), rate)
        assert abs(length_of(path) - 70) < 0.01
    (tmp_path / "x").write_bytes(b"fLaC")
    (tmp_path / "y").write_bytes(b"RIFF" + b"\xff" * 100)
    assert length_of(tmp_path / "x") < 1 and length_of(tmp_path / "y") == length_of(tmp_path / "none") == 0.0
