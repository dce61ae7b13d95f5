"""Options in records: a dataclass whose annotated fields are options of every command that takes one, and columns too.

So an option is written once, whether it is given for a command or in a cell of a manifest.
"""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from typer.models import OptionInfo

from s2f_blender_addon.core.errors import UserError

Record = TypeVar("Record")

SEVERAL = "|"
"""Between the files of a cell that may name several."""
_YES, _NO = ("yes", "true", "1", "on"), ("no", "false", "0", "off")
_PLACES = ("FILE", "FOLDER", "DIR")
"""In the help of a text that may also be a path."""


def with_records(command: Callable[..., None]) -> Callable[..., None]:
    """``command`` with the fields of its records as options in their place; a record is a dataclass in a keyword."""
    hints = get_type_hints(command, include_extras=True)
    records = {name: hint for name, hint in hints.items() if isinstance(hint, type) and is_dataclass(hint)}

    @functools.wraps(command)
    def run(**given: Any) -> None:
        made = {
            name: record(**{field.name: given.pop(field.name) for field in fields(record)})
            for name, record in records.items()
        }
        command(**made, **given)

    signature = inspect.signature(command)
    listed: list[inspect.Parameter] = []
    for parameter in signature.parameters.values():
        if parameter.name in records:
            listed += _parameters(records[parameter.name])
        else:
            annotation = hints[parameter.name]
            listed.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=annotation))
    run.__signature__ = signature.replace(parameters=listed)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in listed}
    return run


def _parameters(record: type[Any]) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(record, include_extras=True)
    for field in fields(record):
        kind = inspect.Parameter.KEYWORD_ONLY
        yield inspect.Parameter(field.name, kind, default=field.default, annotation=hints[field.name])


def columns(record: type[Any]) -> tuple[str, ...]:
    """What cells may be called."""
    return tuple(field.name for field in fields(record))


def with_cells(record: Record, cells: Mapping[str, str], folder: Path) -> Record:
    """``record`` with the values of ``cells`` that are not empty; their paths start at ``folder``.

    Raises UserError that names the column for what is no number, no yes or no.
    """
    kind: Any = type(record)
    hints = get_type_hints(kind, include_extras=True)
    given = {field: cells[field.name] for field in fields(kind) if cells.get(field.name)}
    changed = {field.name: _value(field, hints[field.name], cell, folder) for field, cell in given.items()}
    return replace(record, **changed) if changed else record  # type: ignore[type-var]


def _value(field: "Field[Any]", hint: Any, cell: str, folder: Path) -> Any:
    kind, option = get_args(hint)[0], _option(hint)
    kinds = (kind, *get_args(kind))
    if list[Path] in kinds:
        return [folder / name.strip() for name in cell.split(SEVERAL) if name.strip()]
    if Path in kinds:
        return folder / cell
    if bool in kinds:
        if cell.lower() not in _YES + _NO:
            raise UserError(f"{field.name} is yes or no, not {cell!r}.")
        return cell.lower() in _YES
    for number in (int, float):
        if number in kinds:
            try:
                return number(cell)
            except ValueError:
                raise UserError(f"{field.name} is a {'whole ' * (number is int)}number, not {cell!r}.") from None
    return _place(cell, folder) if any(place in (option.metavar or "") for place in _PLACES) else cell


def _place(text: str, folder: Path) -> str:
    """``text`` as a path below ``folder``, where it is one."""
    try:
        named = len(text) < 4096 and "\n" not in text and (folder / text).exists()
    except (OSError, ValueError):  # a text that cannot be a name
        named = False
    return str(folder / text) if named else text


def check(record: Any) -> None:
    """Raises UserError for a number beyond what its option takes."""
    for name, hint in get_type_hints(type(record), include_extras=True).items():
        option, value = _option(hint), getattr(record, name)
        if isinstance(value, int | float) and not _within(option, value):
            least = f"from {option.min:g}" if option.min is not None else ""
            most = f"to {option.max:g}" if option.max is not None else ""
            raise UserError(f"{name} goes {f'{least} {most}'.strip()}; {value:g} does not.")


def _within(option: OptionInfo, value: float) -> bool:
    return (option.min is None or value >= option.min) and (option.max is None or value <= option.max)


def _option(hint: Any) -> OptionInfo:
    found = next(part for part in hint.__metadata__ if isinstance(part, OptionInfo))
    assert isinstance(found, OptionInfo)
    return found
