"""What the model made of a line, kept with it: mixed anew without the model, after loading, copying and appending."""


from collections.abc import Sequence

from bpy.types import Object, PropertyGroup, Scene

from ..bake.frames import frame_rate
from ..bake.stretch import Span
from ..core.drive import Drive, packed_drive
from ..core.packed import packed
from ..session.made import Destination, Made
from .placed import placed, shift_at
from .takes import keep_takes
from .tuning import speech_of


def keep_bake(line: PropertyGroup, made: Made, span: Span, rate: float) -> None:
    """Have ``line`` remember what was baked, on which scene frames it plays, and at how many a second."""
    line.track = packed(made.track)
    if made.takes is not None:
        keep_takes(line, made.takes, made.track)
        _keep_drives(line, made.drives)
    elif line.takes:
        line.drive = line.takes[line.take].drive
    line.start_frame = line.placed = made.to.start_frame
    line.shift, line.rate = made.to.shift, rate
    line.first, line.last = span
    line.baked = True
    if not line.audio_path:  # a capture, which no sound names
        line.name = made.to.name or line.name


def made_again(scene: Scene, target: Object, line: PropertyGroup) -> Made:
    """What was made of ``line``, as if it had just come from the model. Raises UserError where nothing was."""
    whose = (scene.session_uid, target.session_uid)
    to = Destination(
        scene.name, target.name, placed(line), "", line.name, line=line.ident, identities=whose,
        shift=shift_at(line, frame_rate(scene)),
    )  # fmt: skip
    return Made(speech_of(line), to, takes=None)


def _keep_drives(line: PropertyGroup, drives: Sequence[Drive]) -> None:
    """Have ``line`` remember what other moods need, for each of its takes and for the one on the face."""
    packs = [packed_drive(drive) for drive in drives]
    for take, pack in zip(line.takes, packs, strict=False):
        take.drive = pack
    line.drive = packs[min(line.take, len(packs) - 1)] if packs else ""
