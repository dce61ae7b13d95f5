"""From a driven property back to the controls that move it, as a formula that can be evaluated on arrays."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from bpy.types import ID, Driver, DriverTarget, DriverVariable, FCurve, Object, bpy_struct

from . import expression
from .controls import UNLIMITED, Control
from .expression import Floats, NotArithmetic, Value

Given = Mapping[Control, Floats]
_DEEPEST = 8
"""Drivers behind drivers; more than these go round in circles."""

_AXES = {"X": 0, "Y": 1, "Z": 2}
_CHANNELS = {"LOC": "location", "SCALE": "scale"}


class CannotFollow(Exception):
    """The driver leads to nothing that can be keyed; the message says why, in a few words."""


@dataclass(frozen=True)
class Formula:
    """``of(given)`` is the driven value where each of ``controls`` has the values in ``given``."""

    controls: tuple[Control, ...]
    of: Callable[[Given], Floats]


def formula_of(block: ID, path: str, index: int = 0, deep: int = 0) -> Formula | None:
    """What moves ``path`` of the data-block ``block``; None where no driver does.

    Raises CannotFollow where it leads to something that no keys can move.
    """
    curve = _driver_of(block, path, index)
    if curve is None:
        return None
    if deep >= _DEEPEST:
        raise CannotFollow("drivers that follow one another in a circle")
    driver = curve.driver
    variables = {variable.name: _variable(block, variable, deep) for variable in driver.variables}
    combined = _combined(driver, variables)
    mapped = _mapped(curve)
    controls = tuple(dict.fromkeys(control for formula in variables.values() for control in formula.controls))
    if not controls:
        raise CannotFollow("a driver without a property that could be keyed")

    def of(given: Given) -> Floats:
        with np.errstate(all="ignore"):
            return mapped(combined({name: formula.of(given) for name, formula in variables.items()}))

    return Formula(controls, of)


def _driver_of(block: ID, path: str, index: int) -> FCurve | None:
    animation = getattr(block, "animation_data", None)
    for curve in animation.drivers if animation is not None else ():
        if curve.data_path == path and curve.array_index == index and not curve.mute:
            return curve
    return None


def _combined(driver: Driver, variables: Mapping[str, Formula]) -> Callable[[Mapping[str, Floats]], Value]:
    if driver.type != "SCRIPTED":
        ways: dict[str, Callable[..., Floats]] = {"SUM": np.sum, "AVERAGE": np.mean, "MIN": np.min, "MAX": np.max}
        way = ways[driver.type]
        return lambda values: way(np.stack(np.broadcast_arrays(*values.values())), axis=0)
    if driver.use_self:
        raise CannotFollow("an expression that asks for itself")
    try:
        tree = expression.parsed(driver.expression)
        expression.value_of(tree, {name: np.ones(1) for name in variables})
    except (NotArithmetic, TypeError, ValueError) as error:
        raise CannotFollow(f"an expression that is more than arithmetic, {error}") from error
    return lambda values: expression.value_of(tree, values)


def _mapped(curve: FCurve) -> Callable[[Value], Floats]:
    """The F-curve of a driver, if it has a shape of its own, takes what the driver says to something else."""
    shaped = len(curve.keyframe_points) or any(not modifier.mute for modifier in curve.modifiers)
    if not shaped or all(abs(curve.evaluate(x) - x) < 1e-6 for x in (-7.0, -0.5, 0.0, 0.3, 1.0, 11.0)):
        return lambda values: np.asarray(values, float)
    return lambda values: np.array([curve.evaluate(float(v)) for v in np.ravel(values)]).reshape(np.shape(values))


def _variable(block: ID, variable: DriverVariable, deep: int) -> Formula:
    target = variable.targets[0]
    if variable.type == "SINGLE_PROP":
        if target.id is None:
            raise CannotFollow("a driver whose target is gone")
        return _property(target.id, target.data_path, deep)
    if variable.type == "TRANSFORMS":
        return _transform(variable, target, deep)
    kinds = {"ROTATION_DIFF": "the angle between two bones", "LOC_DIFF": "the distance of two things"}
    raise CannotFollow(kinds.get(variable.type, "something of the scene"))


def _property(owner: ID, path: str, deep: int) -> Formula:
    path, index = _split_index(owner, path)
    behind = formula_of(owner, path, index, deep + 1)
    return behind if behind is not None else _alone(_control(owner, path, index))


def _split_index(owner: ID, path: str) -> tuple[str, int]:
    """('location', 1) for 'location[1]' or 'location.y'; the path as it is, and 0, for a single number."""
    stem, dot, letter = path.rpartition(".")
    if dot and letter in ("x", "y", "z", "w"):
        vector = _resolved(owner, stem)
        if vector is not None and hasattr(vector, "__len__"):
            order = "wxyz" if len(vector) == 4 else "xyz"
            return stem, order.index(letter)
    if path.endswith("]") and not path.endswith(('"]', "']")):
        stem, _, number = path[:-1].rpartition("[")
        if number.isdecimal():
            return stem, int(number)
    return path, 0


def _resolved(owner: ID, path: str) -> Any:
    try:
        return owner.path_resolve(path)
    except (ValueError, AttributeError):
        return None


def _control(owner: ID, path: str, index: int) -> Control:
    value = _resolved(owner, path)
    if value is None:
        raise CannotFollow(f"{owner.name} {path}, which is not there")
    array = hasattr(value, "__len__") and not isinstance(value, str)
    number = value[index] if array else value
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise CannotFollow(f"{owner.name} {path}, which is a switch and no number")
    if not owner.is_editable:
        raise CannotFollow(f"{owner.name}, which is linked from another file; make a library override of it")
    low, high = _limits(owner, path)
    return Control(
        owner.session_uid, path, index, owner, float(number), low, high, whole=isinstance(number, int)
    )  # fmt: skip


def _limits(owner: ID, path: str) -> tuple[float, float]:
    """What a custom property may be, or a key's slider allows."""
    holder, name = _holder(owner, path)
    try:
        if name.startswith("["):
            shown = holder.id_properties_ui(name[2:-2]).as_dict()
            return float(shown.get("min", -UNLIMITED)), float(shown.get("max", UNLIMITED))
        if hasattr(holder, "slider_min") and name == "value":
            return float(holder.slider_min), float(holder.slider_max)
        found = holder.bl_rna.properties[name]
        return float(found.hard_min), float(found.hard_max)
    except (TypeError, KeyError, AttributeError):
        return -UNLIMITED, UNLIMITED


def _holder(owner: ID, path: str) -> tuple[bpy_struct, str]:
    """(what has the property, its name or '["name"]')."""
    if path.endswith(('"]', "']")):
        cut = max(path.rfind('["'), path.rfind("['"))
        return (_resolved(owner, path[:cut]) if cut > 0 else owner), path[cut:]
    stem, dot, name = path.rpartition(".")
    return (_resolved(owner, stem) if dot else owner), name


def _alone(control: Control) -> Formula:
    return Formula((control,), lambda given: given[control])


def _transform(variable: DriverVariable, target: DriverTarget, deep: int) -> Formula:
    """A transform of a bone or an object in its own space, which is one of its channels."""
    kind, _, axis = target.transform_type.partition("_")
    owner, bone = target.id, target.bone_target
    if owner is None or axis not in _AXES:
        raise CannotFollow("a transform that no single channel is")
    moved = owner.pose.bones.get(bone) if bone else owner
    if moved is None:
        raise CannotFollow(f"the bone {bone}, which is not there")
    if target.transform_space != "LOCAL_SPACE" and (bone or owner.parent is not None):
        raise CannotFollow(f"where {bone or owner.name} is in the world")
    if any(not c.mute and not c.type.startswith("LIMIT") for c in moved.constraints):
        raise CannotFollow(f"{bone or owner.name}, which constraints move")
    path = f'pose.bones["{_escaped(bone)}"].' if bone else ""
    if kind in _CHANNELS:
        return _property(owner, f"{path}{_CHANNELS[kind]}[{_AXES[axis]}]", deep)
    return _angle(variable, owner, moved, bone, path, _AXES[axis], deep)


def _angle(variable: DriverVariable, owner: ID, moved: Object, bone: str, path: str, axis: int, deep: int) -> Formula:
    wanted = variable.targets[0].rotation_mode
    mode = moved.rotation_mode
    if mode in ("QUATERNION", "AXIS_ANGLE"):
        if wanted not in ("AUTO", "XYZ", "SWING_TWIST_X", "SWING_TWIST_Y", "SWING_TWIST_Z") or mode == "AXIS_ANGLE":
            raise CannotFollow(f"an angle of {bone or owner.name}")
        control = _control(owner, f"{path}rotation_quaternion", axis)
        return _alone(Control(control.identity, control.path, axis, owner, 0.0, bone=bone or owner.name))
    if wanted not in ("AUTO", mode):
        raise CannotFollow(f"an angle of {bone or owner.name} in another order")
    return _property(owner, f"{path}rotation_euler[{axis}]", deep)


def _escaped(name: str) -> str:
    import bpy

    escaped: str = bpy.utils.escape_identifier(name)
    return escaped
