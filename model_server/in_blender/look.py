"""Open a rig and say what of it would move; nothing is written."""

import os
from typing import Any

import bpy

from model_server.cancel import Progress

from .rig import made_ready, open_rig


def look_at_rig(progress: Progress, rig: str) -> dict[str, Any]:
    """What a bake would find in ``rig``: ``name``, ``coverage`` (the panel's line), ``missing`` channels, ``notes``,
    ``blocked`` (why it would be refused, or ''), ``meshes`` and their numbers of keys, ``bones`` that turn, ``fps``.
    """
    progress(0.0, f"opening {os.path.basename(rig)}")
    character, said = made_ready(open_rig(rig))
    render = bpy.context.scene.render
    return {
        "name": character.name,
        "coverage": character.coverage,
        "missing": list(character.missing),
        "notes": [said, *character.notes] if said else list(character.notes),
        "blocked": character.blocked,
        "meshes": {mesh.name: len(mesh.map.keys()) for mesh in character.meshes},
        "bones": list(character.bones.names.values()) if character.bones is not None else [],
        "fps": render.fps / render.fps_base,
    }
