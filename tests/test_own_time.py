"""The clock by which tests judge how long something takes on a machine that others use, too."""

import time

from .own_time import own_seconds


def test_it_counts_sleep_and_work_as_they_are() -> None:
    began, worked = own_seconds(), time.thread_time()
    time.sleep(0.2)
    sum(range(1_000_000))
    taken = own_seconds() - began
    assert taken > 0.19 + (time.thread_time() - worked) * 0.9
