"""The lines of a character: one more, one less, all of them baked, and edits of one dropped."""

from collections.abc import Sequence
from dataclasses import replace

import bpy
from bpy.props import BoolProperty
from bpy.types import Context, Object, PropertyGroup, Scene

from .. import lines, session
from ..bake.frames import frame_rate
from ..bake.moved import Moved
from ..core.drive import unpacked_drive
from ..core.errors import UserError
from ..core.left_out import left_out
from ..core.messages import Infer, Mood
from ..core.request import Request, Side
from ..emotion.curves import with_sliders
from ..emotion.sliders import owner_of
from ..process.job import Job, Phase
from ..session.made import Destination, Made
from ..user_path import absolute, answers
from .bake import made_of, moves_of, ordered, place, takes_of
from .base import Operator
from .readiness import target_of, why_no_owner


class S2F_OT_line_add(Operator, bpy.types.Operator):
    """One more line for the character: another sound, which begins at the playhead or after the last line"""

    bl_idname = "s2f.line_add"
    bl_label = "Add Line"

    why_not = staticmethod(why_no_owner)

    def run(self, context: Context) -> str:
        """The new line is chosen and has no sound yet."""
        settings = context.scene.s2f
        settings.target = target_of(context)
        owner = owner_of(settings.target)
        before = lines.chosen(owner)
        if before is not None:
            lines.keep(settings, before)
        settings.audio_path = ""
        for name in lines.OF_THE_SOUND:
            settings.property_unset(name)
        settings.start_frame = _free_frame(context, owner)
        lines.adopt(settings, owner)
        return f"A new line begins at frame {settings.start_frame}; choose its sound"


def _free_frame(context: Context, owner: Object) -> int:
    """The current frame, or where a line of ``owner`` plays there the first one after all of them."""
    spans = [(line.first, line.last) for line in owner.s2f_character.lines if line.baked]
    now = int(context.scene.frame_current)
    return int(max(last for _, last in spans)) + 1 if any(first <= now <= last for first, last in spans) else now


def _why_no_line(context: Context) -> str:
    owner = owner_of(target_of(context))
    return why_no_owner(context) or ("" if lines.chosen(owner) is not None else "This character has no line yet")


def _line(context: Context) -> PropertyGroup:
    """The chosen line, where ``_why_no_line`` has found one."""
    return lines.chosen(owner_of(target_of(context)))


class S2F_OT_line_duplicate(Operator, bpy.types.Operator):
    """Say the chosen line once more, with its settings and moved words, at the playhead or after the last line"""

    bl_idname = "s2f.line_duplicate"
    bl_label = "Duplicate Line"

    why_not = staticmethod(_why_no_line)

    def run(self, context: Context) -> str:
        """The copy is chosen and not baked yet; keys that were edited stay with the first."""
        settings = context.scene.s2f
        settings.target = target_of(context)
        owner, first = owner_of(settings.target), _line(context)
        ident = first.ident  # adding a line may move the others in memory
        lines.keep(settings, first)
        settings.property_unset("start_shift")
        settings.start_frame = _free_frame(context, owner)
        line = lines.adopt(settings, owner)
        lines.copy_hand(line, lines.by_ident(owner, ident))
        return f"“{line.name}” once more, from frame {settings.start_frame}; Bake puts it on the face"


class S2F_OT_line_remove(Operator, bpy.types.Operator):
    """Remove the chosen line with its keys and its strip; edits of it are lost"""

    bl_idname = "s2f.line_remove"
    bl_label = "Remove Line"

    why_not = staticmethod(_why_no_line)

    def run(self, context: Context) -> str:
        """The line before it is chosen then."""
        owner = owner_of(target_of(context))
        character, line = owner.s2f_character, _line(context)
        name, at = line.name, character.line_index
        beside = lines.laid_open(owner, (line.first, line.last), {line.ident}) if line.baked else []
        again = [lines.made_again(context.scene, target_of(context), other) for other in beside]
        lines.take_away(owner, line)
        character.lines.remove(at)
        character.shown_line = ""
        character.line_index = max(at - 1, 0)
        for made in again:  # what was seen of it before is seen on all of its frames now
            write_again(made, everywhere=True)
        return f"“{name}” is gone from the face"


def write_again(made: Made, **options: bool) -> None:
    """Write ``made`` in one undo step. Raises UserError where that fails."""
    session.carry_out(bpy.ops.s2f.apply, token=session.current.memory.keep(made), **options)
    if session.current.shown.outcome.error:
        raise UserError(session.current.shown.outcome.error)


class S2F_OT_edits_drop(Operator, bpy.types.Operator):
    """Write the chosen line as it was baked, without what you have changed by hand since"""

    bl_idname = "s2f.edits_drop"
    bl_label = "Drop Edits"
    bl_options = {"REGISTER"}  # noqa: RUF012

    @classmethod
    def why_not(cls, context: Context) -> str:
        reason = _why_no_line(context)
        if reason:
            return reason
        return "" if _line(context).baked else "The line is not baked yet"

    def run(self, context: Context) -> str:
        """From the speech that the line keeps, without the model."""
        target, line = target_of(context), _line(context)
        made = lines.made_again(context.scene, target, line)
        session.current.shown.begin()
        write_again(made, drop=True)
        return f"“{line.name}” is as it was baked"


class S2F_OT_tune(Operator, bpy.types.Operator):
    """Write the chosen line as the sliders stand now, from the speech that it keeps"""

    bl_idname = "s2f.tune"
    bl_label = "Show Sliders on the Whole Line"
    bl_options = {"REGISTER"}  # noqa: RUF012

    anew: BoolProperty(
        name="Anew", description="Ask the model even where the sliders are as they were",
        options={"HIDDEN", "SKIP_SAVE"},
    )  # fmt: skip

    @classmethod
    def why_not(cls, context: Context) -> str:
        return session.current.jobs.why_busy() or S2F_OT_edits_drop.why_not(context)

    def run(self, context: Context) -> str:
        """An emotion that the speech was not made with takes the model; without one the mood is scaled. Nobody has
        pressed it, so what was said before stays in the panel.
        """
        said = session.current.shown.outcome.notice
        self._write(context)
        if said != _SCALED and not session.current.shown.outcome.notice:
            session.current.shown.tell(said)
        return ""

    def _write(self, context: Context) -> None:
        alive = session.current.link.alive
        target, line = target_of(context), _line(context)
        owner = owner_of(target)
        made = lines.made_again(context.scene, target, line)
        share = lines.share_of_mood(owner, made.track)
        other = self.anew or share is None or not lines.shows_mood_of(owner, made.track)
        if other and alive and answers(absolute(line.audio_path)):
            bpy.ops.s2f.bake("EXEC_DEFAULT")
            return
        if other and alive and line.drive:
            _felt_anew(context, owner, line, made)
            return
        session.current.shown.begin()
        strength = {"intensity": owner.s2f_character.intensity * share} if share not in (None, 1.0) else {}
        write_again(made, **strength)
        if other:
            session.current.shown.tell(_SCALED)


_SCALED = "The model does not run, so the mood that was there is scaled; press Bake for the emotion itself."


def _felt_anew(context: Context, owner: Object, line: PropertyGroup, made: Made) -> None:
    """Have the model add the mood of the sliders to the speech that ``line`` keeps; it needs no sound for that."""
    track, drive = made.track, unpacked_drive(line.drive)
    side: Side = "left" if owner.s2f_character.side == "LEFT" else "right"
    bare = Request(fps=track.fps, start=max(track.start, 0.0), contempt_side=side, name=line.name[:255])
    start = lines.placed(line) + lines.shift_at(line, frame_rate(context.scene))
    request = with_sliders(bare, context.scene, owner, start)

    def order() -> Mood:
        return Mood(0, request, track.talk, track.head, drive.values, drive.accents, drive.phrases, drive.seed)

    def write(jobs: Sequence[Job]) -> None:
        found = jobs[0].track
        if found is not None:
            made_by = replace(track.provenance, emotion=found.provenance.emotion)
            write_again(replace(made, track=replace(track, mood=found.mood, provenance=made_by)))

    session.start([order], write)


class S2F_OT_bake_all(Operator, bpy.types.Operator):
    """Bake every line of every character in this scene that is not muted, in one go"""

    bl_idname = "s2f.bake_all"
    bl_label = "Bake All"
    bl_options = {"REGISTER"}  # noqa: RUF012

    @classmethod
    def why_not(cls, context: Context) -> str:
        if session.current.jobs.busy:
            return session.current.jobs.why_busy()
        return "" if _speakers(context.scene) else "There is no line that is not muted"

    def run(self, context: Context) -> str:
        """One request for each line, one after another; they are written together. What cannot be baked is left out."""
        orders, left = _orders(context)
        count = len(orders) + len(left)
        if not orders:
            raise UserError(left_out(left, count, _LINES))

        def write(jobs: Sequence[Job]) -> None:
            made, rest = [], list(jobs)
            for asked, name, destination in orders:
                takes, rest = rest[: len(asked)], rest[len(asked) :]
                failed = next((job for job in takes if job.phase is not Phase.DONE), None)
                if failed is None:
                    made.append(made_of(takes, destination))
                else:
                    left.append((name, failed.sentence))
            _write_together(made)
            shown = session.current.shown
            if made:
                shown.tell(" ".join(filter(None, (left_out(left, count, _LINES), shown.outcome.notice))))
            else:
                shown.fail(left_out(left, count, _LINES), "\n".join(filter(None, (job.report for job in jobs))))

        session.start([take for asked, _, _ in orders for take in asked], write, apart=True)
        return ""


_LINES = "lines"
_Order = tuple[list[Infer], str, Destination]
"""What a line asks for in all its takes, its name, and where it goes."""
_Left = list[tuple[str, str]]
"""Names of what cannot be baked, and why."""


def _write_together(made: Sequence[Made]) -> None:
    if made:
        tokens = [session.current.memory.keep(one, len(made)) for one in made]
        session.carry_out(bpy.ops.s2f.apply, token=tokens[0], more=" ".join(map(str, tokens[1:])))


def _speakers(scene: Scene) -> list[Object]:
    """The objects of ``scene`` that have a line that is not muted."""
    return [thing for thing in scene.objects if any(not line.mute for line in thing.s2f_character.lines)]


def _orders(context: Context) -> tuple[list[_Order], _Left]:
    """What each line asks for, as the settings say while it is shown, and which cannot be baked.

    Afterwards the line from before is shown again.
    """
    settings = context.scene.s2f
    target = settings.target
    showing = owner_of(target)
    if showing is not None and lines.chosen(showing) is not None:
        lines.keep(settings, lines.chosen(showing))
    orders, left = list[_Order](), _Left()
    speakers = _speakers(context.scene)
    try:
        for owner in speakers:
            settings.target = target if owner == showing else owner
            _add_orders(context, owner, f"{owner.name}: " if len(speakers) > 1 else "", orders, left)
    finally:
        settings.target = target
    return orders, left


def _add_orders(context: Context, owner: Object, whose: str, orders: list[_Order], left: _Left) -> None:
    """Those of one character, which is the target, at the end of ``orders`` and ``left``."""
    character = owner.s2f_character
    before = character.line_index
    moves = list[Moved]()
    try:
        for at in _heard(character):
            character.line_index = at
            place(context.scene, owner)
            moves += moves_of(context.scene, owner, itself=True)
        for at, line in enumerate(character.lines):
            if line.mute:
                continue
            name = whose + line.name
            if not line.audio_path:
                left.append((name, "it has no sound yet"))
                continue
            character.line_index = at
            try:
                request, destination = ordered(context, character.lines[at].ident, moves)
                orders.append((takes_of(request, context.scene.s2f), name, destination))
            except UserError as error:
                left.append((name, str(error)))
    finally:
        character.line_index = before


def _heard(character: PropertyGroup) -> list[int]:
    """The numbers of the lines that can be baked."""
    return [at for at, line in enumerate(character.lines) if not line.mute and line.audio_path]


CLASSES = (
    S2F_OT_line_add, S2F_OT_line_duplicate, S2F_OT_line_remove, S2F_OT_edits_drop, S2F_OT_tune, S2F_OT_bake_all,
)  # fmt: skip
