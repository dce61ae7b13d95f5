"""What a bake has written and what the animator made of it, kept with the action it is about.

An action carries it as a custom property, a compressed frame of the wire (``core.wire``) for each line, so that undo,
saving, copying and appending take both along or neither.
"""

import zlib
from dataclasses import dataclass, field
from io import BytesIO

import numpy as np
import numpy.typing as npt
from bpy.types import Action

from ..core import wire
from ..core.track import AnyArray
from .edits import NO_EDITS, Edits
from .keyed import BEZIER, Keys, made
from .stretch import Span

PROPERTY = "s2f_baked"

_MIXED = -1
"""Stands for the interpolation of a curve whose keys differ in it."""

_COMPRESSED = 4 << 20
"""Bytes up to which a record is compressed; of a key on each frame of an hour that would take longer than the bake."""

CurveId = tuple[int, str, int]
"""Handle of the slot (0 before Blender 4.4), data path and index of an F-curve."""


@dataclass
class WrittenCurve:
    """Of one F-curve: the keys of a line as they were written, and what the animator has changed since."""

    keys: Keys
    edits: Edits = field(default_factory=lambda: NO_EDITS)


@dataclass
class Record:
    """Of one line in one action. stretches: what it has filled, in scene frames; origin: the frame of its second 0;
    rate: frames a second of the scene then, 0 where that is not known.
    """

    stretches: tuple[Span, ...] = ()
    origin: float = 0.0
    rate: float = 0.0
    curves: dict[CurveId, WrittenCurve] = field(default_factory=dict)


def load(action: Action, line: str) -> Record | None:
    """What ``line`` has written into ``action``; None where that is nothing, or was damaged."""
    packed = (action.get(PROPERTY) or {}).get(line)
    if packed is None:
        return None
    try:
        frame = wire.read(BytesIO(packed if packed[:4] == wire.MAGIC else zlib.decompress(packed)))
        return None if frame is None else _unpacked(frame)
    except (zlib.error, wire.WireError, KeyError, ValueError):
        return None


def save(action: Action, line: str, record: Record) -> None:
    """Keep ``record`` in ``action``."""
    if action.get(PROPERTY) is None:
        action[PROPERTY] = {}
    forget(action, line)  # Blender would cut new bytes in the place of old ones at the first that is 0
    packed = b"".join(wire.encode(_packed(record)))
    action[PROPERTY][line] = zlib.compress(packed, 1) if len(packed) <= _COMPRESSED else packed


def forget(action: Action, line: str) -> None:
    """``action`` knows nothing of ``line`` any more."""
    if knows(action, line):
        del action[PROPERTY][line]


def knows(action: Action, line: str) -> bool:
    """Whether ``line`` has written anything into ``action``."""
    return line in (action.get(PROPERTY) or {})


def rename(action: Action, old: str, new: str) -> None:
    """Have what ``action`` knows of the line ``old`` be of the line ``new``."""
    if knows(action, old):
        packed = bytes(action[PROPERTY][old])
        forget(action, old)
        action[PROPERTY][new] = packed


def _packed(record: Record) -> wire.Frame:
    lines = []
    frames, values, handles, mixed, rows = [], [], [], [], []
    for (slot, path, index), written in record.curves.items():
        keys = written.keys
        times = keys["co"][:, 0]
        kinds = keys["interpolation"]
        kind = int(kinds[0]) if len(times) and (kinds == kinds[0]).all() else _MIXED
        step = float(times[1] - times[0]) if len(times) > 1 else 1.0
        even = len(times) > 0 and bool(np.array_equal(times, _even(float(times[0]), step, len(times))))
        spacing = f"{times[0]:.9g} {step:.9g}" if even else ""
        lines.append(f"{slot}\t{index}\t{kind}\t{len(times)}\t{len(written.edits)}\t{spacing}\t{path}")
        if not even:
            frames.append(times)
        if kind == _MIXED:
            mixed.append(kinds)
        if kind in (BEZIER, _MIXED):
            handles.append(np.concatenate([keys["handle_left"], keys["handle_right"]], axis=1))
        values.append(keys["co"][:, 1])
        rows.append(written.edits)
    header = {"type": "baked", "origin": record.origin, "rate": record.rate}
    header["stretches"] = [list(span) for span in record.stretches]
    return wire.Frame({**header, "curves": len(lines)}, {
        "lines": np.frombuffer("\n".join(lines).encode(), np.uint8).astype("<i2"),
        "frames": _stacked(frames, np.zeros(0, np.float32)), "values": _stacked(values, np.zeros(0, np.float32)),
        "handles": _stacked(handles, np.zeros((0, 4), np.float32)), "edits": _stacked(rows, NO_EDITS),
        "kinds": _stacked(mixed, np.zeros(0)).astype("<i2"),
    })  # fmt: skip


def _even(first: float, step: float, count: int) -> npt.NDArray[np.float32]:
    return (first + step * np.arange(count)).astype(np.float32)


def _stacked(parts: list[AnyArray], none: AnyArray) -> AnyArray:
    return np.concatenate(parts).astype(np.float32, copy=False) if parts else none


def _unpacked(frame: wire.Frame) -> Record:
    frames, values, handles, rows = (frame.arrays[name] for name in ("frames", "values", "handles", "edits"))
    header = frame.header
    stretches = tuple((first, last) for first, last in header["stretches"])
    record = Record(stretches, header["origin"], header.get("rate", 0.0))
    text = frame.arrays["lines"].astype(np.uint8).tobytes().decode()
    kinds = frame.arrays["kinds"]
    uneven = at = bent = mixed = row = 0
    for line in text.split("\n") if text else ():
        slot, index, kind, count, edited, spacing, path = line.split("\t", 6)
        many = int(count)
        if spacing:
            first, step = map(float, spacing.split())
            times = _even(first, step, many)
        else:
            times, uneven = frames[uneven : uneven + many], uneven + many
        flat = np.zeros(many)
        keys = made(times.astype(np.float64), values[at : at + many].astype(np.float64), flat, flat, int(kind))
        if int(kind) == _MIXED:
            keys["interpolation"], mixed = kinds[mixed : mixed + many].astype(np.intc), mixed + many
        if int(kind) in (BEZIER, _MIXED):
            keys["handle_left"], keys["handle_right"] = np.split(handles[bent : bent + many].copy(), 2, axis=1)
            bent += many
        record.curves[int(slot), path, int(index)] = WrittenCurve(keys, rows[row : row + int(edited)].copy())
        at, row = at + many, row + int(edited)
    return record
