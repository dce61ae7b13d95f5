"""The arithmetic of a scripted driver on whole arrays, read from its syntax tree; nothing of it is run as Python."""

import ast
import operator
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Value = float | Floats
"""A number, or one for each frame."""


class NotArithmetic(Exception):
    """The expression does more than arithmetic; the message names what."""


_OPERATORS: dict[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: np.divide, ast.Pow: np.power,
    ast.Mod: np.mod, ast.FloorDiv: np.floor_divide,
}  # fmt: skip
_COMPARES: dict[type[ast.cmpop], Callable[[Value, Value], Value]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}  # fmt: skip


def _clamp(value: Value, low: Value = 0.0, high: Value = 1.0) -> Value:
    return np.minimum(np.maximum(value, low), high)


def _smoothstep(low: Value, high: Value, value: Value) -> Value:
    share = _clamp((value - low) / (high - low))
    return share * share * (3 - 2 * share)


def _least(*values: Value) -> Value:
    return np.asarray(np.minimum.reduce(np.broadcast_arrays(*values)))


def _most(*values: Value) -> Value:
    return np.asarray(np.maximum.reduce(np.broadcast_arrays(*values)))


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "min": _least, "max": _most, "clamp": _clamp, "smoothstep": _smoothstep, "lerp": lambda a, b, t: a + (b - a) * t,
    "abs": np.abs, "fabs": np.abs, "sqrt": np.sqrt, "pow": np.power, "exp": np.exp, "log": np.log, "sin": np.sin,
    "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "atan2": np.arctan2,
    "radians": np.radians, "degrees": np.degrees, "floor": np.floor, "ceil": np.ceil, "round": np.round,
    "float": np.asarray, "fmod": np.fmod,
}  # fmt: skip
"""What Blender offers to drivers and is arithmetic."""

_CONSTANTS = {"pi": np.pi, "e": np.e, "tau": 2 * np.pi}


def parsed(text: str) -> ast.expr:
    """The tree of ``text``. Raises NotArithmetic where it is no expression."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError) as error:
        raise NotArithmetic("an expression with a mistake in it") from error


def value_of(tree: ast.AST, names: Mapping[str, Value]) -> Value:
    """The value of ``tree``, numbers or arrays, where ``names`` are its variables. Raises NotArithmetic."""
    match tree:
        case ast.Constant(value=bool() | int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](value_of(left, names), value_of(right, names))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -value_of(operand, names)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return value_of(operand, names)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return np.logical_not(value_of(operand, names))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARES:
            return _COMPARES[type(op)](value_of(left, names), value_of(right, names))
        case ast.BoolOp(op=op, values=values):
            both = np.logical_and if isinstance(op, ast.And) else np.logical_or
            return np.asarray(both.reduce(np.broadcast_arrays(*(value_of(value, names) for value in values))))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return np.where(value_of(test, names), value_of(body, names), value_of(orelse, names))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*(value_of(arg, names) for arg in args))
        case ast.Call(func=ast.Attribute(value=ast.Name(id="math"), attr=name), args=args, keywords=[]) if (
            name in _FUNCTIONS
        ):
            return _FUNCTIONS[name](*(value_of(arg, names) for arg in args))
    raise NotArithmetic(f"“{ast.unparse(tree)}”" if isinstance(tree, ast.expr) else "an expression")
