"""The strip in the timeline as a hand takes hold of it: edges move, what is felt grows or becomes something else."""


import bpy
from bpy.props import EnumProperty, FloatProperty
from bpy.types import Context, Event, KeyMap, KeyMapItem, Menu

from .. import window
from ..core.emotions import EMOTIONS
from ..core.errors import UserError
from ..emotion import strip
from ..emotion.sliders import owner_of
from ..emotion.stretches import NEAREST, Stretch, at
from ..lines import touched
from ..session import strip_view
from .base import Operator
from .readiness import target_of
from .strip_sounds import S2F_OT_sound_drag

_FULL = 120.0
"""Pixels upwards that double a strength."""
EDITORS = (("Dopesheet", "DOPESHEET_EDITOR"), ("Sequencer", "SEQUENCE_EDITOR"))
"""Keymaps and editors in which the strip is."""


class S2F_OT_strip_drag(Operator, bpy.types.Operator):
    """Drag an edge to change when something is felt, the middle up or down for how much; click to choose what"""

    bl_idname = "s2f.strip_drag"
    bl_label = "Change What Was Heard"
    bl_options = {"UNDO", "INTERNAL"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Context) -> bool:
        return context.region is not None and strip_view.shown_in(context.region, "felt") is not None

    def invoke(self, context: Context, event: Event) -> set[str]:
        """Only where the mouse is on the strip; everything else in the editor stays as it is."""
        place = strip_view.shown_in(context.region, "felt")
        x, y = event.mouse_region_x, event.mouse_region_y
        if place is None or not place.bottom <= y <= place.top:
            return {"PASS_THROUGH"}
        owner = owner_of(target_of(context))
        every = strip.shot(strip.animated(owner)).stretches if owner is not None else []
        view = context.region.view2d
        near = (e for e in _edges(every) if abs(view.view_to_region(e, 0, clip=False)[0] - x) <= strip_view.GRIP)
        edge = next(near, None)
        found = at(every, view.region_to_view(x, y)[0])
        if edge is None and found is None:
            return {"PASS_THROUGH"}
        try:
            self._held = strip.Held(owner)
        except UserError as error:
            return self._cancelled(str(error))
        self._owner, self._edge, self._found = owner.name, edge, found
        self._from, self._moved = (x, y), False
        self._bounds = _around(every, edge) if edge is not None else (0.0, 0.0)
        context.window.cursor_modal_set("MOVE_X" if edge is not None else "MOVE_Y")
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: Context, event: Event) -> set[str]:
        """Follow the mouse; Escape and the right button put everything back."""
        if event.type == "MOUSEMOVE":
            self._follow(context, event)
        elif event.type in {"ESC", "RIGHTMOUSE"}:
            self._held.put_back()
            return self._end(context, {"CANCELLED"})
        elif event.type == "LEFTMOUSE" and event.value == "RELEASE":
            if self._moved:
                self._end(context, {"FINISHED"})
                touched(bpy.data.objects[self._owner])
                return {"FINISHED"}
            self._end(context, {"CANCELLED"})
            if self._found is not None:
                _offer(context, self._found)
            return {"CANCELLED"}
        return {"RUNNING_MODAL"}

    def _follow(self, context: Context, event: Event) -> None:
        x, y = event.mouse_region_x, event.mouse_region_y
        if not self._moved and max(abs(x - self._from[0]), abs(y - self._from[1])) <= strip_view.CLICK:
            return
        self._moved = True
        if self._edge is not None:
            first, last = self._bounds
            to = round(context.region.view2d.region_to_view(x, y)[0])
            to = min(max(to, first + NEAREST), last - NEAREST)
            self._held.retime((first, self._edge, last), (first, to, last))
        elif self._found is not None:
            factor = 1 + (y - self._from[1]) / _FULL
            self._held.scale(self._found, max(factor, 0.0))
        window.redraw_timelines()

    def _end(self, context: Context, how: set[str]) -> set[str]:
        self._held.release()
        context.window.cursor_modal_restore()
        window.redraw_timelines()
        return how


class S2F_OT_strip_name(Operator, bpy.types.Operator):
    """Say what is felt here instead"""

    bl_idname = "s2f.strip_name"
    bl_label = "Felt Here"

    frame: FloatProperty()
    emotion: EnumProperty(
        items=[*((name.upper(), name.capitalize(), "") for name in EMOTIONS), ("NOTHING", "Nothing", "")]
    )

    @classmethod
    def why_not(cls, context: Context) -> str:
        owner = owner_of(target_of(context))
        return "" if owner is not None and strip.animated(owner) else "No emotion is keyed yet; press From the Voice"

    def run(self, context: Context) -> str:
        """The keys of the two sliders change places on the stretch at ``frame``."""
        owner = owner_of(target_of(context))
        found = at(strip.shot(strip.animated(owner)).stretches, self.frame)
        if found is None:
            raise UserError(f"Nothing is felt at frame {self.frame:g}; choose a coloured stretch.")
        held = strip.Held(owner)
        held.rename(found, "" if self.emotion == "NOTHING" else self.emotion.lower())
        held.release()
        touched(owner)
        window.redraw_timelines()
        return f"Frames {found.first:g} to {found.last:g}: {self.emotion.lower()} instead of {found.name}"


def _offer(context: Context, stretch: Stretch) -> None:
    """A menu of what may be felt in ``stretch`` instead."""
    middle = (stretch.first + stretch.last) / 2

    def draw(menu: Menu, _: Context) -> None:
        for name in (*EMOTIONS, "nothing"):
            if name != stretch.name:
                button = menu.layout.operator("s2f.strip_name", text=name.capitalize())
                button.frame, button.emotion = middle, name.upper()

    context.window_manager.popup_menu(draw, title=f"{stretch.name.capitalize()}, {stretch.strength:.0%}")


def _edges(every: list[Stretch]) -> list[float]:
    return sorted({edge for one in every for edge in (one.first, one.last)})


def _around(every: list[Stretch], edge: float) -> tuple[float, float]:
    """How far ``edge`` may go: to the edges beside it, or as far as its stretch is long where there is none."""
    edges = _edges(every)
    k = edges.index(edge)
    before = edges[k - 1] if k else edge - max(edges[1] - edge, 2 * NEAREST)
    after = edges[k + 1] if k + 1 < len(edges) else edge + max(edge - edges[-2], 2 * NEAREST)
    return before, after


_ours: list[tuple[KeyMap, KeyMapItem]] = []


def add_keys() -> None:
    """Let the left mouse button reach the strip before the editors get it."""
    keys = bpy.context.window_manager.keyconfigs.addon
    for name, space in EDITORS if keys is not None else ():  # there are none in the background
        keymap = keys.keymaps.new(name=name, space_type=space)
        for one in (S2F_OT_strip_drag, S2F_OT_sound_drag):
            _ours.append((keymap, keymap.keymap_items.new(one.bl_idname, "LEFTMOUSE", "PRESS", head=True)))


def remove_keys() -> None:
    """Undo ``add_keys``."""
    for keymap, item in _ours:
        keymap.keymap_items.remove(item)
    _ours.clear()


CLASSES = (S2F_OT_strip_drag, S2F_OT_strip_name)
