"""From the Voice: the recording fills the keys of the sliders."""

from pathlib import Path
from typing import Any

import bpy
from bpy.props import FloatProperty

from .. import session
from ..bake.frames import frame_rate
from ..core.errors import UserError
from ..core.messages import Felt, Message
from ..emotion import models
from ..emotion.felt import fill
from ..emotion.sliders import owner_of
from ..plans import Feeling
from ..process.job import FeelRequest
from ..words.script import said
from .bake import sound_path
from .readiness import target_of, why_no_bake

_MOST_FPS = 30.0


class S2F_OT_feel(bpy.types.Operator):
    """Let the voice, and the words where they are known, key the emotion sliders; edit the keys as you like"""

    bl_idname = "s2f.feel"
    bl_label = "From the Voice"
    bl_options = {"REGISTER"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        reason = why_no_bake(context)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def execute(self, context: Any) -> set[str]:
        """Start the job; keys are written when it is done, by ``s2f.write_felt``."""
        try:
            request = _request(context)
            target: Any = target_of(context)
            context.scene.s2f.target = target
            names = context.scene.name, target.name, context.scene.s2f.start_frame
            session.start(request, lambda answer: _write(answer, *names))
        except UserError as error:
            session.fail(str(error))
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class S2F_OT_write_felt(bpy.types.Operator):
    """Write what the recording felt like as keys of the sliders"""

    bl_idname = "s2f.write_felt"
    bl_label = "Emotion from the Voice"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    error: FloatProperty(
        name="Key Reduction", description="Leave out keys that lines replace within this error of a slider",
        min=0.005, max=0.3, default=0.05, step=1, precision=3,
    )  # fmt: skip

    @classmethod
    def poll(cls, context: Any) -> bool:
        if session.current.felt is None:
            cls.poll_message_set("Press From the Voice first")
        return session.current.felt is not None

    def execute(self, context: Any) -> set[str]:
        """One undo step; the redo panel keys anew without the model."""
        feeling: Any = session.current.felt
        scene, target = bpy.data.scenes.get(feeling.scene), bpy.data.objects.get(feeling.target)
        try:
            if scene is None or target is None:
                raise UserError(f"{feeling.target} is no longer there; choose a character and press From the Voice.")
            filled = fill(owner_of(target), scene, feeling.felt, feeling.start_frame, self.error)
        except UserError as error:
            session.fail(str(error))
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        said = f"{filled.keys} emotion keys, frames {filled.first:g} to {filled.last:g}"
        if not filled.sliders:
            said = "This recording sounds neutral throughout; no slider got a key"
        if filled.kept:
            said += f"; your keys there are kept in the action “{filled.kept}”"
        session.current.notice = f"{said}."
        session.current.error = ""
        self.report({"INFO"}, f"{said}.")
        return {"FINISHED"}


class S2F_OT_go_to(bpy.types.Operator):
    """Jump to the time at which this is said"""

    bl_idname = "s2f.go_to"
    bl_label = "Go There"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    frame: FloatProperty()

    def execute(self, context: Any) -> set[str]:
        """Move the playhead."""
        context.scene.frame_set(round(self.frame))
        return {"FINISHED"}


def _request(context: Any) -> FeelRequest:
    """What the settings of the scene ask for. Raises UserError where the sound or a chosen model is not there."""
    settings = context.scene.s2f
    path = sound_path(settings)
    chosen = models.chosen()
    chosen.check()
    options = {
        "name": Path(path).name, "contrast": settings.feel_contrast, "smoothing": settings.feel_smoothing,
        "most": settings.feel_most, "voice_model": chosen.voice, "text_model": chosen.text,
        "fusion_model": chosen.fusion,
    }  # fmt: skip
    weights = {"voice": settings.feel_voice, "words": settings.feel_words}
    fps = min(frame_rate(context.scene), _MOST_FPS)
    words, language = said(settings), settings.words_language
    return FeelRequest(path, fps, "", weights, settings.sound_start, settings.sound_end, options, words, language)


def _write(answer: Message, scene: str, target: str, start_frame: int) -> None:
    if isinstance(answer, Felt):
        session.current.felt = Feeling(answer, scene, target, start_frame)
        session.carry_out(bpy.ops.s2f.write_felt)


CLASSES = (S2F_OT_feel, S2F_OT_write_felt, S2F_OT_go_to)
