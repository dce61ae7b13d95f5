"""Hand labels of phones: TIMIT's ``.phn`` files (start sample, end sample, phone; 16 kHz)."""

from pathlib import Path

from s2f_blender_addon.core.errors import UserError

Label = tuple[float, float, str]

BILABIAL = frozenset(("p", "b", "m", "em", "bcl", "pcl"))
OPEN = frozenset(("aa", "ae", "ao", "aw", "ay", "ah"))
ROUND = frozenset(("uw", "ow", "w", "uh", "oy", "ao"))
SPREAD = frozenset(("iy", "ih", "eh", "ae", "s", "z", "ey"))
SILENCE = frozenset(("h#", "pau", "epi"))

FROM_CLASS = {
    "sil": "h#", "i": "iy", "e": "ey", "a": "aa", "o": "ow", "u": "uw", "y": "uw", "oe": "uh", "j": "y", "h": "hh",
}  # fmt: skip
"""Our classes in the labels' alphabet where the names differ; only the sets above matter. (Vowels of other
languages: a is open as in "father", y and oe are rounded.)"""
UNSURE = "?"
"""Speech of which nobody knows what is said: what the lips do there is neither right nor wrong."""

FROM_CLASS = {
    "sil": "h#", "i": "iy", "e": "ey", "a": "aa", "o": "ow", "u": "uw", "y": "uw", "oe": "uh", "j": "y", "h": "hh",
}  # fmt: skip
"""Our classes in the labels' alphabet where the names differ; only the sets above matter. (Vowels of other
languages: a is open as in "father", y and oe are rounded.)"""


def read_labels(path: Path) -> list[Label]:
    """(start s, end s, phone) rows of a ``.phn`` file. Raises UserError when it is none."""
    try:
        rows = [line.split() for line in path.read_text(encoding="ascii").splitlines() if line.strip()]
        return [(int(a) / 16000, int(b) / 16000, phone) for a, b, phone in rows]
    except (OSError, ValueError):
        raise UserError(
            f"{path} holds no phone labels; each line needs a start sample, an end sample, a phone."
        ) from None


def events(labels: list[Label], wanted: frozenset[str]) -> list[tuple[float, float]]:
    """Stretches (start s, end s) of ``wanted`` phones; neighbours less than 5 ms apart are one."""
    found: list[tuple[float, float]] = []
    for start, end, phone in labels:
        if phone in wanted:
            if found and start - found[-1][1] < 0.005:
                found[-1] = (found[-1][0], end)
            else:
                found.append((start, end))
    return found
