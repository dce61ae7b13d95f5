"""Another who talks in the pauses: what is counted is what the lips do there."""

import numpy as np
import pytest

from model_server.evaluation.background import CASES, BehindCount, behind, tally
from model_server.evaluation.mixed import LabelledSpeech
from s2f_blender_addon.core.channels import CHANNELS, INDEX


def speech(seed: int) -> list[LabelledSpeech]:
    random = np.random.default_rng(seed)
    labels = [(0.0, 0.2, "h#"), (0.2, 1.0, "aa"), (1.0, 1.2, "h#")]
    return [LabelledSpeech((random.normal(size=19200) * 0.1).astype(np.float32), labels) for _ in range(4)]


@pytest.mark.parametrize("decibels", [-15.0, -20.0, -25.0])
def test_the_other_is_as_far_below_as_asked(decibels: float) -> None:
    one = behind(speech(0), speech(1), decibels, np.random.default_rng(2))
    assert len(one.pauses) == 2
    start, end = (round(16000 * second) for second in one.pauses[0])
    level = 20 * np.log10(np.std(one.samples[start:end]) / np.std(one.samples[:start]))
    assert level == pytest.approx(decibels, abs=1.5)
    silent = behind(speech(0), speech(1), -np.inf, np.random.default_rng(2))
    assert silent.pauses == one.pauses and np.std(silent.samples[start:end]) < 0.05 * np.std(one.samples[start:end])


@pytest.mark.parametrize("talks", [True, False])
def test_lips_that_move_in_the_pauses_are_counted(talks: bool) -> None:
    one = behind(speech(0), speech(1), -15.0, np.random.default_rng(2))
    times = np.arange(len(one.samples) // 160) / 100
    values = np.zeros((len(times), len(CHANNELS)))
    values[:, INDEX["jawOpen"]] = 0.3 + 0.2 * np.sin(30 * times)
    for start, end in [] if talks else one.pauses:
        values[(times >= start) & (times <= end)] = 0
    total = BehindCount()
    tally(total, CASES[0], times, values, one)
    (figure,) = total.figures().values()
    assert (figure["pauses_that_move"] > 0.9) if talks else (figure["pauses_that_move"] == 0)
