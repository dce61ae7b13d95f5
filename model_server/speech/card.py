"""A model's card: what it is, what it may be used for and how it was made, kept inside its file."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from model_server.audio import features
from model_server.speech.network import Shape
from model_server.speech.phones import CLASSES
from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.core.errors import UserError

FORMAT = "speech2face-talk/1"


@dataclass(frozen=True)
class Card:
    """id: name and version; licence_track: ``product`` (ships) or ``research``; made: command, data, figures.

    encoder, fusion: what stands in the slots (``slots.registry``), and what each entry needs to know.
    """

    id: str
    licence_track: str
    licence: str
    shape: Shape
    channels: tuple[str, ...] = CHANNELS
    classes: tuple[str, ...] = CLASSES
    sample_rate: int = features.SAMPLE_RATE
    made: dict[str, Any] = field(default_factory=dict)
    encoder: str = "tcn"
    fusion: str = "rules"
    encoder_settings: dict[str, Any] = field(default_factory=dict)
    fusion_settings: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self), "shape": self.shape.to_json()}, ensure_ascii=False)

    @staticmethod
    def from_metadata(notes: dict[str, str], path: Path) -> "Card":
        """The card of the model file ``path``. Raises UserError when it is missing or made for another program."""
        try:
            data = json.loads(notes["card"])
            if data.pop("format") != FORMAT:
                raise ValueError
            shape = Shape.from_json(data.pop("shape"))
            channels, classes = tuple(data.pop("channels")), tuple(data.pop("classes"))
            card = Card(shape=shape, channels=channels, classes=classes, **data)
            words = (card.id, card.licence_track, card.licence, card.encoder, card.fusion)
            if not all(isinstance(word, str) for word in words):
                raise ValueError
            if not all(isinstance(known, dict) for known in (card.made, card.encoder_settings, card.fusion_settings)):
                raise ValueError
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
            raise UserError(f"{path} is not a model of this program; choose one that s2f train made.") from None
        if card.channels != CHANNELS or card.classes != CLASSES or card.sample_rate != features.SAMPLE_RATE:
            raise UserError(f"{path} speaks of other channels or phones than this version; train it again.")
        if card.licence_track not in ("product", "research"):
            raise UserError(f"{path} has no licence track (product or research); train it again.")
        return card
