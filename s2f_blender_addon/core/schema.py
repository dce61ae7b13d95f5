"""The JSON schema of a record (see ``codec``), for those who write requests themselves."""

import math
from dataclasses import MISSING, fields, is_dataclass
from types import UnionType
from typing import Literal, Union, get_args, get_origin

from .codec import FieldLabel, Names, OwnFile, Within, dumped, hints, notes_of, of_optional, plain
from .json_object import JsonObject
from .track import Array


def schema(kind: type) -> JsonObject:
    """The JSON schema of a record, without files of the computer of the model process."""
    properties, required = {}, []
    for f in fields(kind):
        hint = hints(kind)[f.name]
        if any(isinstance(note, OwnFile) for note in notes_of(hint)):
            continue
        properties[f.name] = _schema(hint)
        if f.default is not MISSING:
            properties[f.name]["default"] = dumped(f.default)
        elif f.default_factory is MISSING:
            required.append(f.name)
    found = {"type": "object", "properties": properties, "description": (kind.__doc__ or "").strip()}
    return found | ({"required": required} if required else {})


def _schema(hint: object) -> JsonObject:
    bare = plain(hint)
    origin, inner = get_origin(bare), get_args(bare)
    if bare == Array:
        return {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}
    if is_dataclass(bare):
        return schema(bare)  # type: ignore[arg-type]
    if origin is Literal:
        return {"enum": list(inner)}
    if origin in (Union, UnionType):
        return _schema(of_optional(bare))
    kinds = {int: "integer", float: "number", str: "string", bool: "boolean", tuple: "array", dict: "object"}
    found: JsonObject = {"type": kinds[origin or bare]}
    if origin is tuple:
        found["items"] = _schema(inner[0])
    if origin is dict:
        found["additionalProperties"] = _schema(inner[1])
    least, most = {str: ("minLength", "maxLength"), tuple: ("minItems", "maxItems")}.get(
        origin or bare, ("minimum", "maximum")
    )
    for note in notes_of(hint):
        if isinstance(note, FieldLabel):
            found["description"] = note.about
        if isinstance(note, Names):
            found["propertyNames"] = {"anyOf": [{"enum": list(note.known)}, {"type": "string"}]}
        if isinstance(note, Within):
            bounds = {least: note.least, most: note.most}
            found |= {key: value for key, value in bounds.items() if math.isfinite(value)}
    return found
