"""Landmarks by hand: one after the other on the surface, mirrored, shown and hidden, loaded from a file."""


import bpy
from bpy.props import StringProperty
from bpy.types import Context, Event, Object
from bpy_extras import view3d_utils

from .. import session
from ..carry import placed
from ..carry.landmarks import MIDDLE, PAIRED, SIDES
from ..carry.objects import gathered
from .add_keys import bare_head, why_not_bare
from .base import FileOperator, Operator


def _order(mirror: bool) -> list[str]:
    """The landmarks in the order in which they are asked for; with ``mirror`` the left ones alone."""
    pairs = [name + side for name in PAIRED for side in (SIDES[:1] if mirror else SIDES)]
    return [*MIDDLE, *pairs]


def asked(name: str) -> str:
    """What is asked for, in words: 'outer corner of the eye, on the character's left'."""
    for side, word in zip(SIDES, ("left", "right"), strict=True):
        if name.endswith(side):
            return f"{PAIRED[name.removesuffix(side)]}, on the character's {word}"
    return MIDDLE[name]


def put(face: Object, name: str, place: tuple[float, float, float]) -> None:
    """Store a landmark that the user has placed on the surface of ``face``, and its mirror image where that is on."""
    places = {name: placed.snapped(face, place)}
    if face.s2f_landmarks.mirror:
        twin, other = placed.mirrored(face, name, places[name])
        places[twin] = other
    placed.store(face, places, seen=True)
    session.current.shown.changed()


class S2F_OT_place_landmarks(Operator, bpy.types.Operator):
    """Click the landmarks one after the other on the active head: Backspace goes back, Space skips one, Esc ends"""

    bl_idname = "s2f.place_landmarks"
    bl_label = "Place Landmarks"

    why_not = staticmethod(why_not_bare)

    def invoke(self, context: Context, event: Event) -> set[str]:
        """Ask for the first one that is missing."""
        if context.area is None or context.area.type != "VIEW_3D":
            return self._cancelled("Landmarks are placed in a 3D view; call this from its sidebar.")
        face = bare_head(context)
        placed.hide(face)
        self._names = _order(face.s2f_landmarks.mirror)
        have = placed.places_of(face)
        self._at = next((i for i, name in enumerate(self._names) if name not in have), 0)
        self._face = face
        self._say(context)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: Context, event: Event) -> set[str]:
        """A click places one; everything else that turns the view is Blender's own."""
        if event.value == "PRESS" and event.type in {"ESC", "RET"}:
            return self._finish(context)
        if event.value == "PRESS" and event.type in {"BACK_SPACE", "SPACE"}:
            self._at = max(self._at + (1 if event.type == "SPACE" else -1), 0)
        elif event.value == "PRESS" and event.type == "LEFTMOUSE" and self._over_view(context, event):
            place = self._under_mouse(context, event)
            if place is not None:
                put(self._face, self._names[self._at], place)
                self._at += 1
        else:
            return {"PASS_THROUGH"}
        if self._at >= len(self._names):
            return self._finish(context)
        self._say(context)
        return {"RUNNING_MODAL"}

    def _say(self, context: Context) -> None:
        name = self._names[self._at]
        context.area.header_text_set(
            f"{self._at + 1} of {len(self._names)}: click the {asked(name)}  ·  Backspace: back, Space: skip, Esc: end"
        )

    def _over_view(self, context: Context, event: Event) -> bool:
        region = next(r for r in context.area.regions if r.type == "WINDOW")
        inside = 0 <= event.mouse_x - region.x < region.width and 0 <= event.mouse_y - region.y < region.height
        panels = [r for r in context.area.regions if r.type in {"UI", "TOOLS", "HEADER", "TOOL_HEADER"} and r.width > 1]
        return inside and not any(
            0 <= event.mouse_x - r.x < r.width and 0 <= event.mouse_y - r.y < r.height for r in panels
        )

    def _under_mouse(self, context: Context, event: Event) -> tuple[float, float, float] | None:
        region = next(r for r in context.area.regions if r.type == "WINDOW")
        where = event.mouse_x - region.x, event.mouse_y - region.y
        view = context.area.spaces.active.region_3d
        start = view3d_utils.region_2d_to_origin_3d(region, view, where)
        ahead = view3d_utils.region_2d_to_vector_3d(region, view, where)
        back = self._face.matrix_world.inverted()
        hit, at, _, _ = self._face.ray_cast(back @ start, (back.to_3x3() @ ahead).normalized())
        return tuple(self._face.matrix_world @ at) if hit else None

    def _finish(self, context: Context) -> set[str]:
        context.area.header_text_set(None)
        placed.show(self._face, self._face.users_collection[0])
        return {"FINISHED"}


class S2F_OT_show_landmarks(Operator, bpy.types.Operator):
    """Show the stored landmarks as empties that can be moved, or store where they are and remove them"""

    bl_idname = "s2f.show_landmarks"
    bl_label = "Show Landmarks"

    why_not = staticmethod(why_not_bare)

    def run(self, context: Context) -> str:
        """The other of both states."""
        face = bare_head(context)
        if placed.empties(face):
            placed.hide(face)
        else:
            placed.show(face, face.users_collection[0])
        return ""


class S2F_OT_snap_landmarks(Operator, bpy.types.Operator):
    """Put the landmarks that you have moved onto the nearest surface, and the other side's opposite to the left ones"""

    bl_idname = "s2f.snap_landmarks"
    bl_label = "Snap and Mirror"

    why_not = staticmethod(why_not_bare)

    def run(self, context: Context) -> str:
        """All of them at once; without Mirror both sides stay their own."""
        face = bare_head(context)
        places = {name: placed.snapped(face, at) for name, at in placed.places_of(face).items()}
        if face.s2f_landmarks.mirror:
            left = {name: at for name, at in places.items() if not name.endswith(SIDES[1])}
            places |= dict(placed.mirrored(face, name, at) for name, at in left.items())
        placed.store(face, places, seen=True)
        return ""


class S2F_OT_load_landmarks(FileOperator, bpy.types.Operator):
    """Take the landmarks of the active head from a JSON file: names with places in the world, or with vertices"""

    bl_idname = "s2f.load_landmarks"
    bl_label = "Load Landmarks"

    filter_glob: StringProperty(default="*.json", options={"HIDDEN"})

    why_not = staticmethod(why_not_bare)

    def run(self, context: Context) -> str:
        """Store them in place of those of the same names."""
        face = bare_head(context)
        placed.store(face, placed.read(self.filepath, gathered([face]).points), seen=True)
        return ""


class S2F_OT_forget_landmarks(Operator, bpy.types.Operator):
    """Remove all landmarks of the active head"""

    bl_idname = "s2f.forget_landmarks"
    bl_label = "Remove Landmarks"

    why_not = staticmethod(why_not_bare)

    def run(self, context: Context) -> str:
        """They are gone, with their empties."""
        placed.forget(bare_head(context))
        return ""


CLASSES = (
    S2F_OT_place_landmarks, S2F_OT_show_landmarks, S2F_OT_snap_landmarks, S2F_OT_load_landmarks,
    S2F_OT_forget_landmarks,
)  # fmt: skip
