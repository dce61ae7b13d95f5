"""What is missing before something can be done, as the sentence that a disabled button shows."""


from bpy.types import Context, Object

from .. import session, workplace
from ..core.errors import UserError
from ..emotion.sliders import owner_of
from ..rigs.character import can_be_character, find_character


def target_of(context: Context) -> Object | None:
    """The chosen character, or the active object where it can be one."""
    chosen = context.scene.s2f.target
    if chosen is not None:
        return chosen
    active = context.active_object
    return active if active is not None and can_be_character(active) else None


def blocked(target: Object) -> str:
    """Why keys of the character ``target`` cannot be written, as a sentence; empty where they can, as far as seen."""
    try:
        return find_character(target).blocked
    except UserError:
        return ""  # no face at all, which the bake will say


def why_no_sound(context: Context) -> str:
    """Why nothing can be heard; empty when something can."""
    if session.current.jobs.busy:
        return session.current.jobs.why_busy()
    return "" if context.scene.s2f.audio_path else "Choose a sound first"


def why_no_bake(context: Context) -> str:
    """Why Bake is disabled; empty when it is not."""
    return why_no_sound(context) or why_no_character(context) or workplace.why_nowhere()


def why_no_character(context: Context) -> str:
    """Why nothing can be written to a face; empty when something can."""
    if target_of(context) is None:
        return "Choose a character: a mesh with shape keys"
    return ""


def why_no_owner(context: Context) -> str:
    """Why the character's emotion cannot be changed; empty when it can."""
    owner = owner_of(target_of(context))
    if owner is None:
        return why_no_character(context)
    return "" if owner.is_editable else f"{owner.name} is linked; make a library override first"


def why_no_track(context: Context) -> str:
    """Why there is nothing to mix or export; empty when there is."""
    return "Nothing is baked yet" if session.current.memory.empty else ""
