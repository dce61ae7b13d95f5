"""The add-on's preferences: where the model runs."""


import bpy
from bpy.props import EnumProperty, StringProperty
from bpy.types import Context

from . import runtime_session
from .emotion.models import model_properties
from .identity import ROOT_PACKAGE
from .panels.emotion_models import draw_emotion_models
from .panels.runtime import draw_runtime
from .panels.where import draw_server
from .process.command import of_checkout
from .runtime.state import RuntimeState


class S2F_AP_preferences(bpy.types.AddonPreferences):
    """Preferences > Add-ons > Speech2Face."""

    bl_idname = ROOT_PACKAGE

    place: EnumProperty(
        name="Where work runs",
        description="On which computer recordings become faces",
        items=(
            ("HERE", "This Computer", "In a process beside Blender; nothing leaves this computer"),
            ("SERVER", "A Server", "On a machine of your studio that runs s2f serve; recordings are sent to it"),
        ),
    )
    address: StringProperty(
        name="Address", description="The machine that runs s2f serve, such as 10.0.0.5 or https://studio:8765"
    )
    token: StringProperty(
        name="Token",
        description="What s2f serve printed when it started; Blender saves it in its preferences, unencrypted",
        subtype="PASSWORD",
    )
    python: StringProperty(
        name="Python with torch",
        description="A Python that has torch, to run the model on a GPU; leave it empty to use Blender's own Python",
        subtype="FILE_PATH",
    )

    recogniser: StringProperty(
        name="Recogniser",
        description="A Whisper model of yours that writes down what is said: a folder of faster-whisper, or a .bin "
        "file of whisper.cpp, whose program is on the PATH or beside it. Nothing is downloaded",
        subtype="FILE_PATH",
    )

    def draw(self, context: Context) -> None:
        """Where work runs, and what belongs to that place."""
        layout = self.layout
        row = layout.row()
        row.label(text="Where work runs:")
        row.prop(self, "place", expand=True)
        if self.place == "SERVER":
            draw_server(layout, context, self)
            return
        layout.prop(self, "python")
        layout.label(text=_description(self.python), icon="INFO")
        draw_runtime(layout, context)
        draw_emotion_models(layout, context)
        layout.prop(self, "recogniser")


def _description(python: str) -> str:
    if python:
        return "The model runs in this Python: with torch where it has it, else on the CPU with numpy."
    if runtime_session.current.found.state in (RuntimeState.READY, RuntimeState.UPDATE_REQUIRED):
        return "The model runs in the GPU runtime below."
    if of_checkout() is not None:
        return "The add-on runs from a checkout and uses its .venv."
    return "The model runs on the CPU in Blender's own Python. Nothing else needs to be installed."


S2F_AP_preferences.__annotations__.update(model_properties())

CLASSES = (S2F_AP_preferences,)
