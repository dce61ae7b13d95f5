"""Lines that people labelled with what they felt in them: GoEmotions, XED."""

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model_server.emotion.word_model import CLASSES
from model_server.training.emotion.phrases import Shares
from s2f_blender_addon.core.errors import UserError

Floats = npt.NDArray[np.float32]

SEVEN = ("neutral", "happy", "sad", "angry", "fear", "disgust", "surprise")
"""What both sets label."""
EKMAN = {
    "angry": "anger annoyance disapproval", "disgust": "disgust", "fear": "fear nervousness",
    "sad": "sadness disappointment embarrassment grief remorse", "surprise": "surprise realization confusion curiosity",
    "neutral": "neutral",
}  # fmt: skip
"""The authors' grouping of GoEmotions (Demszky et al., ACL 2020); every other label is happy."""
PARTLY = {"curiosity": 0.35, "confusion": 0.5, "realization": 0.6}
"""How much of a label is a surprise that shows; the rest is neutral."""
XED = {1: "angry", 3: "disgust", 4: "fear", 5: "happy", 6: "sad", 7: "surprise"}
XED_HELD = 8
"""One line of XED in so many is kept for the figures."""
FINE = 28
"""Labels of GoEmotions."""
FILM, COMMENT, OWN = range(3)
"""Where lines come from: XED, GoEmotions, ourselves. Each has a mixture of emotions of its own."""


@dataclass(frozen=True)
class LabelledText:
    """A sentence, its shares (1 + E,) of CLASSES, whether one label was all it had, and where it is from.

    fine: numbers of GoEmotions' own labels.
    """

    text: str
    shares: Floats
    sure: bool
    source: int
    fine: tuple[int, ...] = ()


def goemotions(folder: Path, split: str) -> list[LabelledText]:
    """Lines of ``split`` (train, dev or test). Raises UserError when they are not there."""
    labels = _read(folder / "labels.txt").split()
    known = {label: emotion for emotion, names in EKMAN.items() for label in names.split()}
    found = []
    for line in _read(folder / f"{split}.tsv.gz").splitlines():
        text, numbers, _ = line.split("\t")
        fine = tuple(int(number) for number in numbers.split(","))
        names = [labels[number] for number in fine]
        emotions = [known.get(name, "happy") for name in names]
        part = [PARTLY.get(name, 1.0) if split == "train" else 1.0 for name in names]
        found.append(_line(text, emotions, part, COMMENT, fine))
    return found


def xed(folder: Path) -> tuple[list[LabelledText], list[LabelledText]]:
    """Lines that teach, and lines that are held out. Raises UserError when they are not there."""
    found = []
    for line in _read(folder / "en-annotated.tsv.gz").splitlines():
        text, numbers = line.split("\t")
        emotions = [XED[int(number)] for number in numbers.split(",") if int(number) in XED]
        if emotions:
            found.append(_line(text, emotions, [1.0] * len(emotions), FILM))
    neutral = _read(folder / "neu_en.txt.gz").splitlines()
    found += [_line(line.split("\t", 1)[-1], ["neutral"], [1.0], FILM) for line in neutral]
    order = np.random.default_rng(0).permutation(len(found))
    held = len(found) // XED_HELD
    return [found[i] for i in order[held:]], [found[i] for i in order[:held]]


def own(text: str, parts: Shares) -> LabelledText:
    """A phrase of ours."""
    return LabelledText(text, np.array([parts.get(name, 0.0) for name in CLASSES], np.float32), False, OWN)


def _line(
    text: str, emotions: list[str], part: list[float], source: int, fine: tuple[int, ...] = ()
) -> LabelledText:
    row = np.zeros(len(CLASSES), np.float32)
    for emotion, share in zip(emotions, part, strict=True):
        row[CLASSES.index(emotion)] += share
        row[0] += 1 - share
    return LabelledText(text, row / row.sum(), len(set(emotions)) == 1, source, fine)


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read ({error}); give the data folder that holds text/goemotions.") from None
