"""Several people in one recording or in one sequencer: who they are, and lines for their characters."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import bpy
from bpy.types import Context, Object, Scene

from .. import lines, session
from ..bake.frames import frame_rate
from ..bake.sound_strip import HeardSound, heard_sounds
from ..core.errors import UserError
from ..core.left_out import left_out
from ..core.messages import Diarize, Diarized
from ..core.named_turns import turns_of
from ..core.request import Request
from ..core.speaker_turns import Turn, from_text, merged, speakers, to_text
from ..process.job import Job
from ..words.script import written
from .base import Operator
from .listen import sound_path
from .readiness import why_no_sound
from .sound import spoken_in


class S2F_OT_find_speakers(Operator, bpy.types.Operator):
    """Propose who speaks when in the sound: by names in the words, by left and right channel, or by the voices"""

    bl_idname = "s2f.find_speakers"
    bl_label = "Find Speakers"
    bl_options = {"REGISTER"}  # noqa: RUF012

    why_not = staticmethod(why_no_sound)

    def run(self, context: Context) -> str:
        """Names in the words are there at once; else the model listens, and the list is filled when it has."""
        settings = context.scene.s2f
        path = sound_path(settings)
        named = turns_of(*written(settings))
        if len(speakers(named)) > 1:
            session.current.shown.begin()
            return _fill(context.scene, named, "by their names in the words")
        scene = context.scene.name
        session.start([Diarize(0, Request(path, name=Path(path).name))], lambda jobs: _heard(jobs[0], scene))
        return ""


def _heard(job: Job, scene: str) -> None:
    found = bpy.data.scenes.get(scene)
    if found is None or not isinstance(job.answer, Diarized):
        return
    if not job.answer.turns:
        found.s2f.voices.clear()
        session.current.shown.tell(
            "One voice is heard; if there are two, write when this character speaks under Speaks at."
        )
        return
    how = {"channels": "by left and right channel", "voices": "by their voices; look whether that is right"}
    session.current.shown.tell(_fill(found, job.answer.turns, how[job.answer.by]) + ".")


def _fill(scene: Scene, turns: Sequence[Turn], how: str) -> str:
    """Fill the list, in which those who are known by name keep their characters."""
    voices = scene.s2f.voices
    cast = {voice.name: voice.speaker for voice in voices}
    voices.clear()
    found = speakers(turns)
    for name, own in found.items():
        voice = voices.add()
        voice.name, voice.turns, voice.speaker = name, to_text(own), cast.get(name)
    return f"{len(found)} speakers found, {how}"


class S2F_OT_voices_to_lines(Operator, bpy.types.Operator):
    """Make a line for each character of the list, which speaks its own turns of the sound"""

    bl_idname = "s2f.voices_to_lines"
    bl_label = "Make Lines"

    @classmethod
    def why_not(cls, context: Context) -> str:
        some = any(voice.speaker is not None for voice in context.scene.s2f.voices)
        return "" if some else "Choose a character for a voice first"

    def run(self, context: Context) -> str:
        """All of one sound, at one place; whoever has the line already gets the new turns."""
        scene = context.scene
        settings = scene.s2f
        path, common = settings.audio_path, ("start_frame", "start_shift", "sound_start", "sound_end")
        same = {name: getattr(settings, name) for name in common}
        words = {name: getattr(settings, name) for name in ("words_from", "words_line", "words_text", "words_file")}
        turns: dict[Object, list[Turn]] = {}
        for voice in settings.voices:
            if voice.speaker is not None:
                turns.setdefault(voice.speaker, []).extend(from_text(voice.turns))
        common_values = {"audio_path": path, **same, **words, "ear": "all"}

        def make(speaker: Object) -> None:
            lines.line_with(scene, speaker, {**common_values, "turns": to_text(merged(turns[speaker], 0.0))})

        return _made([(speaker.name, partial(make, speaker)) for speaker in turns])


class S2F_OT_strips_to_lines(Operator, bpy.types.Operator):
    """Make a line of each sound strip that a character was chosen for"""

    bl_idname = "s2f.strips_to_lines"
    bl_label = "Make Lines"

    @classmethod
    def why_not(cls, context: Context) -> str:
        some = any(heard.strip.s2f_speaker is not None for heard in heard_sounds(context.scene))
        return "" if some else "Choose a character for a strip first"

    def run(self, context: Context) -> str:
        """Each with the sound, the frame and the part of it that the strip plays."""
        scene = context.scene
        given = [heard for heard in heard_sounds(scene) if heard.strip.s2f_speaker is not None]

        def make(heard: HeardSound) -> None:
            lines.line_with(scene, heard.strip.s2f_speaker, spoken_in(scene, heard), heard)

        return _made([(heard.strip.name, partial(make, heard)) for heard in given])


def _made(works: Sequence[tuple[str, Callable[[], None]]]) -> str:
    """Make the line of each (name, work) that can be made; what came of it. Raises UserError where none can."""
    left = []
    for name, work in works:
        try:
            work()
        except UserError as error:
            left.append((name, str(error)))
    if len(left) == len(works):
        raise UserError(left[0][1] if len(left) == 1 else left_out(left, len(works), "lines"))
    count = len(works) - len(left)
    if left:
        session.current.shown.tell(left_out(left, len(works), "lines"))
    return f"{count} lines are there; Bake All speaks them" if count != 1 else "1 line is there; Bake All speaks it"


class S2F_OT_turn_from_range(Operator, bpy.types.Operator):
    """Add the preview range of the timeline to the stretches in which this character speaks"""

    bl_idname = "s2f.turn_from_range"
    bl_label = "Add Preview Range"

    @classmethod
    def why_not(cls, context: Context) -> str:
        return "" if context.scene.use_preview_range else "Set a preview range in the timeline first (P)"

    def run(self, context: Context) -> str:
        """In seconds of the recording."""
        scene = context.scene
        settings, rate = scene.s2f, frame_rate(scene)
        zero = settings.start_frame + settings.start_shift * rate
        first, last = scene.frame_preview_start - zero, scene.frame_preview_end + 1 - zero
        if last <= 0:
            raise UserError("The preview range ends before the sound begins; set it over the speech.")
        new = Turn(max(first, 0) / rate, last / rate)
        settings.turns = to_text(merged((*from_text(settings.turns), new), 0.0))
        return ""


CLASSES = (S2F_OT_find_speakers, S2F_OT_voices_to_lines, S2F_OT_strips_to_lines, S2F_OT_turn_from_range)
