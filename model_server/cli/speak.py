"""A recording becomes a track: what ``infer``, ``bake`` and ``demo`` have in common."""

from pathlib import Path

from model_server.cancel import Progress, part
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.track import FaceTrack

from .options import sliders


def track_of(path: Path, fps: float, emotion: str, seed: int, model: str, device: str, progress: Progress) -> FaceTrack:
    """The track in a .csv, .json or .s2f file as it is, or of any other file as a recording.

    Raises UserError that names the file.
    """
    wanted = sliders(emotion)
    if formats.is_track(path):
        return formats.read(path)
    from model_server.audio.decode import decode
    from model_server.backend import choose
    from model_server.engine import Engine
    from model_server.speech.talk import TalkModel

    sound = decode(path, part(progress, 0.0, 0.1))
    backend = choose(device=device, quick=True)
    engine = Engine(TalkModel.load(Path(model) if model else None, backend.name, backend.device))
    return engine.infer(sound, wanted, seed, fps, part(progress, 0.1, 1.0))
