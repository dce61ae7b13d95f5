"""The manifest of a batch: a CSV with a line of dialogue a row, and what each row asks for."""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any

from model_server import VERSION
from model_server.in_blender.rig_files import DEMO, check_rig
from s2f_blender_addon.core import formats, plain_file
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.request import MOST_TAKES, Request
from s2f_blender_addon.core.script import Script

from .option_records import check, columns, with_cells
from .outputs import keep_apart, named_files
from .speech import PerformanceOptions, Sampling
from .takes import BLEND, of_takes
from .transcripts import script_files, scripts

NEEDED = ("sound", "out")
WORDS = "words"
"""What manifests call a transcript."""
_OF_ALL = ("device",)
"""Options that no row has for itself."""
COLUMNS = (
    *NEEDED, WORDS, "rig",
    *(
        name
        for record in (PerformanceOptions, Sampling)
        for name in columns(record)
        if name not in (*_OF_ALL, "transcript")
    ),
)  # fmt: skip
_SEPARATORS = ",;\t"


@dataclass(frozen=True)
class Row:
    """What one row says; ``number`` is its line in the file. Paths are complete; a transcript is a text or a file."""

    number: int
    sound: Path
    out: Path
    rig: str = ""
    performance: PerformanceOptions = field(default_factory=PerformanceOptions)
    sampling: Sampling = field(default_factory=Sampling)

    @property
    def outs(self) -> list[Path]:
        """Where each take goes."""
        return of_takes(self.out, min(self.performance.takes, MOST_TAKES))

    @property
    def script(self) -> Script:
        """What is said. Raises UserError for a file that is not there."""
        given = self.performance
        return scripts(given.transcript, [(self.sound, Path(self.sound.name))], given.language)[0]

    def request(self, fps: float) -> Request:
        """What it asks of the model, but for what is said, its reference and sliders over time.

        Raises UserError for what makes no sense.
        """
        check(self.performance)
        check(self.sampling)
        if self.rig:
            check_rig(self.rig)
        blend = self.out.suffix.lower() == BLEND
        if self.rig and not blend and not formats.is_flame(self.out):
            raise UserError(f"{self.out}: with a rig, the output ends in .blend, with a FLAME rig also in .npy, .npz.")
        if blend and not self.rig:
            raise UserError(f"{self.out}: a .blend needs a rig.")
        if not blend:
            formats.suffix_of(self.out)
        words = script_files(self.performance.transcript, [(self.sound, Path(self.sound.name))])
        keep_apart(self.outs, named_files(self.sound, self.rig, self.performance, self.sampling, words))
        return self.performance.asked(fps)

    def key(self, fps: float) -> str:
        """A digest of everything that decides its output: the contents of its files, what it asks, who makes it.

        Raises UserError for a file that cannot be read.
        """
        decides: list[Any] = [VERSION, fps, self.out.suffixes[-2:], _content(self.rig), _content(str(self.sound))]
        for record in (self.performance, self.sampling):
            for one in fields(record):
                value = getattr(record, one.name)
                if one.name not in _OF_ALL and value != one.default:
                    decides.append((one.name, _told(value)))
        return hashlib.sha256(repr(decides).encode()).hexdigest()


def _told(value: Any) -> Any:
    """``value`` with the contents of files for their names."""
    if isinstance(value, list):
        return [_told(one) for one in value]
    return _content(str(value)) if isinstance(value, str | Path) else value


def _content(text: str) -> str:
    """The digest of the file, or of all files of the folder, that ``text`` names; else the text."""
    try:
        if text and text != DEMO and len(text) < 4096 and "\n" not in text and Path(text).exists():
            path = Path(text)
            files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
            return " ".join(_digest(p, p.stat().st_mtime_ns, p.stat().st_size) for p in files)
    except (OSError, ValueError) as error:
        raise UserError(f"{text}: it cannot be read ({getattr(error, 'strerror', None) or error}).") from error
    return text


@lru_cache(maxsize=4096)  # of a checkpoint of gigabytes, which every row may name
def _digest(path: Path, changed: int, size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(
    path: Path, performance: PerformanceOptions | None = None, sampling: Sampling | None = None
) -> tuple[list[Row], list[tuple[int, str]]]:
    """The rows of a manifest, and (line, why not) of those that are none. Paths in it start at its own folder.

    ``performance`` and ``sampling`` are what a row is whose cells are empty. Raises UserError for a file that is no
    manifest at all.
    """
    usual = performance or PerformanceOptions(), sampling or Sampling()
    names, table = _table(path)
    rows: list[Row] = []
    wrong_ones: list[tuple[int, str]] = []
    taken: dict[Path, int] = {}
    for number, cells in table:
        try:
            given = dict(zip(names, (cell.strip() for cell in cells), strict=False))
            row = _row(number, given, path.parent, *usual)
            outs = {row.out, *row.outs}
            keep_apart(outs, [path])
            doubled = next((out for out in sorted(outs) if out in taken), None)
            if doubled is not None:
                raise UserError(f"line {taken[doubled]} writes {doubled} already; give this one another name.")
            taken |= dict.fromkeys(outs, number)
            rows.append(row)
        except UserError as error:
            wrong_ones.append((number, str(error)))
    return rows, wrong_ones


def _table(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The names of the columns, and (line, cells) of each row. Raises UserError for a file that is no manifest."""
    try:
        text = plain_file.text(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise UserError(f"{path} cannot be read ({reason}).") from error
    header = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=header.count)
    lines = csv.reader(StringIO(text, newline=""), delimiter=separator)
    try:
        names = [name.strip().lower().replace("-", "_") for name in next(lines, [])]
        names = [WORDS if name == "transcript" else name for name in names]
        table = [(lines.line_num, cells) for cells in lines if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise UserError(f"{path} is no CSV ({error}).") from error
    unknown = [name for name in names if name not in COLUMNS]
    missing = [name for name in NEEDED if name not in names]
    if unknown or missing or len(set(names)) < len(names):
        wrong = "a column stands in it twice"
        if unknown or missing:
            wrong = f"there is no column {unknown[0]!r}" if unknown else f"the column {missing[0]!r} is missing"
        raise UserError(f"{path}: {wrong}; a manifest has {' and '.join(NEEDED)}, and any of {', '.join(COLUMNS[2:])}.")
    if not table:
        raise UserError(f"{path}: this manifest has no rows.")
    return names, table


def _row(number: int, cells: dict[str, str], folder: Path, performance: PerformanceOptions, sampling: Sampling) -> Row:
    for name in NEEDED:
        if not cells.get(name):
            raise UserError(f"{name} is empty.")
    if cells.get("emotion") and not cells.get("emotion_track"):  # what a row says for itself counts
        performance = replace(performance, emotion_track=None)
    if cells.get("emotion_track") and not cells.get("emotion"):
        performance = replace(performance, emotion="")
    cells["transcript"], rig = cells.get(WORDS, ""), cells.get("rig", "")
    return Row(
        number, folder / cells["sound"], folder / cells["out"], rig if rig in ("", DEMO) else str(folder / rig),
        with_cells(performance, cells, folder), with_cells(sampling, cells, folder),
    )  # fmt: skip


def shard(rows: list[Row], number: int, count: int) -> Iterator[Row]:
    """Every ``count``-th row, from the ``number``-th on (1 is the first)."""
    return iter(rows[number - 1 :: count])
