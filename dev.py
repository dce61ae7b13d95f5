"""The two commands of this project; they need nothing but Git and this Python (3.11 or 3.13).

    python3.11 dev.py demo                   set up .venv and make a face speak; the files land in demo/
    python3.11 dev.py test [--all-blenders]  set up what is needed, then style, types, imports and every test

Windows: ``py -3.11 dev.py …``. What is already set up is used again; to start afresh delete .venv and .venv-bpy-*.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ON_WINDOWS = os.name == "nt"
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

    def run(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
        """Run a check in ``ROOT``, show what it prints, count what pytest says or else its exit status."""
        print(f"\n== {name}", flush=True)
        row, began = Row(name), time.monotonic()
        self.rows.append(row)
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
        )  # fmt: skip
        assert process.stdout is not None
        summary = ""
        for line in process.stdout:
            print(line, end="", flush=True)
            summary = line if re.search(r"\d+ (passed|failed|errors?|skipped)\b.* in [\d.]+s", line) else summary
        status = process.wait()
        counts = {word.rstrip("s"): int(n) for n, word in re.findall(r"(\d+) (passed|failed|errors?|skipped)", summary)}
        row.passed = counts.get("passed", 0) if summary else int(status == 0)
        row.failed = counts.get("failed", 0) + counts.get("error", 0) or int(status != 0)
        row.skipped = counts.get("skipped", 0)
        row.note = f"ended with status {status}" if status not in (0, 1) else ""
        row.seconds = time.monotonic() - began

    def show(self) -> int:
        """Print the table and the totals; the exit status."""
        width = max(len(row.name) for row in self.rows)
        print(f"\n{'':{width}}  passed  failed  skipped  seconds")
        for r in self.rows:
            print(f"{r.name:{width}}  {r.passed:6}  {r.failed:6}  {r.skipped:7}  {r.seconds:7.0f}  {r.note}")
        failed = sum(row.failed for row in self.rows)
        print(f"\n{sum(row.passed for row in self.rows)} passed, {failed} failed", flush=True)
        return int(failed > 0)


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
    python = project_python()
    table = Table()
    table.run("style (ruff)", [str(python), "-m", "ruff", "check", "."])
    table.run("types (mypy --strict)", [str(python), "-m", "mypy"])
    table.run("imports (import-linter)", [str(python.parent / "lint-imports")])
    table.run("model, formats, terminal", [str(python), "-m", "pytest", "tests", "--ignore=tests/s2f_blender_addon"])
    table.run("extension zip", [str(python), "-m", "model_server", "extension"])
    for blender in BLENDERS if all_blenders else [newest_blender()]:
        name = f"add-on in Blender {blender.version}"
        blender_python = python_with(blender, python)
        if blender_python is None:
            table.rows.append(Row(name, note=f"left out: no Python {blender.python[0]}.{blender.python[1]} here"))
            continue
        settings = {"S2F_MODEL_PYTHON": str(python)}
        table.run(name, [str(blender_python), "-m", "pytest", "tests/s2f_blender_addon"], settings)
    return table.show()


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
