"""What Blender calls the add-on, and what it has saved for it."""


import bpy
from bpy.types import AddonPreferences

ROOT_PACKAGE = __package__.rpartition(".")[0] or __package__
"""bl_ext.REPOSITORY.s2f_blender_addon, or this package where it is imported plainly."""


def saved_preferences() -> AddonPreferences | None:
    """The add-on's preferences as they are set; None where the add-on is imported plainly."""
    addon = bpy.context.preferences.addons.get(ROOT_PACKAGE)
    return addon.preferences if addon is not None else None
