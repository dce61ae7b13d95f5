"""A rig file, or the demo head, opened in an otherwise empty Blender."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy

from s2f_blender_addon import demo_head
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.demo_head.stage import stage
from s2f_blender_addon.rigs import Character, find_character
from s2f_blender_addon.rigs.expressions import maps_of, with_names
from s2f_blender_addon.rigs.face_objects import has_shapes, key_names
from s2f_blender_addon.rigs.flame import setup as flame_setup
from s2f_blender_addon.rigs.stored import store_map

from . import gltf_file
from .rig_files import DEMO


def open_rig(rig: str) -> Character:
    """The character in the file ``rig``; the scene that holds it is Blender's current one.

    Raises UserError that names the file when Blender cannot read it or no mesh in it has known shape keys.
    """
    if rig == DEMO:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        face = demo_head.build()
        stage(bpy.context.scene)
        bpy.context.scene.render.resolution_x = bpy.context.scene.render.resolution_y  # a portrait
        return find_character(face)
    assumed = open_file(rig)
    return replace(best_character(rig), assumed=assumed)


def open_file(rig: str) -> tuple[str, ...]:
    """Make what the file ``rig`` holds Blender's current file; what was assumed about it, a sentence each.

    Raises UserError that names it where that fails.
    """
    bpy.ops.wm.read_factory_settings(use_empty=True)
    try:
        return _OPENERS[Path(rig).suffix.lower()](rig) or ()
    except (RuntimeError, OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        # Importers written in Python fail in as many ways as files can be damaged.
        if needs := gltf_file.unreadable(gltf_file.read(rig)) if Path(rig).suffix.lower() in GLTF else []:
            raise UserError(
                f"{rig}: this file needs {', '.join(needs)}, which this Blender cannot read; "
                "save it without that in the program that made it, or unpack it with a glTF tool first."
            ) from error
        raise UserError(f"{rig}: Blender cannot import this file; open it in Blender to see why.") from error


def _open_blend(path: str) -> None:
    bpy.ops.wm.open_mainfile(filepath=path, load_ui=False, use_scripts=False)


def _import_gltf(path: str) -> tuple[str, ...]:
    """VRM is glTF with more inside: a table of what its keys mean, which becomes the key maps. Returns what was assumed
    of it, a sentence each.
    """
    document = gltf_file.read(path)
    with gltf_file.named(path, document) as renamed:
        bpy.ops.import_scene.gltf(filepath=renamed)
    nodes = {}
    for candidate in bpy.data.objects:
        number = candidate.pop(gltf_file.NODE, None)
        if number is not None and has_shapes(candidate):
            nodes[int(number)] = candidate
    maps = maps_of(gltf_file.binds(gltf_file.expressions(document), nodes))
    if any(any(entry.on for entry in keymap.entries) for keymap in maps.values()):
        for candidate in nodes.values():
            if candidate.name in maps:
                store_map(candidate, with_names(maps[candidate.name], key_names(candidate)), edited=True)
    return gltf_file.doubts(document, nodes)


def _import_fbx(path: str) -> None:
    if hasattr(bpy.types, "WM_OT_fbx_import"):  # 4.5 and later
        bpy.ops.wm.fbx_import(filepath=path)
    else:
        bpy.ops.import_scene.fbx(filepath=path)


def _import_obj(path: str) -> None:
    bpy.ops.wm.obj_import(filepath=path)


def made_ready(character: Character) -> tuple[Character, str]:
    """``character`` able to show the 52 channels; a sentence where that took something: a FLAME head is fitted."""
    said = flame_setup.made_ready(character.flame) if character.flame is not None else ""
    return (find_character(character.flame.object), said) if said and character.flame is not None else (character, "")


GLTF = (".glb", ".gltf", ".vrm")

_OPENERS: dict[str, Callable[[str], tuple[str, ...] | None]] = {
    ".blend": _open_blend, ".glb": _import_gltf, ".gltf": _import_gltf, ".vrm": _import_gltf,
    ".fbx": _import_fbx, ".obj": _import_obj,
}  # fmt: skip


def best_character(rig: str) -> Character:
    """The one that shows most channels, where a file holds several."""
    meshes: list[Any] = [o for o in bpy.context.scene.objects if has_shapes(o)]
    if not meshes:
        raise UserError(f"{rig}: no mesh in it has shape keys, so nothing can speak.")
    found, reason = [], ""
    for mesh in meshes:
        try:
            found.append(find_character(mesh))
        except UserError as error:
            reason = str(error)
    if not found:
        raise UserError(f"{rig}: {reason}")
    return max(found, key=lambda character: (len(character.channels), len(character.meshes)))
