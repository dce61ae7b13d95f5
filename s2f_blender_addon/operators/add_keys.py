"""Make the 52 keys on a head that has none, from its landmarks."""

import time
from collections.abc import Generator

import bpy
from bpy.props import BoolProperty, FloatProperty
from bpy.types import Collection, Context, Event, Object

from .. import session, window
from ..carry import Carried, carrying, placed
from ..carry.objects import Gathered, gathered, write
from ..carry.propose import propose
from ..core.channels import CHANNELS
from ..core.errors import UserError
from ..rigs.bare import bare_family, lacking, notes_on, why_no_keys
from ..rigs.face_objects import has_shapes
from .base import Operator

_SLICE = 0.08
"""Seconds of work between two looks at the window."""


class Making:
    """Keys in the making: where they come to, and how far it has come."""

    def __init__(
        self, face: Object, head: Gathered, channels: tuple[str, ...],
        steps: Generator[tuple[float, str], None, Carried],
    ) -> None:  # fmt: skip
        self.face, self.head, self.channels = face, head, channels
        self.fraction, self.doing = 0.0, ""
        self._steps = steps
        self.done: Carried | None = None

    def go_on(self, seconds: float) -> bool:
        """Work for about ``seconds``; whether it is done."""
        until = time.monotonic() + seconds
        while self.done is None:
            try:
                self.fraction, self.doing = next(self._steps)
            except StopIteration as end:
                self.done = end.value
            if time.monotonic() > until:
                break
        return self.done is not None


running: Making | None = None
"""What the panel shows the progress of."""


def bare_head(context: Context) -> Object:
    """The mesh that keys would be added to: the active one; None without one."""
    active = context.active_object
    return active if active is not None and active.type == "MESH" else None


def why_not_bare(context: Context) -> str:
    """Why no landmarks can be placed or keys added; empty when they can."""
    if running is not None:
        return "Keys are being made"
    face = bare_head(context)
    if face is None:
        return "Select the mesh of a head first"
    return why_no_keys(face).rstrip(".")


class S2F_OT_propose_landmarks(Operator, bpy.types.Operator):
    """Look for eyes, nose, mouth and chin of the active mesh; landmarks that you have placed stay"""

    bl_idname = "s2f.propose_landmarks"
    bl_label = "Find Landmarks"

    why_not = staticmethod(why_not_bare)

    def run(self, context: Context) -> str:
        """Store them on the mesh, and show them."""
        face = bare_head(context)
        head = gathered(bare_family(face))
        found = propose(head.points, head.triangles)
        own = {item.name for item in face.s2f_landmarks.items if item.seen}
        placed.hide(face)
        placed.store(face, {name: at for name, at in found.landmarks.items() if name not in own}, seen=False)
        placed.show(face, _collection(face, context))
        session.current.shown.changed()
        guessed = [name for name in found.landmarks if name not in found.found]
        return f"{len(found.found)} landmarks found, {len(guessed)} guessed; move any that is off, then add the keys."


class S2F_OT_add_keys(Operator, bpy.types.Operator):
    """Make all 52 shape keys on the active head and what belongs to it, carried over from the demo head"""

    bl_idname = "s2f.add_keys"
    bl_label = "Add 52 Keys"

    missing_only: BoolProperty(
        name="Only Missing Keys", description="On a face with shape keys, add those of the 52 that it lacks",
    )  # fmt: skip
    jaw: FloatProperty(name="Jaw", description="Strength of the jaw's keys", default=1.0, min=0.2, max=2.0)
    mouth: FloatProperty(name="Mouth", description="Strength of the lips' keys", default=1.0, min=0.2, max=2.0)
    eyes: FloatProperty(
        name="Lids", description="Strength of the lids' keys; a blink always closes", default=1.0, min=0.2, max=2.0,
    )  # fmt: skip
    brows: FloatProperty(
        name="Brows", description="Strength of the keys of brows, cheeks and nose", default=1.0, min=0.2, max=2.0,
    )  # fmt: skip

    why_not = staticmethod(why_not_bare)

    def run(self, context: Context) -> str:
        """Make them at once."""
        making = self._begin(context)
        making.go_on(float("inf"))
        return self._written(context, making)

    def invoke(self, context: Context, event: Event) -> set[str]:
        """Make them bit by bit, so that Blender stays awake and Esc ends it."""
        global running
        try:
            running = self._begin(context)
        except UserError as error:
            return self._cancelled(str(error))
        self._timer = context.window_manager.event_timer_add(0.02, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: Context, event: Event) -> set[str]:
        """A slice of the work at each tick."""
        making = running
        if making is None or event.type == "ESC":
            return self._stopped(context)
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        try:
            if not making.go_on(_SLICE) or window.why_not_now():
                window.redraw()
                return {"RUNNING_MODAL"}
            self._end(context)
            said = self._written(context, making)
        except (UserError, ReferenceError) as error:  # the head was deleted meanwhile
            self._end(context)
            gone = "The head is gone, so no keys were made."
            return self._cancelled(str(error) if isinstance(error, UserError) else gone)
        self.succeeded()
        self.report({"INFO"}, said)
        return {"FINISHED"}

    def cancel(self, context: Context) -> None:
        """Blender ends it, as where another file is opened."""
        global running
        running = None

    def _stopped(self, context: Context) -> set[str]:
        self._end(context)
        self.report({"INFO"}, "No keys were added")
        return {"CANCELLED"}

    def _end(self, context: Context) -> None:
        global running
        running = None
        context.window_manager.event_timer_remove(self._timer)
        window.redraw()

    def _begin(self, context: Context) -> Making:
        face = bare_head(context)
        family = bare_family(face)
        reason = next((reason for o in family if (reason := why_no_keys(o))), "")
        if reason:
            raise UserError(reason)
        head = gathered(family)
        places = placed.places_of(face)
        if not places:
            places = propose(head.points, head.triangles).landmarks
            placed.store(face, places, seen=False)
        owner = head.face(places)
        wanted = {part: float(getattr(self, part)) for part in ("jaw", "mouth", "eyes", "brows")}
        steps = carrying(head.points, head.triangles, places, wanted)
        return Making(owner, head, self._channels(owner), steps)

    def _channels(self, face: Object) -> tuple[str, ...]:
        missing = lacking(face)
        if not has_shapes(face):
            return missing
        if not missing:
            raise UserError(f"{face.name} has keys for all {len(CHANNELS)} channels already; there is nothing to add.")
        if not self.missing_only:
            raise UserError(
                f"{face.name} has shape keys already, for {len(CHANNELS) - len(missing)} of {len(CHANNELS)} channels; "
                "use Add Missing Keys to add only what it lacks."
            )
        return missing

    def _written(self, context: Context, making: Making) -> str:
        """Write the keys and make the head the character."""
        assert making.done is not None
        added, notes = write(making.head, making.face, making.done.fields, making.channels)
        placed.hide(making.face)
        context.scene.s2f.target = making.face
        session.current.shown.changed()
        said = [*making.done.notes, *notes, *(note for o in making.head.objects for note in notes_on(o))]
        parts = f"{added.get(making.face.name, 0)} keys on {making.face.name}"
        others = f" and {len(added) - 1} other meshes" if len(added) > 1 else ""
        return " ".join([f"{parts}{others}.", *said])


def _collection(face: Object, context: Context) -> Collection:
    """Where what belongs to ``face`` goes: its own collection."""
    return face.users_collection[0] if face.users_collection else context.scene.collection


CLASSES = (S2F_OT_propose_landmarks, S2F_OT_add_keys)
