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
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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
            command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", start_new_session=True,
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
    python = project_python()
    table = Table()
    checks = [*in_blenders(table, python, all_blenders), *without_blender(table, python)]
    with ThreadPoolExecutor(min((os.cpu_count() or 1) + 1, MOST)) as pool:
        try:
            for check in [pool.submit(check) for check in checks]:
                check.result()
        except KeyboardInterrupt:
            for process in table.running:
                _stop_all(process)
            os._exit(130)  # a lane would go on with its next check
    print(f"\n{time.monotonic() - began:.0f} seconds in all")
    return table.show()


Check = Callable[[], None]


def without_blender(table: Table, python: Path) -> list[Check]:
    """What needs no Blender, the longest first."""

    def check(name: str, *command: str) -> Check:
        return partial(table.run, name, [str(python), *command])

    apart = ("tests/model_server/cli", "tests/model_server/training", *PROCESSES)
    others = [f"--ignore={folder}" for folder in ("tests/s2f_blender_addon", *apart)]
    return [
        check("terminal", "-m", "pytest", "tests/model_server/cli"),
        check("model, formats", "-m", "pytest", "tests", *others),
        check("processes, server, attacks", "-m", "pytest", *PROCESSES),
        check("training", "-m", "pytest", "tests/model_server/training"),
        check("types (mypy --strict)", "-m", "mypy"),
        partial(table.run, "imports (import-linter)", [str(python.parent / "lint-imports")]),
        check("extension zip", "-m", "model_server", "extension"),
        check("style (ruff)", "-m", "ruff", "check", "."),
    ]


def in_blenders(table: Table, python: Path, all_blenders: bool) -> list[Check]:
    """The add-on in each Blender that can run here: in the newest of them all tests, in the others those that look at
    what Blender does (see ``one_blender`` in CONTRIBUTING.md). The newest comes first.
    """
    found = []
    for blender in BLENDERS if all_blenders else [newest_blender()]:
        blender_python = python_with(blender, python)
        if blender_python is None:
            note = f"left out: no Python {blender.python[0]}.{blender.python[1]} here"
            table.rows.append(Row(f"add-on in Blender {blender.version}", note=note))
        else:
            found.append((blender, blender_python))
    checks = []
    for blender, blender_python in reversed(found):
        once = [] if blender == found[-1][0] else ["-m", "not one_blender"]
        command = [str(blender_python), "-m", "pytest", "tests/s2f_blender_addon", *once]
        settings = {"S2F_MODEL_PYTHON": str(python)}
        checks.append(partial(table.run, f"add-on in Blender {blender.version}", command, settings))
    return checks


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


def python_with(blender: Blender, project: Path) -> Path | None:
    """A Python with this Blender and pytest: .venv where it fits, else .venv-bpy-X.Y; None without the right Python."""
    if blender == newest_blender():
        return project
    command = find_python(blender.python)
    if command is None:
        return None
    packages = [blender.bpy, *TEST_TOOLS]
    return environment(f".venv-bpy-{blender.version}", command, " ".join(packages).encode(), packages)


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
    quiet = [] if sys.stdout.isatty() else ["-qq"]  # a person wants to see the downloads, a log does not
    if subprocess.call([str(python), "-m", "pip", "install", *quiet, *packages], cwd=ROOT):
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
