"""The JSON that NVIDIA Audio2Face exports: pose names and a matrix of weights, one row a frame."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..blend import BLOCK, Mix, mixed
from ..channels import CHANNELS
from ..errors import UserError
from ..track import FaceTrack
from .capture import Rows, track_of
from .clock import ASSUMED
from .columns import columns_of
from .timecode import Clock


def dump(track: FaceTrack, mix: Mix) -> Iterator[bytes]:
    """The track's values under ``mix``, six decimals. The form has no start time and no head rotation."""
    values = mixed(track, mix)
    document = {
        "exportFps": track.fps,
        "trackPath": track.provenance.source,
        "numPoses": len(CHANNELS),
        "numFrames": len(values),
        "facsNames": list(CHANNELS),
        "weightMat": [],
    }
    yield json.dumps(document, separators=(",", ":")).removesuffix("]}").encode()
    for first in range(0, len(values), BLOCK):
        rows = np.round(values[first : first + BLOCK].astype(np.float64), 6).tolist()
        yield ("," * (first > 0) + json.dumps(rows, separators=(",", ":"))[1:-1]).encode()
    yield b"]}"


def parse(document: Mapping[str, Any], source: str, fps: float | None = None) -> FaceTrack:
    """A captured track; poses that no channel shows are named in a note. ``fps`` overrules the file's own rate.

    Raises UserError for anything malformed.
    """
    missing = [key for key in ("facsNames", "weightMat") if key not in document]
    if missing:
        raise UserError(f"it has no {' and no '.join(missing)}, so this is no Audio2Face export.")
    names = document["facsNames"]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UserError("its facsNames is no list of names.")
    found = columns_of(names)
    if not found.shapes:
        raise UserError("none of its facsNames is an ARKit blendshape or a pose that is known.")
    weights = _weights(document["weightMat"], len(names))
    rate, notes = _rate(document.get("exportFps"), fps)
    if "joints" in document:
        notes.append("Its joints were left out; their poses are among the weights.")
    nothing = np.zeros((len(weights), 0))
    rows = Rows(weights[:, found.shapes], nothing, nothing, list(range(len(weights))))
    clock = Clock(np.arange(len(weights)) / rate, 0.0, rate=rate)
    return track_of(rows, found, clock, source, notes)


def _rate(told: object, given: float | None) -> tuple[float, list[str]]:
    """Frames a second, and a note where they are not what the file tells."""
    if told is None:
        note = f"It tells no rate; {ASSUMED:g} frames a second were taken. Give the rate if it is another."
        return (given, []) if given else (ASSUMED, [note])
    try:
        rate = float(told)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise UserError("its exportFps is no number.") from error
    if not 0 < rate < math.inf:
        raise UserError(f"its exportFps must be a positive frame rate, not {rate:g}.")
    if given and abs(given - rate) > 1e-3:
        return given, [f"Its own rate of {rate:g} was set aside for the {given:g} that was given."]
    return rate, []


def _weights(rows: object, count: int) -> npt.NDArray[np.float64]:
    if not isinstance(rows, list) or not rows:
        raise UserError("its weightMat has no frames.")
    for i, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != count:
            raise UserError(f"frame {i} of its weightMat does not have one weight for each of {count} facsNames.")
    try:
        return np.array(rows, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise UserError("its weightMat holds something that is not a number.") from error
