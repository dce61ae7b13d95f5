"""Set Up GPU Runtime, and what else can be done with it."""

from collections.abc import Callable
from pathlib import Path

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Event

from .. import runtime_session, session
from ..runtime import place
from ..runtime.state import RuntimeState
from .base import Operator


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


class _Work(Operator):
    """An operator that calls ``work`` unless ``refusal`` says why not. What it could not do, the preferences say."""

    bl_options = {"INTERNAL"}  # noqa: RUF012
    refusal = staticmethod(why_not_now)
    work: Callable[[], str | None]

    @classmethod
    def why_not(cls, context: Context) -> str:
        return cls.refusal()

    def run(self, context: Context) -> str:
        return self.work() or ""

    def failed(self, sentence: str, report: str = "") -> None:
        runtime_session.current.fail(sentence)

    def succeeded(self) -> None:
        """What went wrong stays until the next look."""


def _without_plan() -> str:
    return "" if runtime_session.current.plan else "Press Set Up GPU Runtime first"


def _why_no_removal() -> str:
    if runtime_session.current.found.state is RuntimeState.NOT_INSTALLED:
        return "There is no GPU runtime"
    return why_not_now() or (session.current.jobs.why_busy())


def _why_no_other_folder() -> str:
    if runtime_session.current.found.state is not RuntimeState.NOT_INSTALLED:
        return "Remove the GPU runtime first; then it can be set up elsewhere"
    return why_not_now()


class S2F_OT_runtime_look(_Work, bpy.types.Operator):
    """Ask the graphics driver what card there is, and show what would be installed for it. Nothing is fetched yet"""

    bl_idname = "s2f.runtime_look"
    bl_label = "Set Up GPU Runtime…"
    work = staticmethod(runtime_session.look)


class S2F_OT_runtime_install(_Work, bpy.types.Operator):
    """Fetch and install what is listed above. It can be cancelled, and goes on later where it stopped"""

    bl_idname = "s2f.runtime_install"
    bl_label = "Fetch and Install"
    refusal = staticmethod(lambda: _without_plan() or why_not_now() or why_offline())
    work = staticmethod(runtime_session.install)


class S2F_OT_runtime_install_offline(_Work, bpy.types.Operator):
    """Install from files that were fetched on another computer. Nothing is taken from the network"""

    bl_idname = "s2f.runtime_install_offline"
    bl_label = "Install from Folder of Wheels…"
    refusal = staticmethod(_without_plan)

    directory: StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE"})

    def invoke(self, context: Context, event: Event) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def work(self) -> None:
        """Begin with the folder that was chosen."""
        runtime_session.install(wheels=Path(bpy.path.abspath(self.directory)))


class S2F_OT_runtime_decline(_Work, bpy.types.Operator):
    """Leave everything as it is"""

    bl_idname = "s2f.runtime_decline"
    bl_label = "Not Now"
    work = staticmethod(lambda: runtime_session.current.decline())


class S2F_OT_runtime_list(_Work, bpy.types.Operator):
    """Copy the addresses and hashes of all files that this Blender needs, to fetch them on another computer"""

    bl_idname = "s2f.runtime_list"
    bl_label = "Copy List"
    work = staticmethod(runtime_session.list_files)


class S2F_OT_runtime_cancel(_Work, bpy.types.Operator):
    """Stop; what has arrived is kept for the next time"""

    bl_idname = "s2f.runtime_cancel"
    bl_label = "Cancel"
    refusal = staticmethod(lambda: "" if runtime_session.current.work else "Nothing is being done")
    work = staticmethod(runtime_session.cancel)


class S2F_OT_runtime_remove(_Work, bpy.types.Operator):
    """Delete the GPU runtime from this computer. Speech2Face then runs on the CPU"""

    bl_idname = "s2f.runtime_remove"
    bl_label = "Remove GPU Runtime"
    refusal = staticmethod(_why_no_removal)

    def invoke(self, context: Context, event: Event) -> set[str]:
        answer: set[str] = context.window_manager.invoke_confirm(self, event)
        return answer

    def work(self) -> None:
        """Begin, once no model process runs in it and holds its files."""
        session.stop()
        runtime_session.remove()


class S2F_OT_runtime_folder(_Work, bpy.types.Operator):
    """Choose a folder in which the GPU runtime gets a folder of its own, the same for all Blenders on this computer"""

    bl_idname = "s2f.runtime_folder"
    bl_label = "Choose Folder…"
    refusal = staticmethod(_why_no_other_folder)

    directory: StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE"})

    def invoke(self, context: Context, event: Event) -> set[str]:
        self.directory = str(place.root().parent)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def work(self) -> None:
        """Remember it, and forget what was found and planned elsewhere."""
        runtime_session.current.decline()
        runtime_session.current.look_again()
        place.choose(Path(bpy.path.abspath(self.directory)) if self.directory else None)


class S2F_OT_runtime_report(_Work, bpy.types.Operator):
    """Copy the log of the GPU runtime to the clipboard, without passwords, to paste it into a bug report"""

    bl_idname = "s2f.runtime_report"
    bl_label = "Copy Report"
    refusal = staticmethod(lambda: "")

    def work(self) -> str:
        """Fill the clipboard."""
        bpy.context.window_manager.clipboard = runtime_session.report()
        return "The report is on the clipboard"


CLASSES = (
    S2F_OT_runtime_look, S2F_OT_runtime_install, S2F_OT_runtime_install_offline, S2F_OT_runtime_decline,
    S2F_OT_runtime_list, S2F_OT_runtime_cancel, S2F_OT_runtime_remove, S2F_OT_runtime_folder, S2F_OT_runtime_report,
)  # fmt: skip
