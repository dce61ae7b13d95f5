"""What a mood needs of a voice and its eyes, kept with a line, so that sliders act without the sound."""

import base64
import json
import zlib
from dataclasses import dataclass, field

import numpy as np

from .errors import UserError
from .track import Array

COLUMNS = (
    "energy", "speech", "pitch", "round", "seal", "gaze_left", "gaze_up", "wander_left", "wander_up", "lid_left",
    "lid_right",
)  # fmt: skip


def _none() -> Array:
    return np.zeros((0, 2), np.float32)


@dataclass(frozen=True)
class Drive:
    """values: (T, 11) at the frames of the track, columns as COLUMNS: energy and speech 0-1, pitch in semitones,
    rounding and seal of the lips 0-1, degrees of gaze and of its wandering, blinks 0-1. accents: (n, 2) seconds and
    strength; phrases: (m, 2) seconds. seed: of what is drawn.
    """

    values: Array = field(default_factory=lambda: np.zeros((0, len(COLUMNS)), np.float32))
    accents: Array = field(default_factory=_none)
    phrases: Array = field(default_factory=_none)
    seed: int = 0

    def __post_init__(self) -> None:
        for name, width in (("values", len(COLUMNS)), ("accents", 2), ("phrases", 2)):
            array = np.asarray(getattr(self, name), np.float32)
            array = array.reshape(-1, width) if not array.size else array
            if array.ndim != 2 or array.shape[1] != width or not np.isfinite(array).all():
                raise UserError("What this line keeps of its voice is damaged; bake it again.")
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.values)


def packed_drive(drive: Drive) -> str:
    """``drive`` in letters, right to a thousandth of what is ordinary; empty for one without frames."""
    if not len(drive):
        return ""
    header = json.dumps({
        "frames": len(drive), "seed": drive.seed, "accents": drive.accents.round(4).tolist(),
        "phrases": drive.phrases.round(4).tolist(),
    }).encode()  # fmt: skip
    halves = drive.values.T.astype("<f2").view("<i2")
    moved = np.diff(halves, axis=1, prepend=np.zeros((len(COLUMNS), 1), "<i2")).astype("<i2")
    body = len(header).to_bytes(4, "little") + header + np.ascontiguousarray(moved).tobytes()
    return base64.b64encode(zlib.compress(body, 6)).decode()


def unpacked_drive(text: str) -> Drive:
    """The drive that ``packed_drive`` made ``text`` of; one without frames of none. Raises UserError for damage."""
    if not text:
        return Drive()
    try:
        body = zlib.decompress(base64.b64decode(text, validate=True))
        size = int.from_bytes(body[:4], "little")
        header = json.loads(body[4 : 4 + size])
        moved = np.frombuffer(body, "<i2", offset=4 + size).reshape(len(COLUMNS), int(header["frames"]))
        halves = np.ascontiguousarray(np.cumsum(moved, axis=1, dtype=np.int16)).view("<f2")
        return Drive(halves.T.astype(np.float32), header["accents"], header["phrases"], int(header["seed"]))
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise UserError("What this line keeps of its voice is damaged; bake it again.") from error
