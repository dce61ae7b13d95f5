"""The 52 ARKit blendshapes in Apple's order, their regions, and the names of the emotions.

Order: ``ARFaceAnchor.BlendShapeLocation`` as Live Link Face streams it over UDP (left before right).
Everything binds by name; the order only fixes how our own arrays are laid out.
"""

from .emotions import EMOTIONS as EMOTIONS

CHANNELS: tuple[str, ...] = (
    "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft",
    "eyeSquintLeft", "eyeWideLeft",
    "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight",
    "eyeSquintRight", "eyeWideRight",
    "jawForward", "jawLeft", "jawRight", "jawOpen",
    "mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight",
    "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight",
    "mouthDimpleLeft", "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
    "mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft", "mouthLowerDownRight",
    "mouthUpperUpLeft", "mouthUpperUpRight",
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft", "noseSneerRight",
    "tongueOut",
)  # fmt: skip

INDEX: dict[str, int] = {name: i for i, name in enumerate(CHANNELS)}

REGIONS: dict[str, tuple[str, ...]] = {
    "mouth": tuple(n for n in CHANNELS if n.startswith(("jaw", "mouth", "tongue")) or n == "cheekPuff"),
    "brow": tuple(n for n in CHANNELS if n.startswith("brow")),
    "eye": tuple(n for n in CHANNELS if n.startswith("eye")),
    "cheek": tuple(n for n in CHANNELS if n.startswith(("cheekSquint", "noseSneer"))),
}


def indices(names: tuple[str, ...]) -> list[int]:
    """Columns of ``names`` in a (T, 52) array."""
    return [INDEX[name] for name in names]


def mirrored(name: str) -> str:
    """The same channel on the other side of the face; a central channel is its own mirror."""
    if name.endswith("Left"):
        return name[:-4] + "Right"
    if name.endswith("Right"):
        return name[:-5] + "Left"
    return name
