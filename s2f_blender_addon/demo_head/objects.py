"""Parts become Blender objects: mesh, materials and shape keys."""

import bpy
import numpy as np
import numpy.typing as npt

from .curves import Floats
from .geometry import BASE
from .palette import PALETTE
from .part import HeadPart

METRES = 0.001
TINT = "Tint"
"""The colour attribute that warms cheeks, nose, ears and lids."""


def material(name: str) -> bpy.types.Material:
    """The palette's material ``name``, made once for a file; the viewport shows the same colour."""
    label = f"Demo {name}"
    found = bpy.data.materials.get(label)
    if found is not None:
        return found
    paint = PALETTE[name]
    made = bpy.data.materials.new(label)
    if made.node_tree is None:  # Blender 5.0 and later always have one
        made.use_nodes = True
    made.diffuse_color = (*(channel**0.75 for channel in paint.colour), 1.0)  # the viewport's own light is dim
    made.roughness = paint.roughness
    shader = next(node for node in made.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = (*paint.colour, 1.0)
    shader.inputs["Roughness"].default_value = paint.roughness
    shader.inputs["Coat Weight"].default_value = paint.coat
    shader.inputs["Coat Roughness"].default_value = 0.08
    if paint.tinted:
        _tint(made.node_tree, shader, paint.colour)
    return made


def _tint(tree: bpy.types.NodeTree, shader: bpy.types.Node, colour: tuple[float, float, float]) -> None:
    """Multiply the base colour by the mesh's own tint."""
    tint, product = tree.nodes.new("ShaderNodeVertexColor"), tree.nodes.new("ShaderNodeVectorMath")
    tint.layer_name, product.operation = TINT, "MULTIPLY"
    product.inputs[1].default_value = colour
    tint.location, product.location = (-420, 120), (-210, 120)
    tree.links.new(tint.outputs["Color"], product.inputs[0])
    tree.links.new(product.outputs["Vector"], shader.inputs["Base Color"])


def in_metres(points: npt.ArrayLike) -> Floats:
    """(…, 3) points in the head's own millimetres as they lie in a Blender object, which stands on the floor."""
    metres: Floats = (np.asarray(points, float) - (0, 0, BASE)) * METRES
    return metres


def make_object(part: HeadPart) -> bpy.types.Object:
    """A new object of ``part`` with a shape key for each of its channels, all at 0; not yet in any collection."""
    rest = in_metres(part.vertices)
    mesh = bpy.data.meshes.new(f"Demo {part.name}")
    mesh.from_pydata(rest.tolist(), [], [list(dict.fromkeys(quad)) for quad in part.quads.tolist()])
    for name in part.materials:
        mesh.materials.append(material(name))
    mesh.polygons.foreach_set("material_index", part.paint.astype(np.int32))
    mesh.polygons.foreach_set("use_smooth", np.ones(len(part.quads), bool))
    if part.tint is not None:
        colours = mesh.color_attributes.new(TINT, "FLOAT_COLOR", "POINT")
        rgba = np.column_stack([part.tint, np.ones(len(part.tint))])
        colours.data.foreach_set("color", rgba.astype(np.float32).ravel())
    mesh.update()
    made = bpy.data.objects.new(f"Demo {part.name}", mesh)
    if part.keys:
        made.shape_key_add(name="Basis", from_mix=False)
    for channel, delta in part.keys.items():
        key = made.shape_key_add(name=channel, from_mix=False)
        key.data.foreach_set("co", (rest + delta * METRES).astype(np.float32).ravel())
        key.value = 0.0  # Blender 5.0 and later make it 1
    return made
