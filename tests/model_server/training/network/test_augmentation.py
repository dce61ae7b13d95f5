"""What is done to features must be what sound would have done to them."""

import numpy as np
import pytest
import torch

from model_server.audio import features
from model_server.training.network import augmentation


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def correlation(power: torch.Tensor, apart: int) -> float:
    """Mean over bands of how alike frames are that lie ``apart``; power (T, 80)."""
    one, other = (power - power.mean(0))[:-apart], (power - power.mean(0))[apart:]
    return float(((one * other).mean(0) / power.var(0)).mean())


def test_hiss_scatters_as_the_features_of_real_noise_do() -> None:
    sound = np.random.default_rng(0).normal(size=60 * features.SAMPLE_RATE).astype(np.float32)
    real = torch.from_numpy(features.mel_power(sound))
    real = real / real.mean(0)
    ours = augmentation.scatter(torch.zeros(1, 6000, features.BANDS))[0]
    assert ours.mean(0) == pytest.approx(1.0, abs=0.06)
    assert float((ours.std(0) / real.std(0)).mean()) == pytest.approx(1.0, abs=0.15)
    assert correlation(ours, 1) == pytest.approx(correlation(real, 1), abs=0.2)


def test_an_echo_comes_after_its_sound_and_decays() -> None:
    mel = torch.full((64, 120, features.BANDS), -16.0)
    mel[:, 40:50] = 0.0
    heard = augmentation.room(mel, share=1.0)
    assert float(heard[:, :40].max()) < -12, "nothing but the silence's own echo"
    behind = heard[:, 50:].exp().mean((0, 2))
    assert behind[0] > 200 * mel[0, 60, 0].exp()
    assert float(behind[:5].mean()) > 3 * float(behind[20:25].mean())


def test_the_echo_is_as_loud_as_it_says() -> None:
    mel = torch.full((400, 200, features.BANDS), -20.0)
    mel[:, 20] = 0.0
    late = augmentation.room(mel, share=1.0)[:, 21:].exp().sum(1).mean(1)  # its sum over the sound's power, per clip
    assert 0.8 < float(late.max()) < 1.6
    assert 0.02 < float(late.min()) < 0.2


def test_some_clips_stay_without_an_echo() -> None:
    mel = torch.randn(200, 30, features.BANDS)
    same = (augmentation.room(mel, share=0.45) == mel).all(2).all(1).float().mean()
    assert float(same) == pytest.approx(0.55, abs=0.12)


def test_noise_lies_3_to_28_db_below_the_level() -> None:
    heard = augmentation.noise(torch.full((300, 50, features.BANDS), -20.0), None, share=1.0)
    decibels = 10 * torch.log10(heard.exp().mean((1, 2)))
    assert -29.5 < float(decibels.min()) < -25
    assert -6 < float(decibels.max()) < -1.5
