"""Which keys of a character follow drivers, whether those can be followed back, and what is lost where they cannot."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from bpy.types import Key

from ..core.channels import REGIONS
from ..core.naming.keymap import KeyMap
from .drivers import CannotFollow, Formula, formula_of, solved
from .drivers.solve import LOST
from .mesh_map import MeshMap

_TRIED = np.linspace(0.0, 1.0, 11)[:, None]
"""Values that a key must be able to have."""

_NEEDED = frozenset(("jawOpen", *REGIONS["mouth"]))
"""Without one of these a face does not speak; without another channel it does."""


def key_formula(key: Key, name: str) -> Formula | None:
    """What moves the key ``name`` of a Key data-block; None where no driver does. Raises CannotFollow."""
    import bpy

    return formula_of(key, f'key_blocks["{bpy.utils.escape_identifier(name)}"].value')


def followed(meshes: Sequence[MeshMap]) -> tuple[list[MeshMap], str, tuple[str, ...]]:
    """(meshes without the keys that nothing can move, why a bake must not begin, notes on what stays still).

    A bake is refused where the mouth of a mesh depends on such a key.
    """
    kept, blocked, notes = [], "", []
    for mesh in meshes:
        lost = _lost(mesh)
        if not lost:
            kept.append(mesh)
            continue
        without = KeyMap(tuple(
            replace(e, on=False, reason=f"its driver cannot be followed: {lost[e.key]}") if e.key in lost else e
            for e in mesh.map.entries
        ))  # fmt: skip
        gone = mesh.map.channels() - without.channels()
        kept.append(replace(mesh, map=without))
        name, why = next(iter(lost.items()))
        which = _some(tuple(lost))
        if gone & _NEEDED and not blocked:
            blocked = (
                f"{which} of {mesh.name} cannot be keyed: the driver of {name} leads to {why}. "
                "Delete these drivers, or switch the keys off under Key Map to bake the rest."
            )
        notes.append(f"{which} of {mesh.name} stay still: the driver of {name} leads to {why}.")
    return kept, blocked, tuple(notes)


def _lost(mesh: MeshMap) -> dict[str, str]:
    """key -> why it cannot be keyed, for the keys of a map that is used."""
    animation = mesh.key.animation_data
    if animation is None or not len(animation.drivers):
        return {}
    lost = {}
    for name in mesh.map.keys():
        try:
            formula = key_formula(mesh.key, name)
            if formula is not None and not _reaches(mesh.key, name, formula):
                raise CannotFollow("an expression or a limit that never gives the key all its values")
        except CannotFollow as reason:
            lost[name] = str(reason)
    return lost


_reached: dict[object, bool] = {}


def _reaches(key: Key, name: str, formula: Formula) -> bool:
    """Whether the controls of ``formula`` can move its key from 0 to 1; kept, since a panel asks again and again."""
    samples = tuple(
        round(float(np.ravel(formula.of({c: np.array([c.value + step]) for c in formula.controls}))[0]), 6)
        for step in (0.0, 0.31, -0.31)
    )
    signature = (key.session_uid, name, tuple((c, c.value, c.low, c.high) for c in formula.controls), samples)
    if signature not in _reached:
        if len(_reached) > 4000:
            _reached.clear()
        slider = key.key_blocks[name]
        wanted = np.clip(_TRIED, slider.slider_min, slider.slider_max)
        _reached[signature] = float(np.abs(solved([formula], wanted).lost).max()) <= LOST
    return _reached[signature]


def _some(names: tuple[str, ...]) -> str:
    """'jawOpen', 'jawOpen, mouthClose and 4 more keys'."""
    listed = ", ".join(names[:2])
    return f"{listed} and {len(names) - 2} more keys" if len(names) > 2 else listed
