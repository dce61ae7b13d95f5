"""The key map of a mesh in the user's hands: match anew, change, mirror, save, load, try out."""

import json
from pathlib import Path

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Object

from .. import session, wiggle
from ..core import plain_file
from ..core.errors import UserError
from ..core.whole_file import whole_file
from ..rigs import Entry, KeyMap, find_character
from ..rigs.face_objects import key_names
from ..rigs.stored import entries_of, forget_map, list_map, store_bones, store_map
from .base import FileOperator, Operator
from .readiness import target_of, why_no_character


def map_mesh(context: Context) -> Object:
    """The mesh whose map is shown: the active one where it is part of the character, else its face; None without."""
    target = target_of(context)
    if target is None:
        return None
    try:
        meshes = [mesh.object for mesh in find_character(target).meshes]
    except UserError:
        meshes = []
    active = context.active_object
    if active in meshes:
        return active
    return meshes[0] if meshes else (target if target.type == "MESH" else None)


class _MapOperator(Operator):
    """What all operators on a map share."""

    @classmethod
    def why_not(cls, context: Context) -> str:
        mesh = map_mesh(context)
        if mesh is None:
            return "Choose a character first"
        return "" if mesh.is_editable else f"{mesh.name} is linked; make a library override first"


def _store(mesh: Object, keymap: KeyMap) -> None:
    """From now on the list decides, not the names."""
    store_map(mesh, keymap, edited=True)
    session.current.shown.changed()


class S2F_OT_map_show(_MapOperator, bpy.types.Operator):
    """List which key follows which channel, and change it"""

    bl_idname = "s2f.map_show"
    bl_label = "Show Key Map"

    def run(self, context: Context) -> str:
        """Fill the list of every mesh of the character with what names say, where nobody has edited it."""
        for mesh in find_character(target_of(context)).meshes:
            list_map(mesh.object, mesh.map)
        return ""


class S2F_OT_map_match(_MapOperator, bpy.types.Operator):
    """Forget all changes to this mesh's map and match its keys by their names"""

    bl_idname = "s2f.map_match"
    bl_label = "Match by Name"

    def run(self, context: Context) -> str:
        """Names decide again."""
        forget_map(map_mesh(context))
        session.current.shown.changed()
        return S2F_OT_map_show.run(self, context)


class S2F_OT_map_add(_MapOperator, bpy.types.Operator):
    """Let one more key follow a channel"""

    bl_idname = "s2f.map_add"
    bl_label = "Add Entry"

    def run(self, context: Context) -> str:
        """A line for the first key that has none."""
        mesh = map_mesh(context)
        entries = entries_of(mesh)
        taken = {entry.key for entry in entries}
        keys = key_names(mesh)
        key = next((name for name in keys if name not in taken), keys[0])
        _store(mesh, KeyMap((*entries, Entry(key, "jawOpen", 1.0, 1.0, "chosen by hand", "own", on=False))))
        mesh.s2f_map.index = len(entries)
        return ""


class S2F_OT_map_remove(_MapOperator, bpy.types.Operator):
    """Take this entry out of the map"""

    bl_idname = "s2f.map_remove"
    bl_label = "Remove Entry"

    def run(self, context: Context) -> str:
        """Remove the chosen line."""
        mesh = map_mesh(context)
        entries, index = list(entries_of(mesh)), mesh.s2f_map.index
        if not 0 <= index < len(entries):
            raise UserError("No entry of the key map is chosen; click one first.")
        del entries[index]
        _store(mesh, KeyMap(tuple(entries)))
        return ""


class S2F_OT_map_mirror(_MapOperator, bpy.types.Operator):
    """Repeat each entry of one side on the other side, where that has a key of the mirrored name and no entry yet"""

    bl_idname = "s2f.map_mirror"
    bl_label = "Mirror"

    def run(self, context: Context) -> str:
        """Add the mirrored lines."""
        mesh = map_mesh(context)
        _store(mesh, KeyMap(entries_of(mesh)).mirrored(key_names(mesh)))
        return ""


class S2F_OT_map_save(_MapOperator, FileOperator, bpy.types.Operator):
    """Save this mesh's map as a preset for other characters with the same names"""

    bl_idname = "s2f.map_save"
    bl_label = "Save Map"

    filter_glob: StringProperty(default="*.json", options={"HIDDEN"})

    def suggested(self, context: Context) -> str:
        return f"{map_mesh(context).name}.json"

    def run(self, context: Context) -> str:
        """Write the JSON file."""
        mesh = map_mesh(context)
        entries = entries_of(mesh) or next(m.map for m in find_character(mesh).meshes if m.object == mesh).entries
        try:
            with whole_file(self.filepath) as temporary:
                temporary.write_text(json.dumps(KeyMap(entries).to_json(), indent=1, ensure_ascii=False), "utf-8")
        except OSError as error:
            raise UserError(f"{self.filepath} cannot be written: {error.strerror}.") from error
        return ""


class S2F_OT_map_load(_MapOperator, FileOperator, bpy.types.Operator):
    """Use a saved map on this mesh; entries for keys that it lacks are left out"""

    bl_idname = "s2f.map_load"
    bl_label = "Load Map"

    filter_glob: StringProperty(default="*.json", options={"HIDDEN"})

    def run(self, context: Context) -> str:
        """Read the JSON file."""
        mesh = map_mesh(context)
        keymap = _read_map(self.filepath)
        keys = set(key_names(mesh))
        kept = tuple(entry for entry in keymap.entries if entry.key in keys)
        if not kept:
            raise UserError(f"No key of {Path(self.filepath).name} is a key of {mesh.name}; choose another map.")
        _store(mesh, KeyMap(kept))
        return ""


class S2F_OT_wiggle(_MapOperator, bpy.types.Operator):
    """Move what this channel moves for a second, to see it"""

    bl_idname = "s2f.wiggle"
    bl_label = "Wiggle"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    source: StringProperty(name="Channel", description="The channel to show; empty takes that of the chosen entry")

    def run(self, context: Context) -> str:
        """Start to move; a timer brings everything back."""
        mesh = map_mesh(context)
        saved = mesh.s2f_map
        source = self.source
        if not source and 0 <= saved.index < len(saved.entries):
            source = saved.entries[saved.index].source
        if not source:
            raise UserError("No entry of the key map is chosen; click one first.")
        wiggle.start(find_character(target_of(context)), source)
        return ""


class S2F_OT_bones_choose(Operator, bpy.types.Operator):
    """Choose by hand which bones are jaw, eyes, lids and head; an empty field leaves the bone alone"""

    bl_idname = "s2f.bones_choose"
    bl_label = "Choose Bones"

    why_not = staticmethod(why_no_character)

    def run(self, context: Context) -> str:
        """Save what names say, as the beginning."""
        bones = find_character(target_of(context)).bones
        if bones is None:
            raise UserError("This character has no face bones that names would tell.")
        store_bones(bones.armature, bones)
        session.current.shown.changed()
        return ""


def _read_map(path: str) -> KeyMap:
    name = Path(path).name
    try:
        return KeyMap.from_text(plain_file.text(path), name)
    except OSError as error:
        raise UserError(f"{name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{name} is no JSON file; choose a file that “Save Map” wrote.") from error


CLASSES = (
    S2F_OT_map_show, S2F_OT_map_match, S2F_OT_map_add, S2F_OT_map_remove, S2F_OT_map_mirror, S2F_OT_map_save,
    S2F_OT_map_load, S2F_OT_wiggle, S2F_OT_bones_choose,
)  # fmt: skip
