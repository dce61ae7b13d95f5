"""What keeps a key from being animated or from being seen: linked data, drivers, mutes, narrow sliders."""

from dataclasses import dataclass

import bpy
import numpy as np
from bpy.types import ID, Key, Object

from ..core.errors import UserError
from ..core.track import Array
from .write import value_path


@dataclass(frozen=True)
class Slider:
    """The range to which Blender clamps a key's value while it plays."""

    low: float
    high: float


def make_writable(candidate: Object) -> str:
    """See to it that the shape keys of ``candidate`` can get an action here; returns a note for the user or ''.

    An overridden object whose mesh is still linked gets an override of its mesh too, since keys belong to the mesh.
    Raises UserError when that is not enough, and says what to do.
    """
    note = ""
    if not candidate.data.shape_keys.is_editable and candidate.override_library is not None:
        candidate.data.override_create(remap_local_usages=True)
        note = f"The mesh of {candidate.name} is a library override now, like its object, so that its keys can move."
    reason = why_not_written(candidate)
    if not reason and not candidate.data.shape_keys.is_editable:
        reason = _linked(candidate)
    if reason:
        raise UserError(reason)
    return note


def why_not_written(candidate: Object) -> str:
    """Why the shape keys of ``candidate`` can get no action, and what to do; empty when they can, as far as is seen."""
    key = candidate.data.shape_keys
    if not key.is_editable and candidate.override_library is None:
        return _linked(candidate)
    if not key.use_relative:
        return f"The shape keys of {candidate.name} are absolute; switch on Relative in its shape key panel."
    if is_tweaked(key):
        return f"A strip of {candidate.name} is being edited in the NLA editor; leave its tweak mode first."
    return ""


def is_tweaked(owner: ID) -> bool:
    """Whether a strip of ``owner`` is being edited in the NLA editor, where it can get no action."""
    return owner.animation_data is not None and bool(owner.animation_data.use_tweak_mode)


def _linked(candidate: Object) -> str:
    return (
        f"{candidate.name} is linked from another file; make a library override of it with "
        "Object > Library Override > Make."
    )


def driven(key: Key, names: tuple[str, ...]) -> frozenset[str]:
    """Those of the keys ``names`` that a driver moves: F-curves have no effect on them."""
    if key.animation_data is None:
        return frozenset()
    paths = {driver.data_path for driver in key.animation_data.drivers if not driver.mute}
    return frozenset(name for name in names if value_path(name) in paths)


def muted(key: Key, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the keys ``names`` that are switched off in the shape key list."""
    return tuple(name for name in names if key.key_blocks[name].mute)


def relative_to_themselves(key: Key, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the keys ``names`` that differ from nothing, whatever their shape is."""
    return tuple(name for name in names if key.key_blocks[name].relative_key == key.key_blocks[name])


def pin_name() -> str:
    """What this Blender calls the switch that shows one key alone."""
    return str(bpy.types.Object.bl_rna.properties["show_only_shape_key"].name)


def sliders(key: Key, names: tuple[str, ...]) -> list[Slider]:
    """The ranges of the keys ``names``."""
    return [Slider(float(b.slider_min), float(b.slider_max)) for b in (key.key_blocks[n] for n in names)]


def widen(key: Key, names: tuple[str, ...], values: Array) -> None:
    """Widen the sliders of ``names`` so that ``values`` (T, len(names)) play as they are."""
    for column, name in enumerate(names):
        block = key.key_blocks[name]
        block.slider_max = max(block.slider_max, float(values[:, column].max()))
        block.slider_min = min(block.slider_min, float(values[:, column].min()))


def clamped(values: Array, ranges: list[Slider]) -> tuple[Array, list[int]]:
    """(``values`` within their sliders, columns in which more than a hundredth was cut off)."""
    low = np.array([r.low for r in ranges], np.float32)
    high = np.array([r.high for r in ranges], np.float32)
    cut: Array = np.clip(values, low, high)
    lost = np.abs(cut - values).max(axis=0, initial=0.0) > 0.01
    return cut, [int(column) for column in np.flatnonzero(lost)]
