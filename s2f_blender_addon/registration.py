"""Every class that Blender has to know, in order, and what goes with them."""

import atexit

import bpy
from bpy.types import bpy_struct

from . import operators, panels, preferences, properties, runtime_session, session, translations
from .core import private_folder
from .emotion.sliders import adopt_old_file
from .lines import part_copies
from .operators.character import draw_add_menu
from .operators.strip import add_keys, remove_keys
from .panels.status import draw_status
from .panels.strip import add_strip, remove_strip
from .properties.liveliness import adopt_former_words

CLASSES: tuple[type[bpy_struct], ...] = (
    *properties.CLASSES,
    *preferences.CLASSES,
    *operators.CLASSES,
    *panels.CLASSES,
)


def register() -> None:
    """Make everything known to Blender, and clean up after one that was killed."""
    private_folder.sweep()
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    properties.attach()
    translations.register()
    bpy.types.VIEW3D_MT_mesh_add.append(draw_add_menu)
    bpy.types.STATUSBAR_HT_header.append(draw_status)
    add_strip()
    add_keys()
    bpy.app.handlers.load_pre.append(session.forget)
    bpy.app.handlers.load_post.append(adopt_old_file)
    bpy.app.handlers.load_post.append(adopt_former_words)
    bpy.app.handlers.save_pre.append(part_copies)
    if not bpy.app.binary_path:  # as a Python module, 4.2 and 4.5 do not survive their end with our classes registered
        atexit.register(unregister)


def unregister() -> None:
    """Undo ``register`` and end the model process; nothing where that has happened, as at the end of Blender."""
    atexit.unregister(unregister)
    if not properties.attached():
        return
    runtime_session.stop()
    session.stop()
    private_folder.remove()
    bpy.app.handlers.save_pre.remove(part_copies)
    bpy.app.handlers.load_post.remove(adopt_former_words)
    bpy.app.handlers.load_post.remove(adopt_old_file)
    bpy.app.handlers.load_pre.remove(session.forget)
    remove_keys()
    remove_strip()
    bpy.types.STATUSBAR_HT_header.remove(draw_status)
    bpy.types.VIEW3D_MT_mesh_add.remove(draw_add_menu)
    translations.unregister()
    properties.detach()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
