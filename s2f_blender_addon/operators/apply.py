"""The one operator that writes keys: one undo step, and a redo panel that mixes the track anew without the model."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace

import bpy
import numpy as np
from bpy.props import BoolProperty, IntProperty, StringProperty
from bpy.types import Context, Object, PropertyGroup, Scene

from .. import lines, session, window
from ..bake import BakeOptions, BakeReport, bake
from ..bake.frames import frame_rate
from ..bake.led import lead
from ..bake.rollback import all_or_nothing
from ..core.blend import Mix, mixed
from ..core.errors import UserError
from ..core.left_out import left_out
from ..core.messages import Read, Reads
from ..emotion.curves import keyed_intensity
from ..emotion.home import make_room, part
from ..emotion.sliders import owner_of
from ..process.job import Job
from ..properties.mix import MIXED, draw_mix, mix_properties
from ..rigs import Character, find_character
from ..rigs.flame.setup import made_ready
from ..rigs.stored import list_map
from ..session.made import Made
from ..user_path import absolute
from ..words import heard
from ..words.script import given
from .base import Operator
from .move import Writing, animated, moving, whole_region
from .read_face import looks_of, seen_of
from .readiness import why_no_track


class S2F_OT_apply(Operator, bpy.types.Operator):
    """Write the speech that is in memory as keys of the character"""

    bl_idname = "s2f.apply"
    bl_label = "Bake Speech"

    token: IntProperty(options={"HIDDEN", "SKIP_SAVE"})
    more: StringProperty(
        description="Numbers of further tracks that are written in the same step", options={"HIDDEN", "SKIP_SAVE"}
    )
    everywhere: BoolProperty(description="Whatever the frame range says", options={"HIDDEN", "SKIP_SAVE"})
    drop: BoolProperty(
        name="Drop Edits", description="Forget what you have changed by hand", options={"HIDDEN", "SKIP_SAVE"}
    )

    why_not = staticmethod(why_no_track)

    def run(self, context: Context) -> str:
        """Mix and write. Options that the caller left out are those of the scene."""
        tokens = [self.token, *map(int, self.more.split())]
        given = frozenset(name for name in ("intensity", *MIXED) if self.properties.is_property_set(name))
        lines.part_copies()
        written, left = [], []
        for made in map(session.current.memory.recall, tokens):
            try:
                scene, target = made.to.find()
                self._fill(scene.s2f, given)
                written.append(self._writing(made, scene, target))
            except UserError as error:  # of several lines the others are written all the same
                left.append((made.to.name, str(error)))
        reports = []
        with moving(written) as left_to_others:
            for other in left_to_others:
                self._write(other, written, given)
            for one in written:
                try:
                    reports.append(self._write(one, written, given))
                except UserError as error:
                    left.append((one.made.to.name, str(error)))
            if not reports:
                raise UserError(left[0][1] if len(left) == 1 else left_out(left, len(tokens), "lines"))
        if left:
            session.current.shown.tell(left_out(left, len(tokens), "lines"))
        lines_said = f"{len(reports)} lines, " if len(reports) > 1 else ""
        keys, first, last = sum(r.keys for r in reports), min(r.first for r in reports), max(r.last for r in reports)
        return f"{lines_said}{keys:,} keys, frames {first:g} to {last:g}"

    def _writing(self, made: Made, scene: Scene, target: Object) -> Writing:
        owner = owner_of(target)
        line = self._line(scene, owner, made)
        span = _span(made, scene, self.offset)
        one = Writing(made, scene, target, owner, line.ident, span, self.everywhere)
        one.region = whole_region(one) if self.everywhere else ""
        one.notes.append(_twice(owner, line, made))
        return one

    def _write(self, one: Writing, every: Sequence[Writing], given: frozenset[str]) -> BakeReport:
        made, scene, target, owner, line = one.made, one.scene, one.target, one.owner, one.line
        keyed = keyed_intensity(scene, owner)
        self._fill(scene.s2f, given)
        if "intensity" not in given:  # its slider shows a curve at the current frame alone
            self.intensity = 1.0 if keyed is not None else lines.intensity_of(owner, line)
        first, last = (-np.inf, np.inf) if one.everywhere else _range(scene)
        beside = lines.neighbours(owner, line, one.span, {other.ident: other.span for other in every})
        options = BakeOptions(
            mix=Mix(self.intensity, self.smoothing, self.mouth, self.brow, self.eye, self.jaw, self.lips),
            offset=self.offset, keys=scene.s2f.keys, error=self.error, first=first, last=last, widen=self.widen,
            sound=made.to.sound, extend=scene.s2f.extend, name=made.to.name, head=scene.s2f.head,
            breath=scene.s2f.liveliness_breath,
            intensity=keyed, line=line.ident, others=beside.others, over=beside.over, crossed=beside.crossed,
            edits="" if self.drop else scene.s2f.edits, region=one.region or scene.s2f.region,
        )  # fmt: skip
        character, chosen = _character(target, made)
        if character.bones is not None:
            make_room(character.bones.armature)
        forgotten = ""
        with all_or_nothing(scene, animated(character)):
            if made.takes is not None:
                forgotten = lines.keep_words(line, made.words, made.track)
            start = made.to.start + self.offset
            track = lines.acted(scene, owner, target, line, made.track, start)
            report = bake(track, character, scene, made.to.start, options)
            said = (*chosen, *one.notes, forgotten, lines.beyond(line, made.track))
            report = replace(report, notes=(*filter(None, said), *report.notes))
            if scene.s2f.words_markers and made.words:
                heard.mark(scene, lines.moved_words(line), start, report.first, report.last)
        line_ident = one.ident
        lines.keep_bake(line, made, one.span, frame_rate(scene))
        if line.audio_path:
            lead(scene, absolute(line.audio_path), made.to.start, line_ident)
        if character.bones is not None:
            part(character.bones.armature)
        for mesh in character.meshes:
            list_map(mesh.object, mesh.map)
        about = _about_words(scene) if made.words and line == lines.chosen(owner) else ()
        session.current.shown.bake(line.ident, report, made.notice, heard.summary(made.words, about))
        session.current.shown.forget_looks(seen_of(owner))
        if not len(made.track.flame):  # whose channels tell the jaw alone
            began, rate = start + made.track.start * frame_rate(scene), frame_rate(scene)
            spoken = replace(made, track=track)
            session.aside(_reading(spoken, scene, options), lambda job: _read(job, line_ident, began, rate))
        return report

    def _line(self, scene: Scene, owner: Object, made: Made) -> PropertyGroup:
        """The line that is written, which remembers the settings where it is the chosen one."""
        sound = made.to.sound or scene.s2f.audio_path
        span = _span(made, scene, self.offset)
        line = lines.line_for(scene.s2f, owner, made.to, sound, span)
        if line == lines.chosen(owner) and owner_of(scene.s2f.target) == owner:
            lines.keep(scene.s2f, line)
        if line.mute:
            line.mute = False
        return line

    def _fill(self, settings: PropertyGroup, given: frozenset[str]) -> None:
        """What the caller left out."""
        for name in MIXED:
            if name not in given and name != "intensity":
                setattr(self, name, getattr(settings, name))

    def draw(self, context: Context) -> None:
        """The redo panel."""
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "intensity", slider=True)
        draw_mix(layout, self)


S2F_OT_apply.__annotations__.update(mix_properties(options={"SKIP_SAVE"}))


def _character(target: Object, made: Made) -> tuple[Character, tuple[str, ...]]:
    """The character of ``target``, and a sentence where a FLAME head had to be made ready for the channels first."""
    character = find_character(target)
    if character.flame is None or len(made.track.flame):
        return character, ()
    said = made_ready(character.flame)
    return (find_character(target), (said,)) if said else (character, ())


def _twice(owner: Object, line: PropertyGroup, made: Made) -> str:
    """A sentence where ``line`` is new and says what the line that was chosen says elsewhere; else ""."""
    asked = next((one for one in owner.s2f_character.lines if one.ident == made.to.asked), None)
    if line.baked or asked is None or asked == line or not lines.same_file(asked.audio_path, line.audio_path):
        return ""
    return (
        f"“{line.name}” is spoken at frame {lines.placed(asked)}, too, by another line; to move that one, "
        "undo, set its Start Frame and press Bake All."
    )


def _about_words(scene: Scene) -> tuple[str, ...]:
    """What was assumed about the words that the settings name."""
    with contextlib.suppress(UserError):  # a file that was there when the bake began
        return given(scene.s2f).notes_in(scene.s2f.words_language)
    return ()


_READ_FPS = 30.0
"""Frames a second at which a face is read; more tell nothing new."""


def _reading(made: Made, scene: Scene, options: BakeOptions) -> Callable[[], Read]:
    """What asks to read the face as it was written, at its own pace where that is slower."""
    track = made.track
    fps = min(_READ_FPS, track.fps)
    times = track.start + np.arange(int(track.duration * fps) + 1) / fps
    frames = made.to.start + times * frame_rate(scene)
    intensity = options.intensity(frames) if options.intensity is not None else None

    return lambda: Read(0, fps, mixed(track.at(times), options.mix, intensity))


def _read(job: Job, line: str, start: float, rate: float) -> None:
    if isinstance(job.answer, Reads):
        session.current.shown.read(job.answer.shares)
        session.current.shown.look(line, looks_of(job.answer, start, rate))
        window.redraw_timelines()


def _span(made: Made, scene: Scene, offset: int) -> tuple[float, float]:
    """The scene frames on which ``made`` plays."""
    start, rate = made.to.start + offset, frame_rate(scene)
    return float(np.floor(start + made.track.start * rate)), float(
        np.ceil(start + (made.track.start + made.track.duration) * rate)
    )


def _range(scene: Scene) -> tuple[float, float]:
    """The scene frames that may get keys."""
    if scene.s2f.frame_range == "CLIP":
        return -np.inf, np.inf
    if scene.s2f.frame_range == "FRAMES":
        return scene.s2f.range_first, scene.s2f.range_last
    if scene.use_preview_range:
        return scene.frame_preview_start, scene.frame_preview_end
    return scene.frame_start, scene.frame_end


CLASSES = (S2F_OT_apply,)
