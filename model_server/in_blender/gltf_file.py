"""What a glTF file says that Blender's importer leaves out: names on primitives, expression tables, compressions."""

import json
import math
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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

_OVERSHOOT = 2.0
"""More of a key than any expression of VRM 1 asks for, where weights are parts of 1."""

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
    """The extensions without which the file cannot be read and that Blender does not read: those that it requires, and
    those that pack its data, which not every program lists, unless the data stand beside it unpacked, too.
    """
    listed = document.get("extensionsRequired") if document else None
    required = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
    buffers = (document or {}).get("buffers")
    for view in _listed(document or {}, "bufferViews"):
        beside = _unpacked(view.get("buffer"), buffers)
        packing = _object(view.get("extensions"))
        required += [name for name in packing if not beside or _object(packing[name]).get("buffer") == view["buffer"]]
    return [name for name in dict.fromkeys(required) if name not in _READ and not name.startswith("KHR_materials")]


def _unpacked(number: object, buffers: object) -> bool:
    """Whether buffer ``number`` is a file of its own, as the one is that holds unpacked data for who needs them."""
    if not (isinstance(number, int) and isinstance(buffers, list) and 0 <= number < len(buffers)):
        return False
    return isinstance(_object(buffers[number]).get("uri"), str)


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
    """The expression table of a VRM 0 or VRM 1 file; empty without one. What is damaged in it is left out."""
    read = _table(document)
    found: Expressions = {name: [] for name, _ in read.written}
    for name, bind in read.written:
        if bind is not None:
            node, number, weight = bind
            found[name].append((node, number, weight / read.full))
    return found


def doubts(document: JsonObject | None, objects: dict[int, Any]) -> tuple[str, ...]:
    """What was assumed about the expression table, or left out of it, a sentence for the user each; ``objects`` as in
    ``binds``."""
    read, notes = _table(document), []
    if read.full != read.usual:
        notes.append(f"The weights of its expressions were taken for parts of {read.full:g}, not of {read.usual:g}.")
    damaged = [name for name, bind in read.written if bind is None]
    if damaged:
        notes.append(f"Damaged in its expression table, so left out: parts of {_some(damaged)}.")
    lacking = [name for name, bind in read.written if bind is not None and _key(objects, bind[0], bind[1]) is None]
    if lacking:
        notes.append(f"Its expressions name keys that no mesh has, so they lack something: {_some(lacking)}.")
    return tuple(notes)


def _some(names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


@dataclass(frozen=True)
class _Table:
    """written: (name of an expression, (node, number of the key, weight), None for a damaged part); full: the weight
    that is all of a key, usually ``usual``."""

    written: list[tuple[str, tuple[int, int, float] | None]]
    usual: float
    full: float


def _table(document: JsonObject | None) -> _Table:
    extensions = _object((document or {}).get("extensions"))
    new = _vrm1(_object(_object(extensions.get("VRMC_vrm")).get("expressions")))
    master = _object(_object(extensions.get("VRM")).get("blendShapeMaster"))
    old = [] if new else _vrm0(_listed(master, "blendShapeGroups"), _listed(document or {}, "nodes"))
    usual, written = (1.0, new) if new else (100.0, old)
    most = max((abs(bind[2]) for _, bind in written if bind is not None), default=usual)
    if usual == 1.0:
        return _Table(written, usual, 100.0 if most > _OVERSHOOT else usual)
    return _Table(written, usual, 1.0 if 0 < most <= 1.0 else usual)


def _vrm1(table: JsonObject) -> list[tuple[str, tuple[int, int, float] | None]]:
    found: list[tuple[str, tuple[int, int, float] | None]] = []
    told: set[str] = set()
    for kind in ("preset", "custom"):
        for name, expression in _object(table.get(kind)).items():
            if name not in told:
                binds = _listed(_object(expression), "morphTargetBinds")
                found += [(name, _bind(bind, bind.get("node"), 1.0)) for bind in binds]
            told.add(name)
    return found


def _vrm0(groups: list[JsonObject], nodes: list[JsonObject]) -> list[tuple[str, tuple[int, int, float] | None]]:
    """VRM 0 binds meshes, not nodes, and counts weights to 100."""
    found: list[tuple[str, tuple[int, int, float] | None]] = []
    for group in groups:
        preset = str(group.get("presetName") or "").lower()
        name = preset if preset not in ("", "unknown") else str(group.get("name") or "")
        for bind in _listed(group, "binds"):
            having = [number for number, node in enumerate(nodes) if node.get("mesh") == bind.get("mesh")]
            found += [(name, _bind(bind, node, 100.0)) for node in having or [-1]]
    return found


def _bind(bind: JsonObject, node: object, full: float) -> tuple[int, int, float] | None:
    """(node, number of the key, weight as it stands there); None where one of them is no number."""
    try:
        weight = float(bind.get("weight", full))
        found = int(node), int(bind["index"]), weight  # type: ignore[call-overload]
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(weight) else None


def _object(found: object) -> JsonObject:
    return found if isinstance(found, dict) else {}


def _key(objects: dict[int, Any], node: int, number: int) -> str | None:
    """The name of key ``number`` of the mesh object at ``node``."""
    blocks = objects[node].data.shape_keys.key_blocks if node in objects else ()
    return str(blocks[number + 1].name) if 0 <= number < len(blocks) - 1 else None


def binds(table: Expressions, objects: dict[int, Any]) -> dict[str, list[Bind]]:
    """``table`` in the names of the imported ``objects``: node -> mesh object with shape keys."""
    found: dict[str, list[Bind]] = {}
    for name, listed in table.items():
        for node, number, weight in listed:
            if (key := _key(objects, node, number)) is not None:
                found.setdefault(name, []).append(Bind(objects[node].name, key, weight))
    return found
