"""The table of mouth shapes (``visemes.csv``): what each phone asks of the face, and how strongly it insists.

One row a phone class, channel columns in 0-1 (``mouthSmile`` moves both sides). Edit it in any spreadsheet. Sizes
follow Apple's convention: a jaw that hardly opens for consonants, lips that do the rest. ``jaw ceiling`` is what a
phone lets the jaw open at most, whatever its neighbours and the voice ask for: teeth nearly meet for s, as in JALI
(Edwards et al. 2016). p, b and m hold what a shut mouth adds.
"""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model_server.speech.phones import CLASSES
from s2f_blender_addon.core.channels import CHANNELS, INDEX
from s2f_blender_addon.core.errors import UserError

Array = npt.NDArray[np.float32]
TABLE = Path(__file__).with_name("visemes.csv")
GROUPS = ("jaw", "lip", "tongue")


@dataclass(frozen=True)
class Visemes:
    """targets (K, 52) in 0-1; dominance (3, K) of each class over the channels of each of ``GROUPS``.

    ceilings (K,): jawOpen that each class allows.
    """

    targets: Array
    dominance: Array
    ceilings: Array


def group_of(channel: str) -> int:
    """Which of ``GROUPS`` moves a channel."""
    return 0 if channel.startswith("jaw") else 2 if channel.startswith("tongue") else 1


@lru_cache(maxsize=4)
def visemes(path: Path = TABLE) -> Visemes:
    """The table at ``path``. Raises UserError for a class that is missing, or a name or number that is none."""
    targets = np.zeros((len(CLASSES), len(CHANNELS)), np.float32)
    dominance = np.zeros((len(GROUPS), len(CLASSES)), np.float32)
    ceilings = np.zeros(len(CLASSES), np.float32)
    with path.open(newline="", encoding="utf-8") as source:
        rows = {row["class"]: row for row in csv.DictReader(source)}
    try:
        for k, name in enumerate(CLASSES):
            row = dict(rows[name])
            row.pop("class")
            for g, group in enumerate(GROUPS):
                dominance[g, k] = float(row.pop(f"{group} dominance"))
            ceilings[k] = float(row.pop("jaw ceiling"))
            for channel, value in row.items():
                sides = [channel] if channel in INDEX else [f"{channel}Left", f"{channel}Right"]
                targets[k, [INDEX[side] for side in sides]] = float(value)
    except (KeyError, ValueError, TypeError) as error:
        raise UserError(f"The viseme table {path} is wrong at {error}; correct that cell.") from None
    return Visemes(targets, dominance, ceilings)
