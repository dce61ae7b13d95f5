"""Blender's windows: drawing them anew, whether the user is in the middle of something, operators that need a view."""

import contextlib
from collections.abc import Callable, Iterator

import bpy
from bpy.types import bpy_struct


def redraw() -> None:
    """Draw every sidebar anew, the preferences and the status bar."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in ("VIEW_3D", "PREFERENCES"):
                for region in area.regions:
                    if region.type in ("UI", "WINDOW") and (area.type, region.type) != ("VIEW_3D", "WINDOW"):
                        region.tag_redraw()
    # The words of a running tool stay in the status bar. Without a window, as after loading a file out of a timer,
    # Blender dies of being asked for it.
    here = bpy.context.window
    if here is not None and not here.modal_operators:
        here.workspace.status_text_set(None)  # which draws it anew


def redraw_timelines() -> None:
    """Draw every timeline and sequencer anew."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in ("DOPESHEET_EDITOR", "SEQUENCE_EDITOR"):
                area.tag_redraw()


@contextlib.contextmanager
def at_work(steps: int) -> Iterator[Callable[[int], None]]:
    """For what must run on Blender's own thread: the mouse shows how many of ``steps`` are done, while it waits."""
    manager = bpy.context.window_manager
    manager.progress_begin(0, steps)
    try:
        yield manager.progress_update
    finally:
        manager.progress_end()


_BUSY_OPERATORS = ("TRANSFORM_OT_", "SCULPT_OT_", "PAINT_OT_", "MESH_OT_", "GRAPH_OT_", "ACTION_OT_", "NLA_OT_")


def why_not_now() -> str:
    """Why keys cannot be written at this moment, so that undo keeps its order; empty when they can."""
    if bpy.app.background:
        return ""
    mode = bpy.context.mode
    if mode not in {"OBJECT", "POSE"} and not mode.startswith(("PAINT", "SCULPT")):
        return "Ready: leave Edit Mode to get the keys"
    for window in bpy.context.window_manager.windows:
        if any(operator.bl_idname.startswith(_BUSY_OPERATORS) for operator in window.modal_operators):
            return "Ready: the keys come when your tool is done"
    return ""


def in_view(operator: Callable[..., set[str]], **properties: object) -> str:
    """Call ``operator`` as one undo step, in a context in which its redo panel can show; what it failed of, or "".

    Up to Blender 5.0 an operator that ends below ``temp_override`` reads Python's memory without Python's lock if
    another thread holds that for a moment (``BPY_context_member_get``), and Blender dies. So there is no override
    where none is needed, and no thread of ours computes meanwhile.
    """
    view = _view()
    try:
        with bpy.context.temp_override(**view) if view else contextlib.nullcontext():
            operator("EXEC_DEFAULT", True, **properties)
    except RuntimeError as error:
        return str(error).removeprefix("Error: ").strip()
    return ""


def _view() -> dict[str, bpy_struct]:
    """A window with a 3D view, if there is one; in the background there are windows on paper only."""
    for window in () if bpy.app.background else bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                region = next((r for r in area.regions if r.type == "WINDOW"), None)
                if region is not None:
                    return {"window": window, "screen": window.screen, "area": area, "region": region}
    return {}
