"""Mouth cues as Rhubarb writes them by default: a start in seconds, a tab and a shape a line; last comes the end."""

from collections.abc import Iterator

from ..blend import Mix
from ..track import FaceTrack
from .cues import seconds, shown


def dump(track: FaceTrack, mix: Mix) -> Iterator[bytes]:
    """The track's cues, to the hundredth of a second."""
    listed = shown(track, mix)
    lines = [f"{seconds(cue.start)}\t{cue.shape}" for cue in listed]
    yield "\n".join((*lines, f"{seconds(listed[-1].end)}\tX", "")).encode("ascii")
