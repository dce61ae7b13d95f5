"""What one fitting is told to do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """steps of ``batch`` clips of ``frames`` at 100 Hz; rate: peak learning rate."""

    steps: int = 1500
    batch: int = 32
    frames: int = 400
    rate: float = 2e-3
    decay: float = 0.02
    seed: int = 0
    width: int = 256
    dilations: tuple[int, ...] = (1, 2, 4, 8) * 4
    bilabial_weight: float = 1.2
