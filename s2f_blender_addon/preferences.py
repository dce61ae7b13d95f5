"""The add-on's preferences: where the model runs."""

from dataclasses import replace
from typing import Any

import bpy
from bpy.props import StringProperty

from .bake import compat
from .emotion.models import model_properties
from .process.command import Interpreter, blenders_own, of_checkout, with_torch
from .runtime import place, state

ROOT_PACKAGE = __package__.rpartition(".")[0] or __package__
"""What Blender calls the add-on: bl_ext.REPOSITORY.s2f_blender_addon, or this package where it is imported plainly."""


class S2F_AP_preferences(bpy.types.AddonPreferences):
    """Preferences > Add-ons > Speech2Face."""

    bl_idname = ROOT_PACKAGE

    python: StringProperty(
        name="Python with torch",
        description="A Python that has torch, to run the model on a GPU; leave it empty to use Blender's own Python",
        subtype="FILE_PATH",
    )

    def draw(self, context: Any) -> None:
        """A line that says what will be used, and the one setting."""
        layout = self.layout
        layout.prop(self, "python")
        layout.label(text=_description(self.python), icon="INFO")
        from .panels.emotion_models import draw_emotion_models  # the panels need this module
        from .panels.runtime import draw_runtime

        draw_runtime(layout, context)
        draw_emotion_models(layout, context)


def _description(python: str) -> str:
    if python:
        return "The model runs in this Python: with torch where it has it, else on the CPU with numpy."
    if state.python(place.root()) is not None:
        return "The model runs in the GPU runtime below."
    if of_checkout() is not None:
        return "The add-on runs from a checkout and uses its .venv."
    return "The model runs on the CPU in Blender's own Python. Nothing else needs to be installed."


def interpreter() -> Interpreter:
    """The Python in which the model runs. Raises UserError when the chosen one is not there."""
    addon = bpy.context.preferences.addons.get(ROOT_PACKAGE)
    python = bpy.path.abspath(addon.preferences.python) if addon is not None and addon.preferences else ""
    if python:
        return with_torch(python)
    runtime = state.python(place.root())
    if runtime is not None:
        return replace(with_torch(str(runtime)), title="the GPU runtime")
    return of_checkout() or blenders_own(compat.python_arguments())


S2F_AP_preferences.__annotations__.update(model_properties())

CLASSES = (S2F_AP_preferences,)
