"""The row of laughs, sighs, gasps and sobs in the timeline: they are dragged, trimmed, renamed or removed."""


import bpy
from bpy.props import EnumProperty, IntProperty
from bpy.types import Context, Event, Menu

from .. import window
from ..core.vocal_events import KINDS
from ..emotion.heard import Grip, HeardEvent, dragged, grip_at
from ..emotion.sliders import owner_of
from ..emotion.told import sounds_of
from ..lines import reheard
from ..session import strip_view
from .base import Operator
from .readiness import target_of


class S2F_OT_sound_drag(Operator, bpy.types.Operator):
    """Drag a laugh, sigh, gasp or sob to where it is heard, or one of its ends; click to change or remove it"""

    bl_idname = "s2f.sound_drag"
    bl_label = "Move What Was Heard"
    bl_options = {"UNDO", "INTERNAL"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Context) -> bool:
        return context.region is not None and strip_view.shown_in(context.region, "sounds") is not None

    def invoke(self, context: Context, event: Event) -> set[str]:
        """Only where the mouse is on one of them; everything else in the editor stays as it is."""
        place = strip_view.shown_in(context.region, "sounds")
        owner, y = owner_of(target_of(context)), event.mouse_region_y
        if owner is None or place is None or not place.bottom <= y <= place.top:
            return {"PASS_THROUGH"}
        self._sounds = sounds_of(owner)
        frame = _frame(context, event)
        found = grip_at(self._sounds, frame, abs(_frame(context, event, strip_view.GRIP) - frame))
        if found is None:
            return {"PASS_THROUGH"}
        self._owner, self._found, self._from = owner.name, found, (event.mouse_region_x, frame)
        self._moved = False
        context.window.cursor_modal_set("SCROLL_X" if found.part == "whole" else "MOVE_X")
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: Context, event: Event) -> set[str]:
        """Follow the mouse; Escape and the right button put everything back."""
        if event.type == "MOUSEMOVE":
            self._moved |= abs(event.mouse_region_x - self._from[0]) > strip_view.CLICK
            if self._moved:
                self._put(dragged(self._held, self._found.part, round(_frame(context, event) - self._from[1])))
        elif event.type in {"ESC", "RIGHTMOUSE"}:
            self._put(self._held)
            context.window.cursor_modal_restore()
            return {"CANCELLED"}
        elif event.type == "LEFTMOUSE" and event.value == "RELEASE":
            context.window.cursor_modal_restore()
            if self._moved:
                reheard(bpy.data.objects[self._owner].s2f_character, context)
                return {"FINISHED"}
            _offer(context, self._found, self._held)
            return {"CANCELLED"}
        return {"RUNNING_MODAL"}

    @property
    def _held(self) -> HeardEvent:
        """The sound as it was when the hand took hold of it."""
        return self._sounds[self._found.number]

    def _put(self, sound: HeardEvent) -> None:
        item = bpy.data.objects[self._owner].s2f_character.events[self._found.number]
        item.first, item.last = sound.first, sound.last
        window.redraw_timelines()


class S2F_OT_sound_change(Operator, bpy.types.Operator):
    """Say what was heard here instead, or that the face shall not act it"""

    bl_idname = "s2f.sound_change"
    bl_label = "Heard Here"

    number: IntProperty(min=0)
    to: EnumProperty(
        items=[*((kind.upper(), kind.capitalize(), "") for kind in KINDS),
               ("SWITCH", "Act or Not", ""), ("REMOVE", "Remove", "")]
    )  # fmt: skip

    @classmethod
    def why_not(cls, context: Context) -> str:
        owner = owner_of(target_of(context))
        return "" if owner is not None and owner.s2f_character.events else "No laugh, sigh, gasp or sob was heard"

    def run(self, context: Context) -> str:
        """The face follows at once where its line is baked."""
        owner = owner_of(target_of(context))
        events = owner.s2f_character.events
        item = events[min(self.number, len(events) - 1)]
        if self.to == "REMOVE":
            events.remove(min(self.number, len(events) - 1))
        elif self.to == "SWITCH":
            item.on = not item.on
        else:
            item.kind = self.to
        reheard(owner.s2f_character, context)
        window.redraw_timelines()
        return ""


def _offer(context: Context, found: Grip, sound: HeardEvent) -> None:
    """A menu of what may become of a sound."""

    def draw(menu: Menu, _: Context) -> None:
        layout = menu.layout
        for kind in KINDS:
            if kind != sound.kind:
                button = layout.operator("s2f.sound_change", text=kind.capitalize())
                button.number, button.to = found.number, kind.upper()
        layout.separator()
        for to, text, icon in (
            ("SWITCH", "Do Not Act" if sound.acted else "Act", "HIDE_ON" if sound.acted else "HIDE_OFF"),
            ("REMOVE", "Remove", "X"),
        ):
            button = layout.operator("s2f.sound_change", text=text, icon=icon)
            button.number, button.to = found.number, to

    context.window_manager.popup_menu(draw, title=sound.kind.capitalize())


def _frame(context: Context, event: Event, beside: float = 0.0) -> float:
    """The frame under the mouse, or so many pixels beside it."""
    return float(context.region.view2d.region_to_view(event.mouse_region_x + beside, event.mouse_region_y)[0])


CLASSES = (S2F_OT_sound_drag, S2F_OT_sound_change)
