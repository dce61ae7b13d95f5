"""What goes on with the GPU runtime in this Blender: what is installed, what was proposed, what is being done.

Everything runs on the main thread; what takes time is in threads, whose news ``poll`` takes in.
"""

import queue
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import bpy

from .core.errors import UserError
from .core.in_time import InTime
from .process.command import ROOT
from .runtime import journal, place, state
from .runtime.failures import of_error
from .runtime.plan import SetupPlan, machine, offline_list, plan
from .runtime.work import Work, installing, order, removing

INTERVAL = 0.1
"""Seconds between two looks at the threads."""

FRESH = 5.0
"""Seconds after which the folder is looked at again while its panel is drawn; another Blender may have worked in it."""

Proposal = SetupPlan | Exception
_Proposed = tuple[Proposal, str, Callable[[SetupPlan], None] | None]


class RuntimeSession:
    """The one of this Blender."""

    def __init__(self) -> None:
        self.work: Work | None = None
        self.plan: SetupPlan | None = None
        self.looking = False
        self.error = ""
        self.list = ""
        self.machine = "The graphics driver was not asked."
        self._proposals: queue.SimpleQueue[_Proposed] = queue.SimpleQueue()
        nothing = place.default_root(), state.Found(state.RuntimeState.NOT_INSTALLED)
        self._seen: InTime[None, tuple[Path, state.Found]] = InTime(lambda _: _look_there(), nothing, FRESH)

    @property
    def busy(self) -> bool:
        return self.looking or self.work is not None

    @property
    def found(self) -> state.Found:
        """What is installed, at most ``FRESH`` seconds old where the disk answers."""
        return self._seen(None)[1]

    @property
    def folder(self) -> Path:
        """Where it is, or would be; as old as ``found``."""
        return self._seen(None)[0]

    def decline(self) -> None:
        """Nothing is to be done of what was proposed."""
        self.plan, self.error = None, ""

    def fail(self, sentence: str) -> None:
        """Something could not be done."""
        self.error = sentence

    def look_again(self) -> None:
        """What was seen of the folder is too old."""
        self._seen.again()


def _look_there() -> tuple[Path, state.Found]:
    root = place.root()
    return root, state.inspect(root)


current = RuntimeSession()


def fresh() -> None:
    """End everything and begin as after the start of Blender."""
    global current
    stop()
    current = RuntimeSession()


def look(then: Callable[[SetupPlan], None] | None = None) -> None:
    """Ask the driver what there is, in a thread; ``plan`` or ``error`` follows, and ``then`` gets the plan."""
    current.looking, current.plan, current.error = True, None, ""
    folder = place.root()

    def ask() -> None:
        there = ""
        try:
            found = machine()
            there = str(found)
            current._proposals.put((plan(folder, found), there, then))
        except Exception as error:
            current._proposals.put((error, there, then))

    threading.Thread(target=ask, name="s2f runtime plan", daemon=True).start()
    _keep_ticking()


def install(wheels: Path | None = None) -> None:
    """Carry out the plan, from the network or from the folder ``wheels``. Raises UserError."""
    wanted = current.plan
    if wanted is None:
        raise UserError("There is no plan yet; press Set Up GPU Runtime first.")
    room = wanted.room if wheels is None else wanted.unpacked
    plain = order(wanted.folder, wanted.build.name, wanted.build.card.name)
    _begin(installing(replace(plain, room=room, wheels=wheels, keep_out=_keep_out())))
    current.plan = None


def remove() -> None:
    """Delete the runtime. Raises UserError."""
    _begin(removing(place.root()))


def list_files() -> None:
    """Find out, in a thread, what a computer without network needs, and put it on the clipboard."""

    def then(wanted: SetupPlan) -> None:
        current.plan = None
        bpy.context.window_manager.clipboard = current.list = offline_list(wanted.build.name)

    look(then)


def cancel() -> None:
    """End what is being done."""
    if current.work is not None:
        current.work.cancel()


def poll() -> bool:
    """Take in what the threads have to say; True when nothing is left to do."""
    while not current._proposals.empty():
        current.looking = False
        proposal, current.machine, then = current._proposals.get()
        if isinstance(proposal, Exception):
            current.error = str(of_error(proposal, place.root(), "Looking for the card"))
        elif then is not None:
            try:
                then(proposal)
            except UserError as error:
                current.error = str(error)
        else:
            current.plan = proposal
    if current.work is not None and current.work.poll():
        current.error = current.work.latest.sentence
        current.work = None
        current.look_again()
    return not current.busy


def report() -> str:
    """What a user sends when it failed."""
    head = f"{current.error or 'GPU runtime'}\nBlender {bpy.app.version_string}, {current.found}\n{current.machine}"
    return journal.report(place.root(), head)


def stop() -> None:
    """End everything, as at the end of Blender; waits a moment for the programs that are being killed."""
    work, current.work = current.work, None
    if work is not None:
        work.cancel()
        work.join(5.0)
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)


def _begin(work: Work) -> None:
    current.error = ""
    work.start()
    current.work = work
    _keep_ticking()


def _keep_out() -> tuple[Path, ...]:
    """Folders that an update wipes: the add-on's, Blender's, and that of Blender's Python."""
    binary = bpy.app.binary_path
    blender = (Path(binary).parent,) if binary and Path(binary).parent.name.lower() not in ("bin", "") else ()
    python = Path(sys.prefix)
    return (ROOT, *blender, *(() if python == python.parent or str(python) == "/usr" else (python,)))


def _keep_ticking() -> None:
    if not bpy.app.timers.is_registered(_tick):
        bpy.app.timers.register(_tick, first_interval=INTERVAL, persistent=True)


def _tick() -> float | None:
    try:
        done = poll()
    except Exception as error:  # a timer that raises is dropped by Blender, and the panel would wait for ever
        current.looking, current.work = False, None
        current.error = str(of_error(error, place.root()))
        done = True
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "PREFERENCES":
                area.tag_redraw()
    return None if done else INTERVAL
