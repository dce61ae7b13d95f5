"""What the keys of a rig do to its face, as arrays."""

import os
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from model_server.cancel import Progress
from s2f_blender_addon.core.channels import CHANNELS

from .rig import open_rig

MILLIMETRES = 1000.0


def shape_of_rig(progress: Progress, rig: str, out: str) -> dict[str, Any]:
    """Write ``neutral`` (V, 3) and ``delta`` (52, V, 3) of the rig's face, in mm, to the .npz file ``out``.

    The face is the mesh that shows most channels, then the one with most vertices. Returns its ``name``.
    """
    progress(0.0, f"opening {os.path.basename(rig)}")
    character = open_rig(rig)
    mesh = max(character.meshes, key=lambda one: (len(list(one.map.active)), len(one.object.data.vertices)))
    blocks = mesh.key.key_blocks
    basis = _points(mesh.key.reference_key)
    names, values = mesh.map.values(np.eye(len(CHANNELS), dtype=np.float32))
    delta = np.zeros((len(CHANNELS), *basis.shape))
    for name, column in zip(names, values.T, strict=True):
        if name in blocks and column.any():
            block = blocks[name]
            delta += column[:, None, None] * (_points(block) - _points(block.relative_key))
    scale = MILLIMETRES * bpy.context.scene.unit_settings.scale_length
    turn = np.array(mesh.object.matrix_world)[:3, :3] * scale
    with Path(out).open("wb") as file:
        np.savez(file, neutral=basis @ turn.T, delta=delta @ turn.T)
    return {"name": mesh.name}


def _points(block: Any) -> Any:
    found = np.empty(3 * len(block.data), np.float32)
    block.data.foreach_get("co", found)
    return found.reshape(-1, 3).astype(np.float64)
