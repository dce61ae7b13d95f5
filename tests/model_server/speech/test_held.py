"""Notes that are held go on; laughs and coughs move the jaw, hums stay shut."""

import numpy as np
import pytest

from model_server.audio.decode import decode
from model_server.evaluation.head import LandmarkHead, opening
from model_server.sample import SAMPLE
from model_server.speech.held import held
from model_server.speech.phones import CLASS_INDEX, CLASSES
from model_server.speech.talk import Talk
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.channels import INDEX

RATE = 16000
AA, HUM = ((750, 90), (1150, 100), (2500, 140), (3500, 200)), ((250, 60), (1000, 300), (2200, 300))
EE, OH = ((300, 60), (2250, 100), (3000, 140), (3500, 200)), ((450, 70), (800, 90), (2500, 140), (3500, 200))
Formants = tuple[tuple[int, int], ...]


def sung(formants: Formants, seconds: float, pitch: float, vibrato: float = 0.03) -> np.ndarray:
    """Harmonics of a voice through resonances (Hz, bandwidth in Hz), at the level of speech."""
    time = np.arange(int(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(pitch * (1 + vibrato * np.sin(2 * np.pi * 5.5 * time))) / RATE
    total = np.zeros(len(time))
    for k in range(1, int(7000 / pitch)):
        gain = 1 / k
        for centre, width in formants:
            gain *= centre**2 / np.hypot(centre**2 - (k * pitch) ** 2, k * pitch * width)
        total += gain * np.cos(k * phase)
    edge = np.minimum(1, np.minimum(time, time[::-1]) / 0.04)
    return levelled(total * edge)


def levelled(samples: np.ndarray) -> np.ndarray:
    return (0.08 * samples / np.sqrt(np.mean(samples**2))).astype(np.float32)


def between(sound: np.ndarray) -> tuple[np.ndarray, float, float]:
    """``sound`` between two phrases of the sample, and when it begins and ends."""
    voice = levelled(decode(SAMPLE).samples[: 3 * RATE])
    pause = (np.random.default_rng(0).normal(size=RATE // 2) * 1e-4).astype(np.float32)
    return np.concatenate([voice, pause, sound, pause, voice]), 3.5, 3.5 + len(sound) / RATE


def mouth(talk: Talk, first: float, last: float) -> tuple[np.ndarray, np.ndarray]:
    """Lips apart (mm) and jaw from ``first`` to ``last`` seconds."""
    inside = slice(int(first * talk.fps), int(last * talk.fps))
    return opening(LandmarkHead.load().landmarks(talk.curves[inside])), talk.curves[inside, INDEX["jawOpen"]]


@pytest.fixture(scope="module")
def model() -> TalkModel:
    return TalkModel.load()


def louder(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """``samples`` up to 7 dB under or 3 dB over the voice."""
    return (samples * 10 ** (random.uniform(-7, 3) / 20)).astype(np.float32)


@pytest.mark.parametrize(("formants", "pitch"), [(AA, 220.0), (EE, 260.0), (OH, 180.0)])
def test_a_note_of_three_seconds_stays_open_and_does_not_chatter(
    model: TalkModel, formants: Formants, pitch: float
) -> None:
    sound, start, end = between(sung(formants, 3.0, pitch))
    gap, jaw = mouth(model.run(sound, 60.0), start + 0.3, end - 0.3)
    assert gap.min() > 1.5 and jaw.std() < 0.04


@pytest.mark.parametrize(("pitch", "seed"), [(220.0, 0), (190.0, 3)])
def test_an_open_note_does_so_at_any_length_and_level(model: TalkModel, pitch: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    sound, start, end = between(louder(sung(AA, random.uniform(1.5, 4.0), pitch), random))
    gap, jaw = mouth(model.run(sound, 60.0), start + 0.3, end - 0.3)
    assert gap.min() > 1.5 and jaw.std() < 0.04


@pytest.mark.parametrize("seed", range(2))
def test_a_hum_stays_shut(model: TalkModel, seed: int) -> None:
    random = np.random.default_rng(seed)
    hum = sung(HUM, random.uniform(0.8, 3.0), random.uniform(100, 150), 0.01)
    sound, start, end = between(hum * np.float32(random.uniform(0.7, 1.2)))
    gap, _ = mouth(model.run(sound, 60.0), start + 0.3, end - 0.3)
    assert np.mean(gap <= 0.5) > 0.95


@pytest.mark.parametrize("seed", range(2))
def test_a_laugh_moves_the_jaw(model: TalkModel, seed: int) -> None:
    random = np.random.default_rng(seed)
    beats, pitch, beat, rest = [], *random.uniform((200, 0.09, 0.07), (330, 0.14, 0.12))
    for k in range(random.integers(4, 8)):
        breath = random.normal(size=int(rest * RATE)) * 0.012
        beats += [sung(AA, beat, pitch * (1 - 0.05 * k)), breath.astype(np.float32)]
    sound, start, end = between(louder(levelled(np.concatenate(beats)), random))
    gap, jaw = mouth(model.run(sound, 60.0), start, end)
    assert np.ptp(jaw) > 0.1 and np.median(gap) > 3


@pytest.mark.parametrize("seed", range(2))
def test_a_cough_moves_the_jaw(model: TalkModel, seed: int) -> None:
    """A burst of all frequencies, and breath through an open throat after it; twice."""
    random = np.random.default_rng(seed)
    count = int(random.uniform(0.15, 0.35) * RATE)
    hertz = np.fft.rfftfreq(count, 1 / RATE)
    throat = sum(1 / (1 + ((hertz - centre) / width) ** 2) for centre, width in ((900, 200), (1800, 300)))
    breath = np.fft.irfft(np.fft.rfft(random.normal(size=count)) * throat, count)
    breath *= np.exp(-np.arange(count) / (0.3 * count)) / np.abs(breath).max()
    burst = random.normal(size=RATE // 16) * np.exp(-np.arange(RATE // 16) / (0.02 * RATE)) / 3
    cough, pause = np.concatenate([burst, breath]), np.zeros(int(random.uniform(0.15, 0.4) * RATE))
    sound, start, end = between(louder(levelled(np.concatenate([cough, pause, cough])), random))
    _, jaw = mouth(model.run(sound, 60.0), start - 0.1, end)
    assert np.ptp(jaw) > 0.1


def posteriors(*stretches: tuple[str, int]) -> np.ndarray:
    found = np.full((sum(count for _, count in stretches), len(CLASSES)), 0.001, np.float32)
    at = 0
    for name, count in stretches:
        found[at : at + count, CLASS_INDEX[name]] = 0.95
        at += count
    return found


@pytest.mark.parametrize(
    ("beside", "loudness", "other", "kept"),
    [("a", -0.5, 0.0, True), ("a", -3.0, 0.0, False), ("a", -0.5, 2.0, False), ("p", -0.5, 0.0, False)],
)
def test_only_loud_silence_with_the_vowel_s_spectrum_is_the_vowel(
    beside: str, loudness: float, other: float, kept: bool
) -> None:
    phones = posteriors((beside, 10), ("sil", 200))
    features = np.zeros((210, 80), np.float32)
    features[10:] += other
    found = held(phones, features, np.full(210, loudness, np.float32))
    assert (found[200].argmax() == CLASS_INDEX["a"]) == kept


def test_a_pause_between_two_vowels_of_one_kind_stays_a_pause() -> None:
    phones = posteriors(("a", 20), ("sil", 40), ("a", 20))
    loudness = np.full(80, -0.3, np.float32)
    loudness[20:60] = -6.0
    assert held(phones, np.zeros((80, 80), np.float32), loudness) is phones
