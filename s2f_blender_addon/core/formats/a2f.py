"""The JSON that NVIDIA Audio2Face exports: pose names and a matrix of weights, one row a frame."""

import json
from typing import Any

import numpy as np
import numpy.typing as npt

from ..blend import Mix, mixed
from ..channels import CHANNELS
from ..errors import UserError
from ..track import FaceTrack
from . import columns


def dump(track: FaceTrack, mix: Mix) -> bytes:
    """The track's values under ``mix``, six decimals. The form has no start time and no head rotation."""
    values = np.round(mixed(track, mix).astype(np.float64), 6)
    document = {
        "exportFps": track.fps,
        "trackPath": track.provenance.source,
        "numPoses": len(CHANNELS),
        "numFrames": len(values),
        "facsNames": list(CHANNELS),
        "weightMat": values.tolist(),
    }
    return json.dumps(document, separators=(",", ":")).encode()


def parse(data: bytes, source: str) -> FaceTrack:
    """A captured track; poses that ARKit does not have are left out. Raises UserError for anything malformed."""
    document = _document(data)
    try:
        fps = float(document["exportFps"])
        names, rows = document["facsNames"], document["weightMat"]
    except KeyError as error:
        raise UserError(f"it has no {error.args[0]}, so this is no Audio2Face export.") from error
    except (TypeError, ValueError) as error:
        raise UserError("its exportFps is no number.") from error
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UserError("its facsNames is no list of names.")
    found = columns.channels(names)
    if not found:
        raise UserError("none of its facsNames is an ARKit blendshape.")
    weights = _weights(rows, len(names))
    values = np.zeros((len(weights), len(CHANNELS)), np.float32)
    values[:, list(found.values())] = weights[:, list(found)]
    return FaceTrack.captured(values, fps, source=source)


def _document(data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise UserError("it is not valid JSON.") from error
    if not isinstance(document, dict):
        raise UserError("it is no JSON object, so this is no Audio2Face export.")
    return document


def _weights(rows: object, count: int) -> npt.NDArray[np.float32]:
    if not isinstance(rows, list) or not rows:
        raise UserError("its weightMat has no frames.")
    for i, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != count:
            raise UserError(f"frame {i} of its weightMat does not have one weight for each of {count} facsNames.")
    try:
        return np.array(rows, dtype=np.float32)
    except (TypeError, ValueError, OverflowError) as error:
        raise UserError("its weightMat holds something that is not a number.") from error
