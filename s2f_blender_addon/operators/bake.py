"""Bake and Cancel: the start and the early end of a job."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import bpy
from bpy.types import Context, Object, PropertyGroup, Scene

from .. import lines, session, window
from ..bake.frames import frame_rate, speech_start
from ..bake.moved import Moved
from ..bake.sound_strip import chosen_start
from ..core.errors import UserError
from ..core.licence import Maker
from ..core.messages import Infer
from ..core.request import Request
from ..core.track import FaceTrack
from ..core.unheard import silence
from ..emotion.curves import with_sliders
from ..emotion.felt import is_felt
from ..emotion.follow import as_if_followed
from ..emotion.sliders import owner_of
from ..process.job import Job
from ..session.made import Destination, Made
from ..user_path import absolute
from .base import Operator
from .listen import neutral_request, topic
from .readiness import blocked, target_of, why_no_bake


class S2F_OT_bake(Operator, bpy.types.Operator):
    """Turn the sound into animation of the character's face"""

    bl_idname = "s2f.bake"
    bl_label = "Bake"
    bl_options = {"REGISTER"}  # noqa: RUF012

    why_not = staticmethod(why_no_bake)

    def run(self, context: Context) -> str:
        """Start the job; keys are written when it is done, by ``s2f.apply``."""
        request, destination = ordered(context)
        take = _take_shown(context.scene.s2f)
        session.start(takes_of(request, context.scene.s2f), lambda jobs: write(made_of(jobs, destination, take)),
                      topic(request))  # fmt: skip
        return ""


class S2F_OT_cancel(Operator, bpy.types.Operator):
    """Stop the running bake; nothing is written"""

    bl_idname = "s2f.cancel"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    @classmethod
    def why_not(cls, context: Context) -> str:
        return "" if session.current.jobs.busy else "No bake is running"

    def run(self, context: Context) -> str:
        """End it now, whatever the model process does."""
        session.current.jobs.cancel()
        window.redraw()
        return ""


def write(made: Made) -> None:
    """Keep ``made`` and call the one operator that writes keys of a face."""
    session.carry_out(bpy.ops.s2f.apply, token=session.current.memory.keep(made))


def takes_of(request: Request, settings: PropertyGroup) -> list[Infer]:
    """What is asked for every take of a line."""
    return [Infer(0, replace(request, take=take)) for take in range(settings.takes)]


def _take_shown(settings: PropertyGroup) -> int:
    """The take of the chosen line, which goes on being the one that is seen while the same sound is baked again."""
    owner = owner_of(settings.target)
    line = lines.chosen(owner) if owner is not None else None
    return line.take if line is not None and line.audio_path == settings.audio_path else 0


def made_of(jobs: Sequence[Job], destination: Destination, take: int = 0) -> Made:
    """What became of finished ``jobs``, a take each, of which number ``take`` is written."""
    tracks = [job.track for job in jobs]
    assert all(track is not None for track in tracks), "an Infer is answered by a track"
    takes = tuple(destination.signed(track) for track in tracks if track is not None)
    track, job = takes[min(take, len(takes) - 1)], jobs[0]
    notice = " ".join(filter(None, (job.notice, silence(track, destination.name), research(track))))
    return Made(track, destination, job.words, notice, takes, tuple(job.drive for job in jobs))


def research(track: FaceTrack) -> str:
    """A sentence about a track that may not be used for everything; empty for one of ours."""
    made_by = track.provenance
    return f"Made by {made_by.model}: research, not for commercial use." if made_by.licence_track == "research" else ""


def ordered(
    context: Context, line: str = "", moves: Sequence[Moved] | None = None
) -> tuple[Request, Destination]:
    """What the settings of the scene ask for, of the line of this name or of the one that sound and start mean.

    ``moves``: the lines of the character that go elsewhere in the same step, where it is not this one alone.
    Raises UserError when the sound or the character is not there.
    """
    lines.part_copies()
    scene = context.scene
    settings = scene.s2f
    target = target_of(context)
    if target is None:
        raise UserError("There is no character; choose a mesh with shape keys.")
    settings.target = target
    why_not = blocked(target)
    if why_not:
        raise UserError(why_not)
    owner = owner_of(target)
    character = owner.s2f_character
    line = place(scene, owner) or line
    request = neutral_request(settings)
    asked = lines.chosen(owner)
    destination = Destination(
        scene.name, target.name, settings.start_frame, absolute(settings.audio_path) if settings.put_sound else "",
        Path(request.audio).stem,
        Maker(character.felt_by, character.felt_track) if is_felt(owner) else None, line,
        (scene.session_uid, target.session_uid),
        speech_start(scene) - settings.start_frame, asked.ident if asked is not None else "",
        lines.remember(settings),
    )  # fmt: skip
    request = replace(request, contempt_side=character.side.lower())
    with as_if_followed(owner, moves if moves is not None else moves_of(scene, owner, bool(line))):
        return with_sliders(request, scene, owner, speech_start(scene)), destination


def moves_of(scene: Scene, owner: Object, itself: bool) -> list[Moved]:
    """How the chosen line of ``owner`` goes elsewhere with the settings as they are; empty where it stays, or where
    they are of another sound. Where it is not certain that they are of the line ``itself``, another start means a
    line of its own (see ``lines.line_for``).
    """
    line = lines.chosen(owner)
    if line is None or not lines.same_file(line.audio_path, scene.s2f.audio_path):
        return []
    move = lines.moved(owner, line, speech_start(scene), frame_rate(scene))
    return [move] if move is not None and (itself or not move.apart) else []


def place(scene: Scene, owner: Object) -> str:
    """See to it that the start frame is where the user means it; returns the line's name where that is certain.

    Nobody has set it: at the chosen strip where that plays the sound, else where the scene plays from. The strip of the
    chosen line was moved or cut: where that is now, and what is heard of it.
    """
    settings, line = scene.s2f, lines.chosen(owner)
    if not settings.is_property_set("start_frame"):
        at_strip = chosen_start(scene, absolute(settings.audio_path))
        begin = scene.frame_preview_start if scene.use_preview_range else scene.frame_start
        settings.start_frame = begin if at_strip is None else round(at_strip)
    if line is None:
        return ""
    strip = lines.strip_now(scene, line)
    if strip.part is not None and lines.same_file(line.audio_path, settings.audio_path):
        settings.sound_start, settings.sound_end = strip.part
    before = lines.placed(line)
    if not strip.later or settings.start_frame not in (before, before + strip.later):
        return ""
    settings.start_frame = before + strip.later  # it is there already where a bake came to nothing
    return str(line.ident)


CLASSES = (S2F_OT_bake, S2F_OT_cancel)
