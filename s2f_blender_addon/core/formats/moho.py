"""Mouth cues as a switch file of Moho, the way Papagayo writes it: Preston Blair's names at frames that count from 1.

The file does not tell its rate: it is the track's.
"""

from collections.abc import Iterator

from ..blend import Mix
from ..track import FaceTrack
from .cues import shown

NAMES = {
    "A": "MBP", "B": "etc", "C": "E", "D": "AI", "E": "O", "F": "U", "G": "FV", "H": "L", "X": "rest",
}  # fmt: skip
"""Rhubarb's shapes in Preston Blair's names, as Rhubarb's own option for this form has them."""


def dump(track: FaceTrack, mix: Mix) -> Iterator[bytes]:
    """The track's cues, each at the nearest frame; of several on one frame the last is seen. It ends at rest."""
    listed = shown(track, mix)
    at = {1 + round(cue.start * track.fps): NAMES[cue.shape] for cue in listed}
    at[1 + round(listed[-1].end * track.fps)] = NAMES["X"]
    yield "\n".join(("MohoSwitch1", *(f"{frame} {name}" for frame, name in at.items()), "")).encode("ascii")
