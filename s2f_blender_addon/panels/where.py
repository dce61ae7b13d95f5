"""Where work runs: a line in the panel, the server's part of the preferences, and the way back to this computer."""


from bpy.types import AddonPreferences, Context, UILayout

from .. import session, workplace
from ..core.errors import UserError
from ..core.messages import Hello
from ..process.connection import Connection, ConnectionState
from ..process.server import ServerAddress
from .text import sentence, told


def on_what(hello: Hello) -> str:
    """The hardware behind ``hello``, for people."""
    if hello.device != "cuda":
        return "CPU"
    return f"{hello.card or 'NVIDIA card'}{', half precision' if hello.precision == 'half' else ''}"


def draw_where(layout: UILayout, context: Context) -> None:
    """One line in the sidebar; and where a server cannot be used, a button."""
    problem = workplace.why_nowhere()
    connection = session.current.link.connection
    server = None if problem else workplace.chosen_server()
    failed = connection is not None and connection.where == server and connection.state is ConnectionState.FAILED
    if problem or failed:
        if server is None:
            sentence(layout, context, f"{problem}.", "ERROR")
        else:
            layout.label(text=f"{server.title} is out of reach", icon="UNLINKED")
        layout.operator("s2f.work_here", icon="HOME")
        return
    place, icon = (told("this computer"), "DESKTOP") if server is None else (server.title, "NETWORK_DRIVE")
    of_now = connection is not None and isinstance(connection.where, ServerAddress) == (server is not None)
    hello = connection.hello if connection is not None and of_now and connection.alive else None
    row = layout.row()
    row.active = False
    what = f", {on_what(hello)}" if hello else ""
    row.label(text=told("On {place}", place=place) + what, icon=icon)


def draw_server(layout: UILayout, context: Context, chosen: AddonPreferences) -> None:
    """Address, token, and whether it answers."""
    column = layout.column()
    column.prop(chosen, "address", placeholder="10.0.0.5 or https://studio:8765")
    column.prop(chosen, "token")
    box = layout.box()
    try:
        server = workplace.where()
        assert isinstance(server, ServerAddress)
    except UserError as error:
        sentence(box, context, str(error), "INFO")
    else:
        if server.scheme == "http" and not server.is_here:
            sentence(box, context, "The connection is not encrypted: use it in a network that you trust.", "UNLOCKED")
        connection = session.current.link.connection
        _draw_state(box, context, connection if connection is not None and connection.where == server else None)
    row = layout.row()
    row.operator("s2f.test_connection", icon="LINKED")
    row.operator("s2f.work_here", icon="HOME")


def _draw_state(box: UILayout, context: Context, connection: Connection | None) -> None:
    if connection is None or connection.state is ConnectionState.STOPPED:
        box.label(text="Not asked yet", icon="QUESTION")
    elif connection.state is ConnectionState.STARTING:
        box.label(text="Asking…", icon="SORTTIME")
    elif connection.state is ConnectionState.FAILED:
        sentence(box, context, connection.problem, "ERROR")
    elif connection.hello is not None:
        hello = connection.hello
        box.label(text=f"Connected: {on_what(hello)}", icon="CHECKMARK")
        box.label(text=f"Speech2Face {hello.version}, model {hello.model} ({hello.licence_track})", icon="BLANK1")
