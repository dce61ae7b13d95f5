"""A server as the place of work: whether it answers, and back to this computer."""


import bpy
from bpy.types import Context

from .. import session, window, workplace
from ..identity import ROOT_PACKAGE, saved_preferences
from .base import Operator


class S2F_OT_test_connection(Operator, bpy.types.Operator):
    """Ask the server whether it is there and takes the token, and what it runs on"""

    bl_idname = "s2f.test_connection"
    bl_label = "Test Connection"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    @classmethod
    def why_not(cls, context: Context) -> str:
        return session.current.jobs.why_busy() or workplace.why_nowhere()

    def run(self, context: Context) -> str:
        """Begin; the preferences show what comes of it."""
        session.reach()
        return ""


class S2F_OT_work_here(Operator, bpy.types.Operator):
    """Let the model run on this computer from now on. The server's address stays in the preferences"""

    bl_idname = "s2f.work_here"
    bl_label = "Work on This Computer"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    @classmethod
    def why_not(cls, context: Context) -> str:
        return session.current.jobs.why_busy()

    def run(self, context: Context) -> str:
        """Change the preferences and forget what the server said."""
        chosen = saved_preferences()
        if chosen is not None:
            chosen.place = "HERE"
        session.stop()
        session.current.shown.clear_failure()
        window.redraw()
        return ""


class S2F_OT_preferences(Operator, bpy.types.Operator):
    """Open the add-on's preferences: where work runs, and which models take part"""

    bl_idname = "s2f.preferences"
    bl_label = "Preferences…"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    @classmethod
    def why_not(cls, context: Context) -> str:
        return "" if saved_preferences() is not None else "The add-on is not switched on in the preferences"

    def run(self, context: Context) -> str:
        """Show them unfolded."""
        bpy.ops.preferences.addon_show(module=ROOT_PACKAGE)
        return ""


CLASSES = (S2F_OT_test_connection, S2F_OT_work_here, S2F_OT_preferences)
