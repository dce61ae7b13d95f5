"""Other throats, rooms, telephones and codecs, done to recordings whose phones keep their times.

``augment`` distorts features anew in every batch; what features cannot show is done here to the sound itself: formants
and pitch moved apart by Praat's vocoder (Boersma), rooms by the image method (Allen and Berkley 1979, pyroomacoustics),
real codecs by libsndfile, noise between the words.
"""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from model_server.audio import echo, features
from model_server.audio.resample import resample
from model_server.training.corpus.store import CorpusPart, CorpusWriter, levelled

Samples = npt.NDArray[np.float32]
Random = np.random.Generator

RATE = 16000
SHORTEST = 2 * features.RATE
"""Frames of a piece."""
CODECS = (("WAV", "GSM610", 8000), ("WAV", "ULAW", 8000), ("OGG", "VORBIS", 16000), ("MP3", "MPEG_LAYER_III", 16000))


def throat(samples: Samples, random: Random) -> Samples:
    """Formants moved by -16 to +20 %, the median pitch to 75-320 Hz, intonation wider or flatter."""
    import parselmouth
    from parselmouth.praat import call, run

    run(f"random_initializeWithSeedUnsafelyButPredictably ({int(random.integers(1 << 30))})")
    sound = parselmouth.Sound(samples.astype(np.float64), RATE)
    formants, pitch = np.exp(random.uniform(-0.17, 0.18)), np.exp(random.uniform(np.log(75), np.log(320)))
    changed = call(sound, "Change gender", 70, 500, formants, pitch, random.uniform(0.7, 1.4), 1.0)
    found: Samples = changed.values[0].astype(np.float32)
    return np.pad(found, (0, max(0, len(samples) - len(found))))[: len(samples)]


def room(samples: Samples, random: Random) -> Samples:
    """A shoebox room with RT60 0.15-0.8 s, speaker and microphone anywhere in it; the direct sound keeps its time."""
    import pyroomacoustics

    size = random.uniform((2.5, 2.5, 2.2), (9.0, 7.0, 3.5))
    # A small room cannot ring long: Sabine's walls would have to reflect more than everything.
    rt60 = max(random.uniform(0.15, 0.8), 0.03 + 0.03 * float(size.min()))
    absorption, order = pyroomacoustics.inverse_sabine(rt60, size)
    shoebox = pyroomacoustics.ShoeBox(
        size, RATE, materials=pyroomacoustics.Material(absorption), max_order=min(order, 10)
    )
    mouth = random.uniform(0.4, size - 0.4)
    away = random.normal(size=3)
    microphone = np.clip(mouth + away / np.linalg.norm(away) * random.uniform(0.4, 2.5), 0.2, size - 0.2)
    shoebox.add_source(mouth)
    shoebox.add_microphone(microphone)
    shoebox.compute_rir()
    early = np.asarray(shoebox.rir[0][0], np.float64)
    first = int(np.abs(early).argmax())
    response = early[max(0, first - 8) :] / np.abs(early[first])
    response = _with_tail(response, rt60, random)
    length = 1 << int(np.ceil(np.log2(len(samples) + len(response))))
    wet = np.fft.irfft(np.fft.rfft(samples, length) * np.fft.rfft(response, length), length)
    return wet[8 if first >= 8 else first :][: len(samples)].astype(np.float32)


def _with_tail(response: npt.NDArray[np.float64], rt60: float, random: Random) -> npt.NDArray[np.float64]:
    """Images of a high order are many and weak: from 50 ms on, noise that decays by 60 dB in ``rt60`` seconds."""
    start = int(0.05 * RATE)
    window = response[start // 2 : start]
    level = np.sqrt(np.mean(window**2)) if len(window) else 0.0
    time = np.arange(int(rt60 * RATE)) / RATE
    tail = random.normal(size=len(time)) * level * 10 ** (-3 * time / rt60)
    found = np.zeros(start + len(tail))
    found[: min(start, len(response))] = response[:start]
    found[start:] = tail
    return found


def codec(samples: Samples, random: Random) -> Samples:
    """Through a telephone's or a low bit rate's codec and back."""
    container, kind, rate = CODECS[int(random.integers(len(CODECS)))]
    loud = float(np.abs(samples).max(initial=1e-6))
    sound = samples / loud * 0.7
    narrow = resample(sound, RATE, rate) if rate != RATE else sound
    buffer = io.BytesIO()
    soundfile.write(buffer, narrow, rate, format=container, subtype=kind)
    buffer.seek(0)
    back, _ = soundfile.read(buffer, dtype="float32")
    late = int(np.argmax(np.correlate(back[: 2 * rate], narrow[:rate], "valid"))) if len(back) > 2 * rate else 0
    wide = resample(back[late:], rate, RATE) if rate != RATE else back[late:]
    return np.pad(wide, (0, max(0, len(samples) - len(wide))))[: len(samples)] * loud / 0.7


def hum(samples: Samples, random: Random) -> Samples:
    """Noise of any colour from white to brown that swells and fades, 3-30 dB below the recording."""
    spectrum = np.fft.rfft(random.normal(size=len(samples)))
    slope = random.uniform(0.0, 2.0)
    spectrum /= np.maximum(np.arange(len(spectrum)), len(spectrum) / 400) ** (slope / 2)
    found = np.fft.irfft(spectrum, len(samples))
    swell = np.interp(np.arange(len(samples)), np.linspace(0, len(samples), 12), random.uniform(0.3, 1.0, 12))
    found *= swell / max(1e-12, float(np.sqrt(np.mean((found * swell) ** 2))))
    power = float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))
    return (samples + found * power * 10 ** (-random.uniform(3, 30) / 20)).astype(np.float32)


CHAIN: tuple[tuple[float, Callable[[Samples, Random], Samples]], ...] = (
    (0.75, throat), (0.6, room), (0.4, hum), (0.25, codec),
)  # fmt: skip
"""What happens to a recording on its way, and how often."""


def spoilt(samples: Samples, random: Random) -> Samples:
    """(N,) mono 16 kHz ``samples``, of the same length, with each step of ``CHAIN`` at its odds."""
    for share, step in CHAIN:
        if random.random() < share:
            samples = step(samples, random)
    return samples


def in_pieces(samples: Samples, random: Random) -> Samples:
    """(T, 80) band powers of 16 kHz ``samples`` (N,) as if recorded in pieces of 2 to 30 s, shorter ones in one.

    ``echo`` knows a room less well from a short recording, and the network should have heard what it leaves.
    """
    total, start, found = features.frame_count(len(samples)), 0, []
    while start < total:
        frames = round(np.exp(random.uniform(np.log(SHORTEST), np.log(echo.BLOCK))))
        stop = total if start + frames + SHORTEST > total else start + frames
        found.append(echo.power(samples[start * features.HOP : stop * features.HOP])[: stop - start])
        start = stop
    return np.concatenate(found)


def make(
    part: Path,
    read: Callable[[str], Samples],
    out: Path,
    seed: tuple[int, ...],
    report: Callable[[float, str], None],
) -> None:
    """Write ``out``: every clip of ``part`` spoilt, with its labels. ``read``: a clip's name to its sound.

    What is there already is kept, but for the labels: those may be better now.
    """
    source, writer = CorpusPart(part), CorpusWriter()
    known = {clip.name: clip for clip in CorpusPart(out).clips} if (out / "index.json").exists() else {}
    earlier = CorpusPart(out) if known else None
    for i, clip in enumerate(source.clips):
        report(i / len(source.clips), f"Spoiling {clip.name}")
        if earlier is not None and clip.name in known:
            first = known[clip.name].first
            mel = np.asarray(earlier.mel[first : first + clip.frames])
        else:
            random = np.random.default_rng((*seed, i))
            mel = levelled(in_pieces(spoilt(read(clip.name), random), random))
        writer.add(mel, np.asarray(source.label[clip.first : clip.first + clip.frames]), clip.speaker, clip.name)
    writer.save(out)
