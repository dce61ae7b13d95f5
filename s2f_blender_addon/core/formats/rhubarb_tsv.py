"""Mouth cues as Rhubarb writes them by default: a start in seconds, a tab and a shape a line; last comes the end.

Tables of other things have the same ending and are read as what they are.
"""

import re
from collections.abc import Iterator

from .. import plain_text
from ..blend import Mix
from ..track import FaceTrack
from . import captured_table, cued
from .cues import seconds, shown

_CUE = re.compile(r"\s*(\d+(?:\.\d+)?)\s+([A-HX])\s*")


def dump(track: FaceTrack, mix: Mix) -> Iterator[bytes]:
    """The track's cues, to the hundredth of a second."""
    listed = shown(track, mix)
    lines = [f"{seconds(cue.start)}\t{cue.shape}" for cue in listed]
    yield "\n".join((*lines, f"{seconds(listed[-1].end)}\tX", "")).encode("ascii")


def parse(data: bytes, source: str, fps: float | None = None) -> FaceTrack:
    """The track that cues show, or the captured one where the file is a table of blendshapes.

    Raises UserError for anything else.
    """
    lines = [line for line in plain_text.decoded(data)[0].splitlines() if line.strip()]
    if not lines or not all(map(_CUE.fullmatch, lines)):
        return captured_table.parse(data, source, fps)
    starts, shapes = zip(*map(str.split, lines), strict=True)
    return cued.played([float(start) for start in starts], shapes, float(starts[-1]), source)
