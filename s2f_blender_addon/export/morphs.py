"""What morph targets do over the clips, put into a .glb file beside what moves there already.

Blender's exporter would play the whole scene through once for each mesh to read what is known from playing it once.
"""

import numpy as np
import numpy.typing as npt

from ..core import glb
from ..core.json_object import JsonObject
from .sampled import Values
from .stage import Stage

_FLOAT = 5126
"""glTF's number of this kind of component."""


def with_morphs(data: bytes, stage: Stage) -> bytes:
    """The .glb file ``data`` of ``stage`` with the weights of its meshes in an animation for each clip.

    A mesh rests as it begins in the last clip, as the exporter has it.
    """
    document, rest = glb.split(data)
    numbers = _Numbers(document, rest)
    nodes = {node["name"]: number for number, node in enumerate(document.get("nodes", [])) if "mesh" in node}
    for clip, motion in zip(stage.clips, stage.motions, strict=True):
        if not motion.keys:
            continue
        times = numbers.add(np.arange(motion.length) / stage.scene.render.fps, ends=True)
        samplers, channels = _animation(document, clip.name)
        for original, keys in motion.keys.items():
            node = nodes.get(stage.copies[original].name)
            mesh = document["meshes"][document["nodes"][node]["mesh"]] if node is not None else {}
            names = mesh.get("extras", {}).get("targetNames", [])
            if not names:
                continue
            weights = np.stack([keys[name] for name in names], axis=1).astype(np.float32)
            mesh["weights"] = weights[0].tolist()
            channels.append({"sampler": len(samplers), "target": {"node": node, "path": "weights"}})
            samplers.append({"input": times, "interpolation": "LINEAR", "output": numbers.add(weights.ravel())})
    moving = [one for one in document.pop("animations", []) if one["channels"]]
    if moving:  # an empty list is none of glTF's
        document["animations"] = moving
    return glb.joined(document, numbers.chunks())


def _animation(document: JsonObject, name: str) -> tuple[list[JsonObject], list[JsonObject]]:
    """(samplers, channels) of the animation ``name``, which is made where there is none."""
    every = document.setdefault("animations", [])
    found = next((one for one in every if one.get("name") == name), None)
    if found is None:
        found = {"name": name, "samplers": [], "channels": []}
        every.append(found)
    return found["samplers"], found["channels"]


class _Numbers:
    """The numbers of a .glb file, to which more are added."""

    def __init__(self, document: JsonObject, rest: bytes) -> None:
        self._document = document
        self._binary, self._beyond = glb.binary(rest)
        self._more: list[bytes] = []
        self._length = len(self._binary)

    def add(self, values: npt.NDArray[np.float32] | Values, ends: bool = False) -> int:
        """The number of a new accessor with ``values`` (n,); ``ends``: it tells the least and the greatest."""
        packed = values.astype("<f4")
        accessors, views = (self._document.setdefault(name, []) for name in ("accessors", "bufferViews"))
        views.append({"buffer": 0, "byteOffset": self._length, "byteLength": packed.nbytes})
        accessor = {"bufferView": len(views) - 1, "componentType": _FLOAT, "count": len(packed), "type": "SCALAR"}
        if ends:
            accessor |= {"min": [float(packed.min())], "max": [float(packed.max())]}
        accessors.append(accessor)
        self._more.append(packed.tobytes())
        self._length += packed.nbytes
        return len(accessors) - 1

    def chunks(self) -> bytes:
        """All chunks after the JSON, which knows their length by then."""
        self._document.setdefault("buffers", [{}])[0]["byteLength"] = self._length
        return glb.with_binary(b"".join([self._binary, *self._more]), self._beyond)
