"""A line is taken off the face: its keys, its strip, and what records say of it."""

import contextlib

import bpy
from bpy.types import Context, Object, PropertyGroup

from ..bake import erase, lift
from ..bake.sound_strip import drop_strip, mute_strip
from ..core.errors import UserError
from ..rigs import find_character
from .copies import part_copies


def take_away(owner: Object, line: PropertyGroup) -> None:
    """Take the keys of ``line`` off the character ``owner`` and its strip out of the sequencers."""
    part_copies()
    with contextlib.suppress(UserError):  # of a character of which nothing is left that could have keys
        erase(find_character(owner), line.ident)
    line.baked = False
    for scene in bpy.data.scenes:
        drop_strip(scene, line.ident)


def mute_update(line: PropertyGroup, _: Context) -> None:
    """The switch of a line: its keys go and its strip is silent, or sounds again; Bake brings the keys back,
    with what the animator has changed of them.
    """
    part_copies()
    if line.mute and line.baked:
        with contextlib.suppress(UserError):
            lift(find_character(line.id_data), line.ident, bare=True)
        line.baked = False
    for scene in bpy.data.scenes:
        mute_strip(scene, line.ident, line.mute)

