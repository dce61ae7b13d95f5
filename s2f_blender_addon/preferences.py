"""The add-on's preferences: where the model runs."""

from dataclasses import replace
from typing import Any

import bpy
from bpy.props import EnumProperty, StringProperty

from .bake import compat
from .core.errors import UserError
from .emotion.models import model_properties
from .process.command import Interpreter, blenders_own, of_checkout, with_torch
from .process.server import Server
from .runtime import place, state

ROOT_PACKAGE = __package__.rpartition(".")[0] or __package__
"""What Blender calls the add-on: bl_ext.REPOSITORY.s2f_blender_addon, or this package where it is imported plainly."""


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

    def draw(self, context: Any) -> None:
        """Where work runs, and what belongs to that place."""
        from .panels.emotion_models import draw_emotion_models  # the panels need this module
        from .panels.runtime import draw_runtime
        from .panels.where import draw_server

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


def _description(python: str) -> str:
    if python:
        return "The model runs in this Python: with torch where it has it, else on the CPU with numpy."
    if state.python(place.root()) is not None:
        return "The model runs in the GPU runtime below."
    if of_checkout() is not None:
        return "The add-on runs from a checkout and uses its .venv."
    return "The model runs on the CPU in Blender's own Python. Nothing else needs to be installed."


def current() -> Any | None:
    """The preferences as they are set; None where the add-on is imported plainly."""
    addon = bpy.context.preferences.addons.get(ROOT_PACKAGE)
    return addon.preferences if addon is not None else None


def where() -> Interpreter | Server:
    """What the model runs in or on. Raises UserError when it is not there, not complete, or may not be asked."""
    server = chosen_server()
    if server is None:
        return interpreter()
    if not server.is_here and not bpy.app.online_access:
        raise UserError(
            f"Blender may not go online, so the server {server.title} is not asked; "
            "allow Online Access in Preferences > System > Network, or work on this computer."
        )
    return server


def chosen_server() -> Server | None:
    """The server, where work is to run on one. Raises UserError when its address or token is missing or wrong."""
    chosen = current()
    if chosen is None or chosen.place != "SERVER":
        return None
    return Server.at(chosen.address, chosen.token)


def why_nowhere() -> str:
    """Why work cannot even be tried where it is to run; empty when it can. Cheap enough for a panel."""
    chosen = current()
    if chosen is None or chosen.place != "SERVER":
        return ""
    try:
        where()
    except UserError as error:
        return str(error).removesuffix(".")
    return ""


def interpreter() -> Interpreter:
    """The Python on this computer in which the model runs. Raises UserError when the chosen one is not there."""
    chosen = current()
    python = bpy.path.abspath(chosen.python) if chosen is not None else ""
    if python:
        return with_torch(python)
    runtime = state.python(place.root())
    if runtime is not None:
        return replace(with_torch(str(runtime)), title="the GPU runtime")
    return of_checkout() or blenders_own(compat.python_arguments())


S2F_AP_preferences.__annotations__.update(model_properties())

CLASSES = (S2F_AP_preferences,)
