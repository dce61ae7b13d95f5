"""Mouth cues in Rhubarb's JSON; files of it end in .rhubarb.json, as .json alone is Audio2Face's."""

import json
from collections.abc import Iterator

from ..blend import Mix
from ..track import FaceTrack
from .cues import shown


def dump(track: FaceTrack, mix: Mix) -> Iterator[bytes]:
    """The track's cues with start and end, to the hundredth of a second, and the name of its sound."""
    listed = [{"start": round(c.start, 2), "end": round(c.end, 2), "value": c.shape} for c in shown(track, mix)]
    metadata = {"soundFile": track.provenance.source, "duration": listed[-1]["end"]}
    yield json.dumps({"metadata": metadata, "mouthCues": listed}, ensure_ascii=False, indent=2).encode()
