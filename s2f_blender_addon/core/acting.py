"""How a model acts that knows several ways: a network of others, or one of ours that knows several mouths."""

from dataclasses import dataclass
from typing import Annotated, Literal

from . import codec
from .codec import Within

CHECKPOINTS = (".pth", ".pt", ".ckpt", ".bin")
"""What files of torch are called; our own models end in .safetensors."""

Hand = Literal["ours", "theirs"]


@dataclass(frozen=True)
class Acting:
    """level, person: a foreign network's own numbers; level None is its calmest usual one. identity: whose mouth, by
    name, of a model that knows several; empty is the mixture that its file says.

    closures: whether lips meet where our ear hears p, b and m, or only where a foreign network has them. smoothing:
    theirs is a Savitzky-Golay filter over five frames of the network, ours leaves smoothing to the mix. blinks: theirs
    are pasted in as EmoTalk does, every two to six seconds whatever is said. Raises UserError for values out of range.
    """

    level: int | None = None
    person: Annotated[int, Within(0, 100_000, "A person")] = 0
    identity: Annotated[str, Within(0, 255, "The length of a name")] = ""
    closures: bool = True
    smoothing: Hand = "ours"
    blinks: Hand = "ours"

    def __post_init__(self) -> None:
        codec.check(self)


USUAL = Acting()


def is_checkpoint(name: str) -> bool:
    """Whether a file of this name is a checkpoint of torch, and so no model of this program."""
    return name.lower().endswith(CHECKPOINTS)
