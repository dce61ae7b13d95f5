"""What one fitting is told to do."""

from dataclasses import dataclass

from model_server.speech.network import Shape
from model_server.speech.phones import CLASSES


@dataclass(frozen=True)
class FitPlan:
    """steps of ``batch`` clips of ``frames`` at 100 Hz; rate: peak learning rate; layers: of a transformer.

    keys, values, wide: how large its layers are (see ``Shape``); Whisper's own by default.
    """

    steps: int = 1500
    batch: int = 32
    frames: int = 400
    rate: float = 2e-3
    decay: float = 0.02
    seed: int = 0
    width: int = 256
    dilations: tuple[int, ...] = (1, 2, 4, 8) * 4
    layers: int = 0
    keys: int = 64
    values: int = 64
    wide: int = 1536
    bilabial_weight: float = 1.2


@dataclass(frozen=True)
class Softness:
    """share: of a teacher in the loss, 0-1 (the labels have the rest). temperature: from 1 on."""

    share: float = 0.7
    temperature: float = 2.0


def shape_of(plan: FitPlan) -> Shape:
    """The network that ``plan`` fits to the phone classes."""
    return Shape(
        len(CLASSES), plan.width, dilations=plan.dilations, layers=plan.layers, keys=plan.keys, values=plan.values,
        wide=plan.wide,
    )  # fmt: skip
