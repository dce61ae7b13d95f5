"""Files of each kind, by their endings. Those that hold one clip alone get a file for each: hero_LINE.fbx."""

from collections.abc import Callable, Sequence
from pathlib import Path

import bpy
import numpy as np
from bpy.types import Object, Scene

from ..core.errors import UserError
from ..core.exports import ENDINGS
from ..core.whole_file import check_target, whole_file
from ..rigs import Character
from ..rigs.face_objects import meshes_of, rig_of
from . import vrm
from .clips import ExportClip, distinct
from .morphs import with_morphs
from .stage import Stage, staged

Writer = Callable[[Stage, Path, Character], list[str]]
"""Writes what the stage holds; returns notes."""


def write(path: Path, character: Character, scene: Scene, clips: Sequence[ExportClip]) -> tuple[list[Path], list[str]]:
    """Write ``clips`` of ``character`` to ``path``, whole or not at all; (the files, notes of what they lack).

    Raises UserError for an ending that is none of ENDINGS, for no clip, and where Blender's exporter gives up.
    """
    suffix = path.suffix.lower()
    if suffix not in ENDINGS:
        raise UserError(f"{path}: an export ends in {', '.join(ENDINGS)}.")
    if not character.meshes and suffix in _OF_A_MESH:
        raise UserError(f"{path}: this character has no mesh with keys, which {suffix} needs; choose .glb or .fbx.")
    if not clips:
        raise UserError("There is no line to export; bake one first.")
    named = distinct(list(clips))
    objects = hero(character)
    notes = _left_out(objects)
    together = suffix in _TOGETHER
    paths = [path] if together else _paths(path, named)
    for one in paths:
        check_target(one)
    with staged(scene, objects, named) as stage:
        for number, one in enumerate(paths):
            if together:
                stage.lay_out()
            else:
                stage.play(number)
            with whole_file(one) as temporary:
                try:
                    notes += _FORMS[suffix](stage, temporary, character)
                except AttributeError as error:  # of an operator that is not there
                    raise UserError(
                        f"{one}: Blender's add-on for {suffix} is switched off; switch it on in Preferences > Add-ons."
                    ) from error
                except RuntimeError as error:
                    reason = str(error).strip().splitlines()[-1].removeprefix("Error: ")
                    raise UserError(f"{one}: Blender's exporter gave up ({reason}).") from error
    return paths, list(dict.fromkeys(notes))


def hero(character: Character) -> list[Object]:
    """All objects of a character: its meshes, the armature that moves them, and what hangs together with either."""
    found = [mesh.object for mesh in character.meshes]
    rigs = [rig for rig in dict.fromkeys(rig_of(o) for o in found) if rig is not None]
    if character.bones is not None:
        rigs.append(character.bones.armature)
    for rig in rigs:
        found += [rig, *(mesh for mesh in meshes_of(rig) if rig_of(mesh) == rig)]
    tops = []
    for one in found:
        while one.parent is not None:
            one = one.parent
        tops.append(one)
    found += [o for top in tops for o in (top, *top.children_recursive)]
    return [o for o in dict.fromkeys(found) if o.type in {"MESH", "ARMATURE", "EMPTY"}]


def _paths(path: Path, clips: Sequence[ExportClip]) -> list[Path]:
    if len(clips) == 1:
        return [path]
    names = ["".join(c if c.isalnum() or c in " -_.()" else "_" for c in clip.name) for clip in clips]
    return [path.with_stem(f"{path.stem}_{name}") for name in names]


def _left_out(objects: Sequence[Object]) -> list[str]:
    kinds = {
        (o.name, modifier.name)
        for o in objects if o.type == "MESH"
        for modifier in o.modifiers if modifier.type != "ARMATURE" and modifier.show_render
    }  # fmt: skip
    if not kinds:
        return []
    listed = ", ".join(f"{modifier} of {name}" for name, modifier in sorted(kinds)[:3])
    more = f" and {len(kinds) - 3} more" if len(kinds) > 3 else ""
    return [f"Modifiers do not go along with shape keys: {listed}{more}; apply them before, where they matter."]


def _gltf(stage: Stage, path: Path, character: Character) -> list[str]:
    bpy.ops.export_scene.gltf(
        filepath=str(path), export_format="GLB", use_active_scene=True, use_selection=True, export_animations=True,
        export_animation_mode="NLA_TRACKS", export_force_sampling=True, export_frame_range=False, export_morph=True,
        export_morph_normal=False, export_optimize_animation_size=False, export_anim_slide_to_zero=True,
        export_reset_pose_bones=True,
    )  # fmt: skip
    path.write_bytes(with_morphs(path.read_bytes(), stage))
    return []


def _vrm(stage: Stage, path: Path, character: Character) -> list[str]:
    glb = path.with_suffix(".glb")
    try:
        _gltf(stage, glb, character)
        data, notes = vrm.with_expressions(
            glb.read_bytes(), character, {original: copy.name for original, copy in stage.copies.items()}
        )
    finally:
        glb.unlink(missing_ok=True)
    path.write_bytes(data)
    return notes


def _fbx(stage: Stage, path: Path, character: Character) -> list[str]:
    bpy.ops.export_scene.fbx(
        filepath=str(path), use_selection=True, add_leaf_bones=False, bake_anim=True, bake_anim_use_all_actions=False,
        bake_anim_use_nla_strips=False, bake_anim_step=1.0, bake_anim_simplify_factor=0.0,
    )  # fmt: skip
    return []


def _usd(stage: Stage, path: Path, character: Character) -> list[str]:
    bpy.ops.wm.usd_export(
        filepath=str(path), selected_objects_only=True, export_animation=True, export_shapekeys=True,
        export_armatures=True, evaluation_mode="VIEWPORT",
    )  # fmt: skip
    return ["USD holds no names of clips: the file's name tells the line."]


def _alembic(stage: Stage, path: Path, character: Character) -> list[str]:
    bpy.ops.wm.alembic_export(
        filepath=str(path), selected=True, start=stage.scene.frame_start, end=stage.scene.frame_end,
        as_background_job=False, evaluation_mode="VIEWPORT",
    )  # fmt: skip
    return ["Alembic holds moving points: names and values of keys are lost."]


def _vertices(stage: Stage, path: Path, character: Character) -> list[str]:
    """(T, V, 3) float32 of the face's mesh, in its own space."""
    face = stage.copies[character.meshes[0].object]
    frames = []
    for frame in range(stage.scene.frame_end + 1):
        stage.scene.frame_set(frame)
        mesh = face.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
        points = np.empty(len(mesh.vertices) * 3, np.float32)
        mesh.vertices.foreach_get("co", points)
        frames.append(points.reshape(-1, 3))
    with path.open("wb") as file:
        np.save(file, np.stack(frames), allow_pickle=False)
    return [
        f".npy holds the {frames[0].shape[0]} points of {face.name} at {stage.scene.render.fps} frames a second, in "
        "its own space; it does not tell the rate."
    ]


_FORMS: dict[str, Writer] = {
    ".glb": _gltf, ".vrm": _vrm, ".fbx": _fbx, ".usd": _usd, ".usdc": _usd, ".usda": _usd, ".abc": _alembic,
    ".npy": _vertices,
}  # fmt: skip
_OF_A_MESH = frozenset({".npy", ".vrm"})
_TOGETHER = frozenset({".glb", ".vrm"})
"""What holds several clips in one file."""
