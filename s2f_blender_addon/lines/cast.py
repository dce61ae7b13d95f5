"""Lines that are made for a character from outside: of a strip, or of one voice of a recording."""

from collections.abc import Mapping

from bpy.types import Object, PropertyGroup, Scene

from ..bake.sound_strip import HeardSound
from ..core.errors import UserError
from ..emotion.sliders import owner_of
from .chosen import adopt, keep
from .placed import led_by
from .spans import same_file


def line_with(
    scene: Scene, target: Object, values: Mapping[str, object], strip: HeardSound | None = None
) -> PropertyGroup:
    """The line of the character ``target`` that speaks what ``values``, settings of scene.s2f, say: one that is led by
    the ``strip`` that they are of, that of the same sound at the same place, else a new one. It is chosen afterwards,
    and the target is that character.

    Raises UserError where the character cannot have lines.
    """
    settings = scene.s2f
    settings.target = target
    owner = owner_of(target)
    if owner is None:
        raise UserError(f"{target.name} has no face; choose another character.")
    character = owner.s2f_character
    led = led_by(scene, owner, strip) if strip is not None else []
    at = next((k for k, line in enumerate(character.lines) if line.ident in led), None)
    if at is None:
        at = next((k for k, line in enumerate(character.lines) if _speaks(line, values)), None)
    if at is not None:
        character.line_index = at
    elif character.lines:
        keep(settings, character.lines[character.line_index])
    if at is None:
        settings.words_line = settings.words_file = ""
        settings.words_text, settings.turns, settings.ear = None, "", "all"
    for name, value in values.items():
        setattr(settings, name, value)
    line = character.lines[at] if at is not None else adopt(settings, owner)
    keep(settings, line)
    return line


def _speaks(line: PropertyGroup, values: Mapping[str, object]) -> bool:
    return same_file(line.audio_path, str(values["audio_path"])) and line.start_frame == values["start_frame"]
