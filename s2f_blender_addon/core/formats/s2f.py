"""Our own track file: both layers, the head and what made them, without loss.

The file is one frame of the wire (see ``core.wire``), the very one in which the model process answers: a JSON header
and the raw float32 layers ``talk``, ``mood`` and ``head``.
"""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

from .. import wire
from ..blend import Mix
from ..errors import UserError
from ..messages import Result
from ..track import FaceTrack


def dump(track: FaceTrack, mix: Mix) -> Iterator[bytes | memoryview]:
    """The whole track; ``mix`` can be chosen again whenever the file is read."""
    return iter(wire.encode(Result(0, track).to_frame()))


def parse(data: bytes, source: str, fps: float | None = None) -> FaceTrack:
    """The track as it was written, at its own rate whatever ``fps`` says, with a note.

    Raises UserError for a file that is damaged, cut or longer than it says.
    """
    stream = BytesIO(data)
    try:
        frame = wire.read(stream)
        if frame is None or frame.header["type"] != Result.type or stream.read(1):
            raise UserError("it is no Speech2Face track.")
        track = Result.from_frame(frame).track
    except wire.WireError as error:
        raise UserError(f"it is no Speech2Face track, or a damaged one ({error}).") from error
    if fps is None or abs(fps - track.fps) < 1e-3:
        return track
    note = f"The track knows its own rate of {track.fps:g}, which was kept in place of {fps:g}."
    return replace(track, provenance=replace(track.provenance, notes=(*track.provenance.notes, note)))
