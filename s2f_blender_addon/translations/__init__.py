"""What the panel says in other languages, for Blender's own translation: it looks every label up, ours among them."""

import bpy

from . import ja, zh

LOCALES = {"ja_JP": ja.TABLE, "zh_HANS": zh.TABLE}
"""Blender's name of a language -> English label or sentence -> the same in that language."""


def register() -> None:
    """Let Blender know them: as labels, and as labels of buttons."""
    contexts = ("*", bpy.app.translations.contexts.operator_default)
    bpy.app.translations.register(
        __name__,
        {
            locale: {(context, english): said for english, said in table.items() for context in contexts}
            for locale, table in LOCALES.items()
        },
    )


def unregister() -> None:
    """Undo ``register``."""
    bpy.app.translations.unregister(__name__)
