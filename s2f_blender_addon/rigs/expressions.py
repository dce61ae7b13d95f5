"""Expression tables: a file that says itself which keys, how strongly, make its vowels and blinks (VRM 0 and 1)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bpy.types import Object

from ..core.naming.keymap import Entry, KeyMap
from ..core.naming.match import match
from ..core.naming.visemes import pose_of

FAMILY = "expression table"


@dataclass(frozen=True)
class Bind:
    """One key of one mesh object takes part in an expression with a weight of 0-1."""

    mesh: str
    key: str
    weight: float


Table = Mapping[str, Sequence[Bind]]
"""Name of an expression, as VRM names them or as the character's maker does -> what it moves."""


def maps_of(table: Table) -> dict[str, KeyMap]:
    """mesh object -> the map that ``table`` means; the names of the expressions are read like those of keys."""
    entries: dict[str, dict[tuple[str, str], Entry]] = {}
    for entry in match(tuple(table)).active:
        for bind in table[entry.key]:
            made = Entry(
                bind.key, entry.source, entry.weight * bind.weight, entry.score, f"expression {entry.key}", FAMILY
            )
            mesh = entries.setdefault(bind.mesh, {})
            held = mesh.get((bind.key, entry.source))
            mesh[bind.key, entry.source] = replace(made, weight=held.weight + made.weight) if held else made
    return {mesh: KeyMap(tuple(found.values())) for mesh, found in entries.items()}


def with_names(table: KeyMap, keys: Sequence[str]) -> KeyMap:
    """``table``, and what names say of the other ``keys``; mouth shapes are the table's alone."""
    told = {entry.key for entry in table.entries}
    shown = table.channels()
    named = match([key for key in keys if key not in told]).entries
    return KeyMap(table.entries + tuple(e for e in named if pose_of(e.source) is None and e.source not in shown))


def table_of(armature: Object) -> Table:
    """The table that the VRM add-on keeps on an armature object; empty without one."""
    data = getattr(armature, "data", None)
    extension = getattr(data, "vrm_addon_extension", None)
    if extension is None and data is not None and hasattr(data, "get"):
        extension = data.get("vrm_addon_extension")  # the add-on that wrote it is not there
    if extension is None:
        return {}
    found: dict[str, list[Bind]] = {}
    for name, binds in (*_vrm1(extension), *_vrm0(extension)):
        if binds:
            found.setdefault(name, binds)
    return found


def _vrm0(extension: object) -> Iterator[tuple[str, list[Bind]]]:
    groups = _at(extension, "vrm0", "blend_shape_master", "blend_shape_groups")
    for group in groups or ():
        preset = str(_at(group, "preset_name") or "")
        name = preset if preset not in ("", "unknown") else str(_at(group, "name") or "")
        yield name, list(_binds(_at(group, "binds"), "mesh"))


def _vrm1(extension: object) -> Iterator[tuple[str, list[Bind]]]:
    preset = _at(extension, "vrm1", "expressions", "preset")
    for name, attribute in PRESETS_1.items():
        expression = _at(preset, attribute) if preset is not None else None
        yield name, list(_binds(_at(expression, "morph_target_binds"), "node"))
    for expression in _at(extension, "vrm1", "expressions", "custom") or ():
        name = str(_at(expression, "custom_name") or _at(expression, "name") or "")
        yield name, list(_binds(_at(expression, "morph_target_binds"), "node"))


PRESETS_1 = {
    "aa": "aa", "ih": "ih", "ou": "ou", "ee": "ee", "oh": "oh", "blink": "blink", "blinkLeft": "blink_left",
    "blinkRight": "blink_right", "lookUp": "look_up", "lookDown": "look_down", "lookLeft": "look_left",
    "lookRight": "look_right",
}  # fmt: skip
"""VRM 1's presets that are movements, no moods -> what the VRM add-on calls them."""


def _binds(binds: Iterable[object] | None, holder: str) -> Iterator[Bind]:
    for bind in binds or ():
        held = _at(bind, holder)
        mesh = _at(held, "mesh_object_name") or _at(held, "value") or ""
        key, weight = _at(bind, "index"), _at(bind, "weight")
        if mesh and isinstance(key, str) and isinstance(weight, int | float):
            yield Bind(str(mesh), key, float(weight))


def _at(holder: Any, *path: str) -> Any:
    """A field of a property group, or of the plain data that is left of one; None where it is not there."""
    for name in path:
        if holder is None:
            return None
        holder = holder.get(name) if _is_plain(holder) else getattr(holder, name, None)
    return holder


def _is_plain(holder: object) -> bool:
    return isinstance(holder, Mapping) or type(holder).__name__ == "IDPropertyGroup"
