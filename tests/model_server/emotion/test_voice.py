"""What the shipped voice model hears in voices whose pitch, loudness and colour are known."""

import numpy as np
import pytest

from model_server.emotion.prosodic import MEASURES, PROFILES, ProsodicModel, judge
from model_server.emotion.voice import CIRCUMPLEX, Heard, windows
from s2f_blender_addon.core.channels import EMOTIONS


def voice(seconds: float, pitch: float, swing: float, brightness: float, syllables: float) -> np.ndarray:
    """A voice of ``syllables`` a second, ``swing`` semitones up and down, harmonics falling by 1 / k ** brightness."""
    t = np.arange(int(seconds * 16000)) / 16000
    hz = pitch * 2 ** (swing / 12 * np.sin(2 * np.pi * 0.9 * t))
    phase = 2 * np.pi * np.cumsum(hz) / 16000
    wave = sum(np.sin(k * phase) / k**brightness for k in range(1, 25))
    beat = np.clip(np.sin(np.pi * syllables * t), 0, None) ** 0.5
    noise = np.random.default_rng(1).normal(0, 1e-4, len(t))
    return (0.1 * wave / np.abs(wave).max() * beat + noise).astype(np.float32)


EXCITED = voice(8.0, 190.0, 6.0, 0.6, 5.0)
DULL = voice(8.0, 100.0, 0.6, 2.5, 2.0)


def test_an_aroused_voice_is_told_from_a_quiet_one() -> None:
    model = ProsodicModel()
    assert model.hear(EXCITED).arousal.mean() > model.hear(DULL).arousal.mean() + 0.3


def test_loudness_of_the_recording_does_not_matter() -> None:
    model = ProsodicModel()
    assert model.hear(0.25 * EXCITED).sliders == pytest.approx(model.hear(EXCITED).sliders, abs=0.05)


def test_where_nobody_speaks_there_is_no_judgement() -> None:
    heard = ProsodicModel().hear(np.zeros(64000, np.float32))
    assert len(heard.times) == 0
    assert not heard.over_time(100, 30.0).any()
    assert len(ProsodicModel().hear(np.zeros(0, np.float32)).times) == 0


def test_sliders_and_neutral_are_shares_of_one() -> None:
    sliders = ProsodicModel().hear(EXCITED).sliders
    assert sliders.min() >= 0
    assert sliders.sum(1).max() <= 1 + 1e-6


def test_each_profile_is_recognised_as_itself_and_ordinary_speech_as_neutral() -> None:
    for name in EMOTIONS:
        shares = judge(np.array([PROFILES[name]], np.float32))[0]
        assert EMOTIONS[int(shares.argmax())] == name
    assert judge(np.zeros((1, len(MEASURES)), np.float32)).sum() < 0.6


def test_judgements_are_read_at_any_rate_and_held_at_the_ends() -> None:
    rows = np.zeros((2, 8), np.float32)
    rows[1, 0] = 1.0
    track = Heard(np.array([1.0, 2.0]), rows).over_time(91, 30.0)
    assert track[:30].max() == 0
    assert track[45, 0] == pytest.approx(0.5)
    assert track[60:, 0].min() == 1.0


def test_arousal_and_valence_follow_the_circumplex() -> None:
    heard = Heard(np.arange(8.0), np.eye(8, dtype=np.float32))
    assert heard.arousal == pytest.approx([CIRCUMPLEX[n][0] for n in EMOTIONS])
    assert heard.valence[EMOTIONS.index("happy")] > 0 > heard.valence[EMOTIONS.index("sad")]


def test_windows_cover_what_is_spoken_and_skip_the_pauses() -> None:
    speech = np.zeros(2000, np.float32)
    speech[200:800] = 1
    spans = windows(speech, 100.0)
    assert spans
    assert all(speech[a:b].mean() >= 0.35 for a, b in spans)
    assert min(a for a, _ in spans) < 200
    assert windows(np.zeros(2000, np.float32), 100.0) == []
    assert windows(np.ones(100, np.float32), 100.0) == [(0, 100)]
