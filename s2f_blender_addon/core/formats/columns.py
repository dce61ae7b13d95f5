"""What the columns or poses of a foreign file mean, by the very families through which keys of a mesh are read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..channels import CHANNELS, INDEX
from ..naming.keymap import KeyMap
from ..naming.match import SURE, match
from ..naming.names import tokens
from ..naming.visemes import SETS, split_source
from . import clock

HEAD = ("HeadYaw", "HeadPitch", "HeadRoll")
TRACKED = frozenset(
    "success tracked istracked facetracked isfacetracked tracking istracking trackingstate trackingstatus detected "
    "facedetected facefound valid isvalid".split()
)
"""Names of columns that tell with 0 or 1 whether there was a face."""

_COUNTS = frozenset(["blendshapecount", "shapecount", "count", "confidence", "faceconfidence"])
_INTENSITY = re.compile(r"AU(\d\d)_r")
"""OpenFace's columns of action units, intensities from 0 to 5; its ``_c`` columns only tell that there is one."""

_PRESENCE = re.compile(r"AU(\d\d)_c")
_ANGLE = re.compile(
    r"((?:head|face|pose)*|lefteye|righteye|eyeleft|eyeright)(?:rotation|rot|euler)?(yaw|pitch|roll)"
    r"(?:deg|degrees|rad|radians)?"
)
FULL_INTENSITY = 5.0
_QUIET = frozenset(["neutral", "basis", "faceid"])
_NAMED = 6

Weights = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Columns:
    """Places among the names of a table, each kind of column in a list of its own.

    shapes: those that move the face; matrix (len(shapes), 52): how much of each goes to which channel; head: yaw,
    pitch and roll, -1 for one that is missing; eyes: the angles of the eyes; degrees: what the names say of the angles,
    None for nothing; counts: what falls to 0 with a lost face; tracked: -1 for none.
    """

    shapes: list[int]
    matrix: Weights
    head: list[int]
    eyes: list[int]
    degrees: bool | None
    counts: list[int]
    tracked: int
    notes: list[str]


def columns_of(names: Sequence[str]) -> Columns:
    """What each of ``names`` is. Empty ``shapes`` where none moves a face."""
    stems = ["".join(tokens(name)) for name in names]
    angles = {i: angle for i, stem in enumerate(stems) if (angle := _angle(stem)) is not None}
    heads = {angle: i for i, (part, angle) in reversed(angles.items()) if part == "head"}
    times = {column.index for column in clock.columns(list(names))}
    rest = [i for i in range(len(names)) if names[i].strip() and i not in angles and i not in times]
    first = {names[i].strip(): i for i in reversed(rest)}
    wanted = {_family_name(name): i for name, i in first.items()}
    told = match(tuple(wanted))
    matrix, used, notes = _matrix(told, wanted)
    shapes = [i for i in sorted(first.values()) if i in used]
    strange = [n for n, i in reversed(first.items()) if i not in used and not _is_known(n, stems[i])]
    if shapes and strange:
        notes.append(f"{_some(strange)} {'is' if len(strange) == 1 else 'are'} nothing that it reads; left out.")
    again = (i for i, (part, angle) in angles.items() if part == "head" and heads[angle] != i)
    twice = sorted({names[i].strip() for i in (*again, *(i for i in rest if first[names[i].strip()] != i))})
    if twice:
        notes = [f"{_some(twice)} stands in it more than once; the first is read.", *notes]
    return Columns(
        shapes,
        matrix[[list(wanted.values()).index(i) for i in shapes]] if shapes else np.zeros((0, len(CHANNELS))),
        [heads.get(angle, -1) for angle in ("yaw", "pitch", "roll")] if heads else [],
        [i for i, (part, _) in angles.items() if part != "head"],
        _told_degrees([stems[i] + "deg" * ("°" in names[i]) for i in angles]),
        [i for i, stem in enumerate(stems) if stem in _COUNTS],
        next((i for i, stem in enumerate(stems) if stem in TRACKED), -1),
        notes,
    )


def known(names: Sequence[str]) -> int:
    """How many of ``names`` move a face: what tells a header from other lines."""
    return len(columns_of(names).shapes) if any(any(c.isalpha() for c in name) for name in names) else 0


def channel(name: str) -> int | None:
    """Index into CHANNELS of ``jawOpen``, ``JawOpen``, ``jaw_open``, ``mouthSmile_L`` …, or None."""
    entries = match((name.strip(),)).active
    same = len(entries) == 1 and entries[0].family == "ARKit" and entries[0].score >= 0.96
    return INDEX.get(entries[0].source) if same else None


def scale(name: str) -> float:
    """What a column is multiplied by, by its name alone: OpenFace's intensities go up to 5."""
    return 1 / FULL_INTENSITY if _INTENSITY.fullmatch(name.strip()) else 1.0


def _family_name(name: str) -> str:
    """The name to look up: the right-hand look of ``AU12_r`` means an intensity."""
    found = _INTENSITY.fullmatch(name)
    return f"AU{found[1]}" if found else name


def _matrix(told: KeyMap, wanted: dict[str, int]) -> tuple[Weights, set[int], list[str]]:
    """((len(wanted), 52) how a channel follows from the columns, the columns that count, notes).

    A map says what keys show of the channels; the other way round is its pseudo-inverse, by which the parts of a
    channel are averaged and a key for both sides moves both. What a key takes back from a channel (a negative weight)
    can be read only where another key shows that channel. Mouth shapes add their poses where no columns speak by
    themselves.
    """
    row = {name: i for i, name in enumerate(wanted)}
    shows = np.zeros((len(CHANNELS), len(wanted)))
    poses = np.zeros((len(wanted), len(CHANNELS)))
    speaks, guesses = told.speaks(), []
    shapes_left = 0
    for entry in told.active:
        shape = split_source(entry.source)
        if shape is None:
            shows[INDEX[entry.source], row[entry.key]] += entry.weight
        elif speaks:
            shapes_left += 1
        else:
            for name, value in SETS[shape[0]].poses[shape[1]].items():
                poses[row[entry.key], INDEX[name]] += value
        if entry.score < SURE and entry.family == "guess":
            guesses.append(f"{entry.key} as {entry.source}")
    shows[~(shows > 0).any(axis=1)] = 0.0
    matrix = np.linalg.pinv(shows).clip(0.0) if shows.any() else np.zeros_like(poses)
    matrix[np.abs(matrix) < 1e-9] = 0.0
    matrix = np.round(matrix, 9) + poses
    used = {wanted[name] for name, i in row.items() if matrix[i].any()}
    used |= {wanted[e.key] for e in told.entries if split_source(e.source) is not None or not e.on}
    notes = [f"Taken for a misspelling: {_some(guesses)}."] if guesses else []
    if shapes_left:
        notes.append(f"{shapes_left} mouth shapes were left out: its other columns say what the mouth does.")
    return matrix, used, notes


def _is_known(name: str, stem: str) -> bool:
    """Whether a column that moves nothing needs no word."""
    return stem in _COUNTS | TRACKED | _QUIET or clock.is_rate(name) or bool(_PRESENCE.fullmatch(name.strip()))


def _angle(stem: str) -> tuple[str, str] | None:
    """(head, left or right; yaw, pitch or roll) of a column of angles; those of a nameless part are the head's."""
    found = _ANGLE.fullmatch(stem)
    return (found[1] if "eye" in found[1] else "head", found[2]) if found else None


def _told_degrees(stems: list[str]) -> bool | None:
    if any(stem.endswith(("deg", "degrees")) for stem in stems):
        return True
    return False if any(stem.endswith(("rad", "radians")) for stem in stems) else None


def _some(names: Sequence[str]) -> str:
    """'a, b, c and 4 more'."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
