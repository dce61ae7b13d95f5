"""The two commands of this project; they need nothing but Git and this Python (3.11 or 3.13).

    python3.11 dev.py demo                   set up .venv and make a face speak; the files land in demo/
    python3.11 dev.py test [--all-blenders]  set up what is needed, then style, types, imports and every test

Windows: ``py -3.11 dev.py …``. What is already set up is used again; to start afresh delete .venv and .venv-bpy-*.
"""

import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ON_WINDOWS = os.name == "nt"
LONGEST = 60 * 60
"""Seconds after which a check is stopped: nothing may hang, and none takes half as long."""
ENDING = 10
"""Seconds that the output of a check may stay open after its end."""
MOST = 6
"""Checks that run beside each other, however many processors there are: each may take a gigabyte."""
PROCESSES = ("tests/faults", "tests/process", "tests/runtime", "tests/model_server/adapters")
"""Tests that wait for processes more than they compute."""
SLOWEST = "--durations=12"
"""Of pytest: every suite says which of its tests took longest."""
ONE_PROCESSOR = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Of every check: the others have the rest, and threads that wait for a processor keep it busy."""
TEST_TOOLS = ("pytest==9.2.0", "hypothesis==6.170.15", "uv==0.13.8")


@dataclass(frozen=True)
class Blender:
    """One version of Blender as a Python module; ``python`` is the only one that can import it."""

    version: str
    bpy: str
    python: tuple[int, int]


BLENDERS = (
    Blender("4.2", "bpy==4.2.0", (3, 11)),
    Blender("4.5", "bpy==4.5.15", (3, 11)),
    Blender("5.0", "bpy==5.0.1", (3, 11)),
    Blender("5.2", "bpy==5.2.3", (3, 13)),
)
LIBRARIES = "libx11-6 libxrender1 libxfixes3 libxi6 libxkbcommon0 libsm6 libice6 libgl1 libegl1"
"""What the bpy wheels link on Debian and Ubuntu; other systems bring it along."""


@dataclass
class Row:
    """One line of the closing table."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    note: str = ""


@dataclass
class Table:
    rows: list[Row] = field(default_factory=list)
    printing: threading.Lock = field(default_factory=threading.Lock)
    running: "list[subprocess.Popen[str]]" = field(default_factory=list)

    def say(self, name: str, line: str) -> None:
        """Print a line of the check ``name``, which may not be the only one that runs."""
        with self.printing:
            failed = line.startswith(("FAILED ", "ERROR "))  # which programs that read the output look for
            print(f"{line}  [{name}]" if failed else f"{name} | {line}", flush=True)

    def run(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
        """Run a check in ``ROOT``, show what it prints, count what pytest says or else its exit status.

        It ends after LONGEST at the latest, and when it has ended so has all that it started.
        """
        self.say(name, "begins")
        row, began = Row(name), time.monotonic()
        self.rows.append(row)
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **ONE_PROCESSOR, **(environment or {})}, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
        )  # fmt: skip
        self.running.append(process)
        summary: list[str] = []
        reader = threading.Thread(target=self._show_lines, args=(name, process, summary), daemon=True)
        reader.start()
        try:
            status = process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            row.note = f"stopped after {LONGEST // 60} minutes"
            _stop_all(process)
            status = process.wait()
        reader.join(ENDING)
        if reader.is_alive():
            row.note = row.note or "left a process behind"
            _stop_all(process)
        counts = re.findall(r"(\d+) (passed|failed|errors?|skipped)", summary[-1] if summary else "")
        number = {word.rstrip("s"): int(n) for n, word in counts}
        row.passed = number.get("passed", 0) if summary else int(status == 0)
        row.failed = number.get("failed", 0) + number.get("error", 0) or int(status != 0)
        row.skipped = number.get("skipped", 0)
        row.note = row.note or (f"ended with status {status}" if status not in (0, 1) else "")
        row.seconds = time.monotonic() - began

    def _show_lines(self, name: str, process: "subprocess.Popen[str]", summary: list[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.say(name, line.rstrip("\n"))
            if re.search(r"\d+ (passed|failed|errors?|skipped)\b.* in [\d.]+s", line):
                summary.append(line)

    def show(self) -> int:
        """Print the table and the totals; the exit status."""
        width = max(len(row.name) for row in self.rows)
        print(f"\n{'':{width}}  passed  failed  skipped  seconds")
        for r in self.rows:
            print(f"{r.name:{width}}  {r.passed:6}  {r.failed:6}  {r.skipped:7}  {r.seconds:7.0f}  {r.note}")
        failed = sum(row.failed for row in self.rows)
        print(f"\n{sum(row.passed for row in self.rows)} passed, {failed} failed", flush=True)
        return int(failed > 0)


def _stop_all(process: "subprocess.Popen[str]") -> None:
    """End ``process`` and all that it has started."""
    if ON_WINDOWS:
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True)
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def main() -> int:
    arguments = sys.argv[1:]
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a console without UTF-8 shows ? instead
    if arguments == ["demo"]:
        return subprocess.call([str(project_python()), "-m", "model_server", "demo", "-o", "demo"], cwd=ROOT)
    if arguments in (["test"], ["test", "--all-blenders"]):
        return test(all_blenders="--all-blenders" in arguments)
    print(__doc__)
    return 2


def test(all_blenders: bool) -> int:
    """Every check, as many beside each other as there are processors and one more: many of them wait for processes."""
    began = time.monotonic()
    table = Table()
    with ThreadPoolExecutor(2) as setting_up, ThreadPoolExecutor(min((os.cpu_count() or 1) + 1, MOST)) as pool:
        project = setting_up.submit(project_python)
        blenders = set_up(setting_up, table, project, BLENDERS if all_blenders else (newest_blender(),))
        python = project.result()
        checks = [*in_blenders(table, python, blenders), *without_blender(table, python)]
        checks.sort(key=lambda check: -check.minutes)  # a long one at the end would leave the other processors idle
        try:
            for running in [pool.submit(check.run) for check in checks]:
                running.result()
        except KeyboardInterrupt:
            for process in table.running:
                _stop_all(process)
            os._exit(130)  # a lane would go on with its next check
    print(f"\n{time.monotonic() - began:.0f} seconds in all")
    return table.show()


@dataclass(frozen=True)
class Check:
    """Something that ``run`` looks at; ``minutes``: about how long that takes beside two others on two processors."""

    minutes: float
    run: Callable[[], None]


def without_blender(table: Table, python: Path) -> list[Check]:
    """What needs no Blender."""

    def tests(minutes: float, name: str, *arguments: str) -> Check:
        return check(minutes, name, "-m", "pytest", SLOWEST, *arguments)

    def check(minutes: float, name: str, *command: str) -> Check:
        return Check(minutes, partial(table.run, name, [str(python), *command]))

    apart = ("tests/model_server/cli", "tests/model_server/training", *PROCESSES)
    others = [f"--ignore={folder}" for folder in ("tests/s2f_blender_addon", *apart)]
    return [
        tests(10, "terminal", "tests/model_server/cli"),
        tests(9, "model, formats", "tests", *others),
        tests(6, "processes, server, attacks", *PROCESSES),
        tests(2, "training", "tests/model_server/training"),
        check(2, "types (mypy --strict)", "-m", "mypy"),
        Check(0, partial(table.run, "imports (import-linter)", [str(python.parent / "lint-imports")])),
        check(0, "extension zip", "-m", "model_server", "extension"),
        check(0, "style (ruff)", "-m", "ruff", "check", "."),
    ]


def set_up(
    pool: ThreadPoolExecutor, table: Table, project: "Future[Path]", wanted: Sequence[Blender]
) -> "dict[Blender, Future[Path]]":
    """The Pythons of those Blenders that can run here, begun beside that of ``project``, which has the newest in it."""
    found = dict[Blender, Future[Path]]()
    for blender in wanted:
        base = find_python(blender.python)
        if base is not None:
            found[blender] = project if blender == newest_blender() else pool.submit(python_with, blender, base)
        else:
            note = f"left out: no Python {blender.python[0]}.{blender.python[1]} here"
            table.rows.append(Row(f"add-on in Blender {blender.version}", note=note))
    return found


def in_blenders(table: Table, project: Path, pythons: "dict[Blender, Future[Path]]") -> list[Check]:
    """The add-on in each Blender of ``pythons``, oldest first: in the newest of them all tests, in the others those
    that look at what Blender does (see ``one_blender`` in CONTRIBUTING.md).
    """
    checks = []
    for blender, python in pythons.items():
        every_test = blender == [*pythons][-1]
        run = partial(_in_blender, table, project, blender, python, every_test)
        checks.append(Check(7 if every_test else 4, run))
    return checks


def _in_blender(table: Table, project: Path, blender: Blender, python: "Future[Path]", every_test: bool) -> None:
    name = f"add-on in Blender {blender.version}"
    try:
        command = [str(python.result()), "-m", "pytest", SLOWEST, "tests/s2f_blender_addon"]
    except SystemExit as error:
        table.rows.append(Row(name, failed=1, note=str(error)))
        return
    table.run(name, command if every_test else [*command, "-m", "not one_blender"], {"S2F_MODEL_PYTHON": str(project)})


def newest_blender() -> Blender:
    """The newest Blender that this Python can import."""
    fitting = [blender for blender in BLENDERS if blender.python == sys.version_info[:2]]
    if not fitting:
        sys.exit("Blender can be imported by Python 3.11 and 3.13 only; start dev.py with one of them.")
    return fitting[-1]


def project_python() -> Path:
    """The Python of .venv, with this project, Blender and the test tools in it."""
    newest_blender()
    wanted = (ROOT / "pyproject.toml").read_bytes()
    return environment(".venv", [sys.executable], wanted, ["--editable", ".[blender,train,test]"])


def python_with(blender: Blender, base: list[str]) -> Path:
    """The Python of .venv-bpy-X.Y, made with the Python ``base``, with this Blender and pytest in it."""
    packages = [blender.bpy, *TEST_TOOLS]
    return environment(f".venv-bpy-{blender.version}", base, " ".join(packages).encode(), packages)


def environment(name: str, base: list[str], wanted: bytes, packages: list[str]) -> Path:
    """The Python of the virtual environment ``name``, made of ``packages`` unless ``wanted`` is what made it."""
    folder = ROOT / name
    python = folder / ("Scripts/python.exe" if ON_WINDOWS else "bin/python")
    mark = folder / "made-of"
    wanted_mark = hashlib.sha256(wanted).hexdigest()
    if python.exists() and mark.exists() and mark.read_text() == wanted_mark:
        return python
    print(f"== setting up {name}, which takes some minutes and gigabytes the first time", flush=True)
    if not python.exists() and subprocess.call([*base, "-m", "venv", str(folder)]):
        sys.exit(f"{base[0]} cannot make a virtual environment; on Debian and Ubuntu: sudo apt install python3-venv")
    how = ["--no-compile"]  # ten thousand files, of which some hundreds are ever imported: half of the time
    if not sys.stdout.isatty():
        how.append("-qq")  # a person wants to see the downloads, a log does not
    if subprocess.call([str(python), "-m", "pip", "install", *how, *packages], cwd=ROOT):
        sys.exit(f"pip could not set up {name}; the lines above say why. Mend it and run the same command again.")
    imported = subprocess.run([str(python), "-c", "import bpy"], capture_output=True, text=True)
    if imported.returncode:
        print(imported.stderr.strip()[-500:])
        sys.exit(f"Blender's module needs system libraries; on Debian and Ubuntu: sudo apt install {LIBRARIES}")
    mark.write_text(wanted_mark)
    return python


def find_python(version: tuple[int, int]) -> list[str] | None:
    """A command that starts Python ``version``: this one, one on the PATH, or one that pyenv or uv put away."""
    name = f"{version[0]}.{version[1]}"
    commands = [[sys.executable], [f"python{name}"], ["py", f"-{name}"]]
    home, executable = Path.home(), "python.exe" if ON_WINDOWS else "bin/python3"
    folders = (
        Path(os.environ.get("PYENV_ROOT", home / ".pyenv")) / "versions",
        home / ".pyenv" / "pyenv-win" / "versions",
        Path(os.environ.get("UV_PYTHON_INSTALL_DIR", home / ".local/share/uv/python")),
        Path(os.environ.get("APPDATA", home)) / "uv" / "python",
    )
    for folder in folders:
        commands += [[str(found)] for found in sorted(folder.glob(f"*{name}.*/{executable}"))]
    for command in commands:
        if shutil.which(command[0]) is None:
            continue
        asked = [*command, "-c", "import sys; print(sys.version_info[:2])"]
        if subprocess.run(asked, capture_output=True, text=True).stdout.strip() == str(version):
            return command
    return None


if __name__ == "__main__":
    sys.exit(main())
