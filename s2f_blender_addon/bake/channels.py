"""The F-curves of a bake: where each lies, its group and colour, and how exact it has to be."""

from dataclasses import dataclass

from ..core.blend import OPENERS
from ..core.channels import CHANNELS, REGIONS
from ..core.naming.keymap import KeyMap
from ..core.naming.visemes import split_source

Colour = tuple[float, float, float]

GROUPS: dict[str, Colour] = {
    "Jaw": (0.95, 0.45, 0.25),
    "Lips": (0.95, 0.30, 0.45),
    "Tongue": (0.80, 0.35, 0.80),
    "Cheeks and Nose": (0.90, 0.75, 0.25),
    "Eyes": (0.30, 0.70, 0.95),
    "Brows": (0.45, 0.85, 0.40),
    "Head": (0.75, 0.75, 0.75),
    "Expressions": (0.95, 0.50, 0.60),
}
"""The groups in which F-curves lie, from the mouth outwards, and the colour of their curves."""

MOUTH = frozenset({"Jaw", "Lips", "Tongue", "Expressions"})
"""Groups that may part the lips."""

ERROR = 0.005
"""How far a reduced curve may be from the sample at any frame."""

SEALED = 0.2
"""Share of it that is left to what parts the lips while they are sealed: less than a tenth of a millimetre in all."""


@dataclass(frozen=True)
class Channel:
    """One F-curve: data path, index, group, and the value at which the face is at rest.

    error: what a reduced curve may miss; those ``parting`` the lips a fifth of it while a recording seals them.
    """

    path: str
    index: int
    group: str
    rest: float = 0.0
    error: float = ERROR
    parting: bool = False


def groups_of(keymap: KeyMap) -> dict[str, str]:
    """key -> the group of the source that moves it most."""
    strongest: dict[str, tuple[float, str]] = {}
    for entry in keymap.active:
        if abs(entry.weight) > strongest.get(entry.key, (0.0, ""))[0]:
            strongest[entry.key] = abs(entry.weight), entry.source
    return {key: group_of(source) for key, (_, source) in strongest.items()}


def parting_of(keymap: KeyMap) -> frozenset[str]:
    """Keys that part the lips or shut them: those of such channels and of mouth shapes."""
    return frozenset(e.key for e in keymap.active if e.source in OPENERS or e.source not in CHANNELS)


def group_of(source: str) -> str:
    """The group of a channel; mouth shapes are of the lips."""
    if split_source(source) is not None or source not in CHANNELS:
        return "Lips"
    if source.startswith("jaw"):
        return "Jaw"
    if source.startswith("tongue"):
        return "Tongue"
    if source in REGIONS["brow"]:
        return "Brows"
    if source in REGIONS["eye"]:
        return "Eyes"
    return "Lips" if source.startswith("mouth") else "Cheeks and Nose"
