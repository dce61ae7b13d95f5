"""What is no voice says nothing: tones, hums, buzzes, keys of a telephone, chords, hiss and clicks; voices do."""

from collections.abc import Callable

import numpy as np
import pytest

from model_server.audio.decode import decode
from model_server.emotion.listener import bundled
from model_server.sample import SAMPLE

Array = np.ndarray

RATE = 16000


def time(seconds: float) -> Array:
    return np.arange(round(seconds * RATE)) / RATE


def tone(*hertz: float, seconds: float = 4.0) -> Array:
    return sum(np.sin(2 * np.pi * f * time(seconds)) for f in hertz)


def buzz(hertz: float, seconds: float = 4.0) -> Array:
    return sum(np.sin(2 * np.pi * hertz * k * time(seconds)) / k for k in range(1, int(7900 / hertz) + 1))


def beeps(sound: Array, on: float, off: float) -> Array:
    return np.where(np.arange(len(sound)) % round((on + off) * RATE) < on * RATE, sound, 0)


def keys(seconds: float) -> Array:
    rng = np.random.default_rng(0)
    pairs = rng.choice((697, 770, 852, 941), 20), rng.choice((1209, 1336, 1477), 20)
    pressed = [tone(low, high, seconds=seconds) for low, high in zip(*pairs, strict=True)]
    return np.concatenate([np.concatenate([key, np.zeros(len(key))]) for key in pressed])


def chords(seconds: float) -> Array:
    rng = np.random.default_rng(1)
    struck = []
    for _ in range(10):
        notes = [220 * 2 ** (k / 12) for k in rng.integers(0, 20, 3)]
        strings = [note * k for note in notes for k in (1, 2, 3)]
        struck.append(tone(*strings, seconds=seconds) * np.exp(-3 * time(seconds)))
    return np.concatenate(struck)


def hiss(colour: float) -> Array:
    spectrum = np.fft.rfft(np.random.default_rng(2).normal(size=4 * RATE))
    return np.fft.irfft(spectrum / np.maximum(np.arange(len(spectrum)), 50) ** colour)


NO_VOICES: dict[str, Callable[[], Array]] = {
    "a low tone": lambda: tone(100), "a tone": lambda: tone(1000), "a whistle": lambda: tone(7900),
    "two tones": lambda: tone(350, 440), "hum of the mains": lambda: buzz(50), "a buzz": lambda: buzz(120),
    "a high buzz": lambda: buzz(440), "a buzz in hiss": lambda: buzz(120) + 0.1 * hiss(0),
    "a buzz that swells": lambda: buzz(150) * (1 + np.sin(2 * np.pi * 4 * time(4))),
    "an alarm": lambda: beeps(tone(1000), 0.3, 0.3), "a bell": lambda: beeps(buzz(425), 0.4, 0.2),
    "keys of a telephone": lambda: keys(0.1), "keys, fast": lambda: keys(0.05), "chords": lambda: chords(0.4),
    "white noise": lambda: hiss(0), "wind": lambda: hiss(1), "clicks": lambda: beeps(hiss(0), 0.005, 0.25),
}  # fmt: skip


@pytest.fixture(scope="module")
def hello() -> Array:
    return decode(SAMPLE).samples


@pytest.mark.parametrize("name", NO_VOICES)
def test_what_is_no_voice_says_nothing(name: str) -> None:
    sound = NO_VOICES[name]()
    for pieces in (1, 3):  # judged as one, and in windows
        heard = bundled().hear(np.tile(0.3 * sound / np.abs(sound).max(), pieces).astype(np.float32))
        assert len(heard.times) == 0 and heard.events == ()


def test_a_voice_does_however_loud_and_in_noise(hello: Array) -> None:
    power = np.sqrt(np.mean(hello**2))
    noise = 0.5 * power * np.random.default_rng(0).normal(size=len(hello))  # 6 dB below
    for voice in (hello, np.float32(0.03) * hello, hello + noise, np.float32(3) * hello):
        assert len(bundled().hear(voice.astype(np.float32)).times) >= 1


def test_of_a_voice_and_a_buzz_the_voice_is_judged(hello: Array) -> None:
    """Eight seconds of buzz behind it: nothing is said of them but in windows that still hear the voice."""
    level = np.float32(np.abs(hello).max() / 4)
    after = bundled().hear(np.concatenate([hello, hello, level * buzz(120, 8.0).astype(np.float32)]))
    assert len(after.times) > 0
    assert after.times.max() < 2 * len(hello) / RATE + 1.6
