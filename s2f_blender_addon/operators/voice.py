"""The voice reference of a character: how it ordinarily sounds, from a recording or learned from its lines."""

import json
from collections.abc import Sequence
from pathlib import Path

import bpy
from bpy.props import CollectionProperty, StringProperty
from bpy.types import Context, PropertyGroup

from .. import session
from ..core.errors import UserError
from ..core.left_out import left_out
from ..core.messages import Know, Known
from ..core.request import Request
from ..emotion.sliders import owner_of
from ..process.job import Job, Phase
from .base import FileOperator, Operator
from .readiness import target_of, why_no_owner

_MOST_NAMED = 3
"""Recordings that are named of those that a voice was learned from; more are counted."""


def _why_not(context: Context) -> str:
    return why_no_owner(context) or session.current.jobs.why_busy()


class S2F_OT_voice_file(FileOperator, bpy.types.Operator):
    """Choose recordings in which this character's voice speaks in its ordinary way; emotion is heard against them"""

    bl_idname = "s2f.voice_file"
    bl_label = "Voice from Files"
    bl_options = {"REGISTER"}  # noqa: RUF012

    files: CollectionProperty(type=bpy.types.OperatorFileListElement, options={"SKIP_SAVE", "HIDDEN"})
    directory: StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE", "HIDDEN"})

    why_not = staticmethod(_why_not)

    def run(self, context: Context) -> str:
        """Twenty seconds are enough."""
        chosen = [str(Path(self.directory) / one.name) for one in self.files if one.name] or [self.filepath]
        paths = [bpy.path.abspath(path) for path in chosen]
        there = [path for path in paths if Path(path).is_file()]
        if not there:
            raise UserError(f"There is no file {paths[0]}; choose recordings of ordinary speech.")
        _learn(context, [Know(0, Request(path, name=Path(path).name)) for path in there], _lost(paths))
        return ""


class S2F_OT_voice_lines(Operator, bpy.types.Operator):
    """Learn from the character's own lines how it ordinarily sounds: what is most neutral in them counts"""

    bl_idname = "s2f.voice_lines"
    bl_label = "Voice from Lines"
    bl_options = {"REGISTER"}  # noqa: RUF012

    @classmethod
    def why_not(cls, context: Context) -> str:
        return _why_not(context) or ("" if _sounds(context) else "This character has no line with a sound yet")

    def run(self, context: Context) -> str:
        """Each recording once, however many lines it has."""
        there, missing = _sounds(context), _lost(_named(context))
        _learn(context, [Know(0, Request(path, name=Path(path).name), acted=True) for path in there], missing)
        return ""


class S2F_OT_voice_forget(Operator, bpy.types.Operator):
    """Hear this character against the average of many people again"""

    bl_idname = "s2f.voice_forget"
    bl_label = "Forget Voice"

    why_not = staticmethod(why_no_owner)

    def run(self, context: Context) -> str:
        """What is keyed already stays."""
        character = owner_of(target_of(context)).s2f_character
        character.voice_references = character.voice_of = ""
        return ""


def references_of(character: PropertyGroup) -> tuple[str, ...]:
    """What ``Hearing.references`` says of ``character`` (object.s2f_character)."""
    try:
        found = json.loads(character.voice_references or "[]")
    except ValueError:
        return ()
    return tuple(map(str, found)) if isinstance(found, list) else ()


def _named(context: Context) -> list[str]:
    """The recordings of the character's lines, each once."""
    owner = owner_of(target_of(context))
    spoken = [line.audio_path for line in owner.s2f_character.lines if line.audio_path]
    return list(dict.fromkeys(map(bpy.path.abspath, spoken)))


def _sounds(context: Context) -> list[str]:
    """Those of ``_named`` that are there."""
    return [path for path in _named(context) if Path(path).is_file()]


def _lost(paths: Sequence[str]) -> list[tuple[str, str]]:
    """(name, why) of those among ``paths`` that are not there."""
    return [(Path(path).name, "there is no such file") for path in paths if not Path(path).is_file()]


def _learn(context: Context, orders: Sequence[Know], missing: Sequence[tuple[str, str]] = ()) -> None:
    """Have ``orders`` answered and the character remember it, without what cannot be heard or is ``missing`` (name,
    why). Raises UserError where nothing can be asked.
    """
    target = target_of(context)
    name = owner_of(target).name

    def keep(jobs: Sequence[Job]) -> None:
        asked = list(zip(orders, jobs, strict=True))
        known = [(order, job.answer) for order, job in asked if isinstance(job.answer, Known)]
        left = [*missing, *((order.request.name, job.sentence) for order, job in asked if job.phase is not Phase.DONE)]
        owner = bpy.data.objects.get(name)
        shown = session.current.shown
        if owner is None:
            return
        told = left_out(left, len(orders) + len(missing), "recordings")
        if not known:
            shown.fail(jobs[0].sentence if len(left) == 1 else told, jobs[0].report)
            return
        of = ", ".join(order.request.name for order, _ in known[:_MOST_NAMED])
        of += f" and {len(known) - _MOST_NAMED} more" if len(known) > _MOST_NAMED else ""
        seconds = sum(answer.seconds for _, answer in known)
        owner.s2f_character.voice_references = json.dumps([answer.reference for _, answer in known])
        owner.s2f_character.voice_of = f"{of} ({seconds:.0f} s of speech)"
        bpy.ops.ed.undo_push(message="Voice Reference")
        said = "The voice is known; press From the Voice to hear the emotion against it."
        shown.tell(" ".join(filter(None, (said, told))))

    session.start(list(orders), keep, apart=True)


CLASSES = (S2F_OT_voice_file, S2F_OT_voice_lines, S2F_OT_voice_forget)
