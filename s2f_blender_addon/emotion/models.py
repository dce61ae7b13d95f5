"""Who hears the voice, who reads the words and what fuses the two: what ships, or files and folders of the user's."""

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bpy.props import StringProperty

from ..core import plain_file
from ..core.errors import UserError
from ..identity import saved_preferences
from ..user_path import absolute

_VOICE_FORMAT = "speech2face-voice-emotion/1"
_FUSION_FORMAT = "speech2face-emotion-fusion/1"
_LONGEST_HEADER = 1 << 24


@dataclass(frozen=True)
class Choice:
    """What a file or folder is, in words for the panel. track: product or research; torch: whether it needs that."""

    title: str
    track: str
    licence: str
    torch: bool = False


SHIPPED_VOICE = Choice("Our voice model", "product", "free for any use")
SHIPPED_TEXT = Choice("Our English word model", "product", "free for any use")
BY_WEIGHTS = Choice("fixed weights", "product", "free for any use")


def voice_choice(where: str) -> Choice:
    """What hears the voice for the path ``where``, empty for what ships. Raises UserError that names a wrong path."""
    if not where:
        return SHIPPED_VOICE
    path = Path(where)
    if path.is_dir():
        if not ((path / "model.safetensors").is_file() or (path / "model.pt").is_file()):
            raise UserError(f"{path.name} holds neither model.safetensors nor model.pt; choose an emotion2vec+ folder.")
        return Choice(f"emotion2vec in {path.name}", "research", "not for commercial use", torch=True)
    card = _card(path)
    if card.get("format") != _VOICE_FORMAT:
        raise UserError(f"{path.name} is no voice emotion model; choose a file that s2f train emotion-voice wrote.")
    return Choice(str(card.get("id")), str(card.get("licence_track")), str(card.get("licence")))


def text_choice(where: str) -> Choice:
    """As ``voice_choice`` for what reads the words."""
    if not where:
        return SHIPPED_TEXT
    path = Path(where)
    if not path.is_dir() or not (path / "config.json").is_file():
        raise UserError(f"{path.name} holds no config.json; choose the folder of a transformers text classifier.")
    try:
        config = json.loads(plain_file.text(path / "config.json"))
        kinds = " ".join(config.get("architectures") or ())
    except (OSError, ValueError, AttributeError, TypeError):
        raise UserError(f"The config.json in {path.name} cannot be read; get the folder again.") from None
    if "ForSequenceClassification" not in kinds:
        raise UserError(f"{path.name} is no text classifier ({kinds or 'no architecture'}); choose another folder.")
    return Choice(f"Classifier in {path.name}", "yours", "as its makers say", torch=True)


def fusion_choice(where: str) -> Choice:
    """As ``voice_choice`` for what fuses the two, by weights where ``where`` is empty."""
    if not where:
        return BY_WEIGHTS
    card = _card(Path(where))
    if card.get("format") != _FUSION_FORMAT:
        raise UserError(f"{Path(where).name} is no emotion fusion; choose a file that s2f train emotion-fusion wrote.")
    return Choice(str(card.get("id")), str(card.get("licence_track")), str(card.get("licence")))


CHOICES: dict[str, Callable[[str], Choice]] = {"VOICE": voice_choice, "TEXT": text_choice, "FUSION": fusion_choice}
"""What is at a path, for each slot."""

_SAVED_AS = {"VOICE": "voice_model", "TEXT": "text_model", "FUSION": "fusion_model"}


def _card(path: Path) -> dict[str, object]:
    """The card in the header of a safetensors file; empty where there is none. Raises UserError for another file."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > _LONGEST_HEADER:
                raise ValueError
            header = json.loads(file.read(length))
        card = json.loads(header.get("__metadata__", {}).get("card", "{}"))
        if not isinstance(card, dict):
            raise ValueError
    except OSError as error:
        raise UserError(f"{path.name} cannot be read: {error.strerror}.") from error
    except (ValueError, AttributeError, struct.error, RecursionError):
        raise UserError(f"{path.name} is no safetensors file; choose one that s2f train emotion-voice wrote.") from None
    return card


@dataclass(frozen=True)
class Chosen:
    """Absolute paths of what hears the voice, reads the words and fuses the two; empty for what ships."""

    voice: str = ""
    text: str = ""
    fusion: str = ""

    def check(self) -> None:
        """Raises UserError that names a path at which there is no such model any more."""
        voice_choice(self.voice)
        text_choice(self.text)
        fusion_choice(self.fusion)


def chosen() -> Chosen:
    """What the user chose, in the panel or in the preferences. A server knows nothing of files on this computer."""
    saved = saved_preferences()
    if saved is None or saved.place == "SERVER":
        return Chosen()
    return Chosen(*(_absolute(getattr(saved, name)) for name in _SAVED_AS.values()))


def choose(slot: str, path: str) -> None:
    """Remember ``path`` for a slot of CHOICES. Raises UserError where there are no preferences to remember it."""
    saved = saved_preferences()
    if saved is None:
        raise UserError("The add-on is not switched on in the preferences; do that first.")
    setattr(saved, _SAVED_AS[slot], path)


def model_properties() -> dict[str, object]:
    """Annotations of the add-on's preferences."""
    return {
        "voice_model": StringProperty(
            name="Hears the Voice", description="A voice emotion model, or a folder of emotion2vec; empty is ours"
        ),
        "text_model": StringProperty(
            name="Reads the Words", description="A folder with a text classifier; empty is our word model"
        ),
        "fusion_model": StringProperty(
            name="Fuses the Two", description="A file of s2f train emotion-fusion; empty is fusion by weights"
        ),
    }


def _absolute(path: str) -> str:
    return absolute(path)
