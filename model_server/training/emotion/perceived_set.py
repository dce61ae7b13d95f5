"""A synthetic emotional set: talking tracks combined with expressions, intensities and mouth gates, with labels.

EmoVOCA's idea (Nocentini et al. 2024) carried into blendshape space: the speech of one and the expression of another,
added.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save

from model_server.audio.prosody import Prosody, prosody
from model_server.cancel import Progress, silent
from model_server.emotion.perceived import CLASSES
from model_server.face.expressions import Expression, load_expressions
from model_server.face.life import live
from model_server.face.mood import mood
from model_server.speech.talk import Talk
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.blend import blend
from s2f_blender_addon.core.channels import CHANNELS, EMOTIONS
from s2f_blender_addon.core.request import Side
from s2f_blender_addon.core.whole_file import whole_file

Floats = npt.NDArray[np.float32]

FPS = 30.0


@dataclass(frozen=True)
class Talking:
    """One speaker's stretch of speech: what the mouth does and how it sounds."""

    name: str
    talk: Talk
    prosody: Prosody


@dataclass(frozen=True)
class Labelled:
    """values: (T, 52) at FPS. label: into CLASSES. strength: the slider. gated: lips kept. source: whose speech."""

    values: Floats
    label: int
    strength: float
    intensity: float
    gated: bool
    source: str


def talking(samples: Floats, name: str, model: TalkModel) -> Talking:
    """The talking track of 16 kHz mono ``samples`` (N,)."""
    return Talking(name, model.run(samples, FPS), prosody(samples, FPS))


def make_emotional(speakers: list[Talking], each: int, seed: int, vary: float = 0.0) -> Iterator[Labelled]:
    """``each`` tracks of every class for every speaker, in the order of ``speakers``.

    ``vary`` 0-1 perturbs the expression table anew for every track (see ``varied``), so that what learns from the set
    does not learn our one table.
    """
    rng = np.random.default_rng(seed)
    table = load_expressions()
    for speaker in speakers:
        for label in range(len(CLASSES)):
            for _ in range(each):
                yield _one(speaker, label, varied(table, rng, vary) if vary else table, rng)


def _one(speaker: Talking, label: int, table: dict[str, Expression], rng: np.random.Generator) -> Labelled:
    strength, intensity = float(rng.uniform(0.5, 1.0)), float(rng.uniform(0.7, 1.4))
    gated, seed = bool(rng.random() < 0.75), int(rng.integers(1 << 30))
    talk, voice = speaker.talk, speaker.prosody
    performance = live(talk, voice, seed)
    base = np.clip(talk.curves + performance.curves * rng.uniform(0.3, 1.4), 0, 1).astype(np.float32)
    if not label:
        return Labelled(base, 0, 0.0, 0.0, True, speaker.name)
    sliders = np.zeros((len(base), len(EMOTIONS)), np.float32)
    sliders[:, label - 1] = strength
    quiet = np.zeros_like(talk.seal)
    mouth = talk if gated else replace(talk, seal=quiet, round=quiet, spread=quiet, speech=quiet)
    side: Side = "left" if rng.random() < 0.5 else "right"
    added = mood(sliders, replace(performance, talk=mouth), list(table.values()), side)
    return Labelled(blend(base, added, intensity), label, strength, intensity, gated, speaker.name)


def varied(table: dict[str, Expression], rng: np.random.Generator, amount: float = 1.0) -> dict[str, Expression]:
    """Another artist's table: weights ±40 %, one channel in six dropped, halves uneven; all scaled by ``amount``."""
    changed = {}
    for name, row in table.items():
        weight = 1 + amount * rng.uniform(-0.4, 0.4, len(CHANNELS))
        dropped = rng.random(len(CHANNELS)) < amount / 6
        uneven = 1 + amount * rng.normal(0, 0.12, len(CHANNELS))
        factor = np.where(dropped, 0, weight) * uneven
        steps, spoken = (np.clip(one * factor, 0, 1).astype(np.float32) for one in (row.steps, row.spoken))
        changed[name] = replace(row, steps=steps, spoken=spoken)
    return changed


def write_set(clips: list[Labelled], folder: Path, progress: Progress = silent) -> None:
    """Into ``folder``: emotional.safetensors (half precision, track after track) and emotional.json (one row each)."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, first = [], 0
    for i, clip in enumerate(clips):
        progress(i / len(clips), "writing the emotional set")
        rows.append(
            {
                "emotion": CLASSES[clip.label],
                "strength": round(clip.strength, 4),
                "intensity": round(clip.intensity, 4),
                "gated": clip.gated,
                "speech": clip.source,
                "first_frame": first,
                "frames": len(clip.values),
            }
        )
        first += len(clip.values)
    values = np.concatenate([clip.values for clip in clips]).astype(np.float16)
    with whole_file(folder / "emotional.safetensors") as temporary:
        temporary.write_bytes(save({"values": values}))
    index = {"fps": FPS, "channels": CHANNELS, "clips": rows}
    with whole_file(folder / "emotional.json") as temporary:
        temporary.write_text(json.dumps(index, indent=0), "utf-8")
