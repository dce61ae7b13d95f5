"""The key map in the panel: a line for each key, what it follows, how strongly, and why."""


import bpy
from bpy.types import Context, Object, PropertyGroup, UILayout

from .. import session
from ..core.naming.match import SURE
from ..operators.keymap import map_mesh
from ..operators.readiness import target_of
from ..rigs.bones import ROLES
from ..rigs.face_objects import rig_of
from .text import sentence

_BUTTONS = (
    ("s2f.map_add", "ADD"), ("s2f.map_remove", "REMOVE"), ("s2f.map_mirror", "MOD_MIRROR"),
    ("s2f.map_match", "FILE_REFRESH"), ("s2f.map_save", "EXPORT"), ("s2f.map_load", "IMPORT"), ("s2f.wiggle", "PLAY"),
)  # fmt: skip


class S2F_UL_map(bpy.types.UIList):
    """The list; the search field below it looks in keys and channels."""

    bl_idname = "S2F_UL_map"

    def draw_item(
        self, context: Context, layout: UILayout, data: PropertyGroup, item: PropertyGroup, icon: int,
        active: PropertyGroup, name: str, index: int,
    ) -> None:
        row = layout.row(align=True)
        row.prop(item, "on", text="")
        row.label(text="", icon=_icon(item))
        names = row.row()
        names.active = item.on
        names.label(text=_line_text(item))

    def filter_items(self, context: Context, data: PropertyGroup, propname: str) -> tuple[list[int], list[int]]:
        """Without what an override keeps of the file that it is linked from and does not use."""
        items = getattr(data, propname)
        sought = self.filter_name.lower()
        shown = (bool(item.key) and sought in f"{item.key} {item.source}".lower() for item in items)
        return [self.bitflag_filter_item if one else 0 for one in shown], []


def _line_text(item: PropertyGroup) -> str:
    """'jawOpen' where key and channel are the same, else 'Mouth_Smile ← mouthSmileLeft × 0.5'."""
    follows = "" if item.key == item.source else f" ← {item.source.removeprefix('visemes:').removeprefix('pose:')}"
    return f"{item.key}{follows}" + (f" × {item.weight:.2g}" if item.weight != 1 else "")


def _is_gone(item: PropertyGroup) -> bool:
    """Whether the mesh has lost the key of a line, which then moves nothing."""
    keys = item.id_data.data.shape_keys
    return keys is None or item.key not in keys.key_blocks


def _icon(item: PropertyGroup) -> str:
    """What state a line is in: without its key, off, a stand-in, a guess, by hand, or sure."""
    if _is_gone(item):
        return "ERROR"
    if not item.on:
        return "RADIOBUT_OFF"
    if item.reason.startswith("stands in"):
        return "SHADERFX"
    if item.family == "own":
        return "GREASEPENCIL"
    return "CHECKMARK" if item.score >= SURE else "QUESTION"


def draw_map(layout: UILayout, context: Context) -> None:
    """The foldable part of the main panel."""
    header, body = layout.panel("S2F_map", default_closed=True)
    header.label(text="Key Map", icon="SHAPEKEY_DATA")
    if body is None:
        return
    mesh = map_mesh_once(context)
    if mesh is None:
        sentence(body, context, "Choose a character first.", "INFO")
        return
    saved = mesh.s2f_map
    if not saved.entries:
        body.operator("s2f.map_show", icon="PRESET")
    else:
        _list(body, context, mesh, saved)
    _bones(body, context)


def map_mesh_once(context: Context) -> Object | None:
    """``map_mesh``, found again only when something has changed, since drawing must be cheap."""
    global _last
    target, active = target_of(context), context.active_object
    signature = (session.current.shown.revision, target and target.as_pointer(), active and active.as_pointer())
    if _last is None or _last[0] != signature:
        mesh = map_mesh(context)
        _last = (signature, mesh.session_uid if mesh is not None else 0)
    return next((o for o in bpy.data.objects if o.session_uid == _last[1]), None)


_last: tuple[object, int] | None = None


def _list(layout: UILayout, context: Context, mesh: Object, saved: PropertyGroup) -> None:
    state = "changed by you" if saved.edited else "by name"
    layout.label(text=f"{mesh.name}, {state}", icon="OUTLINER_OB_MESH")
    layout.template_list("S2F_UL_map", "", saved, "entries", saved, "index", rows=6)
    buttons = layout.row(align=True)
    for operator, icon in _BUTTONS:
        buttons.operator(operator, text="", icon=icon)
    if 0 <= saved.index < len(saved.entries) and saved.entries[saved.index].key:
        _line(layout, context, saved.entries[saved.index])


def _line(layout: UILayout, context: Context, entry: PropertyGroup) -> None:
    """The chosen line in full."""
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    column.prop(entry, "key", icon="SHAPEKEY_DATA")
    column.prop(entry, "source", icon="ANIM")
    column.prop(entry, "weight", slider=True)
    if _is_gone(entry):
        sentence(layout, context, f"{entry.id_data.name} has no key of this name; choose another or remove the entry.",
                 "ERROR")  # fmt: skip
        return
    sentence(layout, context, f"{entry.reason} ({entry.score:.0%})", "INFO")


def _bones(layout: UILayout, context: Context) -> None:
    rig = rig_of(target_of(context))
    if rig is None:
        return
    layout.separator()
    saved = rig.s2f_bones
    if not saved.edited:
        layout.operator("s2f.bones_choose", icon="BONE_DATA")
        return
    layout.label(text=f"Bones of {rig.name}", icon="BONE_DATA")
    column = layout.column(align=True)
    column.use_property_split = True
    for role in ROLES:
        column.prop_search(saved, role, rig.data, "bones")


CLASSES = (S2F_UL_map,)
