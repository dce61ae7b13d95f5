"""Set Up GPU Runtime, and what else can be done with it."""

from pathlib import Path
from typing import Any

import bpy
from bpy.props import StringProperty

from .. import runtime_session, session
from ..core.errors import UserError
from ..runtime import place
from ..runtime.state import State


def why_not_now() -> str:
    """Why nothing can be begun with the runtime at this moment; empty when it can."""
    if runtime_session.current.looking:
        return "The graphics driver is being asked"
    if runtime_session.current.busy:
        return "The GPU runtime is being worked on"
    return ""


def why_offline() -> str:
    """Why nothing may be fetched; empty when it may."""
    if bpy.app.online_access:
        return ""
    if getattr(bpy.app, "online_access_override", False):
        return "Blender was started with --offline-mode; start it without, or install from a folder of wheels"
    return "Allow Online Access in Preferences > System > Network, or install from a folder of wheels"


class _Begins:
    """An operator that is there while nothing else is being done."""

    @classmethod
    def poll(cls: Any, context: Any) -> bool:
        reason = cls.refusal()
        if reason:
            cls.poll_message_set(reason)
        return not reason

    @classmethod
    def refusal(cls) -> str:
        return why_not_now()

    def carry_out(self: Any, what: Any) -> set[str]:
        """Call ``what``; a UserError goes into the panel and the status bar."""
        try:
            what()
        except (UserError, OSError) as error:
            runtime_session.current.error = str(error)
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class S2F_OT_runtime_look(_Begins, bpy.types.Operator):
    """Ask the graphics driver what card there is, and show what would be installed for it. Nothing is fetched yet"""

    bl_idname = "s2f.runtime_look"
    bl_label = "Set Up GPU Runtime…"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    def execute(self, context: Any) -> set[str]:
        return self.carry_out(runtime_session.look)


class S2F_OT_runtime_install(_Begins, bpy.types.Operator):
    """Fetch and install what is listed above. It can be cancelled, and goes on later where it stopped"""

    bl_idname = "s2f.runtime_install"
    bl_label = "Fetch and Install"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    @classmethod
    def refusal(cls) -> str:
        if runtime_session.current.plan is None:
            return "Press Set Up GPU Runtime first"
        return why_not_now() or why_offline()

    def execute(self, context: Any) -> set[str]:
        return self.carry_out(runtime_session.install)


class S2F_OT_runtime_install_offline(_Begins, bpy.types.Operator):
    """Install from files that were fetched on another computer. Nothing is taken from the network"""

    bl_idname = "s2f.runtime_install_offline"
    bl_label = "Install from Folder of Wheels…"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    directory: StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE"})

    @classmethod
    def refusal(cls) -> str:
        return "" if runtime_session.current.plan else "Press Set Up GPU Runtime first"

    def invoke(self, context: Any, event: Any) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> set[str]:
        folder = Path(bpy.path.abspath(self.directory))
        return self.carry_out(lambda: runtime_session.install(wheels=folder))


class S2F_OT_runtime_decline(bpy.types.Operator):
    """Leave everything as it is"""

    bl_idname = "s2f.runtime_decline"
    bl_label = "Not Now"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    def execute(self, context: Any) -> set[str]:
        runtime_session.current.plan, runtime_session.current.error = None, ""
        return {"FINISHED"}


class S2F_OT_runtime_list(_Begins, bpy.types.Operator):
    """Copy the addresses and hashes of all files that this Blender needs, to fetch them on another computer"""

    bl_idname = "s2f.runtime_list"
    bl_label = "Copy List"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    def execute(self, context: Any) -> set[str]:
        return self.carry_out(runtime_session.list_files)


class S2F_OT_runtime_cancel(bpy.types.Operator):
    """Stop; what has arrived is kept for the next time"""

    bl_idname = "s2f.runtime_cancel"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        return runtime_session.current.work is not None

    def execute(self, context: Any) -> set[str]:
        runtime_session.cancel()
        return {"FINISHED"}


class S2F_OT_runtime_remove(_Begins, bpy.types.Operator):
    """Delete the GPU runtime from this computer. Speech2Face then runs on the CPU"""

    bl_idname = "s2f.runtime_remove"
    bl_label = "Remove GPU Runtime"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    @classmethod
    def refusal(cls) -> str:
        if runtime_session.current.found.state is State.NOT_INSTALLED:
            return "There is no GPU runtime"
        return why_not_now() or ("A bake is running" if session.current.busy else "")

    def invoke(self, context: Any, event: Any) -> set[str]:
        answer: set[str] = context.window_manager.invoke_confirm(self, event)
        return answer

    def execute(self, context: Any) -> set[str]:
        session.stop()  # a model process that runs in it would hold its files
        return self.carry_out(runtime_session.remove)


class S2F_OT_runtime_folder(_Begins, bpy.types.Operator):
    """Choose where the GPU runtime lies. The folder is the same for all Blenders on this computer"""

    bl_idname = "s2f.runtime_folder"
    bl_label = "Choose Folder…"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    directory: StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE"})

    @classmethod
    def refusal(cls) -> str:
        if runtime_session.current.found.state is not State.NOT_INSTALLED:
            return "Remove the GPU runtime first; then it can be set up elsewhere"
        return why_not_now()

    def invoke(self, context: Any, event: Any) -> set[str]:
        self.directory = str(place.root())
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> set[str]:
        runtime_session.current.plan, runtime_session.current.error = None, ""
        runtime_session.current.look_again()
        folder = Path(bpy.path.abspath(self.directory)) if self.directory else None
        return self.carry_out(lambda: place.choose(folder))


class S2F_OT_runtime_report(bpy.types.Operator):
    """Copy the log of the GPU runtime to the clipboard, without passwords, to paste it into a bug report"""

    bl_idname = "s2f.runtime_report"
    bl_label = "Copy Report"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    def execute(self, context: Any) -> set[str]:
        context.window_manager.clipboard = runtime_session.report()
        self.report({"INFO"}, "The report is on the clipboard")
        return {"FINISHED"}


CLASSES = (
    S2F_OT_runtime_look, S2F_OT_runtime_install, S2F_OT_runtime_install_offline, S2F_OT_runtime_decline,
    S2F_OT_runtime_list, S2F_OT_runtime_cancel, S2F_OT_runtime_remove, S2F_OT_runtime_folder, S2F_OT_runtime_report,
)  # fmt: skip
