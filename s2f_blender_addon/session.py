"""What goes on in this Blender: the model process, the job that runs, tracks that can be mixed anew, the last word.

Everything runs on the main thread. Blender objects are remembered by name, since undo and redo move them.
"""

import contextlib
from collections.abc import Callable
from typing import Any

import bpy

from . import window, workplace
from .bake import BakeReport
from .core.errors import UserError
from .core.messages import Message, Reads
from .plans import Feeling, Made, Plan
from .process.client import ModelProcess
from .process.connection import Connection, State
from .process.job import Job, Order, Phase, ReadRequest
from .process.remote import RemoteModel
from .process.server import Server

INTERVAL = 0.05
"""Seconds between two looks at a running job."""

_KEPT = 8


Finish = Callable[[Message], None]
"""Takes the answer of a job that makes no track, on the main thread, when something may be written."""


class Session:
    """The one of this Blender."""

    def __init__(self) -> None:
        self.process: Connection | None = None
        self.connecting = False
        self.job: Job | None = None
        self.plan: Plan | Finish | None = None
        self.to_read: ReadRequest | None = None
        self.reading: Job | None = None
        self.reads: dict[str, float] = {}
        self.felt: Feeling | None = None
        self.waiting_for = ""
        self.made: dict[int, Made] = {}
        self.error = ""
        self.report = ""
        self.notice = ""
        self.heard = ""
        self.last: BakeReport | None = None
        self.revision = 0

    @property
    def busy(self) -> bool:
        return self.job is not None


current = Session()


def start(order: Order, plan: Plan | Finish) -> None:
    """Begin a job. Raises UserError when one is running or the model process cannot start."""
    if current.busy:
        raise UserError("A bake is running; wait for it or cancel it.")
    current.error = current.report = current.notice = current.waiting_for = ""
    stop_reading()
    process = _process()
    current.job, current.plan = Job(process, order, bpy.app.binary_path or ""), plan
    _watch()


def read_face(request: ReadRequest) -> None:
    """Find out what a face reads as, behind the user's back: ``current.reads`` has it once it is known.

    Nothing happens where no model process runs, or where a job is under way. ``poll`` begins with it: an operator that
    writes a face asks for this while Blender does not hold Python's lock, see ``window.in_view``.
    """
    stop_reading()
    current.reads = {}
    if current.busy or current.process is None or not current.process.alive:
        return
    current.to_read = request
    _watch()


def warm() -> None:
    """Start the model process without a job, where that is possible; the next job says why it is not."""
    with contextlib.suppress(UserError):
        _process()


def stop_reading() -> None:
    """Do not wait for what a face reads as."""
    reading, current.reading, current.to_read = current.reading, None, None
    if reading is not None:
        reading.cancel()
        reading.join()


def _watch() -> None:
    if not bpy.app.timers.is_registered(_tick):
        bpy.app.timers.register(_tick, first_interval=INTERVAL, persistent=True)


def poll() -> bool:
    """Move the running job on and write its track when it is there; True when nothing is left to do."""
    job = current.job
    if job is None and current.to_read is not None and current.process is not None:
        current.reading, current.to_read = Job(current.process, current.to_read), None
    if job is None and current.reading is not None:
        return _poll_reading(current.reading)
    if job is None:
        if current.process is not None:
            current.process.messages()
            current.connecting &= current.process.state is State.STARTING
        return current.process is None or (current.process.settled and not current.connecting)
    if not job.poll():
        return False
    if job.phase is Phase.DONE:
        current.waiting_for = window.why_not_now()
        if current.waiting_for:
            return False
    plan, current.job, current.plan = current.plan, None, None
    if job.phase is Phase.FAILED:
        fail(job.sentence, job.report)
    elif isinstance(plan, Plan) and job.track is not None:
        current.notice = job.notice
        write(remember(Made(plan.signed(job.track), plan, job.words)))
    elif callable(plan) and job.answer is not None:
        plan(job.answer)
    return poll()


def _poll_reading(job: Job) -> bool:
    """As ``poll`` for what nobody waits for: where it fails, nothing is shown."""
    if not job.poll():
        return False
    current.reading = None
    if isinstance(job.answer, Reads):
        current.reads = dict(job.answer.shares)
        current.revision += 1
    return poll()


def connect() -> None:
    """Reach for the model anew, without a job; ``current.process`` tells how that goes. Raises UserError."""
    if current.busy:
        raise UserError("A bake is running; wait for it or cancel it.")
    stop()
    _process()
    current.connecting = True
    _watch()


def cancel() -> None:
    """End the running job."""
    stop_reading()
    if current.job is not None:
        current.job.cancel()
        current.job = current.plan = None
        current.waiting_for = ""


def stop() -> None:
    """End everything, as at the end of Blender."""
    cancel()
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    current.connecting = False
    if current.process is not None:
        current.process.stop()
        current.process = None


@bpy.app.handlers.persistent  # type: ignore[untyped-decorator]
def forget(*_: Any) -> None:
    """Before another file is loaded: what runs and what is in memory belongs to the old one."""
    cancel()
    current.made.clear()
    current.last = current.felt = None
    current.reads = {}
    current.error = current.report = ""
    current.revision += 1


def fail(sentence: str, report: str = "") -> None:
    """Keep what the panel says about the last failure."""
    current.error, current.report = sentence, report
    current.revision += 1


def remember(made: Made) -> int:
    """Keep ``made`` for the redo panel; returns the number under which ``s2f.apply`` finds it."""
    token = max(current.made, default=0) + 1
    current.made[token] = made
    for old in sorted(current.made)[:-_KEPT]:
        del current.made[old]
    return token


def recall(token: int) -> Made:
    """What was kept under ``token``; 0 is the newest. Raises UserError when it is gone."""
    made = current.made.get(token or max(current.made, default=0))
    if made is None:
        raise UserError("There is no speech in memory to write; press Bake or import a track.")
    return made


def _process() -> Connection:
    """The way to the model, begun when there is none or when the preferences name another place by now."""
    wanted = workplace.where()
    process = current.process
    if process is None or not process.alive or process.where != wanted:
        if process is not None:
            process.stop()
        process = RemoteModel(wanted) if isinstance(wanted, Server) else ModelProcess(wanted)
        current.process = process
        process.start()
    return process


def _tick() -> float | None:
    try:
        done = poll()
    except Exception:  # a timer that raises is dropped by Blender, and the panel would show a bake for ever
        import traceback

        cancel()
        fail("Speech2Face made a mistake; press Copy report and tell us.", traceback.format_exc())
        done = True
    window.redraw()
    return None if done else INTERVAL


def write(token: int) -> None:
    """Call the one operator that writes keys of a face."""
    carry_out(bpy.ops.s2f.apply, token=token)


def carry_out(operator: Callable[..., Any], **properties: Any) -> None:
    """Call ``operator`` as one undo step; what it could not do is the last failure, unless it has said more itself."""
    failed = window.in_view(operator, **properties)
    if failed and not current.error:
        fail(failed)
