"""Recordings with captured faces in any folder: whose they are, which are kept out of training, and reading them.

A capture lies beside its sound under the same name (Live Link CSV, Audio2Face JSON, .npy of 3D-ETF and whatever
``core.formats`` reads), or in ``blendshape`` beside ``audio``, as 3D-ETF has it (Peng et al., ICCV 2023).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from s2f_blender_addon.core import formats
from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.track import FaceTrack

SOUNDS = (".wav", ".flac", ".opus", ".ogg", ".mp3")
ARRAY = ".npy"
CAPTURES = (".csv", ".tsv", ".json", ".jsonl", ".s2f", ARRAY)
"""What a capture ends in; a .txt beside a recording is its words."""
LIST = "@"
FPS_3DETF = 30.0
_AUDIO, _FACES = "audio", "blendshape"


@dataclass(frozen=True)
class CapturePair:
    """A recording, the face that was captured with it, and whose both are."""

    sound: Path
    capture: Path
    actor: str


def pairs(where: Path | str) -> list[CapturePair]:
    """All pairs below the folder ``where``, or those of a list: ``@FILE`` with ``SOUND[,CAPTURE[,ACTOR]]`` a line.

    Raises UserError that names what is missing.
    """
    if str(where).startswith(LIST) and not Path(where).exists():
        return _listed(Path(str(where)[len(LIST) :]))
    folder = Path(where)
    if not folder.is_dir():
        raise UserError(f"{folder}: there is no such folder; name one with recordings beside their captures.")
    found = captured(folder)
    if not found:
        raise UserError(
            f"{folder} holds no recording beside a capture of the same name ({', '.join(CAPTURES)}), nor audio/ and "
            "blendshape/; choose another folder."
        )
    several = len({sound.parent for sound, _ in found}) > 1
    return [CapturePair(sound, capture, actor_of(sound, several)) for sound, capture in found]


def captured(folder: Path) -> list[tuple[Path, Path]]:
    """(recording, its capture) below ``folder``."""
    sounds = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SOUNDS and not p.name.startswith("."))
    return [(sound, capture) for sound in sounds if (capture := capture_of(sound)) is not None]


def capture_of(sound: Path) -> Path | None:
    """The capture that belongs to ``sound``; None where there is none."""
    beside = [sound.with_suffix(ending) for ending in CAPTURES]
    if sound.parent.name == _AUDIO:
        beside += [sound.parent.parent / _FACES / f"{sound.stem}{ending}" for ending in CAPTURES]
    return next((path for path in beside if path.is_file()), None)


def actor_of(sound: Path, several: bool) -> str:
    """Whose recording it is: RAVDESS's seventh field, HDTF's first two words, else the folder where there are
    ``several``, else one and the same.
    """
    fields = sound.stem.split("-")
    if len(fields) == 7 and all(field.isdigit() for field in fields):
        return fields[6]
    words = sound.stem.split("_")
    if len(words) >= 3 and words[0].isalpha() and words[0].isupper() and words[-1].isdigit():
        return "_".join(words[:2])
    folder = sound.parent.parent if sound.parent.name == _AUDIO else sound.parent
    return folder.name if several else "actor"


def split(found: Sequence[CapturePair], seed: int, share: float = 0.2) -> tuple[list[CapturePair], list[CapturePair]]:
    """(to learn from, to measure on): about ``share`` of the actors are kept out whole, by ``seed``; of a single actor,
    of the recordings. A single recording is not split.
    """
    random = np.random.default_rng(seed)
    actors = sorted({pair.actor for pair in found})
    if len(actors) > 1:
        count = max(1, round(share * len(actors)))
        kept_out = {actors[k] for k in random.permutation(len(actors))[:count]}
        return [p for p in found if p.actor not in kept_out], [p for p in found if p.actor in kept_out]
    if len(found) == 1:
        return list(found), []
    count = max(1, round(share * len(found)))
    held = set(random.permutation(len(found))[:count].tolist())
    return [p for k, p in enumerate(found) if k not in held], [p for k, p in enumerate(found) if k in held]


def read_capture(path: Path) -> FaceTrack:
    """The face in a file of ``CAPTURES``. Raises UserError that names it."""
    if path.suffix.lower() == ARRAY:
        array = _array(path)
        if array is not None:
            return array
    return formats.read(path)


def _array(path: Path) -> FaceTrack | None:
    """(F, 52) at 30 frames a second in alphabetical order; None for a .npy file of another width."""
    try:
        values = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise UserError(f"{path}: it is no .npy file of numbers ({error}).") from error
    if not isinstance(values, np.ndarray) or values.ndim != 2 or values.shape[1] != len(CHANNELS):
        return None
    if not np.issubdtype(values.dtype, np.number) or not len(values):
        raise UserError(f"{path}: it is no .npy file of numbers.")
    alphabetical = sorted(CHANNELS)
    columns = [alphabetical.index(name) for name in CHANNELS]
    return FaceTrack.captured(values[:, columns].astype(np.float32), FPS_3DETF, source=path.name)


def _listed(path: Path) -> list[CapturePair]:
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise UserError(f"{path}: this list cannot be read ({reason}).") from error
    found = []
    for number, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in line.split(",")]
        if not cells[0] or cells[0].startswith("#"):
            continue
        sound = path.parent / cells[0]
        capture = path.parent / cells[1] if len(cells) > 1 and cells[1] else capture_of(sound)
        for needed in (sound, capture):
            if needed is None or not needed.is_file():
                raise UserError(f"{path}, line {number}: there is no {needed or f'capture of {sound.name}'}.")
        assert capture is not None
        found.append(CapturePair(sound, capture, cells[2] if len(cells) > 2 and cells[2] else actor_of(sound, True)))
    if not found:
        raise UserError(f"{path}: there is no recording in this list; it has a path a line.")
    return found
