"""Our own track file: both layers, the head and what made them, without loss.

The file is one frame of the wire (see ``core.wire``), the very one in which the model process answers: a JSON header
and the raw float32 layers ``talk``, ``mood`` and ``head``.
"""

from io import BytesIO

from .. import wire
from ..blend import Mix
from ..errors import UserError
from ..messages import Result
from ..track import FaceTrack


def dump(track: FaceTrack, mix: Mix) -> bytes:
    """The whole track; ``mix`` can be chosen again whenever the file is read."""
    return b"".join(wire.encode(Result(0, track).to_frame()))


def parse(data: bytes, source: str) -> FaceTrack:
    """The track as it was written. Raises UserError for a file that is damaged, cut or longer than it says."""
    stream = BytesIO(data)
    try:
        frame = wire.read(stream)
        if frame is None or frame.header["type"] != Result.type or stream.read(1):
            raise UserError("it is no Speech2Face track.")
        return Result.from_frame(frame).track
    except wire.WireError as error:
        raise UserError(f"it is no Speech2Face track, or a damaged one ({error}).") from error
