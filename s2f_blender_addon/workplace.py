"""Where the model runs, as the preferences say."""

import bpy

from .bake import compat
from .core.errors import UserError
from .identity import saved_preferences
from .process.command import Interpreter, blenders_own, of_checkout, of_runtime, with_torch
from .process.server import ServerAddress
from .runtime import place, state


def where() -> Interpreter | ServerAddress:
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


def chosen_server() -> ServerAddress | None:
    """The server, where work is to run on one. Raises UserError when its address or token is missing or wrong."""
    chosen = saved_preferences()
    if chosen is None or chosen.place != "SERVER":
        return None
    return ServerAddress.at(chosen.address, chosen.token)


def is_here() -> bool:
    """Whether the model runs on this computer, so that nothing leaves it."""
    try:
        server = chosen_server()
    except UserError:
        return False
    return server is None or server.is_here


def why_nowhere() -> str:
    """Why work cannot even be tried where it is to run; empty when it can. Cheap enough for a panel."""
    chosen = saved_preferences()
    if chosen is None or chosen.place != "SERVER":
        return ""
    try:
        where()
    except UserError as error:
        return str(error).removesuffix(".")
    return ""


def interpreter() -> Interpreter:
    """The Python on this computer in which the model runs. Raises UserError when the chosen one is not there."""
    chosen = saved_preferences()
    if chosen is not None and chosen.python:
        return with_torch(chosen.python)
    runtime = state.python(place.root())
    if runtime is not None:
        return of_runtime(runtime, place.root())
    return of_checkout() or blenders_own(compat.python_arguments())
