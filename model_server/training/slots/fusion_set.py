"""What fusions learn from: what was heard, what is felt, whose mouth it is, and the face that belongs to it.

Two sources, both ours to ship: recorded speech with the mouth that our rules give it (identity ``rules``), and captured
takes with the mouth that was there (identity: the take). Both get expressions at levels 0 to 2 added as the product
adds them, which is EmoVOCA's way of making an emotional set (see ``emotional_set``), with sliders that change in time.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model_server.audio.decode import decode
from model_server.audio.prosody import prosody
from model_server.audio.sound import SAMPLE_RATE
from model_server.cancel import Progress
from model_server.face.life import live
from model_server.face.mood import mood
from model_server.slots.fused import RATE, SPOKEN, content
from model_server.speech.sampled import read_at
from model_server.talk_model import TalkModel
from model_server.training.alignment.captured_closures import HELD_OUT
from model_server.training.alignment.forced_alignment import held_out
from model_server.training.emotion.perceived_set import Talking
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.blend import blend
from s2f_blender_addon.core.channels import CHANNELS, EMOTIONS
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.whole_file import whole_file

Array = npt.NDArray[np.float32]

RULES = "rules"
SECONDS = 8.0
"""Of a recording, and of each piece of a capture."""
SOUNDS = (".wav", ".flac", ".opus", ".ogg", ".mp3")
ARRAYS = {"heard": 45, "felt": len(EMOTIONS) + 1, "face": len(CHANNELS)}
"""Columns: phones and voice; sliders and level; channels. All at RATE, in half precision."""


@dataclass(frozen=True)
class Performed:
    """A speaker's few seconds at RATE: what was heard, whose mouth it is."""

    talking: Talking
    identity: str


def performed(data: Path, recordings: int, seed: int, held: bool, report: Progress) -> list[Performed]:
    """``recordings`` from ``data/speech`` and all pieces of the takes in ``data/pairs/facegood``.

    ``held``: those that training never sees instead. Raises UserError when there is no speech.
    """
    found = sorted(p for p in (data / "speech").rglob("*") if p.suffix in SOUNDS and held_out(p) == held)
    if not found:
        raise UserError(f"{data / 'speech'} holds no recordings; give the data folder with --data.")
    chosen = np.random.default_rng(seed).permutation(len(found))[:recordings]
    takes = [p for p in sorted((data / "pairs" / "facegood").glob("*.flac")) if (p.stem in HELD_OUT) == held]
    model, result = TalkModel.load(), []
    for i, path in enumerate([*(found[k] for k in chosen), *takes]):
        report(i / (len(chosen) + len(takes)), path.name)
        samples = decode(path).samples
        capture = formats.read(path.with_suffix(".csv")) if path in takes else None
        for first in range(0, max(1, len(samples) if capture else 1), int(SECONDS * SAMPLE_RATE)):
            piece = samples[first : first + int(SECONDS * SAMPLE_RATE)]
            if len(piece) < SAMPLE_RATE:
                continue
            talk = model.run(piece, RATE)
            if capture is not None:
                times = first / SAMPLE_RATE + np.arange(len(talk.curves)) / RATE
                mouth = np.zeros_like(talk.curves)
                mouth[:, SPOKEN] = np.clip(read_at(capture.talk, capture.fps, times)[:, SPOKEN], 0, 1)
                talk = replace(talk, curves=mouth)
            result.append(Performed(Talking(path.stem, talk, prosody(piece, RATE)), path.stem if capture else RULES))
    return result


def sliders(frames: int, random: np.random.Generator) -> Array:
    """(T, E): one emotion or two, for all of the clip or changing once or twice in it; a quarter is neutral."""
    found = np.zeros((frames, len(EMOTIONS)), np.float32)
    if random.random() < 0.25:
        return found
    cuts = np.sort(random.integers(0, frames, int(random.integers(0, 3))))
    for piece in np.split(found, cuts):
        for k in random.choice(len(EMOTIONS), 1 + int(random.random() < 0.3), replace=False):
            piece[:, k] = random.uniform(0.3, 1.0) * (random.random() < 0.85)
    return found


def tracks(speakers: list[Performed], each: int, seed: int) -> Iterator[tuple[str, Array, Array, Array]]:
    """(identity, heard, felt, face), ``each`` of every speaker; of a captured one three times as many."""
    random = np.random.default_rng(seed)
    for who in speakers:
        talk, voice = who.talking.talk, who.talking.prosody
        heard = content(talk.phones, talk.loudness, RATE)
        for _ in range(each if who.identity == RULES else 3 * each):
            emotion, level = sliders(len(heard), random), float(random.choice((0.5, 1.0, 1.5, random.uniform(0, 2))))
            added = mood(emotion, live(talk, voice, int(random.integers(1 << 30))))
            face = blend(talk.curves, added, level)
            yield who.identity, heard, np.concatenate([emotion, np.full((len(heard), 1), level, np.float32)], 1), face


def make(speakers: list[Performed], each: int, seed: int, folder: Path, report: Progress) -> None:
    """Write the tracks into ``folder``: heard.npy, felt.npy, face.npy, index.json."""
    pieces: dict[str, list[npt.NDArray[np.float16]]] = {name: [] for name in ARRAYS}
    clips: list[tuple[int, int, str]] = []
    first, wanted = 0, sum(each if s.identity == RULES else 3 * each for s in speakers)
    for identity, *arrays in tracks(speakers, each, seed):
        report(len(clips) / wanted, f"{len(clips)} tracks of {wanted}")
        for name, array in zip(ARRAYS, arrays, strict=True):
            pieces[name].append(array.astype(np.float16))
        clips.append((first, len(arrays[0]), identity))
        first += len(arrays[0])
    for name, found in pieces.items():
        with whole_file(folder / f"{name}.npy") as temporary:
            np.save(temporary, np.concatenate(found), allow_pickle=False)
    with whole_file(folder / "index.json") as temporary:
        temporary.write_text(json.dumps({"rate": RATE, "seed": seed, "clips": clips}), "utf-8")


class FusionSet:
    """The set in ``folder``, opened for reading."""

    def __init__(self, folder: Path) -> None:
        self.heard, self.felt, self.face = (
            np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in ARRAYS
        )
        rows = json.loads((folder / "index.json").read_text("utf-8"))["clips"]
        self.clips = [(int(first), int(frames), str(identity)) for first, frames, identity in rows]

    @property
    def identities(self) -> tuple[str, ...]:
        """RULES first, then the takes."""
        return (RULES, *sorted({who for _, _, who in self.clips} - {RULES}))
