"""What a bug report needs, on the clipboard."""

import platform
import sys

import bpy
from bpy.types import Context

from .. import session
from .base import Operator


class S2F_OT_copy_report(Operator, bpy.types.Operator):
    """Copy what happened to the clipboard, to paste it into a bug report"""

    bl_idname = "s2f.copy_report"
    bl_label = "Copy Report"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    @classmethod
    def why_not(cls, context: Context) -> str:
        return "" if session.current.shown.outcome.error else "Nothing went wrong"

    def run(self, context: Context) -> str:
        """Fill the clipboard."""
        context.window_manager.clipboard = report_text()
        return "The report is on the clipboard"


def report_text() -> str:
    """The last failure with the versions of everything that took part."""
    outcome = session.current.shown.outcome
    connection = session.current.link.connection
    lines = [
        outcome.error,
        "",
        f"Blender {bpy.app.version_string}, Python {platform.python_version()}, {platform.platform()}",
        f"Blender's Python: {sys.executable}",
    ]
    if connection is not None:
        lines += [f"Model: {connection.where.title}, {connection.state.value}", f"It said: {connection.hello}"]
        if connection.log:
            lines += ["", "Its last lines:", connection.log]
    if outcome.report:
        lines += ["", outcome.report]
    return "\n".join(lines)


CLASSES = (S2F_OT_copy_report,)
