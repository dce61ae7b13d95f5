"""A head without keys: which meshes are part of it, and why it can get none."""


from bpy.types import Object

from ..core.channels import CHANNELS
from ..core.naming.match import match
from .face_objects import has_shapes, key_names, meshes_of, rig_of
from .place import touch

_COPIES = frozenset({"MIRROR", "SKIN", "SCREW", "ARRAY"})
"""Modifiers that make skin which no key of the mesh could move by itself."""

_CUTS = frozenset({"REMESH", "DECIMATE", "BOOLEAN", "MASK"})
"""Modifiers that make new skin after the keys have moved the old one."""


def bare_family(target: Object) -> list[Object]:
    """The meshes that stand with the mesh ``target`` where its head is, itself first: eyes, teeth, hair.

    They belong to its armature or its parent, or, where it has neither, touch it.
    """
    rig, top = rig_of(target), _top(target)
    if rig is not None:
        others = [o for o in meshes_of(rig) if rig_of(o) == rig or _top(o) == _top(rig)]
    elif target.parent is not None or target.children:
        others = [o for o in (top, *top.children_recursive) if o.type == "MESH"]
    else:
        others = [o for scene in target.users_scene for o in scene.objects if o.type == "MESH" and o.parent is None]
        others = [o for o in others if rig_of(o) is None and touch(target, o)]
    seen = [o for o in dict.fromkeys(others) if o != target and len(o.data.polygons) and not o.hide_viewport]
    return [target, *seen]


def why_no_keys(candidate: Object) -> str:
    """Why the mesh ``candidate`` can get no keys, as a sentence that says what to do; empty when it can."""
    if candidate.type != "MESH" or not len(candidate.data.polygons):
        return f"{candidate.name} is no mesh with faces; choose the mesh of a head."
    if not candidate.is_editable or not candidate.data.is_editable or candidate.override_library is not None:
        return (
            f"{candidate.name} is linked from another file; make it local with Object > Relations > Make Local first, "
            "since a linked mesh gets no new keys."
        )
    if candidate.mode == "EDIT":
        return f"{candidate.name} is being edited; leave Edit Mode first."
    copying = [m.name for m in candidate.modifiers if m.type in _COPIES and m.show_viewport]
    if copying:
        return (
            f"The modifier {copying[0]} of {candidate.name} makes skin that keys cannot move by itself; "
            "apply it first, so that left and right are the mesh's own."
        )
    return ""


def notes_on(candidate: Object) -> list[str]:
    """What the user should know of the modifiers of ``candidate`` before it gets keys."""
    return [
        f"The modifier {m.name} of {candidate.name} makes new faces after the keys: look whether the lips stay whole."
        for m in candidate.modifiers if m.type in _CUTS and m.show_viewport
    ]  # fmt: skip


def lacking(candidate: Object) -> tuple[str, ...]:
    """The channels that no key of the mesh ``candidate`` shows, by the names of its keys."""
    have = match(key_names(candidate)).channels() if has_shapes(candidate) else frozenset()
    return tuple(name for name in CHANNELS if name not in have)


def _top(candidate: Object) -> Object:
    while candidate.parent is not None:
        candidate = candidate.parent
    return candidate
