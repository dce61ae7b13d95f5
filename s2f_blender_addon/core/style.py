"""An actor's style: how far and how lopsided a mouth goes, which muscles go together, how lively; and its file.

A style turns the mouth that a model makes into theirs: one matrix, so that closed lips and rest stay what they are.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import numpy as np

from . import codec, plain_file
from .blend import restore_seals
from .channels import REGIONS, indices
from .codec import Within
from .errors import UserError
from .liveliness import STRONGEST, Liveliness
from .track import Array
from .whole_file import whole_file

FORMAT, VERSION = "s2f.style", 1
MOUTH = REGIONS["mouth"]
"""The channels that a style mixes, in this order."""
_COLUMNS = indices(MOUTH)
_FURTHEST = 8.0
_LARGEST = 1 << 22

LicenceTrack = Literal["product", "research"]
Factor = Annotated[float, Within(0.0, STRONGEST, "A factor of a style")]


@dataclass(frozen=True, eq=False)
class Style:
    """mouth: (n, n), by which curves of ``MOUTH`` (T, n) are multiplied. brows, blinks, head: factors on liveliness.

    Raises UserError for a matrix of another size or with numbers beyond reason.
    """

    name: Annotated[str, Within(1, 60, "The length of a style's name")]
    mouth: Array
    brows: Factor = 1.0
    blinks: Factor = 1.0
    head: Factor = 1.0
    licence_track: LicenceTrack = "product"

    def __post_init__(self) -> None:
        codec.check(self)
        if self.mouth.shape != (len(MOUTH), len(MOUTH)) or not (np.abs(self.mouth) <= _FURTHEST).all():
            raise UserError(f"The style {self.name} is damaged; make it again with s2f train style.")

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for styles that do the same."""
        return self.mouth.tobytes(), self.brows, self.blinks, self.head

    def spoken(self, curves: Array) -> Array:
        """(T, 52) of (T, 52) curves of a mouth 0-1; lips that are sealed stay so."""
        result = curves.copy()
        result[:, _COLUMNS] = np.clip(curves[:, _COLUMNS] @ self.mouth, 0, 1)
        return restore_seals(result, curves)

    def lively(self, life: Liveliness) -> Liveliness:
        """``life`` as the actor has it."""
        return replace(
            life, brows=min(life.brows * self.brows, STRONGEST), blinks=min(life.blinks * self.blinks, STRONGEST),
            head=min(life.head * self.head, STRONGEST),
        )  # fmt: skip


def as_text(style: Style, made: dict[str, object] | None = None) -> str:
    """``style`` as the JSON of its file; ``made`` says how it came about."""
    rows = {
        name: {other: round(float(w), 4) for other, w in zip(MOUTH, row, strict=True) if abs(w) >= 5e-5}
        for name, row in zip(MOUTH, style.mouth, strict=True)
    }
    document = {
        "format": FORMAT, "version": VERSION, "name": style.name, "licence_track": style.licence_track,
        "brows": style.brows, "blinks": style.blinks, "head": style.head, "mouth": rows, "made": made or {},
    }  # fmt: skip
    return json.dumps(document, indent=1, ensure_ascii=False)


def from_text(text: str) -> Style:
    """The style in the JSON of a file. Raises UserError where it is none."""
    try:
        document = json.loads(text)
        if document["format"] != FORMAT:
            raise KeyError
        if document["version"] != VERSION:
            raise UserError("It was written by a newer Speech2Face; update it to read this style.")
        rows = document["mouth"]
        mouth = np.array([[float(rows[a].get(b, 0.0)) for b in MOUTH] for a in MOUTH], np.float32)
        brows, blinks, head = (float(document[name]) for name in ("brows", "blinks", "head"))
        return Style(str(document["name"]), mouth, brows, blinks, head, document["licence_track"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        raise UserError("It is no style; choose a file that s2f train style wrote.") from None


def write_file(path: Path, style: Style, made: dict[str, object] | None = None) -> None:
    """Write the file of ``style``, whole or not at all. Raises UserError that names it."""
    try:
        with whole_file(path) as temporary:
            temporary.write_text(as_text(style, made), "utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}.") from error


def read_file(path: Path) -> Style:
    """The style in ``path``. Raises UserError that names the file."""
    try:
        return from_text(plain_file.text(path, _LARGEST))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError:
        raise UserError(f"{path}: it is no style; choose a file that s2f train style wrote.") from None
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
