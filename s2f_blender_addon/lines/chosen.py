"""The chosen line is the one that scene.s2f shows: kept when another is chosen, shown when it is."""

import contextlib
import json
from collections.abc import Callable

import bpy
from bpy.types import Context, Object, PropertyGroup

from ..core.errors import UserError
from ..core.json_object import JsonObject
from ..emotion.sliders import SHARED, owner_of
from .copies import fresh_ident

OWN = (
    "audio_path", "start_frame", "start_shift", "sound_start", "sound_end", "ear", "turns", "seed", "words_from",
    "words_line", "words_file", "words_language", "takes", "model_path", "model_facts", "model_level", "model_person",
    "model_identity", "model_closures", "model_smoothing", "model_blinks", "style", *SHARED,
)  # fmt: skip
"""The settings of scene.s2f that belong to a line, in the order in which they are set: what a model can be asked for
follows from its facts. A text in this file is kept by its name.
"""


OF_THE_SOUND = ("words_line", "words_file", "words_text", "turns", "ear", "sound_start", "sound_end", "start_shift")
"""Those that say something of a sound, and nothing of another one."""


def chosen(owner: Object) -> PropertyGroup | None:
    """The chosen line of the character ``owner``, or None where it has none."""
    character = owner.s2f_character
    at = character.line_index
    return character.lines[at] if 0 <= at < len(character.lines) else None


def by_ident(owner: Object, ident: str) -> PropertyGroup | None:
    """The line of ``owner`` that has this name in records."""
    return next((line for line in owner.s2f_character.lines if line.ident == ident), None)


def adopt(settings: PropertyGroup, owner: Object, remembered: str = "") -> PropertyGroup:
    """A new line of ``owner``, chosen, with what ``settings`` (scene.s2f) show, or with what they showed when that was
    ``remembered``: they show it again then.
    """
    if not owner.is_editable:
        raise UserError(f"{owner.name} is linked from another file; make a library override of it first.")
    character = owner.s2f_character
    before = chosen(owner)
    if remembered and before is not None:
        keep(settings, before)
    line = character.lines.add()
    line.ident = fresh_ident()
    character.named = owner.name
    character.shown_line = line.ident
    character.line_index = len(character.lines) - 1
    if remembered:
        line.settings = remembered
        show(settings, line)
    keep(settings, line)
    for scene in bpy.data.scenes:
        if scene.s2f != settings and scene.s2f.target is not None and owner_of(scene.s2f.target) == owner:
            show(scene.s2f, line)
    return line


def remember(settings: PropertyGroup) -> str:
    """What ``settings`` say of a line, as it keeps it."""
    values = {name: getattr(settings, name) for name in OWN}
    values["words_text"] = settings.words_text.name if settings.words_text is not None else ""
    return json.dumps(values)


def keep(settings: PropertyGroup, line: PropertyGroup) -> None:
    """Have ``line`` remember what ``settings`` say."""
    line.settings = remember(settings)
    line.audio_path, line.start_frame = settings.audio_path, settings.start_frame
    line.name = bpy.path.display_name_from_filepath(settings.audio_path) or line.name or "New Line"


def intensity_of(owner: Object, line: PropertyGroup) -> float:
    """The intensity of ``line``: that of the character where it is the chosen one."""
    if line == chosen(owner):
        return float(owner.s2f_character.intensity)
    return float(_remembered(line).get("intensity", 1.0))


def _remembered(line: PropertyGroup) -> JsonObject:
    try:
        values = json.loads(line.settings or "{}")
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def show(settings: PropertyGroup, line: PropertyGroup) -> None:
    """Have ``settings`` say what ``line`` remembers; what it does not know stays."""
    values = _remembered(line)
    _showing.append(line.ident)
    for name in OWN:
        if name in values:
            with contextlib.suppress(TypeError):  # a choice that the model of this line does not have
                setattr(settings, name, values[name])
    settings.words_text = bpy.data.texts.get(values.get("words_text", ""))
    _showing.pop()


_showing: list[str] = []


def showing() -> bool:
    """Whether the settings change because another line is shown, not because somebody changes them."""
    return bool(_showing)


def index_update(character: PropertyGroup, _: Context) -> None:
    """Another line was chosen: scenes that show the character keep the one before and show this one."""
    owner = character.id_data
    line = chosen(owner)
    if line is None or line.ident == character.shown_line:
        return
    before = by_ident(owner, character.shown_line)
    character.shown_line = line.ident
    for scene in bpy.data.scenes:
        if scene.s2f.target is not None and owner_of(scene.s2f.target) == owner:
            if before is not None:
                keep(scene.s2f, before)
            show(scene.s2f, line)


def target_update(settings: PropertyGroup, update: Callable[[PropertyGroup], None]) -> None:
    """Another character is the target, which ``update`` sees to: what was set goes with the chosen line of the one
    before, and the chosen line of the new one is shown where it has any.
    """
    before, owner = settings.shown, owner_of(settings.target)
    left = chosen(before) if before is not None and owner is not None and before != owner else None
    if left is not None:
        keep(settings, left)
    update(settings)
    line = chosen(owner) if owner is not None and owner != before else None
    if line is not None:
        show(settings, line)
    settings.carried = remember(settings) if left is not None and line is None else ""


def another_sound(settings: PropertyGroup) -> None:
    """Another sound was chosen: what is known of that of the character before, which was shown until now, goes."""
    carried = json.loads(settings.carried or "{}")
    if not carried or settings.audio_path == carried["audio_path"] or showing():
        return
    settings.carried = ""
    now = json.loads(remember(settings))
    for name in OF_THE_SOUND:
        if now[name] == carried[name]:
            settings.property_unset(name)
