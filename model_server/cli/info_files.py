"""What ``s2f info`` says of files that steer the program, and of points: manifests, emotions over time, emotions and
styles of the user's own, vertex sequences. Each is known by its content; ``known`` tells which, if any.
"""

import csv
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from s2f_blender_addon.core import custom_emotion, plain_text, style
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.points import holds_points

Found = dict[str, Any]

_HEAD = 1 << 20
"""Bytes in which the first line, or the format of a JSON document, has to stand."""


def known(path: Path) -> Callable[[Path], Found] | None:
    """What describes ``path``, where it is one of these."""
    if holds_points(path):
        return _points
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".tsv", ".json"):
        return None
    try:
        with path.open("rb") as file:
            head, _ = plain_text.decoded(file.read(_HEAD))
    except (OSError, UserError):
        return None
    if suffix == ".json":
        return {custom_emotion.FORMAT: _own_emotion, style.FORMAT: _style}.get(_format(path, head))
    first = next(iter(head.splitlines()), "")
    names = {name.strip().lower() for name in next(csv.reader(StringIO(first), delimiter=_separator(first)), [])}
    if {"sound", "out"} <= names:
        return _manifest
    return _keys if "time" in names and len(names) > 1 and names <= {"time", *EMOTIONS} else None


def _separator(line: str) -> str:
    return max(",;\t", key=line.count)


def _format(path: Path, head: str) -> str:
    if '"format"' not in head or path.stat().st_size > _HEAD:
        return ""
    try:
        document = json.loads(head)
    except ValueError:
        return ""
    return str(document.get("format", "")) if isinstance(document, dict) else ""


def _points(path: Path) -> Found:
    does = f"s2f bake {path} --rig RIG and Import Track make keys of it, on the very mesh that it was made of."
    if path.suffix.lower() == ".abc":
        return {"kind": "points", "does": does, "notes": []}
    frames, count, _ = np.load(path, mmap_mode="r", allow_pickle=False).shape
    notes = ["It tells no rate; --track-fps gives it one."]
    return {"kind": "points", "frames": frames, "points": count, "does": does, "notes": notes}


def _manifest(path: Path) -> Found:
    from . import batch_report, manifest

    rows, wrong = manifest.read(path)
    made = batch_report.done_before(path)
    return {
        "kind": "manifest",
        "rows": len(rows) + len(wrong),
        "reported done": len(made),
        "does": f"s2f batch {path} makes what is not made yet.",
        "notes": [f"Line {number}: {why}" for number, why in wrong],
    }


def _keys(path: Path) -> Found:
    from model_server.emotion.keys_file import read_keys

    sliders = read_keys(path, 3600.0, 1.0)
    moving = [name for name, column in zip(EMOTIONS, sliders.T, strict=True) if column.any()]
    return {
        "kind": "emotion over time",
        "sliders": moving,
        "does": f"s2f infer IN --emotion-track {path} has a face feel it.",
        "notes": [],
    }


def _own_emotion(path: Path) -> Found:
    emotion = custom_emotion.read_file(path)
    return {
        "kind": "emotion",
        "name": emotion.name,
        "channels": emotion.channels,
        "does": f"s2f infer IN --custom-emotion {path} --emotion {emotion.name}=1 shows it.",
        "notes": [],
    }


def _style(path: Path) -> Found:
    found = style.read_file(path)
    return {
        "kind": "style",
        "name": found.name,
        "licence_track": found.licence_track,
        "does": f"s2f infer and s2f bake IN --style {path} speak in it.",
        "notes": [],
    }
