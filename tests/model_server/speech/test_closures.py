"""Closures: when the lips count as shut, and how sharply."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model_server.speech.closures import Rule, bilabial, closures, envelope
from model_server.speech.phones import CLASS_INDEX, CLASSES

RULE = Rule(peak=0.5, edge=0.3, least=0.05, late=0.0, ramp=0.05, early=0.0)


def bump(low: int, high: int, height: float = 1.0) -> np.ndarray:
    probability = np.zeros(100, np.float32)
    probability[low:high] = height
    return probability


def test_a_plateau_is_a_closure_from_edge_to_edge() -> None:
    [(start, end)] = closures(bump(40, 50), 100.0, RULE)
    assert 0.39 < start < 0.40
    assert 0.49 < end < 0.50


def test_a_doubtful_bump_is_none() -> None:
    assert closures(bump(40, 50, 0.45), 100.0, RULE) == []


def test_a_blip_grows_to_what_an_eye_can_see() -> None:
    [(start, end)] = closures(bump(40, 42), 100.0, RULE)
    assert end - start >= 0.05 - 1e-9


def test_two_plateaus_that_grow_into_each_other_are_one() -> None:
    assert len(closures(bump(40, 42) + bump(44, 46), 100.0, RULE)) == 1


@given(arrays(np.float32, st.integers(1, 200), elements=st.floats(0, 1, width=32)))
def test_intervals_are_ordered_apart_and_long_enough(probability: np.ndarray) -> None:
    found = closures(probability, 100.0, RULE)
    assert all(b - a >= RULE.least - 1e-6 for a, b in found)
    assert all(b < c for (_, b), (c, _) in pairwise(found))


def test_a_faint_b_after_silence_is_judged_against_what_else_is_spoken() -> None:
    """Lips are shut in the pause, and b, not a vowel, follows; in mid-speech the same probability is no closure."""
    phones = np.zeros((60, len(CLASSES)), np.float32)
    phones[:20, CLASS_INDEX["sil"]] = 1
    phones[20:30, [CLASS_INDEX[name] for name in ("sil", "b", "dh")]] = 0.55, 0.3, 0.15
    phones[30:50, CLASS_INDEX["i"]] = 1
    phones[50:, [CLASS_INDEX[name] for name in ("v", "b")]] = 0.7, 0.3
    [(start, end)] = closures(bilabial(phones), 100.0, RULE)
    assert 0.15 < start < 0.25 and 0.28 < end < 0.32
    phones[20:30, [CLASS_INDEX[name] for name in ("sil", "b", "dh")]] = 0.9, 0.06, 0.04  # hardly any speech: no guess
    assert closures(bilabial(phones), 100.0, RULE) == []


def test_lips_part_while_the_burst_is_heard_unless_too_little_would_be_left_to_see() -> None:
    times, rule = np.arange(1000) / 1000, replace(RULE, early=0.01)
    for length, last in ((0.1, 0.49), (0.05, 0.45)):
        assert times[envelope([(0.4, 0.4 + length)], times, rule) == 1][-1] == last


def test_the_envelope_is_one_inside_and_gone_a_ramp_away() -> None:
    times = np.arange(100) / 100
    shut = envelope([(0.4, 0.5)], times, RULE)
    assert np.all(shut[40:51] == 1)
    assert shut[34] == shut[56] == 0
    assert 0 < shut[38] < 1


def test_lips_meet_after_the_sound_tells_of_it_and_part_with_it() -> None:
    times = np.arange(1000) / 1000
    shut = times[envelope([(0.4, 0.5)], times, replace(RULE, late=0.02)) == 1]
    assert (shut[0], shut[-1]) == (0.42, 0.5)


@given(st.floats(0.05, 0.3), st.floats(0, 0.2))
def test_lips_that_meet_late_stay_shut_long_enough_to_be_seen(length: float, late: float) -> None:
    times = np.arange(1000) / 1000
    shut = times[envelope([(0.4, 0.4 + length)], times, replace(RULE, late=late)) == 1]
    assert shut[-1] - shut[0] >= RULE.least - 0.002
