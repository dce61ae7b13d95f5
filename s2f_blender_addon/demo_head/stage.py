"""Camera, light and background that show the demo character well in Cycles, EEVEE and Workbench."""

import math

import bpy
from mathutils import Vector

from .geometry import BASE
from .objects import METRES

LOOK_AT = Vector((0.0, -0.02, (-12.0 - BASE) * METRES))
LIGHTS = (
    ("Key", (-0.75, -1.1, 0.75), 17.0, 0.5, (1.0, 0.93, 0.85)),
    ("Fill", (1.2, -0.9, 0.15), 6.0, 0.9, (0.80, 0.88, 1.0)),
    ("Front", (-0.35, -1.1, -0.35), 2.5, 0.5, (1.0, 0.95, 0.9)),
    ("Rim", (0.65, 0.9, 0.75), 22.0, 0.5, (0.90, 0.95, 1.0)),
)
"""Name, place relative to the face in metres, watts, size in metres, colour."""

BACKGROUND = (0.17, 0.22, 0.26)


def stage(scene: bpy.types.Scene) -> None:
    """Give ``scene`` a camera that frames the face, three soft lights and a plain background."""
    for name, place, watts, size, colour in LIGHTS:
        lamp = bpy.data.lights.new(f"Demo {name}", "AREA")
        lamp.energy, lamp.size, lamp.color = watts, size, colour
        _add(scene, lamp, LOOK_AT + Vector(place)).visible_glossy = name != "Front"  # no second glint in the eyes
    camera = bpy.data.cameras.new("Demo Camera")
    camera.lens, camera.sensor_width, camera.clip_start = 85.0, 36.0, 0.01
    camera.sensor_fit = "VERTICAL"
    camera.sensor_height = 24.0
    turn = math.radians(9)
    scene.camera = _add(scene, camera, LOOK_AT + 1.25 * Vector((-math.sin(turn), -math.cos(turn), 0.03)))
    _backdrop(scene)
    scene.view_settings.view_transform = "Standard"
    shading = scene.display.shading
    shading.light, shading.color_type, shading.studio_light = "STUDIO", "MATERIAL", "Default"
    shading.background_type, shading.background_color = "VIEWPORT", BACKGROUND
    shading.show_cavity = True


def _add(scene: bpy.types.Scene, data: bpy.types.ID, place: Vector) -> bpy.types.Object:
    made = bpy.data.objects.new(data.name, data)
    made.location = place
    made.rotation_euler = (LOOK_AT - place).to_track_quat("-Z", "Y").to_euler()
    scene.collection.objects.link(made)
    return made


def _backdrop(scene: bpy.types.Scene) -> None:
    world = bpy.data.worlds.new("Demo World")
    if world.node_tree is None:
        world.use_nodes = True
    background = next(node for node in world.node_tree.nodes if node.type == "BACKGROUND")
    background.inputs["Color"].default_value = (*BACKGROUND, 1.0)
    background.inputs["Strength"].default_value = 1.0
    scene.world = world
