"""Add the demo character."""

import bpy
from bpy.types import Context, Event, Menu

from .. import session
from .base import Operator

FILLS = 0.8
"""Share of the view's height that the head takes up."""

FACE = 0.55
"""Where the middle of the picture is on the character, as a share of its height: at the chin."""


class S2F_OT_add_demo_head(Operator, bpy.types.Operator):
    """Add a head with all 52 shape keys, eyes, teeth, tongue and neck, at the 3D cursor or, where something stands \
there, before or beside it"""

    bl_idname = "s2f.add_demo_head"
    bl_label = "Demo Head"

    @classmethod
    def why_not(cls, context: Context) -> str:
        return "" if context.mode == "OBJECT" else "Leave Edit Mode first"

    def invoke(self, context: Context, event: Event) -> set[str]:
        """Add it and turn the view to its face: a head is small beside Blender's default cube."""
        done = self.execute(context)
        if "FINISHED" in done and context.area is not None and context.area.type == "VIEW_3D":
            _look_at(context, context.scene.s2f.target)
        return done

    def run(self, context: Context) -> str:
        """Build it, put it where there is room, select it, and make it the character."""
        from .. import demo_head
        from ..demo_head import room

        others = room.solid(context.view_layer)
        face = demo_head.build(context)
        parts, armature = [face, *face.children], face.parent
        armature.location = context.scene.cursor.location
        context.view_layer.update()
        armature.location += room.way_out(room.bounds(parts), others)
        context.view_layer.update()
        for other in context.selected_objects:
            other.select_set(False)
        face.select_set(True)
        context.view_layer.objects.active = face
        context.scene.s2f.target = face
        session.current.shown.changed()
        return ""


def _look_at(context: Context, face: bpy.types.Object) -> None:
    """Turn the area's view to ``face``, from before it and a little aside, as far away as shows the whole character."""
    from mathutils import Euler

    from ..demo_head import room

    window = next(region for region in context.area.regions if region.type == "WINDOW")
    low, high = room.bounds([face, *face.children])
    height = float(high[2] - low[2])
    view = context.space_data.region_3d
    view.view_perspective = "PERSP"
    view.view_rotation = Euler((1.52, 0.0, -0.16)).to_quaternion()
    view.view_location = ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2] + FACE * height)
    # A lens of 72 mm shows as much of the longer side as it is far away.
    seen = 72.0 / context.space_data.lens * min(1.0, window.height / window.width)
    view.view_distance = height / FILLS / seen


def draw_add_menu(menu: Menu, context: Context) -> None:
    """The entry in Add > Mesh."""
    menu.layout.separator()
    menu.layout.operator(S2F_OT_add_demo_head.bl_idname, text="Speech2Face Demo Head", icon="USER")


CLASSES = (S2F_OT_add_demo_head,)
