"""From the Voice: the recording fills the keys of the sliders."""

from pathlib import Path
from typing import NamedTuple

import bpy
from bpy.props import EnumProperty, FloatProperty
from bpy.types import Context, Event, Object

from .. import lines, session
from ..bake.frames import frame_rate, speech_start
from ..core.errors import UserError
from ..core.messages import Feel, Felt
from ..core.request import Hearing, Request
from ..core.speaker_turns import from_text
from ..emotion import models
from ..emotion.felt import fill, has_edits
from ..emotion.home import is_shared, single
from ..emotion.sliders import owner_of
from ..process.job import Job
from ..session.made import Feeling
from ..words.script import said
from .base import Operator
from .listen import sound_path
from .readiness import target_of, why_no_bake
from .voice import references_of

_MOST_FPS = 30.0


class S2F_OT_feel(Operator, bpy.types.Operator):
    """Let the voice, and the words where they are known, key the emotion sliders; edit the keys as you like"""

    bl_idname = "s2f.feel"
    bl_label = "From the Voice"
    bl_options = {"REGISTER"}  # noqa: RUF012

    hand: EnumProperty(
        name="Your Edits", description="What becomes of keys and sounds that you have set, changed or removed",
        items=[
            ("KEEP", "Keep", "They stay as they are; all else is heard anew"),
            ("REPLACE", "Replace", "All is heard anew; a copy of the action with your keys is kept"),
        ],
    )  # fmt: skip
    shared: EnumProperty(
        name="Shared Action", description="Another object is moved by the same action of emotion",
        items=[
            ("OWN", "Make Single User", "This character gets a copy of its own"),
            ("ALL", "Change for All", "All that are moved by it feel the same"),
        ],
    )  # fmt: skip

    why_not = staticmethod(why_no_bake)

    def invoke(self, context: Context, event: Event) -> set[str]:
        """Ask first, where keys of the animator or of others are concerned."""
        owner = owner_of(target_of(context))
        if owner is not None and (is_shared(owner) or has_edits(owner, speech_start(context.scene))):
            asked: set[str] = context.window_manager.invoke_props_dialog(self)
            return asked
        return self.execute(context)

    def draw(self, context: Context) -> None:
        """What is asked."""
        owner = owner_of(target_of(context))
        self.layout.use_property_split = True
        if owner is not None and has_edits(owner, speech_start(context.scene)):
            self.layout.prop(self, "hand", expand=True)
        if owner is not None and is_shared(owner):
            self.layout.prop(self, "shared", expand=True)

    def run(self, context: Context) -> str:
        """Start the job; keys are written when it is done, by ``s2f.write_felt``."""
        order = _order(context)
        target: Object = target_of(context)
        context.scene.s2f.target = target
        owner = owner_of(target)
        line = lines.chosen(owner) if owner is not None else None
        feeling = _Feeling(
            context.scene.name, target.name, speech_start(context.scene), line.ident if line is not None else "",
            self.hand == "REPLACE", self.shared == "OWN",
        )  # fmt: skip
        session.start([order], lambda jobs: _write(jobs[0], feeling))
        return ""


class _Feeling(NamedTuple):
    """Where what is felt goes; see ``session.made.Feeling``. own: a shared action is copied first."""

    scene: str
    target: str
    start_frame: float
    line: str
    replace: bool
    own: bool


class S2F_OT_write_felt(Operator, bpy.types.Operator):
    """Write what the recording felt like as keys of the sliders"""

    bl_idname = "s2f.write_felt"
    bl_label = "Emotion from the Voice"

    error: FloatProperty(
        name="Key Reduction", description="Leave out keys that lines replace within this error of a slider",
        min=0.005, max=0.3, default=0.05, step=1, precision=3,
    )  # fmt: skip

    @classmethod
    def why_not(cls, context: Context) -> str:
        return "Press From the Voice first" if session.current.memory.feeling is None else ""

    def run(self, context: Context) -> str:
        """One undo step; the redo panel keys anew without the model."""
        feeling = session.current.memory.feeling
        if feeling is None:
            raise UserError("There is no emotion in memory to write; press From the Voice.")
        scene, target = bpy.data.scenes.get(feeling.scene), bpy.data.objects.get(feeling.target)
        if scene is None or target is None:
            raise UserError(f"{feeling.target} is no longer there; choose a character and press From the Voice.")
        owner = owner_of(target)
        if feeling.own and is_shared(owner):
            single(owner)
        filled = fill(owner, scene, feeling.felt, feeling.start_frame, self.error, feeling.line, feeling.replace)
        said = f"{filled.keys} emotion keys, frames {filled.first:g} to {filled.last:g}"
        if not filled.sliders and not filled.by_hand:
            said = "This recording sounds neutral throughout; no slider got a key"
        unknown = [sentence for sentence in feeling.felt.sentences if not sentence.known]
        if unknown:
            said += f"; where the words are not known ({len(unknown)} of {len(feeling.felt.sentences)} sentences), the "
            said += "voice alone counts"
        if filled.kept:
            said += f"; your keys there are kept in the action “{filled.kept}”"
        if filled.by_hand:
            said += f"; your edits of {', '.join(filled.by_hand)} stay"
        if filled.still:
            stood = ", ".join(f"{name} ({value:.0%})" for name, value in filled.still.items())
            said += f"; where {stood} stood without keys, the voice speaks now"
        line = lines.chosen(owner)
        if filled.sliders and (line is None or not line.baked):
            said += "; press Bake to see them"
        told = " ".join((f"{said}.", *feeling.felt.notes))
        session.current.shown.clear_failure()
        session.current.shown.tell(told)
        lines.touched(owner)
        return told


class S2F_OT_go_to(Operator, bpy.types.Operator):
    """Jump to the time at which this is said"""

    bl_idname = "s2f.go_to"
    bl_label = "Go There"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    frame: FloatProperty()

    def run(self, context: Context) -> str:
        """Move the playhead."""
        context.scene.frame_set(round(self.frame))
        return ""


def _order(context: Context) -> Feel:
    """What the settings of the scene ask for. Raises UserError where the sound or a chosen model is not there."""
    settings = context.scene.s2f
    path = sound_path(settings)
    chosen = models.chosen()
    chosen.check()
    hear = Hearing(
        amount=settings.feel_amount, voice_model=chosen.voice, text_model=chosen.text, fusion_model=chosen.fusion,
        references=references_of(owner_of(target_of(context)).s2f_character),
    )  # fmt: skip
    return Feel(0, Request(
        path, fps=min(frame_rate(context.scene), _MOST_FPS), start=settings.sound_start, end=settings.sound_end,
        words=said(settings), language=settings.words_language, hear=hear, name=Path(path).name, ear=settings.ear,
        turns=from_text(settings.turns),
    ))  # fmt: skip


def _write(job: Job, feeling: _Feeling) -> None:
    if isinstance(job.answer, Felt):
        session.current.memory.keep_feeling(Feeling(job.answer, *feeling))
        session.carry_out(bpy.ops.s2f.write_felt)


CLASSES = (S2F_OT_feel, S2F_OT_write_felt, S2F_OT_go_to)
