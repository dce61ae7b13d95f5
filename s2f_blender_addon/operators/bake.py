"""Bake and Cancel: the start and the early end of a job."""

from pathlib import Path
from typing import Any

import bpy

from .. import session, window
from ..core.errors import UserError
from ..emotion.curves import asked
from ..emotion.felt import is_felt
from ..emotion.sliders import owner_of
from ..process.job import FPS, Job, Request
from ..properties.liveliness import liveliness
from ..session.made import Destination, Made
from ..words.script import said
from .base import Operator
from .readiness import target_of, why_no_bake


class S2F_OT_bake(Operator, bpy.types.Operator):
    """Turn the sound into animation of the character's face"""

    bl_idname = "s2f.bake"
    bl_label = "Bake"
    bl_options = {"REGISTER"}  # noqa: RUF012

    why_not = staticmethod(why_no_bake)

    def run(self, context: Any) -> str:
        """Start the job; keys are written when it is done, by ``s2f.apply``."""
        request, destination = _order(context)
        session.start([request], lambda jobs: _write(jobs[0], destination))
        return ""


class S2F_OT_cancel(Operator, bpy.types.Operator):
    """Stop the running bake; nothing is written"""

    bl_idname = "s2f.cancel"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    @classmethod
    def why_not(cls, context: Any) -> str:
        return "" if session.current.jobs.busy else "No bake is running"

    def run(self, context: Any) -> str:
        """End it now, whatever the model process does."""
        session.current.jobs.cancel()
        window.redraw()
        return ""


def sound_path(settings: Any) -> str:
    """The absolute path of the recording. Raises UserError when there is no such file."""
    path: str = bpy.path.abspath(settings.audio_path)
    if not Path(path).is_file():
        kind = "is a folder" if Path(path).is_dir() else "does not exist"
        raise UserError(f"The sound {path} {kind}; choose a sound file.")
    return path


def write(made: Made) -> None:
    """Keep ``made`` and call the one operator that writes keys of a face."""
    session.carry_out(bpy.ops.s2f.apply, token=session.current.memory.keep(made))


def _write(job: Job, destination: Destination) -> None:
    assert job.track is not None, "a Request is answered by a track"
    session.current.shown.tell(job.notice)
    write(Made(destination.signed(job.track), destination, job.words))


def _order(context: Any) -> tuple[Request, Destination]:
    """What the settings of the scene ask for. Raises UserError when the sound or the character is not there."""
    scene = context.scene
    settings = scene.s2f
    path = sound_path(settings)
    target = target_of(context)
    if target is None:
        raise UserError("There is no character; choose a mesh with shape keys.")
    settings.target = target
    owner = owner_of(target)
    character = owner.s2f_character
    destination = Destination(
        scene.name, target.name, settings.start_frame, path if settings.put_sound else "", Path(path).stem,
        (character.felt_by, character.felt_track) if is_felt(owner) else ("", ""),
    )  # fmt: skip
    begin, end = settings.sound_start, settings.sound_end
    feels = asked(scene, owner, settings.start_frame, begin, FPS)
    options = {"side": character.side.lower(), "name": Path(path).name, "life": liveliness(settings)}
    words = said(settings)
    return Request(
        path, feels.emotion, settings.seed, begin, end, feels.keyed, feels.own, options, words, settings.words_language
    ), destination


CLASSES = (S2F_OT_bake, S2F_OT_cancel)
