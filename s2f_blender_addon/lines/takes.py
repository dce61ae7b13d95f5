"""Takes of a line: the performances that were baked together, of which one is on the face."""

from collections.abc import Sequence
from functools import lru_cache

from bpy.types import PropertyGroup

from ..core.blend import Mix, mixed
from ..core.errors import UserError
from ..core.packed import packed, unpacked
from ..core.takes import diversity, manner_name
from ..core.track import FaceTrack


def keep_takes(line: PropertyGroup, takes: Sequence[FaceTrack], shown: FaceTrack) -> None:
    """Have ``line`` remember ``takes``, of which ``shown`` is on the face; a single one is no choice."""
    line.takes.clear()
    for number, track in enumerate(takes if len(takes) > 1 else ()):
        take = line.takes.add()
        take.name, take.track = manner_name(number), packed(track)
    line.take = line.take_row = next((number for number, track in enumerate(takes) if track is shown), 0)


def take_of(line: PropertyGroup, number: int) -> FaceTrack:
    """Take ``number`` of ``line``, from 0. Raises UserError where there is none, or it is damaged."""
    if not 0 <= number < len(line.takes):
        raise UserError(f"“{line.name}” has no take {number + 1}; set Takes and press Bake.")
    return unpacked(line.takes[number].track)


def difference(line: PropertyGroup) -> dict[str, float]:
    """How different the takes of ``line`` are (see ``core.takes.diversity``); looked up once, for panels."""
    return _difference(tuple(take.track for take in line.takes))


@lru_cache(maxsize=4)
def _difference(tracks: tuple[str, ...]) -> dict[str, float]:
    try:
        return diversity([mixed(unpacked(track), Mix()) for track in tracks])
    except (UserError, ValueError):  # damaged, which choosing one will say
        return {}
