"""The manifest of a batch: a CSV with a line of dialogue a row, and what each row asks for."""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

from model_server import VERSION
from model_server.in_blender.rig_files import DEMO, check_rig
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.request import Request

from .options import request_of
from .transcripts import scripts

NEEDED = ("sound", "out")
COLUMNS = (*NEEDED, "words", "language", "emotion", "emotion_track", "intensity", "seed", "rig")
_SEPARATORS = ",;\t"


@dataclass(frozen=True)
class Row:
    """What one row says; ``number`` is its line in the file. Paths are complete; words are a text or a file."""

    number: int
    sound: Path
    out: Path
    words: str = ""
    language: str = "en"
    emotion: str = ""
    emotion_track: Path | None = None
    intensity: float = 1.0
    seed: int = 0
    rig: str = ""

    def request(self, fps: float) -> Request:
        """What it asks of the model, but for ``emotion_track``. Raises UserError for what makes no sense."""
        if self.emotion and self.emotion_track:
            raise UserError("emotion and emotion_track exclude each other; leave one empty.")
        if not 0 <= self.intensity <= 2:
            raise UserError(f"intensity goes from 0 to 2; {self.intensity:g} does not.")
        if self.rig:
            check_rig(self.rig)
        if self.rig and self.out.suffix.lower() != ".blend":
            raise UserError(f"{self.out}: with a rig, the name of the output ends in .blend.")
        if not self.rig and self.out.suffix.lower() == ".blend":
            raise UserError(f"{self.out}: a .blend needs a rig.")
        if not self.rig:
            formats.suffix_of(self.out)
        (script,) = scripts(self.words, [(self.sound, Path(self.sound.name))], self.language)
        return replace(
            request_of(self.emotion, self.seed, "", fps), words=script.cues, language=script.language,
            name=self.sound.name[:255],
        )  # fmt: skip

    def key(self, fps: float, model: str) -> str:
        """A digest of everything that decides its output: the contents of its files, what it asks, who makes it.

        Raises UserError for a file that cannot be read.
        """
        digest = hashlib.sha256(repr((VERSION, fps, self.out.suffixes[-2:], self.language, self.emotion)).encode())
        digest.update(repr((self.intensity, self.seed, self.rig == DEMO)).encode())
        for text in (self.words, str(self.emotion_track or ""), "" if self.rig == DEMO else self.rig, model):
            digest.update(_content(text))
        digest.update(_content(str(self.sound)))
        return digest.hexdigest()


def _content(text: str) -> bytes:
    """The digest of the file that ``text`` names, else of ``text``."""
    try:
        if text and len(text) < 4096 and "\n" not in text and Path(text).is_file():
            with Path(text).open("rb") as file:
                return hashlib.file_digest(file, "sha256").digest()
    except (OSError, ValueError) as error:
        raise UserError(f"{text}: it cannot be read ({getattr(error, 'strerror', None) or error}).") from error
    return hashlib.sha256(text.encode()).digest()


def read(path: Path) -> tuple[list[Row], list[tuple[int, str]]]:
    """The rows of a manifest, and (line, why not) of those that are none. Paths in it start at its own folder.

    Raises UserError for a file that is no manifest at all.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise UserError(f"{path} cannot be read ({reason}).") from error
    header = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=header.count)
    lines = csv.reader(StringIO(text, newline=""), delimiter=separator)
    try:
        names = [name.strip().lower() for name in next(lines, [])]
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
    rows: list[Row] = []
    wrong_ones: list[tuple[int, str]] = []
    taken: dict[Path, int] = {}
    for number, cells in table:
        try:
            row = _row(number, dict(zip(names, (cell.strip() for cell in cells), strict=False)), path.parent)
            if row.out in taken:
                raise UserError(f"line {taken[row.out]} writes {row.out} already; give this one another name.")
            taken[row.out] = number
            rows.append(row)
        except UserError as error:
            wrong_ones.append((number, str(error)))
    return rows, wrong_ones


def _row(number: int, cells: dict[str, str], folder: Path) -> Row:
    for name in NEEDED:
        if not cells.get(name):
            raise UserError(f"{name} is empty.")

    def path(name: str) -> Path:
        return folder / cells[name]

    def value(name: str, kind: type[int] | type[float], usual: float) -> float:
        try:
            return kind(cells.get(name) or usual)
        except ValueError:
            raise UserError(f"{name} is a number, not {cells[name]!r}.") from None

    words, rig = cells.get("words", ""), cells.get("rig", "")
    if words and "\n" not in words and len(words) < 256 and (folder / words).is_file():
        words = str(folder / words)
    return Row(
        number, path("sound"), path("out"), words, cells.get("language") or "en", cells.get("emotion", ""),
        path("emotion_track") if cells.get("emotion_track") else None, value("intensity", float, 1.0),
        int(value("seed", int, 0)), rig if rig in ("", DEMO) else str(folder / rig),
    )  # fmt: skip


def shard(rows: list[Row], number: int, count: int) -> Iterator[Row]:
    """Every ``count``-th row, from the ``number``-th on (1 is the first)."""
    return iter(rows[number - 1 :: count])
