"""Rest: the mouth closes in pauses and stays ready between words."""

import numpy as np

from model_server.speech.pauses import PauseRule, speaking

TIMES = np.arange(201) / 100
RULE = PauseRule()


def silence(*ranges: tuple[int, int]) -> np.ndarray:
    probability = np.zeros(201, np.float32)
    for low, high in ranges:
        probability[low:high] = 1
    return probability


def test_all_silence_is_rest() -> None:
    assert not speaking(silence((0, 201)), 100.0, TIMES, RULE).any()


def test_all_speech_is_speech() -> None:
    assert (speaking(silence(), 100.0, TIMES, RULE) == 1).all()


def test_a_gap_between_words_is_no_pause() -> None:
    assert (speaking(silence((100, 115)), 100.0, TIMES, RULE) == 1).all()


def test_a_pause_brings_rest_within_its_closing_time_and_lips_part_before_speech() -> None:
    speech = speaking(silence((80, 140)), 100.0, TIMES, RULE)
    assert speech[79] == 1
    assert speech[80 + int(RULE.closing * 100)] < 0.01
    assert speech[120] == 0
    assert 0.1 < speech[136] < 1
    assert speech[140] == 1


def test_a_pause_reaches_as_far_as_silence_is_likely_at_all_but_makes_none_by_itself() -> None:
    """Voices fade out, and a room goes on after them: the edges of a pause are unsure, not another sound."""
    fading = silence((80, 140))
    fading[70:80] = 0.2
    assert speaking(fading, 100.0, TIMES, RULE)[79] < 0.2 < speaking(silence((80, 140)), 100.0, TIMES, RULE)[79]
    assert (speaking(0.2 * silence((40, 140)), 100.0, TIMES, RULE) == 1).all()


def test_a_voice_that_is_doubted_for_long_is_no_edge_of_a_pause() -> None:
    doubted = silence((140, 201))
    doubted[40:140] = 0.2
    assert (speaking(doubted, 100.0, TIMES, RULE)[:130] == 1).all()


def test_before_the_first_word_and_after_the_last_the_face_is_at_rest() -> None:
    speech = speaking(silence((0, 30), (180, 201)), 100.0, TIMES, RULE)
    assert speech[0] == 0
    assert speech[-1] < 0.01
