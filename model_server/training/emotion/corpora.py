"""The recordings that teach the voice model, clip by clip, and RAVDESS, which only measures it.

A clip says who speaks, what listeners heard (shares of ``listener.CLASSES``), whether it is that person's ordinary
speech, and by how much its loudness was changed when it was stored.
"""

import csv
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from model_server.emotion.labels import RAVDESS
from model_server.emotion.listener import CLASSES
from s2f_blender_addon.core.errors import UserError

SOUNDS = (".wav", ".flac", ".opus", ".ogg", ".mp3")
_STORED_PEAK = 0.8
_VOTES = {"N": "neutral", "A": "angry", "D": "disgust", "F": "fear", "H": "happy", "S": "sad"}
_BURSTS = {
    "Amusement": "laugh", "Relief": "sigh", "Surprise (Negative)": "gasp", "Surprise (Positive)": "gasp",
    "Sadness": "sob", "Distress": "sob",
}  # fmt: skip
"""What people mostly do when they are asked for a burst of that feeling (EmoGator's categories)."""
_ORDINARY = ("librispeech", "coffee-orders")
_OTHER = (
    "kerstin-de", "kathleen-en", "speechocean762", "fleurs-du-mal-fr", "asterisk-ru", "arabic-speech-commands",
    "picovoice-wake-words", "precise-community", "ljspeech-sample",
)  # fmt: skip
_MOST_OF_EACH = 100
"""Recordings of each of the smaller sets of ordinary speech."""


@dataclass(frozen=True)
class EmotionClip:
    """heard: shares by class, empty where none applies. raised_db: level of the stored sound above the original's.

    acted: what a clip was meant as, for measuring. burst: the event that it is, if any. group: the set it came from.
    """

    path: str
    speaker: str
    heard: dict[str, float]
    ordinary: bool = False
    raised_db: float = 0.0
    acted: str = ""
    burst: str = ""
    group: str = ""

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def crema_d(data: Path) -> Iterator[EmotionClip]:
    """CREMA-D: the votes of those who only heard the clip."""
    folder = data / "emotional" / "crema-d"
    for row in _table(folder / "labels.csv"):
        votes = {name: float(row[f"voice_{letter}"]) for letter, name in _VOTES.items()}
        total = sum(votes.values())
        if total:
            raised = -20 * np.log10(float(row["peak_of_wav"]) / _STORED_PEAK)
            heard = {name: count / total for name, count in votes.items() if count}
            ordinary, acted = row["emotion"] == "neutral", row["emotion"]
            yield EmotionClip(str(folder / "audio" / row["file"]), row["actor"], heard, ordinary, float(raised), acted)


def emogator(data: Path, unpacked: Path) -> Iterator[EmotionClip]:
    """Vocal bursts; the zip of sounds is unpacked into ``unpacked``."""
    folder = data / "emotional" / "emogator"
    if not unpacked.is_dir():
        with zipfile.ZipFile(folder / "audio.zip") as archive:
            archive.extractall(unpacked)
    for row in _table(folder / "labels.csv"):
        heard = {row["slider"]: 1.0} if row["slider"] in CLASSES else {}
        path = next((p for p in (unpacked / row["file"], unpacked / "audio" / row["file"]) if p.is_file()), None)
        if path is not None:
            burst = _BURSTS.get(row["category"], "")
            yield EmotionClip(str(path), row["contributor"], heard, acted=row["slider"], burst=burst)


def marco_voice(data: Path) -> Iterator[EmotionClip]:
    """Synthetic acted Mandarin."""
    folder = data / "emotional" / "marco-voice"
    for row in _table(folder / "labels.csv"):
        heard = {row["slider"]: 1.0}
        yield EmotionClip(
            str(folder / "audio" / row["file"]), row["speaker"], heard, row["slider"] == "neutral", acted=row["slider"]
        )


def ordinary(data: Path) -> Iterator[EmotionClip]:
    """People who read or order coffee. Readers of LibriSpeech are told apart by their number."""
    for name in _ORDINARY:
        for path in _sounds(data / "speech" / name):
            if not path.name.startswith("noise"):
                speaker = path.stem.split("-")[0] if name == "librispeech" else path.stem
                yield EmotionClip(str(path), f"{name} {speaker}", {"neutral": 1.0}, True, group=name)


def ordinary_elsewhere(data: Path) -> Iterator[EmotionClip]:
    """Other languages, single words, learners: some of each set."""
    for name in _OTHER:
        paths = _sounds(data / "speech" / name)
        chosen = sorted(np.random.default_rng(0).permutation(len(paths))[:_MOST_OF_EACH])
        for k in chosen:
            yield EmotionClip(str(paths[k]), f"{name} {paths[k].stem}", {"neutral": 1.0}, True, group=name)


def ravdess(data: Path) -> Iterator[EmotionClip]:
    """Acted English for research, which measures only; nothing when it is not there."""
    for path in _sounds(data / "emotional-nc" / "ravdess", must=False):
        field = path.stem.split("-")
        name = {"angry": "angry", "fearful": "fear", "surprised": "surprise"}.get(
            RAVDESS[int(field[2]) - 1], RAVDESS[int(field[2]) - 1]
        )
        strong = " strong" if field[3] == "02" else ""
        yield EmotionClip(str(path), field[6], {}, name == "neutral", acted=name + strong)


def corpora(data: Path, work: Path) -> dict[str, Callable[[], Iterator[EmotionClip]]]:
    """Every set by its name."""
    return {
        "crema": lambda: crema_d(data), "marco": lambda: marco_voice(data), "neutral": lambda: ordinary(data),
        "neutral2": lambda: ordinary_elsewhere(data), "ravdess": lambda: ravdess(data),
        "emogator": lambda: emogator(data, work / "emogator"),
    }  # fmt: skip


def _table(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); give the folder that holds emotional/.") from None


def _sounds(folder: Path, must: bool = True) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SOUNDS)
    if must and not found:
        raise UserError(f"{folder} holds no recordings; give the folder that holds speech/ and emotional/.")
    return found
