"""JSON of faces, whoever wrote it: Audio2Face exports, lists of frames with names in them, names beside rows, curves,
and the frames that speech services send (chunks of 55 numbers at 60 a second, in Apple's order)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .. import plain_text
from ..blend import Mix
from ..channels import CHANNELS
from ..errors import UserError
from ..json_object import JsonObject
from ..track import FaceTrack
from . import a2f, captured_table, clock, columns, keyed, rhubarb_json
from .table import Table

SERVICE_RATE = 60.0
"""Frames a second of the chunks that Azure's speech synthesis sends."""

SERVICE_NAMES = (*CHANNELS, "headRoll", "leftEyeRoll", "rightEyeRoll")
_FRAMES = ("frames", "data", "blendshapes", "blendShapes", "animation", "keyframes")
_WEIGHTS = ("weights", "values", "blendshapes", "blendShapes", "shapes", "coefficients", "faceBlendshapes")
_NAMES = ("names", "blendshapeNames", "blendShapeNames", "blendshape_names", "shapeNames", "channels", "facsNames")
_NAME, _SCORE = ("categoryName", "name", "key", "shape", "displayName"), ("score", "value", "weight")

Frame = Mapping[str, Any]


def dump(track: FaceTrack, mix: Mix) -> Iterator[bytes]:
    """Audio2Face's form."""
    return a2f.dump(track, mix)


def parse(data: bytes, source: str, fps: float | None = None) -> FaceTrack:
    """A captured track. ``fps``: the rate where the file does not tell it, or tells it wrongly.

    Raises UserError for what is no JSON and for JSON without frames of a face.
    """
    document = _document(data)
    if isinstance(document, dict) and not document.keys().isdisjoint(("facsNames", "weightMat", "exportFps")):
        return a2f.parse(document, source, fps)
    if isinstance(document, dict) and "mouthCues" in document:
        return rhubarb_json.parse(document, source)
    chunks = _chunks(document)
    table: Table | None = _service(chunks) if chunks else _table(document)
    if table is None or not columns.known(table.names):
        table = keyed.table(document, _rates(document))
    if table is None or not columns.known(table.names):
        raise UserError("it holds no frames with names of blendshapes, so this is no track.")
    return captured_table.track(table, source, fps)


def _document(data: bytes) -> Any:
    """The JSON in ``data``, or the list of those that follow each other in it."""
    text, _ = plain_text.decoded(data)
    text = text.strip("\ufeff \r\n\t\0")
    decoder, documents, at = json.JSONDecoder(), [], 0
    try:
        while at < len(text):
            document, at = decoder.raw_decode(text, at)
            documents.append(document)
            while at < len(text) and text[at] in " \r\n\t,\x1e":
                at += 1
    except (ValueError, RecursionError) as error:  # JSONDecodeError is a ValueError
        raise UserError("it is not valid JSON.") from error
    if not documents:
        raise UserError("it is not valid JSON.")
    return documents[0] if len(documents) == 1 else documents


def _chunks(document: object) -> list[Frame]:
    """Chunks of frames as a speech service sends them, in order; empty where there are none."""
    listed = document if isinstance(document, list) else [document]
    inner = [json_of(item.get("animation", item.get("Animation")), item) for item in listed if isinstance(item, dict)]
    found = [item for item in inner if isinstance(item, dict) and "FrameIndex" in item and "BlendShapes" in item]
    return sorted(found, key=lambda item: _number(item["FrameIndex"])) if len(found) == len(listed) else []


def json_of(text: object, otherwise: object) -> Any:
    """The JSON in a string within JSON, as events carry it; ``otherwise`` where there is none."""
    if not isinstance(text, str):
        return otherwise
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return otherwise


def _service(chunks: list[Frame]) -> Table:
    rows: list[list[str]] = []
    for chunk in chunks:
        begin = int(_number(chunk["FrameIndex"]))
        for i, row in enumerate(_list(chunk["BlendShapes"])):
            cells = _list(row)
            if len(cells) not in (len(CHANNELS), len(SERVICE_NAMES)):
                raise UserError(f"frame {begin + i} has {len(cells)} blendshapes; a speech service sends 52 or 55.")
            rows.append([str(begin + i), *map(str, cells)])
    names = ["frame", *SERVICE_NAMES][: len(rows[0])] if rows else ["frame", *SERVICE_NAMES]
    return Table(names, rows, list(range(len(rows))), 0, [f"fps: {SERVICE_RATE:g}"])


def _table(document: object) -> Table:
    """Frames with names in them, names beside rows, or a list for each name."""
    above = _rates(document)
    names = next((_list(document[key]) for key in _NAMES if key in document), []) if isinstance(document, dict) else []
    frames = document if isinstance(document, list) else _frames(document)
    if not frames and isinstance(document, dict):
        curves = {name: values for name, values in document.items() if isinstance(values, list) and len(values)}
        length = max((len(values) for values in curves.values()), default=0)
        frames = [{name: v[i] for name, v in curves.items() if i < len(v)} for i in range(length)]
    holders = (*_WEIGHTS, *_other_holders(frames))
    flat = [_flat(frame, [str(name) for name in names], holders) for frame in frames]
    columns_ = list(dict.fromkeys(name for frame in flat for name in frame))
    rows = [[_cell(frame.get(name)) for name in columns_] for frame in flat]
    return Table(columns_, rows, list(range(len(rows))), 0, above)


def _frames(document: object) -> list[Any]:
    if not isinstance(document, dict):
        return []
    for key in _FRAMES:
        if isinstance(document.get(key), list):
            return list(document[key])
        if isinstance(document.get(key), dict):
            return _frames(document[key])
    if len(document) > 1 and all(isinstance(v, dict | list) and str(k).isdecimal() for k, v in document.items()):
        return [document[key] for key in sorted(document, key=int)]
    return []


def _other_holders(frames: list[Any]) -> list[str]:
    """Under which other words the frames keep the face, seen from the first of them."""
    first = next((frame for frame in frames if isinstance(frame, dict)), {})
    return [key for key, inner in first.items() if isinstance(inner, dict) and columns.known(list(inner))]


def _flat(frame: object, names: list[str], holders: Sequence[str]) -> JsonObject:
    """One frame as name -> value: its time and what it says of the face, which stands under one of ``holders``."""
    if isinstance(frame, list):
        return dict(zip(names, frame, strict=False)) if not _named(frame) else _named(frame)
    if not isinstance(frame, dict):
        return {}
    flat = {name: value for name, value in frame.items() if not isinstance(value, list | dict)}
    for key in holders:
        inner = frame.get(key)
        if isinstance(inner, dict):
            flat |= {name: value for name, value in inner.items() if not isinstance(value, list | dict)}
        elif isinstance(inner, list):
            while len(inner) == 1 and isinstance(inner[0], list | dict) and not _named(inner):  # of the one face
                inner = inner[0] if isinstance(inner[0], list) else _list(inner[0].get("categories"))
            flat |= _named(inner) or dict(zip(names, inner, strict=False))
    return flat


def _named(items: Sequence[Any]) -> JsonObject:
    """name -> value of a list of {name, score}; empty where it is none."""
    found: JsonObject = {}
    for item in items:
        name = (
            next((item[key] for key in _NAME if isinstance(item.get(key), str)), "") if isinstance(item, dict) else ""
        )
        score = next((item[key] for key in _SCORE if key in item), None) if name else None
        if not name or score is None:
            return {}
        found[name] = score
    return found


def _rates(document: object, deep: int = 4) -> list[str]:
    """Lines that tell the rate, from the document or from what stands about it, the outermost first."""
    if not isinstance(document, dict) or not deep:
        return []
    told = [f"fps: {value}" for key, value in document.items()
            if clock.is_rate(key) and isinstance(value, int | float)]  # fmt: skip
    return [*told, *(line for value in document.values() for line in _rates(value, deep - 1))]


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list) else []


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0
