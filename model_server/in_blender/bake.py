"""Open a rig, bake a track onto it, put the sound in, save."""

import os
from dataclasses import asdict
from typing import Any

import bpy

from model_server.cancel import Progress
from s2f_blender_addon.bake import BakeOptions, bake
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.blend import Mix
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.rigs import Character
from s2f_blender_addon.rigs.bones import ROLES

from .rig import open_rig


def bake_file(
    progress: Progress, track: str, rig: str, out: str, sound: str, name: str, intensity: float, fps: float
) -> dict[str, Any]:
    """Bake the track file ``track`` onto ``rig`` and save to ``out``.

    ``sound`` is packed into the file, empty for none; ``fps`` 0 keeps the rig's own rate. Speech starts on the
    scene's first frame. Returns the BakeReport as a dict, with ``coverage``, the panel's line, and ``matched``:
    mesh -> {channel: keys}, armature -> {channel: bones}.
    """
    progress(0.0, f"opening {os.path.basename(rig)}")
    character = open_rig(rig)
    scene = bpy.context.scene
    if fps > 0:
        set_rate(scene, fps)
    progress(0.4, "writing keys")
    options = BakeOptions(mix=Mix(intensity=intensity), sound=sound, name=name)
    report = bake(formats.read(track), character, scene, scene.frame_start, options)
    scene.frame_end = int(report.last)
    progress(0.7, "saving")
    _save(out, sound)
    return {**asdict(report), "matched": _matched(character), "coverage": character.coverage}


def set_rate(scene: Any, fps: float) -> None:
    """Blender's whole ``fps`` over ``fps_base``: 23.976 is 24 / 1.001."""
    whole = max(round(fps), 1)
    scene.render.fps = whole
    scene.render.fps_base = whole / fps if abs(whole - fps) > 1e-9 else 1.0


def _save(out: str, sound: str) -> None:
    bpy.context.preferences.filepaths.save_version = 0  # no .blend1 beside the user's file
    for block in bpy.data.sounds:
        if block.packed_file is None and os.path.abspath(bpy.path.abspath(block.filepath)) == os.path.abspath(sound):
            block.pack()
    try:
        bpy.ops.wm.save_as_mainfile(filepath=out, check_existing=False)
    except RuntimeError as error:
        raise UserError(f"Blender cannot save here: {error}") from error


def _matched(character: Character) -> dict[str, dict[str, list[str]]]:
    meshes: dict[str, dict[str, list[str]]] = {}
    for mesh in character.meshes:
        keys = meshes.setdefault(mesh.name, {})
        for entry in mesh.map.active:
            keys.setdefault(entry.source, []).append(entry.key)
    if character.bones is not None and character.bones.channels():
        turned = meshes.setdefault(character.bones.armature.name, {})
        for role, bone in character.bones.names.items():
            for channel in ROLES[role]:
                turned.setdefault(channel, []).append(bone)
    return meshes
