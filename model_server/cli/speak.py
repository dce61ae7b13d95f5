"""A recording becomes a track: what ``infer``, ``bake`` and ``demo`` have in common."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from model_server.cancel import Progress, part
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.track import FaceTrack

from .feeling import feeling
from .options import AUTO, liveliness, sliders

if TYPE_CHECKING:
    from model_server.engine import Engine
    from model_server.speech.words.align import SpokenWord
    from model_server.speech.words.script import Script


def track_of(
    path: Path,
    fps: float,
    emotion: str,
    seed: int,
    life: str,
    model: str,
    device: str,
    progress: Progress,
    script: "Script | None" = None,
    found: Callable[[Sequence["SpokenWord"]], None] = lambda words: None,
    track_fps: float | None = None,
) -> FaceTrack:
    """The track in a .csv, .json or .s2f file as it is, or of any other file as a recording.

    ``track_fps``: the rate of a track that does not tell it. ``script`` is what is said in it; ``found`` is told when.
    Raises UserError that names the file; also for what a finished track can no longer take.
    """
    if emotion != AUTO:
        sliders(emotion)  # complains before anything takes its time
    alive = liveliness(life)
    if formats.is_track(path):
        if emotion:
            raise UserError(f"{path}: a track already has its emotion; give the recording, or leave --emotion out.")
        if life:
            raise UserError(f"{path}: a track already lives as it does; give the recording, or leave --life out.")
        if script:
            raise UserError(f"{path}: a track already speaks; give the recording, or leave --transcript out.")
        return formats.read(path, track_fps)
    if track_fps:
        raise UserError(f"{path}: --track-fps is the rate of a track; leave it out for a recording.")
    from model_server.audio.decode import decode
    from model_server.speech.words.script import Script

    sound = decode(path, part(progress, 0.0, 0.1))
    engine, said = engine_for(model, device), script or Script()
    felt = feeling(emotion, sound, fps, part(progress, 0.1, 0.3), engine, script=said)
    track = engine.infer(sound, felt.emotion, seed, fps, part(progress, 0.3, 1.0), life=alive, script=said)
    if said:
        found(engine.find(sound, said))
    return track


def engine_for(model: str, device: str) -> "Engine":
    """The engine for one command. Raises UserError for a model or a device that is not there."""
    from model_server.engine import Engine
    from model_server.hardware import for_a_command
    from model_server.talk_model import TalkModel

    hardware = for_a_command(device)
    where = Path(model) if model else None
    return Engine(TalkModel.load(where, hardware.library, hardware.device, hardware.precision))
