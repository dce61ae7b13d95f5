"""What goes on in this Blender, an owner for each part of it.

Everything runs on the main thread. Blender objects are remembered by name, since undo and redo move them.
"""

from collections.abc import Callable, Sequence

import bpy

from .. import window
from ..process.job import Job, Order
from .jobs import Finish, Jobs
from .link import Link
from .made import Memory
from .shown import Shown

INTERVAL = 0.05
"""Seconds between two looks at what runs."""


class Session:
    """The way to the model, what is asked of it, what was made, what the panel says."""

    def __init__(self) -> None:
        self.link = Link()
        self.shown = Shown()
        self.jobs = Jobs(self.link, self.shown.fail)
        self.memory = Memory()

    def poll(self) -> bool:
        """Move on what runs and write what is there; True when nothing is left to do."""
        return self.jobs.poll() and self.link.poll()

    def stop(self) -> None:
        """End everything that runs."""
        self.jobs.cancel()
        self.link.stop()


current = Session()


def fresh() -> None:
    """End everything and begin as after the start of Blender."""
    global current
    stop()
    current = Session()


def poll() -> bool:
    """``Session.poll`` of this Blender's."""
    return current.poll()


def start(orders: Sequence[Order], finish: Finish, topic: str = "", apart: bool = False) -> None:
    """``Jobs.start``: what the user waits for. Raises UserError when something runs or there is no way to the model."""
    current.jobs.check_free()
    current.shown.begin()
    current.jobs.start(orders, finish, topic, apart)
    _watch()


def aside(order: Order, finish: Callable[[Job], None], topic: str = "") -> None:
    """``Jobs.aside``: what nobody waits for."""
    current.jobs.aside(order, finish, topic)
    _watch()


def reach() -> None:
    """``Link.reach``: see whether the model answers. Raises UserError."""
    current.jobs.check_free()
    current.jobs.stop_aside()
    current.link.reach()
    _watch()


def _watch() -> None:
    """Call ``poll`` until it is done, where Blender has an event loop."""
    if not bpy.app.timers.is_registered(_tick):
        bpy.app.timers.register(_tick, first_interval=INTERVAL, persistent=True)


def stop() -> None:
    """End everything, as at the end of Blender."""
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    current.stop()


@bpy.app.handlers.persistent  # type: ignore[untyped-decorator]
def forget(*_: object) -> None:
    """Before another file is loaded: what runs and what is in memory belongs to the old one."""
    current.jobs.cancel()
    current.memory = Memory()
    current.shown.forget()


def carry_out(operator: Callable[..., set[str]], **properties: object) -> None:
    """Call ``operator`` as one undo step; what it could not do is the last failure, unless it has said more itself."""
    current.jobs.stop_aside()  # see ``window.in_view``
    failed = window.in_view(operator, **properties)
    if failed and not current.shown.outcome.error:
        current.shown.fail(failed)


_drawn: tuple[object, ...] = ()


def _told() -> tuple[object, ...]:
    """What panels and the status bar tell of what runs, as exactly as they do."""
    running, connection = current.jobs.running, current.link.connection
    work = None
    if running is not None:
        left = None if running.left is None else round(running.left)
        work = round(running.fraction, 2), running.doing, left
    return work, current.shown.outcome, current.shown.revision, connection and connection.state


def _tick() -> float | None:
    global _drawn
    try:
        done = poll()
    except Exception:  # a timer that raises is dropped by Blender, and the panel would show a bake for ever
        import traceback

        current.jobs.cancel()
        current.shown.fail("Speech2Face made a mistake; press Copy report and tell us.", traceback.format_exc())
        done = True
    told = _told()
    if done or told != _drawn:  # drawing takes the processor from the model
        window.redraw()
        _drawn = told
    return None if done else INTERVAL
