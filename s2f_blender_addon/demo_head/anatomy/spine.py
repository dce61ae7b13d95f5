"""What holds the head: three bones from the chest up, and how far each one carries a point of the skin."""

from typing import NamedTuple

from ..curves import Floats, step


class Bone(NamedTuple):
    """Joint and end in mm, in the head's own coordinates; the bone that it hangs on, '' for none."""

    joint: tuple[float, float, float]
    end: tuple[float, float, float]
    on: str


SPINE: dict[str, Bone] = {
    "chest": Bone((0.0, 34.0, -229.0), (0.0, 30.0, -160.0), ""),
    "neck": Bone((0.0, 30.0, -160.0), (0.0, 20.0, -52.0), "chest"),
    "head": Bone((0.0, 20.0, -52.0), (0.0, 16.0, 118.0), "neck"),
}
"""The head turns on the neck a little below and behind the ears' openings."""


def carried(points: Floats) -> dict[str, Floats]:
    """Bone -> (N,) 0-1 how far it carries skin ``points`` (N, 3): the face by the head, what the collar hides by the
    chest, the throat between them by all three; they sum to 1.
    """
    height = points[:, 2] - 0.6 * points[:, 1]  # slanted, so that the nape bends higher up than the throat
    head, above = step(-132, -90, height), step(-165, -122, height)
    return {"chest": 1 - above, "neck": above * (1 - head), "head": above * head}
