"""Head, neck and chest as bones: what nods, turns and breathes, whatever else a rig has."""

from bpy.types import Bone, Object

from ..core.naming.names import tokens
from .bones import leading, misleading

_NECK, _CHEST = frozenset({"neck"}), frozenset({"chest", "upperchest"})


def find_spine(armature: Object, head: str = "") -> dict[str, str]:
    """role -> bone of ``armature``, of ``head``, ``neck`` and ``chest``; what is not there is left out.

    ``head``: the bone that is known to be the head. Names come first, then what the head hangs on.
    """
    bones = armature.data.bones
    names = sorted((str(bone.name) for bone in bones), key=leading)
    found = {"head": head or _named(names, frozenset({"head"})), "neck": _named(names, _NECK)}
    above = [str(bone.name) for bone in _ancestors(bones.get(found["head"]))]
    found["neck"] = found["neck"] or next((name for name in above if not _NECK.isdisjoint(tokens(name))), "")
    found["chest"] = _named(names, _CHEST)
    if not found["chest"] and found["neck"]:
        parent = bones[found["neck"]].parent
        found["chest"] = str(parent.name) if parent is not None and parent.parent is not None else ""
    return {role: name for role, name in found.items() if name}


def _named(names: list[str], words: frozenset[str]) -> str:
    return next((name for name in names if not words.isdisjoint(tokens(name)) and not misleading(name)), "")


def _ancestors(bone: Bone | None) -> list[Bone]:
    chain = []
    while bone is not None and bone.parent is not None:
        bone = bone.parent
        chain.append(bone)
    return chain
