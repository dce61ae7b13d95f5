"""A recording becomes a track: what ``infer``, ``bake`` and ``demo`` have in common."""

from pathlib import Path
from typing import TYPE_CHECKING

from model_server.cancel import Progress, part
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.liveliness import HUMAN
from s2f_blender_addon.core.request import Request

if TYPE_CHECKING:
    from model_server.answers import Spoken
    from model_server.engine import Engine


def spoken(
    path: Path, request: Request, model: str, device: str, progress: Progress, track_fps: float | None = None
) -> "Spoken":  # fmt: skip
    """The track in a .csv, .json or .s2f file as it is, or of any other file as a recording.

    ``track_fps``: the rate of a track that does not tell it.
    Raises UserError that names the file; also for what a finished track can no longer take.
    """
    from model_server.answers import Spoken, speak
    from model_server.audio.decode import decode

    if formats.is_track(path):
        if request.emotion or request.hear:
            raise UserError(f"{path}: a track already has its emotion; give the recording, or leave --emotion out.")
        if request.liveliness != HUMAN:
            raise UserError(f"{path}: a track already lives as it does; give the recording, or leave --life out.")
        if request.ear != "all":
            raise UserError(f"{path}: a track hears nothing any more; give the recording, or leave --ear out.")
        if request.script:
            raise UserError(f"{path}: a track already speaks; give the recording, or leave --transcript out.")
        return Spoken(formats.read(path, track_fps))
    if track_fps:
        raise UserError(f"{path}: --track-fps is the rate of a track; leave it out for a recording.")
    sound = decode(path, part(progress, 0.0, 0.1), ear=request.ear)
    return speak(engine_for(model, device), sound, request, part(progress, 0.1, 1.0))


def engine_for(model: str, device: str) -> "Engine":
    """The engine for one command. Raises UserError for a model or a device that is not there."""
    from model_server.engine import Engine
    from model_server.hardware import for_a_command
    from model_server.talk_model import TalkModel

    hardware = for_a_command(device)
    where = Path(model) if model else None
    return Engine(TalkModel.load(where, hardware.library, hardware.device, hardware.precision))
