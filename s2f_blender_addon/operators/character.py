"""Add the demo character."""


import bpy
from bpy.types import Context, Event, Menu

from .. import session
from .base import Operator


class S2F_OT_add_demo_head(Operator, bpy.types.Operator):
    """Add a head with all 52 shape keys, eyes, teeth and tongue, at the 3D cursor"""

    bl_idname = "s2f.add_demo_head"
    bl_label = "Demo Head"

    @classmethod
    def why_not(cls, context: Context) -> str:
        return "" if context.mode == "OBJECT" else "Leave Edit Mode first"

    def invoke(self, context: Context, event: Event) -> set[str]:
        """Add it and bring it into view: a head is small beside Blender's default cube."""
        done = self.execute(context)
        window = next((r for r in context.area.regions if r.type == "WINDOW"), None) if context.area else None
        if context.area is not None and context.area.type == "VIEW_3D" and window is not None:
            with context.temp_override(region=window):
                bpy.ops.view3d.view_selected()
        return done

    def run(self, context: Context) -> str:
        """Build it, put it at the 3D cursor, select it, and make it the character."""
        from .. import demo_head

        face = demo_head.build(context)
        root = face
        while root.parent is not None:
            root = root.parent
        root.location = context.scene.cursor.location
        for other in context.selected_objects:
            other.select_set(False)
        face.select_set(True)
        context.view_layer.objects.active = face
        context.scene.s2f.target = face
        session.current.shown.changed()
        return ""


def draw_add_menu(menu: Menu, context: Context) -> None:
    """The entry in Add > Mesh."""
    menu.layout.separator()
    menu.layout.operator(S2F_OT_add_demo_head.bl_idname, text="Speech2Face Demo Head", icon="USER")


CLASSES = (S2F_OT_add_demo_head,)
