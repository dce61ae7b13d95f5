"""An emotion of the user's own: a name and the channels that it moves at full strength, and the file that holds it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from . import plain_file
from .channels import EMOTIONS, INDEX
from .errors import UserError
from .whole_file import whole_file

FORMAT, VERSION = "s2f.emotion", 1
ONSET, RELEASE = 0.5, 1.4
"""Seconds of one that says nothing of them."""
FASTEST, SLOWEST = 0.05, 20.0


@dataclass(frozen=True)
class CustomEmotion:
    """A name and the channels that it moves, each to its value 0-1 at full strength; onset, release: seconds in which
    it comes and goes.

    Raises UserError that names the emotion and what is wrong with it.
    """

    name: str
    channels: dict[str, float]
    onset: float = ONSET
    release: float = RELEASE

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise UserError("An emotion of your own needs a name; save its pose again.")
        checked(self.name, self.channels)
        if not all(FASTEST <= time <= SLOWEST for time in (self.onset, self.release)):
            raise UserError(f"The emotion {self.name} comes and goes in {FASTEST:g} to {SLOWEST:g} seconds, no other.")


def check_name(name: str) -> str:
    """``name`` without spaces around it. Raises UserError where it cannot name an emotion."""
    name = name.strip()
    if not name:
        raise UserError("An emotion needs a name.")
    if name.lower() in EMOTIONS or name.lower() == "intensity":
        raise UserError(f"There is an emotion {name.lower()} already; choose another name.")
    if len(name.encode("utf-8", "replace")) > 60 or not name.isprintable() or '"' in name or "\\" in name:
        raise UserError(f"{name[:20]}… is no good name for an emotion; choose a short one in plain letters.")
    return name


def checked(name: str, channels: object) -> dict[str, float]:
    """``channels`` as names of channels and values 0-1. Raises UserError that names the emotion."""
    if not isinstance(channels, Mapping) or not channels:
        raise UserError(f"The emotion {name} holds no pose; save it again.")
    for channel, value in channels.items():
        if channel not in INDEX:
            raise UserError(f"The emotion {name} moves {channel}, which is no channel; save it again.")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise UserError(f"The emotion {name} needs values from 0 to 1; {channel} has another.")
    return {channel: float(value) for channel, value in channels.items()}


def write_file(
    path: Path, name: str, pose: Mapping[str, float], onset: float = ONSET, release: float = RELEASE
) -> None:
    """Raises UserError that names the file."""
    time = {"onset": round(onset, 3), "release": round(release, 3)}
    document = {"format": FORMAT, "version": VERSION, "name": name, "time": time, "channels": dict(pose)}
    try:
        with whole_file(path) as temporary:
            temporary.write_text(json.dumps(document, indent=1, ensure_ascii=False), "utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}.") from error


def read_file(path: Path) -> CustomEmotion:
    """The emotion in ``path``. Raises UserError that names the file."""
    try:
        document = json.loads(plain_file.text(path))
    except OSError as error:
        raise UserError(f"{path.name} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path.name} is no JSON file; choose a file that “Export Emotion” wrote.") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT or not isinstance(document.get("name"), str):
        raise UserError(f"{path.name} is no emotion; choose a file that “Export Emotion” wrote.")
    if document.get("version") != VERSION:
        raise UserError(f"{path.name} was written by a newer Speech2Face; update it to read this file.")
    name = check_name(document["name"])
    time = document.get("time", {})
    known = {key: time[key] for key in ("onset", "release") if key in time} if isinstance(time, dict) else {}
    if not isinstance(time, dict) or not all(type(value) in (int, float) for value in known.values()):
        raise UserError(f"{path.name} tells no times of the emotion {name}; export it again.")
    return CustomEmotion(name, checked(name, document.get("channels")), **{k: float(v) for k, v in known.items()})
