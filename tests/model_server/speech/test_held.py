"""Notes that are held go on; laughs and coughs move the jaw, hums stay shut."""

import numpy as np
import pytest

from model_server.audio.decode import decode
from model_server.cancel import silent
from model_server.evaluation.head import LandmarkHead, opening
from model_server.sample import SAMPLE
from model_server.speech import acoustics
from model_server.speech.held import HEARD, Note, lengthened, notes, shortened
from model_server.speech.phones import CLASS_INDEX, CLASSES
from model_server.speech.talk import Talk
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.channels import INDEX

RATE = 16000
AA, HUM = ((750, 90), (1150, 100), (2500, 140), (3500, 200)), ((250, 60), (1000, 300), (2200, 300))
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


VOWELS = {"a": (750, 1200, 2550), "e": (420, 2050, 2600), "i": (290, 2250, 3000), "o": (450, 800, 2450),
          "ae": (680, 1650, 2450), "oe": (400, 1550, 2300)}  # fmt: skip


def note(
    random: np.random.Generator, pitch: float, formants: Formants, seconds: float, then: Formants | None = None
) -> np.ndarray:
    """A held note, ``then`` of another vowel; vibrato or a slide at times, bright or soft, swelling, breathy."""
    time = np.arange(int(seconds * RATE)) / RATE
    slide = random.uniform(-0.3, 0.3) * (random.random() < 0.4)
    bend = slide / (1 + np.exp(-(time - random.uniform(0.3, 0.7) * seconds) / 0.08))
    vibrato = random.choice([0, 0.02, 0.04]) * np.sin(2 * np.pi * random.uniform(4.5, 6.5) * time)
    phase = 2 * np.pi * np.cumsum(pitch * np.exp(bend + vibrato - max(0, slide))) / RATE
    soft, total = random.uniform(700, 4000), np.zeros(len(time))
    later = 1 / (1 + np.exp(-(time - seconds / 2) / 0.05))
    for k in range(1, int(7000 / pitch)):
        one, other = (resonance(np.array([k * pitch]), of)[0] for of in (formants, then or formants))
        total += one ** (1 - later) * other**later / k / np.hypot(1, k * pitch / soft) * np.cos(k * phase)
    air = np.fft.rfft(random.normal(size=len(time)))
    air = np.fft.irfft(air * resonance(np.arange(len(air)) / seconds, formants), len(time))
    total = total / total.std() + 10 ** (random.uniform(-45, -30) / 20) * air / air.std()
    swell = np.interp(time, np.linspace(0, seconds, 5), random.uniform(0.8, 1.2, 5))
    return levelled(total * swell * np.minimum(1, np.minimum(time, time[::-1]) / random.uniform(0.02, 0.1)))


def resonance(hertz: np.ndarray, formants: Formants) -> np.ndarray:
    gain = np.ones(len(hertz))
    for centre, width in formants:
        gain *= centre**2 / np.hypot(centre**2 - hertz**2, hertz * width)
    return gain


def vowel(random: np.random.Generator, name: str, pitch: float) -> Formants:
    """Its formants in a head of some size: small where the voice is high."""
    size = np.clip(0.95 + 0.15 * np.log2(pitch / 110), 0.9, 1.3) * random.uniform(0.95, 1.08)
    return tuple((int(f * size), w) for f, w in zip((*VOWELS[name], 3500), (80, 100, 140, 200), strict=True))


def placed(random: np.random.Generator, sound: np.ndarray) -> tuple[np.ndarray, float, float]:
    """``sound`` at any level, in the middle of speech or alone, over some noise at times; its beginning and end."""
    sound = sound * np.float32(10 ** (random.uniform(-10, 3) / 20))
    whole, start, end = between(sound) if random.random() < 0.5 else alone(sound)
    noise = random.choice([1e-5, 3e-3]) * random.normal(size=len(whole)) * np.abs(sound).max()
    return (whole + noise).astype(np.float32), start, end


def alone(sound: np.ndarray) -> tuple[np.ndarray, float, float]:
    quiet = np.zeros(RATE // 3, np.float32)
    return np.concatenate([quiet, sound, quiet]), len(quiet) / RATE, (len(quiet) + len(sound)) / RATE


@pytest.mark.parametrize("seed", range(8))
def test_a_note_of_any_vowel_pitch_and_level_stays_open_and_does_not_chatter(model: TalkModel, seed: int) -> None:
    random = np.random.default_rng(seed)
    pitch = float(np.exp(random.uniform(np.log(80), np.log(600))))
    formants = vowel(random, random.choice(list(VOWELS)), pitch)
    sound, start, end = placed(random, note(random, pitch, formants, random.uniform(0.9, 3.5)))
    gap, jaw = mouth(model.run(sound, 60.0), start + 0.3, end - 0.3)
    assert gap.min() > 1.5 and jaw.std() < 0.04


@pytest.mark.parametrize("seed", range(8))
def test_a_hum_stays_shut(model: TalkModel, seed: int) -> None:
    random = np.random.default_rng(seed)
    pitch = random.uniform(80, 330)
    sound, start, end = placed(random, note(random, pitch, HUM, random.uniform(0.9, 3.0)))
    gap, _ = mouth(model.run(sound, 60.0), start + 0.3, end - 0.3)
    assert np.mean(gap <= 0.5) > 0.95


@pytest.mark.parametrize("seed", range(2))
def test_a_vowel_changes_on_one_note(model: TalkModel, seed: int) -> None:
    random = np.random.default_rng(seed)
    pitch = random.uniform(100, 400)
    first, then = (vowel(random, name, pitch) for name in ("i", "a"))
    sound, start, end = placed(random, note(random, pitch, first, 2.4, then))
    gap, jaw = mouth(model.run(sound, 60.0), start + 0.3, end - 0.3)
    assert gap.min() > 1.0
    assert jaw[-30:].mean() > jaw[:30].mean() + 0.05


def test_speech_and_hiss_hold_no_note_and_whistles_no_vowel(model: TalkModel) -> None:
    random = np.random.default_rng(0)
    hiss = (random.normal(size=2 * RATE) * 0.05).astype(np.float32)
    whistle = levelled(np.sin(2 * np.pi * 1000 * np.arange(2 * RATE) / RATE))
    for sound in (decode(SAMPLE).samples, hiss, between(hiss)[0]):
        assert notes(sound, *acoustics.heard(sound, model._average, silent)) == []
    sound, start, end = between(whistle)
    gap, _ = mouth(model.run(sound, 60.0), start + 0.2, end - 0.2)
    assert (gap < 1).all()


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


def test_the_network_hears_the_ends_of_a_note_and_they_go_on() -> None:
    features = np.arange(200, dtype=np.float32)[:, None].repeat(80, 1)
    sung, loudness = [Note(20, 80, False), Note(90, 150, True)], np.zeros(200, np.float32)
    short = shortened(features, sung)
    assert len(short) == 200 - 2 * (60 - 2 * HEARD) and short[20 + HEARD, 0] == 80 - HEARD
    phones = np.full((len(short), len(CLASSES)), 0.001, np.float32)
    phones[:, CLASS_INDEX["sil"]] = 0.9
    phones[20 : 20 + HEARD, CLASS_INDEX["o"]] = 0.1
    found = lengthened(phones, sung, loudness)
    assert (found[20:80].argmax(1) == CLASS_INDEX["o"]).all() and (found[90:150].argmax(1) == CLASS_INDEX["m"]).all()
    assert (found[80:90, CLASS_INDEX["sil"]] == 0).all() and (found[[19, 150], CLASS_INDEX["sil"]] > 0.5).all()
    assert shortened(features, []) is features and lengthened(phones, [], loudness) is phones
