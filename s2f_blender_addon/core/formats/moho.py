"""Mouth cues as a switch file of Moho, the way Papagayo writes it: Preston Blair's names at frames that count from 1.

The file does not tell its rate: it is the track's.
"""

import re
from collections.abc import Iterator

from .. import plain_text
from ..blend import Mix
from ..errors import UserError
from ..track import FaceTrack
from . import cued
from .cues import shown

NAMES = {
    "A": "MBP", "B": "etc", "C": "E", "D": "AI", "E": "O", "F": "U", "G": "FV", "H": "L", "X": "rest",
}  # fmt: skip
"""Rhubarb's shapes in Preston Blair's names, as Rhubarb's own option for this form has them."""

_READ = {name.lower(): shape for shape, name in NAMES.items()} | {"wq": "F"}
"""Preston Blair has a shape for w and q, which Rhubarb draws as F."""

ASSUMED = 24.0
"""Frames a second where nobody tells: what Moho and Papagayo begin with."""

_HEAD = "MohoSwitch1"
_SWITCH = re.compile(r"\s*(\d{1,7})\s+(\w+)\s*")


def dump(track: FaceTrack, mix: Mix) -> Iterator[bytes]:
    """The track's cues, each at the nearest frame; of several on one frame the last is seen. It ends at rest."""
    listed = shown(track, mix)
    at = {1 + round(cue.start * track.fps): NAMES[cue.shape] for cue in listed}
    at[1 + round(listed[-1].end * track.fps)] = NAMES["X"]
    yield "\n".join((_HEAD, *(f"{frame} {name}" for frame, name in at.items()), "")).encode("ascii")


def parse(data: bytes, source: str, fps: float | None = None) -> FaceTrack:
    """The track that its switches show, counted at ``fps``. Raises UserError for what is no switch file."""
    head, *lines = plain_text.decoded(data)[0].split("\n")
    found = [_SWITCH.fullmatch(line) for line in lines if line.strip()]
    if head.strip() != _HEAD or not found or not all(found):
        raise UserError("it is no switch file of Moho's, so this is no track.")
    rate = fps or ASSUMED
    starts = [(int(one[1]) - 1) / rate for one in found if one]
    note = f"It tells no rate; {rate:g} frames a second were taken. Give the rate if it is another."
    notes = () if fps else (note,)
    return cued.played(starts, _shapes([one[2] for one in found if one]), max(starts), source, *notes)


def _shapes(names: list[str]) -> list[str]:
    """Rhubarb's letters for the names of a file, which are letters already where Rhubarb wrote it by itself."""
    if all(name in NAMES for name in names):
        return names
    strange = [name for name in names if name.lower() not in _READ]
    if strange:
        raise UserError(f"it has a mouth shape “{strange[0][:20]}”, which is none of Preston Blair's.")
    return [_READ[name.lower()] for name in names]
