"""What any voice model hands over: judgements over time, windows, events."""

import numpy as np
import pytest

from model_server.emotion.voice import Event, Heard, windows
from s2f_blender_addon.core.emotions import EMOTIONS, RECORDS


def test_judgements_are_read_at_any_rate_and_held_at_the_ends() -> None:
    rows = np.zeros((2, len(EMOTIONS)), np.float32)
    rows[1, 0] = 1.0
    track = Heard(np.array([1.0, 2.0]), rows).over_time(91, 30.0)
    assert track[:30].max() == 0
    assert track[45, 0] == pytest.approx(0.5)
    assert track[60:, 0].min() == 1.0


def test_arousal_and_valence_follow_the_circumplex() -> None:
    heard = Heard(np.arange(float(len(EMOTIONS))), np.eye(len(EMOTIONS), dtype=np.float32))
    assert heard.arousal == pytest.approx([record.arousal for record in RECORDS.values()])
    assert heard.valence[EMOTIONS.index("happy")] > 0 > heard.valence[EMOTIONS.index("sad")]


def test_effort_that_was_heard_is_the_arousal() -> None:
    effort = np.array([0.5], np.float32)
    assert Heard(np.zeros(1), np.zeros((1, len(EMOTIONS)), np.float32), effort).arousal is effort


def test_an_event_is_told_in_seconds_of_the_recording() -> None:
    told = Event("laugh", 0.5, 1.25, 0.871).told(2.0)
    assert told == {"kind": "laugh", "start": 2.5, "end": 3.25, "confidence": 0.87}


def test_windows_cover_what_is_spoken_and_skip_the_pauses() -> None:
    speech = np.zeros(2000, np.float32)
    speech[200:800] = 1
    spans = windows(speech, 100.0)
    assert spans
    assert all(speech[a:b].mean() >= 0.35 for a, b in spans)
    assert min(a for a, _ in spans) < 200
    assert len(windows(speech, 100.0, 1.6)) < len(spans)
    assert windows(np.zeros(2000, np.float32), 100.0) == []
    assert windows(np.ones(100, np.float32), 100.0) == [(0, 100)]
