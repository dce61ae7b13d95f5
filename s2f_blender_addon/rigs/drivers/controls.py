"""What can be keyed in place of a driven key: one number of one data-block."""

from dataclasses import dataclass, field

from bpy.types import ID

UNLIMITED = 1e6


@dataclass(frozen=True)
class Control:
    """A property by its data path.

    owner: the data-block that is animated (valid until the next undo). index: in an array, 0 for a single number.
    low, high: what it can be. value: what it is now. bone: name of the pose bone (or object) whose angle about axis
    ``index`` it is, where that turns by quaternions, so that angles have to be put together; '' for all others.
    whole: whether it takes whole numbers only.
    """

    identity: int
    path: str
    index: int
    owner: ID = field(compare=False, repr=False)
    value: float = field(compare=False, default=0.0)
    low: float = field(compare=False, default=-UNLIMITED)
    high: float = field(compare=False, default=UNLIMITED)
    bone: str = ""
    whole: bool = field(compare=False, default=False)

    @property
    def name(self) -> str:
        """How a sentence calls it."""
        return f"{self.owner.name} {self.path}"
