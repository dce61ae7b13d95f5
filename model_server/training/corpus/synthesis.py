"""The synthetic part of the corpus: who says what, at which pace and pitch, through which throat."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt

from model_server.audio import features
from model_server.audio.resample import resample
from model_server.speech.phones import CLASS_INDEX
from model_server.training.corpus import flite, texts
from model_server.training.corpus.espeak import SynthesisedSpeech, library
from model_server.training.corpus.store import CorpusWriter, labels, log_power

VARIANTS = """f1 f2 f3 f4 m1 m2 m3 m4 m5 m6 m8 klatt klatt2 klatt3 klatt5 klatt6 Alex Andrea Andy Annie Denis Diogo Gene
Gene2 Henrique Hugo Jacky Lee Marco Mario Michael Mike Nguyen adam anika antonio aunty belinda benjamin boris caleb
david ed edward edward2 gustave iven iven2 john kaukovalta max michel miguel norbert pablo pedro quincy rob robert
sandro shelby steph steph2 travis victor whisper zac grandma grandpa""".split()
HELD_OUT = "f5 m7 klatt4 linda paul Alicia iven3 steph3".split()
"""espeak-ng variants that only the development set hears."""
HELD_OUT_FLITE = "awb"
KINDS = ("flite", "english", "world", *texts.LANGUAGES)
"""What ``utterances`` and ``make`` know."""


def espeak_clip(random: Random, language: str, variants: list[str]) -> tuple[SynthesisedSpeech, str]:
    """One utterance of espeak-ng and its speaker's name."""
    variant = random.choice(variants)
    if language.startswith("en") and random.random() < 0.8:
        text = texts.english(random)
    else:
        text = texts.pseudo(random, texts.LANGUAGES[language], random.randint(4, 10))
    spoken = library().speak(
        text, f"{language}+{variant}", random.randint(125, 230), random.randint(25, 80), random.randint(25, 80)
    )
    return spoken, f"{language}+{variant}"


def flite_clip(random: Random, voice: str) -> tuple[SynthesisedSpeech, str]:
    return flite.speak(texts.english(random), voice, random.uniform(0.75, 1.25)), voice


def throat(spoken: SynthesisedSpeech, factor: float) -> SynthesisedSpeech:
    """The same words from a shorter (> 1) or longer throat: played about ``factor`` times as fast."""
    rate = round(spoken.rate * factor / 50) * 50
    faster = rate / spoken.rate
    return SynthesisedSpeech(spoken.samples, rate, [(a / faster, b / faster, name) for a, b, name in spoken.segments])


@dataclass(frozen=True)
class Utterance:
    """samples (N,) mono 16 kHz, the class of every feature frame, who speaks."""

    samples: npt.NDArray[np.float32]
    label: npt.NDArray[np.uint8]
    speaker: str


def utterances(kind: str, seed: int, held_out: bool) -> Iterator[Utterance]:
    """Endless speech of one of ``KINDS``, seeded."""
    random = Random(f"{kind} {seed} {held_out}")
    variants = HELD_OUT if held_out else VARIANTS
    voices = [HELD_OUT_FLITE] if held_out else [v for v in flite.VOICES if v != HELD_OUT_FLITE]
    world = [language for language in texts.LANGUAGES if not language.startswith("en")]
    while True:
        if kind == "flite":
            spoken, speaker = flite_clip(random, random.choice(voices))
        elif kind == "english":
            spoken, speaker = espeak_clip(random, random.choice(["en-us", "en-us", "en-gb"]), variants)
        else:
            spoken, speaker = espeak_clip(random, random.choice(world) if kind == "world" else kind, variants)
        if len(spoken.samples) < spoken.rate // 2:
            continue
        if not held_out:
            spoken = throat(spoken, random.choice([1.0, random.uniform(0.87, 1.18)]))
        # A moment of silence on both sides, so that beginnings and ends are learnt too.
        lead, tail = random.uniform(0, 0.4), random.uniform(0.05, 0.4)
        samples = resample(spoken.samples, spoken.rate, 16000)
        samples = np.pad(samples, (int(lead * 16000), int(tail * 16000))).astype(np.float32)
        shifted = [(a + lead, b + lead, name) for a, b, name in spoken.segments]
        label = labels(shifted, features.frame_count(len(samples)))
        label[: int(lead * 100)] = CLASS_INDEX["sil"]
        yield Utterance(samples, label, speaker)


def make(
    folder: Path, kind: str, hours: float, seed: int, held_out: bool, report: Callable[[float, str], None]
) -> None:
    """Write ``hours`` of ``kind`` (one of ``KINDS``) into ``folder``."""
    writer, wanted = CorpusWriter(), hours * 3600 * 100
    speech = utterances(kind, seed, held_out)
    while writer.frames < wanted:
        said = next(speech)
        writer.add(log_power(said.samples), said.label, said.speaker, f"{kind}-{writer.clips}")
        report(writer.frames / wanted, f"{kind}: {writer.frames / 360000:.2f} h")
    writer.save(folder)
