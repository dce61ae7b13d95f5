"""The heads of the voice model: what they learn from numbers whose meaning is known."""

import numpy as np
import pytest

from model_server.speech.layers import softmax
from model_server.training.emotion.heads import LinearHead, discriminant, ranking, recall, ridge

SPREAD = np.ones(20, np.float32)


def clips(seed: int, count: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Descriptions of 20 numbers, of which two tell three classes apart."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, count)
    x = rng.normal(size=(count, 20)).astype(np.float32)
    x[:, 0] += np.array([0, 3, 0])[kind]
    x[:, 1] += np.array([0, 0, 3])[kind]
    return x, np.eye(3, dtype=np.float32)[kind]


def test_classes_are_told_apart_on_clips_never_taught() -> None:
    x, target = clips(0)
    head = discriminant(x, target, np.ones(len(x), np.float32), SPREAD)
    unknown, truth = clips(1)
    assert recall(truth.argmax(1), head.logits(unknown).argmax(1)) > 0.85


def test_softened_shares_come_true() -> None:
    x, target = clips(0)
    counts = np.ones(len(x), np.float32)
    head = discriminant(x, target, counts, SPREAD).softened(x, target, counts)
    unknown, truth = clips(1)
    shares = softmax(head.logits(unknown))
    sure = shares.max(1)
    right = shares.argmax(1) == truth.argmax(1)
    assert sure.mean() == pytest.approx(right.mean(), abs=0.06)


def test_what_could_not_be_measured_does_not_count() -> None:
    x, target = clips(0)
    x[:50, 7] = np.nan
    head = discriminant(x, target, np.ones(len(x), np.float32), SPREAD)
    assert np.isfinite(head.weight).all() and np.isfinite(head.logits(x)).all()


def test_a_class_that_nobody_showed_is_never_said() -> None:
    x, target = clips(0)
    wider = np.concatenate([target, np.zeros((len(x), 1), np.float32)], 1)
    assert (discriminant(x, wider, np.ones(len(x), np.float32), SPREAD).logits(x).argmax(1) < 3).all()


def test_what_means_nothing_moves_nothing() -> None:
    """Whoever showed the second class was recorded by another microphone, which is heard in the sixth number."""
    x, target = clips(0)
    x[:, 5] += 3 * target[:, 1]
    counts, other = np.ones(len(x), np.float32), np.zeros((2, 20), np.float32)
    other[:, 5] = (-1.5, 1.5)
    unknown, truth = clips(1)
    unknown[:, 5] += 3

    def right(head: LinearHead) -> float:
        return recall(truth.argmax(1), head.logits(unknown).argmax(1))

    misled, told = (right(discriminant(x, target, counts, SPREAD, nothing)) for nothing in ((), [(100.0, other)]))
    assert told > misled + 0.1


def test_favouring_moves_one_class_alone() -> None:
    head = LinearHead(np.ones(2, np.float32), np.zeros((2, 3), np.float32), np.zeros(3, np.float32))
    assert head.favouring(1, 2.0).logits(np.zeros((1, 2), np.float32)).tolist() == [[0.0, 2.0, 0.0]]


def test_effort_is_a_line() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 5)).astype(np.float32)
    weight, bias = ridge(x, 0.5 * x[:, 2] + 0.1, np.ones(500, np.float32), np.ones(5, np.float32))
    assert int(np.abs(weight).argmax()) == 2 and bias == pytest.approx(0.1, abs=0.05)


def test_effort_turns_from_what_means_nothing() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 5)).astype(np.float32)
    hum = np.zeros((1, 5), np.float32)
    hum[0, 2] = 3
    one, counts = np.ones(5, np.float32), np.ones(500, np.float32)
    weight, _ = ridge(x, 0.5 * x[:, 2] + 0.4 * x[:, 1], counts, one, [(1.0, hum)])
    assert int(np.abs(weight).argmax()) == 1


def test_ranking_is_the_area_under_the_curve() -> None:
    low, high = np.array([0.0, 1.0, 2.0]), np.array([1.5, 3.0])
    assert ranking(high, low) == pytest.approx(5 / 6)
