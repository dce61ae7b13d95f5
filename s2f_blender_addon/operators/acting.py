"""By hand: blinks placed and taken away at the playhead, lips that follow words dragged in the timeline."""

import bpy
from bpy.types import Context, Object, PropertyGroup

from .. import lines, session
from ..bake.frames import frame_rate
from ..core.errors import UserError
from ..core.lids import Blinks, blink_at, with_blinks
from ..core.retime import MovedWord
from ..emotion.sliders import owner_of
from ..lines.acted import blinks_of, moved_words, set_blinks, set_moves, words_of
from ..words import heard
from ..words.dragged import dragged
from .base import Operator
from .lines import write_again
from .readiness import target_of, why_no_owner


def _why_not_baked(context: Context) -> str:
    if session.current.jobs.busy:
        return session.current.jobs.why_busy()
    owner = owner_of(target_of(context))
    line = lines.chosen(owner) if owner is not None else None
    return why_no_owner(context) or ("" if line is not None and line.baked else "Bake the line first")


def _line(context: Context) -> tuple[Object, PropertyGroup]:
    """The target and its chosen line, once ``_why_not_baked`` has found one."""
    target = target_of(context)
    owner = owner_of(target) if target is not None else None
    line = lines.chosen(owner) if owner is not None else None
    if target is None or line is None:
        raise UserError("There is no baked line; press Bake first.")
    return target, line


def _start(context: Context, line: PropertyGroup) -> float:
    """The frame at which second 0 of ``line`` is seen."""
    scene = context.scene
    return float(lines.placed(line) + lines.shift_at(line, frame_rate(scene)) + scene.s2f.offset)


def _write(context: Context, target: Object, line: PropertyGroup) -> None:
    session.current.shown.begin()
    write_again(lines.made_again(context.scene, target, line))


class S2F_OT_blink_add(Operator, bpy.types.Operator):
    """Shut the eyes for a moment at the playhead; the blink stays over every bake of the line"""

    bl_idname = "s2f.blink_add"
    bl_label = "Add Blink"
    bl_options = {"REGISTER"}  # noqa: RUF012

    why_not = staticmethod(_why_not_baked)

    def run(self, context: Context) -> str:
        """Written at once, without the model."""
        target, line = _line(context)
        moment = _moment(context, line)
        blinks = blinks_of(line)
        set_blinks(line, Blinks((*blinks.placed, moment), blinks.removed))
        _write(context, target, line)
        return f"A blink at frame {context.scene.frame_current}"


class S2F_OT_blink_remove(Operator, bpy.types.Operator):
    """Take away the blink at the playhead; it stays away over every bake of the line"""

    bl_idname = "s2f.blink_remove"
    bl_label = "Remove Blink"
    bl_options = {"REGISTER"}  # noqa: RUF012

    why_not = staticmethod(_why_not_baked)

    def run(self, context: Context) -> str:
        """One that was placed is forgotten; one of the model's is remembered as unwanted."""
        target, line = _line(context)
        moment, blinks = _moment(context, line), blinks_of(line)
        at = blink_at(with_blinks(lines.speech_of(line), blinks), moment)
        if at is None:
            raise UserError(f"There is no blink at frame {context.scene.frame_current}; move the playhead onto one.")
        placed = [one for one in blinks.placed if abs(one - at) > _SAME]
        removed = blinks.removed if len(placed) < len(blinks.placed) else (*blinks.removed, at)
        set_blinks(line, Blinks(tuple(placed), removed))
        _write(context, target, line)
        return f"No blink at frame {context.scene.frame_current} any more"


_SAME = 0.12
"""Seconds within which a placed blink is the one that is seen."""


def _moment(context: Context, line: PropertyGroup) -> float:
    """The playhead in seconds of the line's recording. Raises UserError where the line does not play."""
    scene = context.scene
    moment = (scene.frame_current_final - _start(context, line)) / frame_rate(scene)
    track = lines.speech_of(line)
    if not track.start <= moment <= track.start + track.duration:
        raise UserError(f"“{line.name}” does not play at frame {scene.frame_current}; move the playhead over it.")
    return float(moment)


class S2F_OT_words_mark(Operator, bpy.types.Operator):
    """Put a marker in the timeline at each word of the line, or at each phrase where the words are not known"""

    bl_idname = "s2f.words_mark"
    bl_label = "Mark Words"

    why_not = staticmethod(_why_not_baked)

    def run(self, context: Context) -> str:
        """Those of an earlier time on these frames are replaced."""
        _, line = _line(context)
        count = heard.mark(context.scene, moved_words(line), _start(context, line), line.first, line.last)
        return f"{count} markers; drag them and press Lips to Markers"


class S2F_OT_words_realign(Operator, bpy.types.Operator):
    """Have the lips say each word where its marker is now; this stays over every bake of the line"""

    bl_idname = "s2f.words_realign"
    bl_label = "Lips to Markers"
    bl_options = {"REGISTER"}  # noqa: RUF012

    why_not = staticmethod(_why_not_baked)

    def run(self, context: Context) -> str:
        """Written at once, without the model."""
        target, line = _line(context)
        scene, start = context.scene, _start(context, line)
        rate, now = frame_rate(scene), moved_words(line)
        frames = dragged(scene, now, start)
        moves = [
            MovedWord(word.text, word.start, (frame - start) / rate)
            for word, frame in zip(words_of(line), frames, strict=True)
        ]
        count = sum(abs(frame - start - word.start * rate) > 0.5 for word, frame in zip(now, frames, strict=True))
        set_moves(line, moves)
        _write(context, target, line)
        heard.remember(scene, moved_words(line), start, line.first, line.last)
        return f"{count} words moved" if count != 1 else "1 word moved"


class S2F_OT_words_back(Operator, bpy.types.Operator):
    """Say every word of the line where it is heard again"""

    bl_idname = "s2f.words_back"
    bl_label = "Words as Heard"
    bl_options = {"REGISTER"}  # noqa: RUF012

    @classmethod
    def why_not(cls, context: Context) -> str:
        reason = _why_not_baked(context)
        return reason or ("" if any(_moved(_line(context)[1])) else "No word of the line was moved")

    def run(self, context: Context) -> str:
        """Markers that are there go back with them."""
        target, line = _line(context)
        marked = heard.any_marked(context.scene)
        set_moves(line, (), ())
        _write(context, target, line)
        if marked:
            heard.mark(context.scene, moved_words(line), _start(context, line), line.first, line.last)
        return ""


def _moved(line: PropertyGroup) -> tuple[str, str]:
    return line.moves, line.waiting


CLASSES = (S2F_OT_blink_add, S2F_OT_blink_remove, S2F_OT_words_mark, S2F_OT_words_realign, S2F_OT_words_back)
