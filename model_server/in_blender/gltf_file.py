"""What a glTF file says that Blender's importer leaves out: names on primitives, expression tables, compressions."""

import json
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from s2f_blender_addon.core import glb
from s2f_blender_addon.core.json_object import JsonObject
from s2f_blender_addon.rigs.expressions import Bind

NODE = "s2f_node"
"""Custom property by which an imported object tells which node it was."""

_READ = frozenset(
    {"KHR_draco_mesh_compression", "KHR_lights_punctual", "KHR_mesh_quantization", "KHR_texture_transform"}
)
"""Extensions that a file may require and that Blender reads, besides those of materials."""

Expressions = dict[str, list[tuple[int, int, float]]]
"""name of an expression -> [(node, number of the key from 0, weight 0-1)]."""


def read(path: str) -> JsonObject | None:
    """The JSON of a .glb, .vrm or .gltf file; None where it cannot be read, which the importer will say better."""
    try:
        data = Path(path).read_bytes()
        document = glb.split(data)[0] if data[:4] == b"glTF" else json.loads(data)
    except (OSError, ValueError, RecursionError, struct.error):
        return None
    return document if isinstance(document, dict) else None


def unreadable(document: JsonObject | None) -> list[str]:
    """The extensions that the file requires and that Blender does not read."""
    listed = document.get("extensionsRequired") if document else None
    required = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
    return [name for name in required if name not in _READ and not name.startswith("KHR_materials")]


@contextmanager
def named(path: str, document: JsonObject | None) -> Iterator[str]:
    """The path of a file that the importer gives the right names: ``path`` itself, or a copy with names in the JSON.

    Older exporters write the names of keys on the primitives, where the importer does not look; and expression tables
    speak of nodes, which imported objects do not know.
    """
    if document is None or Path(path).suffix.lower() == ".gltf" or not _rename(document):
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / Path(path).name
        copy.write_bytes(glb.joined(document, glb.split(Path(path).read_bytes())[1]))
        yield str(copy)


def _rename(document: JsonObject) -> bool:
    """Put names where the importer looks; whether there was anything to do."""
    changed = bool(expressions(document))
    for mesh in _listed(document, "meshes"):
        names = next((n for p in _listed(mesh, "primitives") if (n := _extras(p).get("targetNames"))), None)
        if names and not _extras(mesh).get("targetNames"):
            mesh["extras"] = {**_extras(mesh), "targetNames": names}
            changed = True
    if changed:
        for number, node in enumerate(_listed(document, "nodes")):
            if "mesh" in node:
                node["extras"] = {**_extras(node), NODE: number}
    return changed


def _listed(document: JsonObject, name: str) -> list[JsonObject]:
    found = document.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _extras(item: JsonObject) -> JsonObject:
    found = item.get("extras")
    return found if isinstance(found, dict) else {}


def expressions(document: JsonObject | None) -> Expressions:
    """The expression table of a VRM 0 or VRM 1 file; empty without one, or where it is damaged."""
    try:
        extensions = (document or {}).get("extensions", {})
        if "VRMC_vrm" in extensions:
            return _vrm1(extensions["VRMC_vrm"]["expressions"])
        if "VRM" in extensions:
            return _vrm0(extensions["VRM"]["blendShapeMaster"]["blendShapeGroups"], (document or {})["nodes"])
    except (KeyError, TypeError, AttributeError, ValueError):
        return {}
    return {}


def _vrm1(table: JsonObject) -> Expressions:
    found: Expressions = {}
    for kind in ("preset", "custom"):
        for name, expression in (table.get(kind) or {}).items():
            binds = expression.get("morphTargetBinds") or []
            found.setdefault(name, [(int(b["node"]), int(b["index"]), float(b.get("weight", 1.0))) for b in binds])
    return found


def _vrm0(groups: list[JsonObject], nodes: list[JsonObject]) -> Expressions:
    """VRM 0 binds meshes, not nodes, and counts weights to 100."""
    found: Expressions = {}
    for group in groups:
        preset = str(group.get("presetName") or "").lower()
        name = preset if preset not in ("", "unknown") else str(group.get("name") or "")
        found.setdefault(name, []).extend(
            (number, int(bind["index"]), float(bind.get("weight", 100.0)) / 100)
            for bind in group.get("binds") or []
            for number, node in enumerate(nodes)
            if node.get("mesh") == bind["mesh"]
        )
    return found


def binds(table: Expressions, objects: dict[int, Any]) -> dict[str, list[Bind]]:
    """``table`` in the names of the imported ``objects``: node -> mesh object with shape keys."""
    found: dict[str, list[Bind]] = {}
    for name, listed in table.items():
        for node, number, weight in listed:
            candidate = objects.get(node)
            if candidate is None:
                continue
            blocks = candidate.data.shape_keys.key_blocks
            if 0 <= number < len(blocks) - 1:
                found.setdefault(name, []).append(Bind(candidate.name, blocks[number + 1].name, weight))
    return found
