"""What a bug report needs, on the clipboard."""

import platform
import sys
from typing import Any

import bpy

from .. import session
from .ready import Ready


class S2F_OT_copy_report(Ready, bpy.types.Operator):
    """Copy what happened to the clipboard, to paste it into a bug report"""

    bl_idname = "s2f.copy_report"
    bl_label = "Copy Report"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    @staticmethod
    def why_not(context: Any) -> str:
        return "" if session.current.error else "Nothing went wrong"

    def execute(self, context: Any) -> set[str]:
        """Fill the clipboard."""
        context.window_manager.clipboard = report_text()
        self.report({"INFO"}, "The report is on the clipboard")
        return {"FINISHED"}


def report_text() -> str:
    """The last failure with the versions of everything that took part."""
    current = session.current
    process = current.process
    lines = [
        current.error,
        "",
        f"Blender {bpy.app.version_string}, Python {platform.python_version()}, {platform.platform()}",
        f"Blender's Python: {sys.executable}",
    ]
    if process is not None:
        lines += [f"Model: {process.where.title}, {process.state.value}", f"It said: {process.hello}"]
        if process.log:
            lines += ["", "Its last lines:", process.log]
    if current.report:
        lines += ["", current.report]
    return "\n".join(lines)


CLASSES = (S2F_OT_copy_report,)
