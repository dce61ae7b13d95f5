"""What the model process says of itself, on whatever way it is reached."""

import os

from model_server import VERSION
from model_server.audio.decode import decodes
from model_server.engine import Engine
from model_server.hardware import Hardware
from model_server.speech.words import espeak
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.messages import PROTOCOL, Hello


def hello_of(engine: Engine, hardware: Hardware) -> Hello:
    """The Hello of ``engine``, which runs on ``hardware``."""
    card = engine.model.card
    return Hello(
        PROTOCOL, VERSION, card.id, card.licence_track, hardware.library, hardware.device, decodes(), os.getpid(),
        hardware.card, hardware.precision, _languages(),
    )  # fmt: skip


def _languages() -> dict[str, str]:
    """Of espeak-ng, where it is installed and works."""
    try:
        return dict(espeak.languages())
    except UserError:
        return {}
