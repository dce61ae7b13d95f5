"""Jaw, eyes, lids and head as bones: which they are, and how a turn of the face (``core.turns``) becomes theirs.

Directions are those of the armature: ``left`` is the character's own left, ``up`` its up; it looks along ``forward``.
"""

from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from bpy.types import Bone, Object

from ..core.channels import CHANNELS
from ..core.naming.names import tokens
from ..core.turns import Axes, Quaternions

ROLES: dict[str, tuple[str, ...]] = {
    "jaw": ("jawOpen", "jawLeft", "jawRight"),
    "eye_left": ("eyeLookUpLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft"),
    "eye_right": ("eyeLookUpRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight"),
    "lid_left": ("eyeBlinkLeft",),
    "lid_right": ("eyeBlinkRight",),
    "head": (),
}
"""What a bone can be, and the channels that it shows."""

_SIDES = {"l": "left", "left": "left", "leye": "left", "r": "right", "right": "right", "reye": "right"}
_JAW = {"jaw", "mjaw", "jawroot", "jawbone", "lowerjaw", "jawlower", "mandible"}
_EYE = {"eye", "eyeball", "leye", "reye", "faceeye"}
_LID = {"eyelid", "lid", "upperlid", "uppereyelid", "eyelidupper"}
_CONTROLS = {"c", "ctrl", "ctl", "control"}
_ELSEWHERE = frozenset(
    (
        "target ik end nub tip aim mch org socket twist corner brow highlight tracker look lattice bottom bot lower "
        "low b d parent ref offset tweak teeth upperjaw blink squint wide"
    ).split()
)
"""Words of bones near the wanted ones that are not them."""


@dataclass(frozen=True)
class Bones:
    """The face bones of ``armature`` (an object): role -> bone name.

    strength: role -> multiple of the usual turn, 1 where none is given; a jaw that keys help turns less.
    standing: how the face stands, where that is known better than by its eyes.
    fitted: role -> (52, 3) rotation vector of each channel about left, up and forward, in place of the usual turns.
    """

    armature: Object
    names: dict[str, str]
    strength: dict[str, float] = field(default_factory=dict)
    standing: Axes | None = None
    fitted: dict[str, npt.NDArray[np.float64]] = field(default_factory=dict)

    def channels(self) -> frozenset[str]:
        """The channels that these bones show."""
        usual = {channel for role in self.names if role not in self.fitted for channel in ROLES[role]}
        rows = (self.fitted[role].any(axis=1) for role in self.names if role in self.fitted)
        return frozenset(usual.union(*({CHANNELS[i] for i in np.flatnonzero(turned)} for turned in rows)))

    def only(self, roles: frozenset[str]) -> "Bones":
        return replace(self, names={role: name for role, name in self.names.items() if role in roles})

    def with_jaw(self, name: str, strength: float) -> "Bones":
        """The same bones with ``name`` as the jaw, which turns ``strength`` times as far as usual."""
        return replace(self, names={"jaw": name, **self.names}, strength={**self.strength, "jaw": strength})


def find_bones(armature: Object) -> Bones:
    """The bones of ``armature`` whose names say jaw, eye, lid or head; the plainest name of each."""
    found: dict[str, str] = {}
    names = [str(bone.name) for bone in armature.data.bones]
    chained = Counter(tokens(name) for name in names)
    for name in sorted(names, key=leading):
        role = _role(name)
        # Three bones of one name are points along a lid (Rigify's lid.T.L, .001 …), which no turn closes.
        if role is not None and not (role.startswith("lid") and chained[tokens(name)] > 2):
            found.setdefault(role, name)
    return Bones(armature, found)


def misleading(name: str) -> bool:
    """Whether a bone of this name stands near the wanted one and is not it."""
    return not _ELSEWHERE.isdisjoint(tokens(name))


def leading(name: str) -> tuple[bool, bool, int, str]:
    """The first of several bones for a role: one that leads, not one that a rig generator moves after another."""
    words = tokens(name)
    leads = words[0] in _CONTROLS or ("master" in words and "jaw" in words) if words else False
    return words[:1] == ("def",), not leads, len(name), name


def _role(name: str) -> str | None:
    words = tokens(name)
    jaw = not _JAW.isdisjoint(words)
    if not (_ELSEWHERE - {"lower"} if jaw else _ELSEWHERE).isdisjoint(words):
        return None
    if jaw:
        return None if "upper" in words else "jaw"
    side = next((_SIDES[word] for word in words if word in _SIDES), None)
    if not _LID.isdisjoint(words):
        return f"lid_{side}" if side else None
    if not _EYE.isdisjoint(words):
        return f"eye_{side}" if side else None
    return "head" if "head" in words else None


def axes(bones: Bones) -> Axes:
    """Where a face looks: from one eye to the other is left, and Z is up; without eyes it looks along -Y."""
    if bones.standing is not None:
        return bones.standing
    left, up = np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
    if {"eye_left", "eye_right"} <= bones.names.keys():
        heads = [_head(bones, f"eye_{side}") for side in ("left", "right")]
        across = heads[0] - heads[1]
        if np.linalg.norm(across) > 1e-6:
            left = across / np.linalg.norm(across)
    if abs(left @ up) > 0.8:  # an armature that lies on its side: Y is up
        up = np.array([0.0, 1.0, 0.0])
    up = up - (up @ left) * left
    return Axes(left, up / np.linalg.norm(up))


def aimed_from(armature: Object, name: str) -> npt.NDArray[np.float64] | None:
    """(3,) where the eye is that looks at the bone ``name``; None where that is the eye itself.

    Rigify's eye.L floats before the face, and the eye turns after it; ORG-eye.L is where the eye was drawn.
    """
    drawn, bone = armature.data.bones.get(f"ORG-{name}"), armature.data.bones[name]
    if drawn is None or (drawn.head_local - bone.head_local).length < 1e-4:
        return None
    return np.array(drawn.head_local, float)


def _head(bones: Bones, role: str) -> npt.NDArray[np.float64]:
    return np.array(bones.armature.data.bones[bones.names[role]].head_local, float)


def in_bone_space(turn: Quaternions, bone: Bone) -> Quaternions:
    """(T, 4) the same turns as a pose bone's own rotation, relative to its rest."""
    rest = np.array(bone.matrix_local.to_3x3().normalized(), float)
    return np.concatenate([turn[:, :1], turn[:, 1:] @ rest], axis=1)


def carried(turn: Quaternions, arm: npt.NDArray[np.float64], bone: Bone) -> npt.NDArray[np.float64]:
    """(T, 3) how far ``turn`` carries the end of ``arm`` (3,), as a pose bone's own location."""
    w, v = turn[:, :1], turn[:, 1:]
    offset = 2 * np.cross(v, np.cross(v, arm) + w * arm)
    rest = np.array(bone.matrix_local.to_3x3().normalized(), float)
    moved: npt.NDArray[np.float64] = offset @ rest
    return moved
