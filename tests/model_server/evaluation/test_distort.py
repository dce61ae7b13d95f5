"""Worse recordings: as bad as they say, no longer and no shorter."""

import numpy as np
import pytest

from model_server.evaluation import distort
from s2f_blender_addon.core.errors import UserError

TONE = np.sin(2 * np.pi * 300 * np.arange(16000) / 16000).astype(np.float32) * 0.2


def test_noise_is_ten_decibels_below_the_sound() -> None:
    added = distort.noise(TONE) - TONE
    assert 10 * np.log10(np.mean(TONE**2) / np.mean(added**2)) == pytest.approx(10, abs=0.1)


def test_a_room_rings_on() -> None:
    click = np.zeros(16000, np.float32)
    click[0] = 1
    wet = distort.room(click)
    early, late = np.mean(wet[400:800] ** 2), np.mean(wet[7000:7400] ** 2)
    assert 35 < 10 * np.log10(early / late) < 60


def test_a_telephone_has_no_treble() -> None:
    hiss = np.random.default_rng(0).normal(size=16000).astype(np.float32)
    spectrum = np.abs(np.fft.rfft(distort.telephone(hiss))) ** 2
    assert spectrum[4200:].mean() < 1e-4 * spectrum[:3500].mean()


@pytest.mark.parametrize("how", sorted(distort.DISTORTIONS))
@pytest.mark.parametrize("samples", [0, 1, 7, 16000])
def test_length_stays(how: str, samples: int) -> None:
    assert len(distort.distorted(TONE[:samples], how)) == samples


def test_another_way_is_refused() -> None:
    with pytest.raises(UserError, match="noise, room, telephone"):
        distort.distorted(TONE, "underwater")
