"""What a face without some channels cannot do, in an animator's words."""

from collections.abc import Sequence

from .text import told

ABILITIES: dict[str, tuple[str, ...]] = {
    "blink": ("eyeBlinkLeft", "eyeBlinkRight"),
    "look around": tuple(f"eyeLook{way}{side}" for way in ("Up", "Down", "In", "Out") for side in ("Left", "Right")),
    "squint": ("eyeSquintLeft", "eyeSquintRight", "cheekSquintLeft", "cheekSquintRight"),
    "widen its eyes": ("eyeWideLeft", "eyeWideRight"),
    "open its jaw": ("jawOpen",),
    "move its jaw sideways": ("jawLeft", "jawRight", "jawForward"),
    "close its lips": ("mouthClose",),
    "purse its lips": ("mouthPucker", "mouthFunnel"),
    "press its lips": ("mouthPressLeft", "mouthPressRight", "mouthRollLower", "mouthRollUpper"),
    "part its lips": ("mouthUpperUpLeft", "mouthUpperUpRight", "mouthLowerDownLeft", "mouthLowerDownRight"),
    "smile": ("mouthSmileLeft", "mouthSmileRight", "mouthDimpleLeft", "mouthDimpleRight"),
    "frown": ("mouthFrownLeft", "mouthFrownRight"),
    "stretch its mouth": ("mouthStretchLeft", "mouthStretchRight"),
    "pout": ("mouthShrugLower", "mouthShrugUpper"),
    "move its mouth sideways": ("mouthLeft", "mouthRight"),
    "raise its brows": ("browInnerUp", "browOuterUpLeft", "browOuterUpRight"),
    "lower its brows": ("browDownLeft", "browDownRight"),
    "puff its cheeks": ("cheekPuff",),
    "wrinkle its nose": ("noseSneerLeft", "noseSneerRight"),
    "put out its tongue": ("tongueOut",),
}
"""What a face does -> the channels with which it does so; every channel stands in one of them."""


def shortcomings(missing: Sequence[str]) -> tuple[str, ...]:
    """Sentences about a face that lacks the channels ``missing``: what it cannot do, and what it does in part."""
    lacks = frozenset(missing)
    cannot = [ability for ability, channels in ABILITIES.items() if lacks.issuperset(channels)]
    partly = [
        ability for ability, channels in ABILITIES.items() if not lacks.isdisjoint(channels) and ability not in cannot
    ]
    templates = ("Cannot {abilities}.", cannot), ("Can only partly {abilities}.", partly)
    return tuple(told(template, abilities=_either(abilities)) for template, abilities in templates if abilities)


def _either(abilities: Sequence[str]) -> str:
    """“blink, smile or pout”."""
    names = [told(ability) for ability in abilities]
    if len(names) == 1:
        return names[0]
    return told("{some} or {last}", some=told(", ").join(names[:-1]), last=names[-1])
