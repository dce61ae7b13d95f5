"""The maps that the user edits, kept in the .blend file: keys on the mesh object, bones on the armature object."""

from contextlib import suppress

from bpy.types import Object, PropertyGroup

from ..core.errors import UserError
from ..core.naming.keymap import Entry, KeyMap, valid_source
from .bones import ROLES, Bones


def stored_map(candidate: Object) -> KeyMap | None:
    """The map that the user edited on ``candidate``, or None when names decide."""
    saved = getattr(candidate, "s2f_map", None)
    return KeyMap(entries_of(candidate)) if saved is not None and saved.edited else None


def entries_of(candidate: Object) -> tuple[Entry, ...]:
    """The entries that are listed on ``candidate``, edited or not."""
    return tuple(
        Entry(e.key, e.source, e.weight, e.score, e.reason, e.family, e.on)
        for e in candidate.s2f_map.entries
        if e.key and valid_source(e.source)
    )


def store_map(candidate: Object, keymap: KeyMap, edited: bool) -> None:
    """List ``keymap`` on ``candidate``; ``edited`` says whether it decides from now on, or names still do.

    A library override keeps the items of the file that it comes from: they are used again, and emptied where there are
    too many. Raises UserError where Blender lets nothing be listed.
    """
    saved = candidate.s2f_map
    items = _items(candidate, len(keymap.entries))
    for entry, item in zip(keymap.entries, items, strict=True):
        item.key, item.source, item.weight = entry.key, entry.source, entry.weight
        item.score, item.reason, item.family, item.on = entry.score, entry.reason, entry.family, entry.on
    saved.edited = edited  # last, since setting a field above counts as the user's change


def list_map(candidate: Object, keymap: KeyMap) -> None:
    """List what names say on ``candidate``, unless the user has edited the list or may not change it here."""
    listed = [(e.key, e.source, e.on) for e in entries_of(candidate)]
    changed = listed != [(e.key, e.source, e.on) for e in keymap.entries]
    if changed and candidate.is_editable and not candidate.s2f_map.edited:
        with suppress(UserError):  # the list only shows what is so anyway
            store_map(candidate, keymap, edited=False)


def forget_map(candidate: Object) -> None:
    """Drop the saved map; names decide again."""
    _items(candidate, 0)
    candidate.s2f_map.edited = False


def _items(candidate: Object, count: int) -> list[PropertyGroup]:
    """So many items of the list of ``candidate``, new ones where they lack; those that cannot go are emptied."""
    entries = candidate.s2f_map.entries
    entries.clear()
    try:
        while len(entries) < count:
            entries.add().name = f"entry {len(entries)}"  # an override knows its items by their names
    except TypeError as error:
        raise UserError(
            f"The key map of {candidate.name} cannot be changed here; make its library override editable with "
            "Object > Library Override > Make, or change it in the file that it is linked from."
        ) from error
    for item in list(entries)[count:]:
        item.key, item.on = "", False
    return list(entries)[:count]


def stored_bones(armature: Object) -> Bones | None:
    """The bones that the user chose for ``armature``, or None when names decide."""
    saved = getattr(armature, "s2f_bones", None)
    if saved is None or not saved.edited:
        return None
    names = {role: str(getattr(saved, role)) for role in ROLES}
    return Bones(armature, {role: name for role, name in names.items() if name in armature.data.bones})


def store_bones(armature: Object, bones: Bones) -> None:
    """Save ``bones``; from then on names no longer decide."""
    for role in ROLES:
        setattr(armature.s2f_bones, role, bones.names.get(role, ""))
    armature.s2f_bones.edited = True
