"""A server as the place of work: whether it answers, and back to this computer."""

from typing import Any

import bpy

from .. import session, window, workplace
from ..core.errors import UserError
from ..identity import saved_preferences


class S2F_OT_test_connection(bpy.types.Operator):
    """Ask the server whether it is there and takes the token, and what it runs on"""

    bl_idname = "s2f.test_connection"
    bl_label = "Test Connection"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        reason = "A bake is running" if session.current.busy else workplace.why_nowhere()
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def execute(self, context: Any) -> set[str]:
        """Begin; the preferences show what comes of it."""
        try:
            session.connect()
        except UserError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class S2F_OT_work_here(bpy.types.Operator):
    """Let the model run on this computer from now on. The server's address stays in the preferences"""

    bl_idname = "s2f.work_here"
    bl_label = "Work on This Computer"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        if session.current.busy:
            cls.poll_message_set("A bake is running")
        return not session.current.busy

    def execute(self, context: Any) -> set[str]:
        """Change the preferences and forget what the server said."""
        chosen = saved_preferences()
        if chosen is not None:
            chosen.place = "HERE"
        session.stop()
        session.current.error = session.current.report = ""
        window.redraw()
        return {"FINISHED"}


CLASSES = (S2F_OT_test_connection, S2F_OT_work_here)
