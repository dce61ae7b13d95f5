"""Installing, repairing, updating and removing a runtime, in a thread of its own.

An update and a repair are installations beside the runtime in use, which serves until the new one has passed its test.
"""

import platform
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ..core.errors import UserError
from . import environment, folder_marker, place, state, tools
from .builds import LOCKS
from .children import Failed
from .download import fetch, is_whole
from .failures import of_error, of_output
from .installation import Installation, InstallationCancelled, News, Speed
from .installer_lock import claimed
from .pylock import Lock, Wheel, read, selected
from .state import Installed, RuntimeState
from .tools import Base, Shop
from .verify import verify

FETCHED, UNPACKED, TESTED = 0.05, 0.75, 0.92
"""Where fetching, installing and testing begin in the fraction of the whole."""


@dataclass(frozen=True)
class Order:
    """What to install. ``wheels``: a folder to install from without a network. ``room``: bytes that must be free.

    ``device`` is what the test has to run on. ``keep_out``: see ``place.check``.
    """

    folder: Path
    build: str
    lock: Lock
    uv: Lock
    card: str = ""
    device: str = "cuda"
    room: int = 0
    wheels: Path | None = None
    keep_out: tuple[Path, ...] = ()


def order(folder: Path, build: str, card: str = "") -> Order:
    """The order for a build that this version of the add-on has a lock for. Raises UserError."""
    return Order(folder, build, read(LOCKS / f"pylock.{build}.toml"), read(LOCKS / "pylock.uv.toml"), card)


@dataclass
class Work:
    """Something that happens in ``folder`` in a thread; ``latest`` is what the one that started it knows of it."""

    folder: Path
    task: Callable[[Installation], None]
    begins: RuntimeState
    keep_out: tuple[Path, ...] = ()
    installation: Installation = field(init=False)
    latest: News = field(init=False)

    def __post_init__(self) -> None:
        self.latest = News(self.begins, 0.0, "Getting ready")
        self._thread = threading.Thread(target=self._run, name="s2f runtime", daemon=True)

    def start(self) -> None:
        """Begin. Raises UserError when the folder will not do, or is not ours."""
        if self.begins is RuntimeState.REMOVING:
            folder_marker.must_be_ours(self.folder)
        else:
            place.check(self.folder, 0, self.keep_out)
            folder_marker.take(self.folder)
        self.installation = Installation(self.folder)
        self.installation.state = self.begins
        self._thread.start()

    def poll(self) -> bool:
        """Take in the news; whether it is over."""
        while not self.installation.news.empty():
            self.latest = self.installation.news.get()
        return self.latest.over

    def cancel(self) -> None:
        """Stop soon: programs are killed, and what has arrived stays for the next time."""
        self.installation.cancel()

    def join(self, timeout: float | None = None) -> None:
        """Wait for the thread, as at the end of Blender."""
        self._thread.join(timeout)

    def _run(self) -> None:
        sentence = ""
        try:
            with claimed(self.folder):
                self.task(self.installation)
        except InstallationCancelled:
            sentence = "Cancelled; what has arrived is kept for the next time."
        except Failed as failed:
            sentence = str(of_output(failed.output, self.folder, self.installation.doing))
        except Exception as error:
            if not isinstance(error, UserError):
                import traceback

                self.installation.log(traceback.format_exc())
            sentence = str(of_error(error, self.folder, self.installation.doing))
        self.installation.end(state.inspect(self.folder).state, sentence)


def installing(wanted: Order) -> Work:
    """Install, update or repair: all three make a new environment and switch to it."""
    return Work(wanted.folder, partial(install, wanted), RuntimeState.INSTALLING, wanted.keep_out)


def removing(folder: Path) -> Work:
    """Delete the runtime and all that belongs to it; other files in ``folder`` stay."""
    return Work(folder, lambda installation: remove(folder, installation), RuntimeState.REMOVING)


def install(wanted: Order, installation: Installation) -> None:
    """Make an environment, test it, and switch to it. Raises UserError, Failed, OSError, Cancelled."""
    shop = Shop(wanted.folder)
    installation.log(f"{wanted.build} for {wanted.card}; {platform.platform()}, {sys.executable}")
    installation.step(0.0, "Looking at the folder")
    before = state.read(wanted.folder)
    state.sweep(wanted.folder, before.environment if before else "")
    place.check(wanted.folder, wanted.room)
    uv, base = _tools(wanted, shop, installation)
    chosen = selected(wanted.lock, base.target)
    files = wanted.wheels or shop.files
    if wanted.wheels is None:
        _fetch_all([wheel for _, wheel in chosen], files, installation)
    else:
        _check_all([wheel for _, wheel in chosen], files, installation)
    made = state.new_environment(wanted.folder, wanted.lock.digest)
    try:
        installation.step(UNPACKED, "Installing")
        environment.create(shop, uv, base, made, installation)
        environment.install(shop, uv, made, files, chosen, installation, (UNPACKED, TESTED))
        installation.state = RuntimeState.VERIFYING
        installation.step(TESTED, "Testing with a recording")
        answer = verify(shop, state.python_of(made), wanted.device, installation, TESTED)
        installation.log(f"{answer.backend} on {answer.device}, {answer.seconds:.1f} s")
    except BaseException:
        folder_marker.delete(wanted.folder, made.name)
        raise
    state.write(wanted.folder, Installed(made.name, wanted.build, wanted.lock.digest, answer.device, wanted.card))
    _tidy(wanted.folder, made.name, installation)


def remove(folder: Path, installation: Installation) -> None:
    """Delete what ``install`` made. Raises UserError when something is in use, or ``folder`` is not ours."""
    installation.step(0.1, "Removing")
    folder_marker.must_be_ours(folder)
    (folder / state.POINTER).unlink(missing_ok=True)
    if left := state.sweep(folder) + folder_marker.delete(folder, "files", "tmp", "tool", "python"):
        raise UserError(f"{left[0]} is in use; close every Blender that uses the GPU runtime and remove it again.")


def _tools(wanted: Order, shop: Shop, installation: Installation) -> tuple[Path | None, Base]:
    """uv (or None for pip) and the Python to build on."""
    online = wanted.wheels is None
    installation.step(0.01, "Fetching uv" if online else "Looking for uv")
    try:
        if online:
            uv: Path | None = tools.fetched_uv(shop, wanted.uv, installation, lambda _: installation.tick())
        else:
            uv = _uv_in(wanted, shop, installation)
    except UserError as error:
        installation.log(f"uv cannot be fetched: {error}")
        uv = tools.found_uv()
    if uv is None:
        installation.log("There is no uv; Blender's Python and pip do the work.")
        return None, tools.blenders_own()
    installation.step(0.03, f"Fetching Python {tools.PYTHON}" if online else "Looking for a Python")
    return uv, tools.managed_python(shop, uv, installation, online) or tools.blenders_own()


def _uv_in(wanted: Order, shop: Shop, installation: Installation) -> Path | None:
    """uv from the folder of wheels, or from this computer."""
    assert wanted.wheels is not None
    for package in wanted.uv.packages:
        for wheel in package.wheels:
            fits = wheel.name in {w.name for _, w in selected(wanted.uv, tools.blenders_own().target)}
            if fits and is_whole(wanted.wheels / wheel.name, wheel, lambda _: installation.tick()):
                return tools.unpacked_uv(wanted.wheels / wheel.name, shop.root / "tool")
    return tools.found_uv()


def _fetch_all(wheels: list[Wheel], files: Path, installation: Installation) -> None:
    """Bring every file here, and say how many MB of how many."""
    total = sum(wheel.size for wheel in wheels)
    done = 0
    speed = Speed()
    for wheel in wheels:
        installation.log(f"Fetching {wheel.url}")

        def said(count: int, before: int = done, title: str = wheel.title) -> None:
            there = before + count
            rate = speed.at(there)
            pace = f", {rate / 1e6:.1f} MB/s" if rate > 0 else ""
            fraction = FETCHED + (UNPACKED - FETCHED) * there / total
            installation.go_on(fraction, f"Fetching {title}: {there / 1e6:,.0f} of {total / 1e6:,.0f} MB{pace}")

        fetch(wheel, files, said)
        done += wheel.size


def _check_all(wheels: list[Wheel], files: Path, installation: Installation) -> None:
    """Make sure that the folder of wheels has everything."""
    total, done, missing = sum(wheel.size for wheel in wheels), 0, []
    for wheel in wheels:
        installation.go_on(FETCHED + (UNPACKED - FETCHED) * done / total, f"Checking {wheel.name}")
        if not (files / wheel.name).is_file():
            missing.append(wheel.name)
        elif not is_whole(files / wheel.name, wheel, lambda _: installation.tick()):
            raise UserError(f"{wheel.name} in {files} is damaged or another file; fetch it again.")
        done += wheel.size
    if missing:
        more = f" and {len(missing) - 1} more files" if len(missing) > 1 else ""
        installation.log("Missing: " + ", ".join(missing))
        raise UserError(
            f"{files} lacks {missing[0]}{more}; press Copy List for the addresses of all files that this Blender needs."
        )


def _tidy(folder: Path, keep: str, installation: Installation) -> None:
    """Free what only the installation needed. What is still in use stays until the next time."""
    folder_marker.delete(folder, "files", "tmp")
    for left in state.sweep(folder, keep):
        installation.log(f"{left.name} is still in use and is deleted the next time.")
