"""A preview of a baked .blend file: the face, its sound, an .mp4."""

from typing import Any

import bpy
import numpy as np
import numpy.typing as npt
from mathutils import Vector

from model_server.cancel import Progress
from s2f_blender_addon.rigs import Character, MeshMap
from s2f_blender_addon.rigs.likeness import moving

from .rig import best_character

LENS = 85.0
"""Millimetres of a portrait lens."""

AROUND_FACE = 2.15
"""How much higher the picture is than what the shape keys move."""

CLEARLY = 0.08
"""Share of the largest travel from which a point counts as moved."""

BACKGROUND = (0.045, 0.05, 0.06)


def render_file(
    progress: Progress, blend: str, out: str, engine: str, first: int, last: int, size: int
) -> dict[str, Any]:
    """Render frames ``first`` … ``last`` of ``blend`` to the .mp4 file ``out``, at most ``size`` pixels wide and high.

    The scene's own camera is used where there is one. ``engine``: Blender's name of one of its render engines.
    """
    bpy.ops.wm.open_mainfile(filepath=blend, load_ui=False, use_scripts=False)
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = first, last
    if scene.camera is None:
        face_camera(scene, best_character(blend))
        plain_studio(scene)
    _use(scene, engine)
    _film(scene, out, size)
    _only_sound(scene)
    frames = last - first + 1

    def rendered(scene: Any, *_: Any) -> None:
        done = scene.frame_current - first + 1
        progress(done / frames, f"rendering frame {done} of {frames}")

    bpy.app.handlers.render_write.append(rendered)
    bpy.ops.render.render(animation=True)
    return {"frames": frames}


def face_camera(scene: Any, character: Character) -> None:
    """A camera before the face: where the shape keys move the skin, seen along its own normals."""
    centre, height, forward = max(map(_moved, character.meshes), key=lambda moved: moved[1])
    camera = bpy.data.objects.new("Preview", bpy.data.cameras.new("Preview"))
    camera.data.lens = LENS
    distance = height * AROUND_FACE * LENS / camera.data.sensor_width
    camera.location = centre + forward * distance
    camera.rotation_euler = (-forward).to_track_quat("-Z", "Y").to_euler()
    camera.data.clip_start, camera.data.clip_end = distance / 100, distance * 100
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.render.resolution_x = scene.render.resolution_y


def _moved(mesh: MeshMap) -> tuple[Vector, float, Vector]:
    """(centre, size, direction in which it looks) of what keys move of a mesh, in world space.

    Of the meshes of a face the skin moves over the widest space: an eye or a tooth never does.
    """
    rest = _points(mesh.key.reference_key)
    travel = np.zeros(len(rest))
    for name in moving(mesh.object, mesh.map.keys()):
        travel = np.maximum(travel, np.linalg.norm(_points(mesh.key.key_blocks[name]) - rest, axis=1))
    if not travel.any():
        return Vector(), 0.0, Vector((0.0, -1.0, 0.0))
    moved = np.flatnonzero(travel > CLEARLY * travel.max())
    matrix = mesh.object.matrix_world
    points = np.array([matrix @ Vector(point) for point in rest[moved]])
    low, high = points.min(axis=0), points.max(axis=0)
    forward = matrix.to_3x3() @ sum((mesh.object.data.vertices[int(i)].normal for i in moved), Vector())
    forward.z = 0.0  # seen from its own height
    forward = forward.normalized() if forward.length > 1e-6 else Vector((0.0, -1.0, 0.0))
    return Vector((low + high) / 2), float((high - low).max()), forward


def _points(key: Any) -> npt.NDArray[np.float32]:
    """(V, 3) positions of a shape key."""
    flat = np.empty(len(key.data) * 3, np.float32)
    key.data.foreach_get("co", flat)
    return flat.reshape(-1, 3)


def plain_studio(scene: Any) -> None:
    """How Workbench shows a rig that brings no camera, and so no look, of its own."""
    shading = scene.display.shading
    shading.light, shading.color_type = "STUDIO", "TEXTURE" if bpy.data.images else "MATERIAL"
    shading.show_cavity, shading.cavity_type = True, "WORLD"
    shading.background_type, shading.background_color = "VIEWPORT", BACKGROUND
    scene.view_settings.view_transform = "Standard"


def _use(scene: Any, engine: str) -> None:
    scene.render.engine = engine
    if engine == "CYCLES":
        _lights(scene)
        scene.cycles.device, scene.cycles.samples = "CPU", 4
        scene.cycles.use_denoising, scene.cycles.max_bounces = False, 2
        scene.render.use_persistent_data = True
        return
    scene.display.render_aa = "5"
    shading = scene.display.shading
    if shading.background_type == "VIEWPORT":  # a render takes the background from the world alone
        scene.world = bpy.data.worlds.new("Preview")
        scene.world.color = shading.background_color


def _lights(scene: Any) -> None:
    """For a scene without any: a soft sun from the camera's upper right, and a grey sky."""
    if any(o.type == "LIGHT" for o in scene.objects):
        return
    sun = bpy.data.objects.new("Preview", bpy.data.lights.new("Preview", "SUN"))
    sun.data.energy, sun.data.angle = 2.5, 0.5
    from_above = scene.camera.matrix_world.to_quaternion() @ Vector((0.6, 0.7, 1.0))
    sun.rotation_euler = from_above.to_track_quat("Z", "Y").to_euler()
    scene.collection.objects.link(sun)
    scene.world = bpy.data.worlds.new("Preview")
    scene.world.color = (0.35, 0.35, 0.38)


def _film(scene: Any, out: str, size: int) -> None:
    render = scene.render
    scale = size / max(render.resolution_x, render.resolution_y)
    width, height = render.resolution_x * scale, render.resolution_y * scale
    render.resolution_x, render.resolution_y = 2 * round(width / 2), 2 * round(height / 2)  # H.264 wants even sides
    render.resolution_percentage = 100
    if hasattr(render.image_settings, "media_type"):  # 5.0 and later
        render.image_settings.media_type = "VIDEO"
    render.image_settings.file_format = "FFMPEG"
    render.ffmpeg.format, render.ffmpeg.codec, render.ffmpeg.audio_codec = "MPEG4", "H264", "AAC"
    render.ffmpeg.constant_rate_factor = "HIGH"
    render.filepath = out


def _only_sound(scene: Any) -> None:
    """Pictures in the sequencer would take the place of the rendered face."""
    editor = scene.sequence_editor
    if editor is not None:
        for strip in editor.strips if hasattr(editor, "strips") else editor.sequences:
            strip.mute = strip.mute or strip.type != "SOUND"
