"""A track as text that a .blend can keep: a quarter of a megabyte a minute, right to a thirty-thousandth."""

import base64
import json
import zlib

import numpy as np

from .errors import UserError
from .track import FLAME_COLUMNS, Array, FaceTrack, Provenance

_STEPS = 1 << 14
"""Steps of a channel from 0 to 1; values reach from -2 to 2."""

_FLAME_SHARE = 6.0
"""By which FLAME's coefficients are divided, standard deviations of up to 12."""


def packed(track: FaceTrack) -> str:
    """``track`` in letters: layers in steps, differences in time, then zlib and base 64."""
    more = [track.flame / _FLAME_SHARE] if len(track.flame) else []
    layers = np.concatenate([track.talk, track.mood, track.head, *more], axis=1)
    steps = np.rint(np.clip(layers, -1.99, 1.99) * _STEPS).astype("<i2")
    moved = np.diff(steps, axis=0, prepend=np.zeros_like(steps[:1])).astype("<i2")
    planes = np.ascontiguousarray(moved.T).view(np.uint8).reshape(-1, 2).T  # low bytes, then high ones
    made_by = track.provenance
    header = json.dumps({
        "frames": len(track.talk), "fps": track.fps, "start": track.start, "model": made_by.model,
        "audio_sha256": made_by.audio_sha256, "emotion": made_by.emotion, "seed": made_by.seed,
        "licence_track": made_by.licence_track, "source": made_by.source, "notes": made_by.notes,
    }).encode()  # fmt: skip
    body = len(header).to_bytes(4, "little") + header + planes.tobytes()
    return base64.b64encode(zlib.compress(body, 6)).decode()


def unpacked(text: str) -> FaceTrack:
    """The track that ``packed`` made ``text`` of. Raises UserError where it was damaged."""
    try:
        body = zlib.decompress(base64.b64decode(text, validate=True))
        size = int.from_bytes(body[:4], "little")
        header = json.loads(body[4 : 4 + size])
        count, planes = int(header["frames"]), np.frombuffer(body, np.uint8, offset=4 + size)
        moved = np.ascontiguousarray(planes.reshape(2, -1).T).view("<i2").reshape(-1, count)
        layers: Array = (np.cumsum(moved, axis=1, dtype=np.int16).T / np.float32(_STEPS)).astype(np.float32)
        made_by = Provenance(
            header["model"], header["audio_sha256"], header["emotion"], header["seed"], header["licence_track"],
            header["source"], tuple(header["notes"]),
        )  # fmt: skip
        talk, mood, head, flame = np.split(layers, (52, 104, 107), axis=1)
        flame = flame * np.float32(_FLAME_SHARE) if flame.shape[1] else np.zeros((0, FLAME_COLUMNS), np.float32)
        return FaceTrack(talk, mood, header["fps"], header["start"], made_by, head, flame)
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise UserError("The speech that this line keeps is damaged; bake it again.") from error
