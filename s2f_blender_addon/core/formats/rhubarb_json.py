"""Mouth cues in Rhubarb's JSON; files of it end in .rhubarb.json, as .json alone is Audio2Face's."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..blend import Mix
from ..errors import UserError
from ..track import FaceTrack
from . import cued
from .cues import shown


def dump(track: FaceTrack, mix: Mix) -> Iterator[bytes]:
    """The track's cues with start and end, to the hundredth of a second, and the name of its sound."""
    listed = [{"start": round(c.start, 2), "end": round(c.end, 2), "value": c.shape} for c in shown(track, mix)]
    metadata = {"soundFile": track.provenance.source, "duration": listed[-1]["end"]}
    yield json.dumps({"metadata": metadata, "mouthCues": listed}, ensure_ascii=False, indent=2).encode()


def parse(document: Mapping[str, Any], source: str) -> FaceTrack:
    """The track that its ``mouthCues`` show. Raises UserError where they are none."""
    try:
        cues = [(float(cue["start"]), float(cue["end"]), str(cue["value"])) for cue in document["mouthCues"]]
    except (KeyError, TypeError, ValueError) as error:
        raise UserError("its mouthCues hold no start, end and value each.") from error
    if not cues:
        raise UserError("its mouthCues are empty.")
    starts, ends, shapes = zip(*cues, strict=True)
    return cued.played(starts, shapes, max(ends), source)
