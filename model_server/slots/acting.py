"""How a network of others is to act, and which files hold one; here, below torch, so that the choice costs nothing."""

from dataclasses import dataclass
from pathlib import Path

CHECKPOINTS = (".pth", ".pt", ".ckpt", ".bin")
"""What files of torch are called; our own models end in .safetensors."""


@dataclass(frozen=True)
class Acting:
    """level, person: the network's own numbers; level None is its calmest usual one. closures: whether the lips meet
    where our ear hears p, b and m, or only where the network has them.
    """

    level: int | None = None
    person: int = 0
    closures: bool = True


USUAL = Acting()


def is_foreign(path: Path) -> bool:
    """Whether ``path`` is a checkpoint of torch, and so no model of this program."""
    return path.suffix.lower() in CHECKPOINTS
