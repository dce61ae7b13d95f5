"""What one fitting is told to do."""

from dataclasses import dataclass

from model_server.speech.network import Shape
from model_server.speech.phones import CLASSES


@dataclass(frozen=True)
class Plan:
    """steps of ``batch`` clips of ``frames`` at 100 Hz; rate: peak learning rate; layers: of a transformer."""

    steps: int = 1500
    batch: int = 32
    frames: int = 400
    rate: float = 2e-3
    decay: float = 0.02
    seed: int = 0
    width: int = 256
    dilations: tuple[int, ...] = (1, 2, 4, 8) * 4
    layers: int = 0
    bilabial_weight: float = 1.2


def shape_of(plan: Plan) -> Shape:
    """The network that ``plan`` fits to the phone classes."""
    return Shape(len(CLASSES), plan.width, dilations=plan.dilations, layers=plan.layers)
