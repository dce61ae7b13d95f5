"""A voice reference: what is ordinary for a person, measured from sound, kept as JSON."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_server.audio.decode import decode
from model_server.sample import SAMPLE
from model_server.voice.measures import measures
from model_server.voice.reference import (
    VoiceReference,
    average,
    from_files,
    measured,
    population,
    rates,
)
from s2f_blender_addon.core.errors import UserError


@pytest.fixture(scope="module")
def hello():
    return decode(SAMPLE).samples


@pytest.fixture(scope="module")
def reference(hello):
    return measured([measures(hello)])


def test_louder_sound_moves_the_level_and_nothing_else(hello, reference) -> None:
    quieter = measured([measures(hello * np.float32(0.25))])
    assert quieter.level_db.middle == pytest.approx(reference.level_db.middle - 12.04, abs=0.1)
    assert quieter.tilt_db.middle == pytest.approx(reference.tilt_db.middle, abs=0.2)
    assert quieter.octaves == reference.octaves


def test_a_higher_tone_has_a_higher_pitch_and_a_brighter_one_more_tilt() -> None:
    def buzz(hz: float, brightness: float) -> np.ndarray:
        t = np.arange(3 * 16000) / 16000
        harmonics = sum(np.sin(2 * np.pi * hz * k * t) * k**-brightness for k in range(1, int(7000 / hz)))
        return (0.05 * harmonics * (np.sin(2 * np.pi * 3 * t) > -0.5)).astype(np.float32)

    low, high = (measured([measures(buzz(hz, 2.0))]) for hz in (110, 220))
    assert high.octaves.middle - low.octaves.middle == pytest.approx(1.0, abs=0.02)
    assert measured([measures(buzz(110, 1.0))]).tilt_db.middle > low.tilt_db.middle + 5


def test_more_lines_of_the_same_voice_are_one_voice(hello, reference) -> None:
    both = measured([measures(hello), measures(hello)])
    assert both.seconds == pytest.approx(2 * reference.seconds)
    assert both.octaves.middle == pytest.approx(reference.octaves.middle, abs=0.001)


def test_files_are_measured_as_their_sound_is(reference) -> None:
    assert from_files([SAMPLE]) == reference


def test_a_person_is_told_from_the_population(reference) -> None:
    assert reference.seconds > 0 == population().seconds
    assert 90 < 2**population().octaves.middle < 260
    assert 0 < population().tilt_db.spread < 20


def test_the_population_of_one_is_that_one(reference) -> None:
    alone = average([reference])
    assert alone.octaves == reference.octaves and alone.seconds == 0


def test_spreads_away(reference) -> None:
    middle, spread = reference.octaves.middle, reference.octaves.spread
    assert np.allclose(reference.octaves.away(np.array([middle, middle + spread])), [0, 1], atol=1e-4)


def test_silence_is_no_voice() -> None:
    with pytest.raises(UserError, match="0.0 s of speech"):
        measured([measures(np.zeros(32000, np.float32))])
    with pytest.raises(UserError, match="speech"):
        measured([])


def test_syllables_a_second(hello) -> None:
    assert 1 < float(np.median(rates(measures(hello)))) < 8


@given(st.lists(st.floats(-100, 100), max_size=4), st.text(max_size=8))
def test_json_keeps_everything(features, name) -> None:
    from dataclasses import replace

    one = replace(population(), features=tuple(features), features_of=name, seconds=3.5)
    assert VoiceReference.from_json(one.to_json()) == one


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"format": "speech2face-voice-reference/1"}'])
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="voice reference"):
        VoiceReference.from_json(text)


def test_a_number_that_is_none_is_refused() -> None:
    text = population().to_json().replace('"seconds": 0.0', f'"seconds": {math.nan}')
    with pytest.raises(UserError, match="voice reference"):
        VoiceReference.from_json(text)
