"""What functions that others call are given: of the kinds that their signatures say, or one sentence."""

import functools
import inspect
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, get_args, get_origin, get_type_hints

import numpy as np

from . import codec
from .errors import UserError

Given = ParamSpec("Given")
Returned = TypeVar("Returned")


def checked(function: Callable[Given, Returned]) -> Callable[Given, Returned]:
    """``function``, called only with arguments that its annotations allow, as ``codec.check_value`` tells; lists of
    numbers become arrays, texts paths. Raises UserError that names the parameter, also for a number that is none (NaN).
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    def call(*args: Given.args, **kwargs: Given.kwargs) -> Returned:
        bound = signature.bind(*args, **kwargs)  # TypeError for parameters that do not exist is Python's own
        hints = _hints(function)
        for name, value in bound.arguments.items():
            if name in hints:
                bound.arguments[name] = _fitting(hints[name], value, name)
        return function(*bound.args, **bound.kwargs)

    return call


@functools.cache
def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(function, include_extras=True)
    except NameError:  # types that are only there for who checks them
        return {}


def _fitting(hint: object, value: object, name: str) -> object:
    if get_origin(codec.plain(hint)) is np.ndarray and not isinstance(value, str | bytes):
        try:
            value = np.asarray(value)
        except (ValueError, TypeError, OverflowError):  # rows of several lengths
            raise UserError(f"{name} is an array of numbers, not {codec.shown(value)}.") from None
    if isinstance(value, float | np.floating) and math.isnan(value):
        raise UserError(f"{name} is a number, not {codec.shown(value)}.")
    codec.check_value(hint, value, name)
    kinds = (codec.plain(hint), *get_args(codec.plain(hint)))
    return Path(value) if isinstance(value, str) and Path in kinds and str not in kinds else value
