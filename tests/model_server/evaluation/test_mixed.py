"""Sentences joined at several levels: what is counted is what the mouth does, and a mute mouth does nothing."""

import numpy as np

from model_server.evaluation.mixed import LEVELS, LabelledSpeech, MixedCount, joined, tally
from s2f_blender_addon.core.channels import CHANNELS, INDEX

LABELS = [(0.0, 0.2, "h#"), (0.2, 0.5, "aa"), (0.5, 0.6, "p"), (0.6, 1.0, "aa"), (1.0, 1.2, "h#")]


def sentences(count: int) -> list[LabelledSpeech]:
    random = np.random.default_rng(0)
    return [LabelledSpeech((random.normal(size=19200) * 0.1).astype(np.float32), LABELS) for _ in range(count)]


def counted(openness: float, closing: bool) -> dict[str, dict[str, float]]:
    total = MixedCount()
    for seed in range(12):
        one = joined(sentences(8), np.random.default_rng(seed))
        times = np.arange(len(one.samples) // 160) / 100
        values = np.zeros((len(times), len(CHANNELS)))
        values[:, INDEX["jawOpen"]] = openness * (1 + 0.2 * np.sin(40 * times))
        if closing:
            for start, end, phone in (label for piece in one.pieces for label in piece.labels):
                if phone == "p":
                    values[(times >= start) & (times <= end)] = 0
        tally(total, times, values, one)
    return total.figures()


def test_every_level_is_counted_and_lips_that_do_right_are_right() -> None:
    figures = counted(0.4, closing=True)
    for level in LEVELS:
        row = figures[f"mixed {level:g} dB"]
        assert row["recordings"] > 0 and row["closure_f1"] == 1.0 and row["open_vowel_recall"] == 1.0
        assert row["moving_share"] > 0.5
    assert figures["mixed joints"]["joints"] > 0 and figures["mixed joints"]["false_closures_a_joint"] == 0


def test_a_mute_mouth_meets_no_closure_and_opens_for_no_vowel() -> None:
    for level in LEVELS:
        row = counted(0.0, closing=False)[f"mixed {level:g} dB"]
        assert row["closure_f1"] == row["open_vowel_recall"] == row["moving_share"] == 0.0


def test_levels_are_those_that_were_asked_for() -> None:
    one = joined(sentences(10), np.random.default_rng(3))
    for piece in one.pieces:
        said = one.samples[round(piece.start * 16000) : round(piece.end * 16000)]
        assert abs(20 * np.log10(np.sqrt(np.mean(said**2))) - piece.decibels + 20) < 4


def test_the_same_seed_joins_the_same() -> None:
    one, other = (joined(sentences(9), np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(one.samples, other.samples) and one.pieces == other.pieces
