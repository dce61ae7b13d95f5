"""Which ARKit channel a column or pose name of a foreign file means."""

from collections.abc import Sequence

from ..channels import CHANNELS

_BY_LETTERS = {name.lower(): i for i, name in enumerate(CHANNELS)}


def channel(name: str) -> int | None:
    """Index into CHANNELS of ``jawOpen``, ``JawOpen``, ``jaw_open``, ``mouthSmile_L`` …, or None."""
    letters = name.strip().lower()
    for short, side in (("_l", "left"), ("_r", "right")):
        if letters.endswith(short):
            letters = letters[: -len(short)] + side
    return _BY_LETTERS.get(letters.replace("_", ""))


def channels(names: Sequence[str]) -> dict[int, int]:
    """Positions in ``names`` -> index into CHANNELS, first come first served; names of anything else are left out."""
    found: dict[int, int] = {}
    for position, name in enumerate(names):
        index = channel(name)
        if index is not None and index not in found.values():
            found[position] = index
    return found
