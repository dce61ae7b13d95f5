"""VRM 1.0's block of expressions in a .glb: presets, and the 52 channels as custom expressions (Perfect Sync)."""

import json
from functools import cache
from pathlib import Path

import numpy as np
from bpy.types import Object

from ..core import glb
from ..core.channels import CHANNELS, INDEX
from ..core.json_object import JsonObject
from ..core.naming.visemes import SETS, spread
from ..rigs import Character

EXTENSION = "VRMC_vrm"

_VOWELS = {"aa": "A", "ih": "I", "ou": "U", "ee": "E", "oh": "O"}
_BONES = {"head": "head", "neck": "neck", "jaw": "jaw", "eye_left": "leftEye", "eye_right": "rightEye"}
_LICENCE = "https://vrm.dev/licenses/1.0/"

Pose = dict[str, float]


@cache
def presets() -> dict[str, Pose]:
    """VRM's own expressions as poses of channels: vowels, lids, gaze and moods."""
    document = json.loads((Path(__file__).parent / "vrm_presets.json").read_text(encoding="utf-8"))
    moods = {name: spread(pose) for name, pose in document["poses"].items()}
    return {**{name: SETS["vowels"].poses[shape] for name, shape in _VOWELS.items()}, **moods}


def with_expressions(data: bytes, character: Character, names: dict[Object, str]) -> tuple[bytes, list[str]]:
    """The .glb file ``data`` with expressions bound to its morph targets, and what a VRM needs and it lacks.

    ``names``: objects of ``character`` -> what they are called in the file.
    """
    document, rest = glb.split(data)
    nodes = {node["name"]: number for number, node in enumerate(document.get("nodes", [])) if "name" in node}
    bound = []
    for mesh in character.meshes:
        node = nodes[names[mesh.object]]
        bound.append((mesh.map, node, _targets(document, node)))

    def expression(pose: Pose) -> JsonObject:
        curves = np.zeros((1, len(CHANNELS)), np.float32)
        for channel, value in pose.items():
            curves[0, INDEX[channel]] = value
        binds = []
        for keymap, node, targets in bound:
            keys, values = keymap.values(curves)
            for name, value in zip(keys, values[0].tolist(), strict=True):
                if name in targets and abs(value) > 1e-4:
                    weight = round(min(max(value, 0.0), 1.0), 4)
                    binds.append({"node": node, "index": targets.index(name), "weight": weight})
        return {"isBinary": False, "morphTargetBinds": binds}

    custom = {channel: expression({channel: 1.0}) for channel in CHANNELS}
    bones = _bones(character, nodes)
    document.setdefault("extensionsUsed", []).append(EXTENSION)
    document.setdefault("extensions", {})[EXTENSION] = {
        "specVersion": "1.0",
        "meta": {"name": character.name, "authors": ["unknown"], "licenseUrl": _LICENCE},
        "humanoid": {"humanBones": {role: {"node": node} for role, node in bones.items()}},
        "expressions": {
            "preset": {name: expression(pose) for name, pose in presets().items()},
            "custom": {name: one for name, one in custom.items() if one["morphTargetBinds"]},
        },
    }
    notes = [
        "A .vrm tells its expressions, not its clips, to players of VRM; the clips in it are read as glTF.",
        "Author and licence of the character are left open in the .vrm; fill them in before you pass it on.",
    ]
    if not {"hips", "spine", "head"} <= set(bones):
        notes.append("The .vrm has no humanoid skeleton, so players that need a whole body refuse it.")
    return glb.joined(document, rest), notes


def _targets(document: JsonObject, node: int) -> list[str]:
    mesh = document["meshes"][document["nodes"][node]["mesh"]] if "mesh" in document["nodes"][node] else {}
    return list(mesh.get("extras", {}).get("targetNames", []))


def _bones(character: Character, nodes: dict[str, int]) -> dict[str, int]:
    """Bones of VRM's humanoid that are known by their role, or that have VRM's own names."""
    if character.bones is None:
        return {}
    found = {role: nodes[bone] for ours, role in _BONES.items() if (bone := character.bones.names.get(ours)) in nodes}
    document = json.loads((Path(__file__).parent / "vrm_presets.json").read_text(encoding="utf-8"))
    lower = {bone.name.lower(): bone.name for bone in character.bones.armature.data.bones}
    for role in document["bones"]:
        if role not in found and role.lower() in lower and lower[role.lower()] in nodes:
            found[role] = nodes[lower[role.lower()]]
    return found
