"""Pairs of voice and words to learn their fusion from: espeak-ng with the prosody of an emotion, and words of feeling.

Voice and words agree, or one of them is neutral, or they contradict each other. What such a pair means is our rule:
where both speak, the voice counts for 0.7 and the words for 0.3; where one is neutral, the other counts.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model_server.audio.decode import decode
from model_server.audio.resample import resample
from model_server.audio.sound import SAMPLE_RATE
from model_server.cancel import Progress, silent
from model_server.emotion import listener, word_model
from model_server.emotion.fusion import CLASSES
from model_server.emotion.labels import RAVDESS, SLIDERS
from model_server.emotion.voice import Heard, VoiceModel
from model_server.emotion.words import Sentence
from model_server.training.corpus import espeak
from model_server.training.emotion.acted import ravdess
from s2f_blender_addon.core.emotions import EMOTIONS, RECORDS

Floats = npt.NDArray[np.float32]

VOICES = ("en-us", "en-gb", "en-us+f2", "en-gb+m3", "en-gb-scotland", "en-us+m7", "en-029+f3", "en-gb-x-rp+f4")
HELD_VOICES = ("en-us+f5", "en-gb+m2", "en-gb-x-gbclan+f1")

CARRIERS = (
    "They said {} again this morning.", "I wrote {} on the first page.", "All of it was {} to her.",
    "She told us {} about the house.", "It felt {} when they came in.", "He had one word, {}, for the day.",
    "And then it was {} for the whole town.", "We heard {} from the other room.",
)  # fmt: skip
HELD_CARRIERS = ("Everyone in the street called it {}.", "On the way to work I thought {} about it.")
PLAIN = (
    "The chair is by the window.", "We take the second road on the left.", "The train leaves at ten.",
    "There are four books on the table.", "Turn the page and read the number.", "The door is made of wood.",
)  # fmt: skip
HELD_PLAIN = ("The box is under the stairs.", "Put the paper into the drawer.")

MEASURES = ("pitch", "range", "loudness", "brightness", "rate")
_VOICE_COUNTS = 0.7
_KINDS = ("agree", "voice", "words", "against", "none")
_ODDS = (0.3, 0.25, 0.2, 0.15, 0.1)


@dataclass(frozen=True)
class LabelledPair:
    """heard, said: what the models made of voice and words. target: (n, 1 + E) shares of neutral and the emotions."""

    heard: Heard
    said: list[Sentence]
    target: Floats


def target_of(voice: int, words: int) -> Floats:
    """(1 + E,) shares for classes of voice and words, 0 being neutral."""
    shares = np.zeros(CLASSES, np.float32)
    if voice and words and voice != words:
        shares[voice], shares[words] = _VOICE_COUNTS, 1 - _VOICE_COUNTS
    else:
        shares[voice or words] = 1.0
    return shares


def synthetic(count: int, seed: int, held: bool = False, progress: Progress = silent) -> list[LabelledPair]:
    """``count`` recordings of two or three sentences. ``held``: voices, words and carriers that are never taught."""
    rng = np.random.default_rng([seed, held])
    model, pairs = listener.bundled(), []
    for i in range(count):
        progress(i / count, "speaking with feeling")
        classes = [_classes(rng) for _ in range(int(rng.integers(2, 4)))]
        voice = str(rng.choice(HELD_VOICES if held else VOICES))
        pieces, spans = [np.zeros(4000, np.float32)], []
        texts = [_text(words, rng, held) for _, words in classes]
        for (feeling, _), text in zip(classes, texts, strict=True):
            start = sum(map(len, pieces)) / SAMPLE_RATE
            pieces += [_acted(text, voice, feeling, rng)]
            spans.append((start, sum(map(len, pieces)) / SAMPLE_RATE))
            pieces += [np.zeros(int(rng.integers(3000, 9000)), np.float32)]
        samples = np.concatenate(pieces) + rng.normal(0, 1e-4, sum(map(len, pieces))).astype(np.float32)
        pairs.append(_pair(samples, model, texts, spans, classes))
    return [pair for pair in pairs if len(pair.heard.times)]


def acted(folder: Path, actors: range, seed: int, progress: Progress = silent) -> list[LabelledPair]:
    """RAVDESS recordings of ``actors``, each paired with a sentence in place of its own, neutral one."""
    rng = np.random.default_rng([seed, actors.start])
    clips = [clip for clip in ravdess(folder) if clip.actor in actors]
    model, pairs = listener.bundled(), []
    for i, clip in enumerate(clips):
        progress(i / len(clips), f"hearing {clip.path.name}")
        feeling = next((1 + EMOTIONS.index(name) for name in SLIDERS[RAVDESS[clip.label]]), 0)
        words = _words_for(feeling, rng)
        samples = decode(clip.path).samples
        span = [(0.0, len(samples) / SAMPLE_RATE)]
        pairs.append(_pair(samples, model, [_text(words, rng, False)], span, [(feeling, words)]))
    return [pair for pair in pairs if len(pair.heard.times)]


def _pair(
    samples: Floats,
    model: VoiceModel,
    texts: list[str],
    spans: list[tuple[float, float]],
    classes: list[tuple[int, int]],
) -> LabelledPair:
    heard = model.hear(samples)
    reader = word_model.bundled()
    said = [Sentence(text, start, end, reader.score(text)) for text, (start, end) in zip(texts, spans, strict=True)]
    edges = [-np.inf, *((a[1] + b[0]) / 2 for a, b in pairwise(spans)), np.inf]
    during = np.searchsorted(edges, heard.times, side="right") - 1
    target = np.array([target_of(*classes[k]) for k in during], np.float32).reshape(-1, CLASSES)
    return LabelledPair(heard, said, target)


def _classes(rng: np.random.Generator) -> tuple[int, int]:
    kind = str(rng.choice(_KINDS, p=_ODDS))
    one, other = rng.choice(np.arange(1, CLASSES), 2, replace=False).tolist()
    return {"agree": (one, one), "voice": (one, 0), "words": (0, one), "against": (one, other), "none": (0, 0)}[kind]


def _words_for(feeling: int, rng: np.random.Generator) -> int:
    """The class of words to go with a voice that is given."""
    if not feeling:
        return int(rng.integers(CLASSES)) if rng.random() < 0.6 else 0
    draw = rng.random()
    if draw < 0.4:
        return feeling
    return 0 if draw < 0.75 else int(rng.integers(1, CLASSES))


def _text(words: int, rng: np.random.Generator, held: bool) -> str:
    if not words:
        return str(rng.choice(HELD_PLAIN if held else PLAIN))
    known = sorted(RECORDS[EMOTIONS[words - 1]].words)
    chosen = [word for i, word in enumerate(known) if (i % 4 == 0) is held]
    return str(rng.choice(HELD_CARRIERS if held else CARRIERS)).format(rng.choice(chosen))


def _acted(text: str, voice: str, feeling: int, rng: np.random.Generator) -> Floats:
    """``text`` spoken with the profile of class ``feeling``, not always well."""
    profile = RECORDS[EMOTIONS[feeling - 1]].voice if feeling else dict.fromkeys(MEASURES, 0.0)
    meant = np.array([profile[name] for name in MEASURES]) * rng.uniform(0.6, 1.4) + rng.normal(0, 0.4, len(MEASURES))
    pitch, span, loud, bright, rate = meant
    spoken = espeak.library().speak(
        text, voice, int(np.clip(170 * (1 + 0.16 * rate), 90, 320)), int(np.clip(45 + 22 * pitch, 0, 99)),
        int(np.clip(50 + 28 * span, 0, 99)),
    )  # fmt: skip
    samples = resample(spoken.samples, spoken.rate, SAMPLE_RATE)
    spectrum = np.fft.rfft(samples)
    tilt = (np.maximum(np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE), 50) / 1000) ** (0.25 * bright)
    return np.asarray(0.3 * np.fft.irfft(spectrum * tilt, len(samples)) * 10 ** (2.5 * loud / 20), np.float32)
