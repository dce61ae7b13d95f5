"""Records to JSON and arrays and back: what frames of the wire, bodies of HTTP and options of the terminal share.

A record is a frozen dataclass whose fields are numbers, texts, ``Array``, literals, records, and tuples or dicts with
texts as keys of these. ``Annotated[..., Within(0, 1)]`` limits a field, ``Annotated[..., OwnFile()]`` is a path.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from os import PathLike
from pathlib import Path, PurePath
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from .errors import UserError
from .json_object import JsonObject
from .track import AnyArray, Array

Record = TypeVar("Record")
Arrays = dict[str, AnyArray]
_HUGE = 1e300  # JSON has 1e999


@dataclass(frozen=True)
class Within:
    """Between which values a number is, or how long a text or a tuple; ``what`` it is in a complaint."""

    least: float
    most: float
    what: str = ""

    def check(self, value: object, name: str) -> None:
        """Raises UserError where ``value`` is outside; NaN is."""
        size: Any = len(value) if isinstance(value, Sized) and not isinstance(value, np.ndarray) else value
        if self.least <= size <= self.most:
            return
        upper = f" to {self.most:.10g}" if self.most < math.inf else " up"
        raise UserError(f"{self.what or name} goes from {self.least:g}{upper}; {shown(size)} ({name}) does not.")


@dataclass(frozen=True)
class FieldLabel:
    """What a user is shown of a field: its title, and what it does."""

    title: str
    about: str


@dataclass(frozen=True)
class Names:
    """Of a dict: names that are known, though it may hold others."""

    known: tuple[str, ...]


@dataclass(frozen=True)
class Formerly:
    """What the version before calls the field: that word is still taken."""

    word: str


@dataclass(frozen=True)
class OwnFile:
    """Marks a path on the computer of the model process: nobody from elsewhere may name one."""


class Misfit(ValueError):
    """Data that is no such record: ``path`` is the field."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} {reason}" if path else reason)
        self.path = path


def _hints(kind: type) -> dict[str, object]:
    found = get_type_hints(kind, include_extras=True)
    return {f.name: found[f.name] for f in fields(kind)}


hints: Callable[[type], dict[str, object]] = cache(_hints)
"""The types of the fields of a record by name, with what annotates them."""


def dump(record: object, arrays: Arrays | None = None, path: str = "") -> JsonObject:
    """``record`` as a JSON object. Its arrays go into ``arrays`` by the dotted path of their field, else into lists."""
    found = {}
    for name in hints(type(record)):
        value = getattr(record, name)
        if isinstance(value, np.ndarray) and arrays is not None:
            arrays[path + name] = value.astype("<f4", copy=False)
        else:
            found[name] = dumped(value, arrays, f"{path}{name}.")
    return found


def dumped(value: object, arrays: Arrays | None = None, path: str = "") -> object:
    """``dump`` of anything that a field may hold."""
    if is_dataclass(value) and not isinstance(value, type):
        return dump(value, arrays, path)
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {key: dumped(one, arrays, f"{path}{key}.") for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [dumped(one, arrays, f"{path}{i}.") for i, one in enumerate(value)]
    return value


def load(
    kind: type[Record], data: object, arrays: Mapping[str, AnyArray] | None = None, strict: bool = False,
    path: str = "",
) -> Record:  # fmt: skip
    """The record in a JSON object and ``arrays``. Fields with a default may be missing, as an older version leaves them
    out; what a newer one adds is ignored. Data that a person wrote is read ``strict``: then it is a Misfit.

    Raises Misfit for data of another form, and UserError where the record refuses a value.
    """
    if not isinstance(data, Mapping):
        raise Misfit(path.rstrip("."), "is no object with fields")
    known, arrays, values = hints(kind), arrays or {}, {}
    if strict:
        _check_words(kind, data, path)
    words = {now: before for before, now in formerly(kind).items()}
    defaults = {f.name: f.default is not MISSING or f.default_factory is not MISSING for f in fields(kind)}  # type: ignore[arg-type]
    for name, hint in known.items():
        told = next((word for word in (name, words.get(name, name)) if word in data or path + word in arrays), name)
        where = path + told
        if where in arrays and plain(hint) == Array:
            values[name] = _array(arrays[where], where)
        elif told in data:
            values[name] = _loaded(hint, data[told], arrays, strict, where)
        elif not defaults[name]:
            raise Misfit(where, "is missing")
    try:
        return kind(**values)
    except UserError as error:
        if strict and path:
            raise UserError(f"{path.rstrip('.')}: {error}") from error
        raise


def _check_words(kind: type, data: Mapping[str, object], path: str) -> None:
    """Raises Misfit for a field that ``kind`` does not have, or has twice."""
    known, before = hints(kind), formerly(kind)
    for word in sorted(map(str, data)):
        if word not in known and word not in before:
            raise Misfit(path + word, f"does not exist; choose from {', '.join(known)}")
        if word in before and before[word] in data:
            raise Misfit(path + word, f"is the word of the version before for {before[word]}; leave one of them out")


def formerly(kind: type) -> dict[str, str]:
    """The words of the version before by the fields that they mean now."""
    notes = ((name, note) for name, hint in hints(kind).items() for note in notes_of(hint))
    return {note.word: name for name, note in notes if isinstance(note, Formerly)}


def outdated(kind: type, data: object) -> Iterator[tuple[str, str]]:
    """The words of the version before in a JSON object that holds a ``kind``, each with what it is called now."""
    before = formerly(kind)
    for word, value in data.items() if isinstance(data, Mapping) else ():
        if word in before:
            yield word, before[word]
        inner = plain(hints(kind).get(str(before.get(word, word))))
        if is_dataclass(inner):
            yield from outdated(inner, value)  # type: ignore[arg-type]


def renamed(word: str, now: str) -> str:
    """What is said to whoever uses a word of the version before."""
    return f"“{word}” is called “{now}” now; the next version does not know the old word."


def _loaded(hint: object, data: object, arrays: Mapping[str, AnyArray], strict: bool, path: str) -> Any:
    hint = plain(hint)
    origin, inner = get_origin(hint), get_args(hint)
    if hint == Array:
        return _array(data, path)
    if hint is float and isinstance(data, int | float) and not isinstance(data, bool) and abs(data) < _HUGE:
        return float(data)
    if hint in (int, str, bool) and type(data) is hint:
        return data
    if origin is Literal and data in inner:
        return data
    if origin is tuple and isinstance(data, list | tuple):
        return tuple(_loaded(inner[0], one, arrays, strict, f"{path}.{i}") for i, one in enumerate(data))
    if origin is dict and isinstance(data, Mapping):
        return {str(key): _loaded(inner[1], one, arrays, strict, f"{path}.{key}") for key, one in data.items()}
    if origin in (Union, UnionType):
        return None if data is None else _loaded(of_optional(hint), data, arrays, strict, path)
    if is_dataclass(hint):
        return load(hint, data, arrays, strict, f"{path}.")  # type: ignore[arg-type]
    one_of = f" is none of {', '.join(map(str, inner))}" if origin is Literal else " has another type"
    raise Misfit(path, one_of.strip())


def _array(data: object, path: str) -> Array:
    try:
        with np.errstate(over="ignore"):  # what is infinite now is refused by whoever knows the limits
            array = np.asarray(data) if isinstance(data, np.ndarray) else np.array(data, np.float32)
    except (ValueError, TypeError, OverflowError):
        raise Misfit(path, "holds no rows of numbers") from None
    if array.dtype != np.float32:
        raise Misfit(path, f"is of type {array.dtype}")
    return array


def check(record: object) -> None:
    """Raises UserError where a field of ``record`` is of another kind than its type, or outside what that allows."""
    for name, hint in hints(type(record)).items():
        check_value(hint, getattr(record, name), name)


def check_value(hint: object, value: object, name: str) -> None:
    """As ``check``, of one ``value`` called ``name`` in a complaint. What no record has for a type passes."""
    wanted = _unlike(hint, value)
    if wanted:
        raise UserError(f"{name} is {wanted}, not {shown(value)}.")
    for limit in notes_of(hint):
        if isinstance(limit, Within):
            limit.check(value, name)
    hint = plain(hint)
    if get_origin(hint) in (Union, UnionType):
        fitting = (one for one in get_args(hint) if not _unlike(one, value))
        check_value(next(fitting), value, name)
    elif get_origin(hint) in (dict, Mapping):
        for key, one in value.items():  # type: ignore[attr-defined]
            check_value(get_args(hint)[1], one, str(key))
    elif get_origin(hint) is tuple:
        for one in value:  # type: ignore[attr-defined]
            check_value(get_args(hint)[0], one, name)


def shown(value: object) -> str:
    """``value`` as a sentence shows it, which may be anything."""
    try:
        text = repr(value)
    except Exception:  # a number of more digits than Python writes, or whatever a foreign object does
        text = f"a {type(value).__name__}"
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:50]} …"


_NUMBERS = "biuf"
"""Kinds of numpy's numbers."""


def _unlike(hint: object, value: object) -> str:
    """What a value of the type ``hint`` is, where ``value`` is none; empty where it is one."""
    own_file = any(isinstance(note, OwnFile) for note in notes_of(hint))
    hint = plain(hint)
    origin, inner = get_origin(hint), get_args(hint)
    if origin is np.ndarray:
        return "" if isinstance(value, np.ndarray) and value.dtype.kind in _NUMBERS else "an array of numbers"
    if hint is float:
        return "" if isinstance(value, int | float | np.integer | np.floating) else "a number"
    if hint is int:
        return "" if isinstance(value, int | np.integer) else "a whole number"
    if hint is str and own_file:
        return "" if isinstance(value, str | PurePath) else "a path"
    if hint is str:
        return "" if isinstance(value, str) else "a text"
    if hint is bool:
        return "" if isinstance(value, bool) else "True or False"
    if origin is PathLike:
        return "" if isinstance(value, PathLike) else "a path"
    if origin is Sequence:
        listed = isinstance(value, Sequence) and not isinstance(value, str | bytes)
        return "" if listed and not any(_unlike(inner[0], one) for one in value) else "a list"  # type: ignore[attr-defined]
    if hint is Path:
        return "" if isinstance(value, str | PurePath) else "a path"
    if origin is Literal:
        known = isinstance(value, str) and value in inner
        return "" if known else f"one of {', '.join(map(str, inner))}"
    if origin is tuple:
        return "" if isinstance(value, tuple | list) else "a tuple"
    if origin in (dict, Mapping):
        named = isinstance(value, Mapping) and all(isinstance(key, str) for key in value)
        return "" if named else "a dict with texts as keys"
    if origin in (Union, UnionType):
        reasons = [_unlike(one, value) for one in inner if one is not NoneType or value is None]
        return "" if "" in reasons or not reasons else " or ".join(dict.fromkeys(reasons))
    if isinstance(hint, type) and is_dataclass(hint):
        return "" if isinstance(value, hint) else f"a {hint.__name__}"
    return "None" if hint is NoneType and value is not None else ""


def files(record: object) -> Iterator[tuple[str, str]]:
    """Field and path of every file that ``record`` names on the computer of the model process."""
    for name, hint in hints(type(record)).items():
        value = getattr(record, name)
        if is_dataclass(value):
            yield from files(value)
        elif isinstance(value, str) and value and any(isinstance(note, OwnFile) for note in notes_of(hint)):
            yield name, value


def limits(kind: type, name: str) -> Within:
    """Within which limits the field ``name`` is. Raises StopIteration where it has none."""
    return next(note for note in notes_of(hints(kind)[name]) if isinstance(note, Within))


def labels(kind: type) -> dict[str, FieldLabel]:
    """The fields of ``kind`` that a user is shown, in their order."""
    notes = ((name, note) for name, hint in hints(kind).items() for note in notes_of(hint))
    return {name: note for name, note in notes if isinstance(note, FieldLabel)}


def plain(hint: object) -> Any:
    """``hint`` without what annotates it."""
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def notes_of(hint: object) -> tuple[object, ...]:
    """What annotates ``hint``."""
    return get_args(hint)[1:] if get_origin(hint) is Annotated else ()


def of_optional(hint: object) -> Any:
    """``hint`` of a field that may be None, without that."""
    return next(one for one in get_args(hint) if one is not NoneType)
