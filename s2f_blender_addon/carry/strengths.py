"""How strong each key is made on another head.

The demo head is a cartoon: large eyes, and a mouth that moves further than any human one. A head with such eyes gets
its keys as they are; one of natural proportions gets what a natural mouth and natural lids do.
"""

from collections.abc import Mapping

import numpy as np

from ..core.channels import CHANNELS, REGIONS
from ..demo_head.curves import Floats

_NATURAL = {
    "mouthFunnel": 0.55, "mouthPucker": 0.55, "mouthLeft": 0.75, "mouthRight": 0.75, "mouthSmileLeft": 0.85,
    "mouthFrownLeft": 0.45, "mouthDimpleLeft": 0.6, "mouthStretchLeft": 0.6, "mouthShrugLower": 0.5,
    "mouthShrugUpper": 0.45, "mouthLowerDownLeft": 0.6, "mouthUpperUpLeft": 0.55, "jawLeft": 0.75, "jawRight": 0.75,
    "browDownLeft": 0.9, "browOuterUpLeft": 0.9, "browInnerUp": 0.9, "noseSneerLeft": 0.85, "cheekSquintLeft": 0.8,
    "eyeLookUpLeft": 1.4, "eyeLookDownLeft": 1.4, "eyeLookInLeft": 1.4, "eyeLookOutLeft": 1.4, "eyeSquintLeft": 0.85,
}  # fmt: skip
"""Share of the demo head's movement that a natural face makes; lids follow a natural, smaller ball further."""

_NATURAL_EYE, _CARTOON_EYE = 0.175, 0.225
"""Height of the open eye by the distance of the eyes: up to here natural, from there on a cartoon."""

PARTS = ("jaw", "mouth", "eyes", "brows")
"""What a user may make stronger or weaker. A blink always closes, and mouthClose undoes what the jaw does."""


def cartoon(lids: tuple[Floats, Floats]) -> float:
    """0 natural … 1 a cartoon, told by the landmarks (4, 3) of both eyes: outer, inner corner, upper, lower lid."""
    apart = np.linalg.norm(lids[0].mean(axis=0) - lids[1].mean(axis=0))
    height = np.mean([np.linalg.norm(eye[2] - eye[3]) for eye in lids])
    return float(np.clip((height / max(apart, 1e-9) - _NATURAL_EYE) / (_CARTOON_EYE - _NATURAL_EYE), 0, 1))


def strengths(style: float, wanted: Mapping[str, float]) -> dict[str, float]:
    """The factor of every channel. style: see ``cartoon``; wanted: factors of PARTS, 1 where one is missing."""
    result = {}
    for name in CHANNELS:
        left = name.replace("Right", "Left") if name not in _NATURAL else name
        natural = _NATURAL.get(left, 1.0)
        result[name] = (natural + style * (1 - natural)) * wanted.get(part_of(name), 1.0)
    return result


def part_of(name: str) -> str:
    """Which of PARTS the channel ``name`` belongs to; '' for what has to close exactly."""
    if name.startswith("eyeBlink"):
        return ""
    if name.startswith("jaw") or name in ("mouthClose", "tongueOut"):
        return "jaw"
    if name in REGIONS["mouth"] or name.startswith(("mouth", "cheekPuff")):
        return "mouth"
    return "eyes" if name.startswith("eye") else "brows"
