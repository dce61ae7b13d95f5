"""What goes on in this Blender: the model process, the job that runs, tracks that can be mixed anew, and the last word.

Everything runs on the main thread. Blender objects are remembered by name, since undo and redo move them.
"""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import bpy

from . import preferences
from .bake import BakeReport
from .core.errors import UserError
from .core.messages import Felt, Message, Reads
from .core.track import FaceTrack
from .process.client import ModelProcess
from .process.connection import Connection, State
from .process.job import Job, Order, Phase, ReadRequest
from .process.remote import RemoteModel
from .process.server import Server

INTERVAL = 0.05
"""Seconds between two looks at a running job."""

_KEPT = 8


@dataclass(frozen=True)
class Plan:
    """Where a track goes: names of scene and target, the frame of second 0, the recording for the sequencer or ''.

    felt_by: id and licence track of a model that filled the sliders' keys, where one did.
    """

    scene: str
    target: str
    start_frame: int
    sound: str
    name: str
    felt_by: tuple[str, str] = ("", "")

    def signed(self, track: FaceTrack) -> FaceTrack:
        """``track`` with a model of the research track in its provenance, where one heard its emotion."""
        model, licence_track = self.felt_by
        if licence_track in ("", "product"):
            return track
        made_by = replace(
            track.provenance, model=f"{track.provenance.model} + {model}", licence_track=licence_track
        )
        return replace(track, provenance=made_by)


@dataclass(frozen=True)
class Made:
    """A track that can be mixed and written any number of times; the words that were heard in it."""

    track: FaceTrack
    plan: Plan
    words: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Feeling:
    """What a recording felt like, for the scene and the character of these names, second 0 being at ``start_frame``."""

    felt: Felt
    scene: str
    target: str
    start_frame: int


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
    writes a face asks for this while Blender does not hold Python's lock, see ``in_view``.
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
        current.waiting_for = _not_now()
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
    wanted = preferences.where()
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
    redraw()
    return None if done else INTERVAL


def redraw() -> None:
    """Draw every sidebar anew, and the preferences."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in ("VIEW_3D", "PREFERENCES"):
                for region in area.regions:
                    if region.type in ("UI", "WINDOW") and (area.type, region.type) != ("VIEW_3D", "WINDOW"):
                        region.tag_redraw()


_BUSY_OPERATORS = ("TRANSFORM_OT_", "SCULPT_OT_", "PAINT_OT_", "MESH_OT_", "GRAPH_OT_", "ACTION_OT_", "NLA_OT_")


def _not_now() -> str:
    """Why keys cannot be written at this moment, so that undo keeps its order; empty when they can."""
    if bpy.app.background:
        return ""
    mode = bpy.context.mode
    if mode not in {"OBJECT", "POSE"} and not mode.startswith(("PAINT", "SCULPT")):
        return "Ready: leave Edit Mode to get the keys"
    for window in bpy.context.window_manager.windows:
        if any(operator.bl_idname.startswith(_BUSY_OPERATORS) for operator in window.modal_operators):
            return "Ready: the keys come when your tool is done"
    return ""


def write(token: int) -> None:
    """Call the one operator that writes keys of a face."""
    in_view(bpy.ops.s2f.apply, token=token)


def in_view(operator: Callable[..., Any], **properties: Any) -> None:
    """Call ``operator`` as one undo step, in a context in which its redo panel can show.

    Up to Blender 5.0 an operator that ends below ``temp_override`` reads Python's memory without Python's lock if
    another thread holds that for a moment (``BPY_context_member_get``), and Blender dies. So there is no override
    where none is needed, and no thread of ours computes meanwhile.
    """
    view = _view()
    try:
        with bpy.context.temp_override(**view) if view else contextlib.nullcontext():
            operator("EXEC_DEFAULT", True, **properties)
    except RuntimeError as error:
        if not current.error:
            fail(str(error).removeprefix("Error: ").strip())


def _view() -> dict[str, Any]:
    """A window with a 3D view, if there is one; in the background there are windows on paper only."""
    for window in () if bpy.app.background else bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                region = next((r for r in area.regions if r.type == "WINDOW"), None)
                if region is not None:
                    return {"window": window, "screen": window.screen, "area": area, "region": region}
    return {}
