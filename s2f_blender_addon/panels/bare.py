"""A head without keys: its landmarks, and the keys that are made from them."""


from bpy.types import Context, Object, UILayout

from ..carry import placed
from ..carry.landmarks import NEEDED
from ..operators import add_keys
from ..rigs.bare import why_no_keys
from ..rigs.face_objects import has_shapes
from .text import sentence, told


def draw_bare(layout: UILayout, context: Context) -> None:
    """What can be done for the active mesh where it has no keys, or lacks some."""
    if add_keys.running is not None:
        _progress(layout, add_keys.running)
        return
    face = add_keys.bare_head(context)
    if face is None or not len(face.data.polygons):
        return
    box = layout.box()
    box.label(text="Make Keys", icon="SHAPEKEY_DATA")
    reason = why_no_keys(face)
    if reason:
        sentence(box, context, reason, "ERROR")
        return
    _landmarks(box, context, face)
    row = box.row()
    row.scale_y = 1.3
    some = has_shapes(face)
    made = row.operator("s2f.add_keys", text="Add Missing Keys" if some else "Add 52 Keys", icon="ADD")
    made.missing_only = some


def _landmarks(box: UILayout, context: Context, face: Object) -> None:
    have = {item.name for item in face.s2f_landmarks.items}
    missing = [name for name in NEEDED if name not in have]
    if not have:
        sentence(box, context, "Landmarks are looked for, or place them yourself.", "INFO")
    else:
        box.label(text=told("{count} landmarks", count=len(have)), icon="EMPTY_DATA")
        if missing:
            sentence(box, context, told("Still missing: {names}.", names=", ".join(missing)), "ERROR")
    row = box.row(align=True)
    row.operator("s2f.propose_landmarks", icon="VIEWZOOM")
    row.operator("s2f.place_landmarks", icon="RESTRICT_SELECT_OFF")
    row = box.row(align=True)
    shown = bool(placed.empties(face))
    row.operator("s2f.show_landmarks", text="Hide" if shown else "Show", icon="HIDE_OFF" if shown else "HIDE_ON")
    row.operator("s2f.load_landmarks", text="", icon="IMPORT")
    row.operator("s2f.forget_landmarks", text="", icon="TRASH")
    box.operator("s2f.snap_landmarks", icon="SNAP_ON")
    box.prop(face.s2f_landmarks, "mirror")


def _progress(layout: UILayout, making: add_keys.Making) -> None:
    layout.label(text=told("Making keys; Esc ends it."), icon="SORTTIME")
    layout.progress(factor=making.fraction, text=f"{making.fraction:.0%}", type="BAR")
