"""Emotions of the user's own: a pose with a name, on a character, in a file, and in a folder that all files share."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..core.channels import CHANNELS, EMOTIONS, INDEX
from ..core.errors import UserError
from ..core.whole_file import whole_file
from ..rigs import Character

FORMAT, VERSION = "s2f.emotion", 1
LEAST = 0.01
"""What a pose holds less of than this, it does not hold."""


def pose_of(name: str, text: str) -> dict[str, float]:
    """The channels and values 0-1 in ``text`` (JSON). Raises UserError that names the emotion."""
    try:
        return _checked(name, json.loads(text))
    except (ValueError, RecursionError) as error:
        raise UserError(f"The pose of the emotion {name} is damaged; remove it and add it again.") from error


def add_to(character: Any, name: str, pose: Mapping[str, float]) -> None:
    """Give ``character`` (object.s2f_character) a slider ``name``, or the one that it has another pose."""
    found = character.own.get(name)
    if found is None:
        found = character.own.add()
        found.name = name
    found.pose = json.dumps(dict(pose))
    character.own_index = character.own.find(name)


def check_name(name: str) -> str:
    """``name`` without spaces around it. Raises UserError where it cannot name an emotion."""
    name = name.strip()
    if not name:
        raise UserError("An emotion needs a name.")
    if name.lower() in EMOTIONS or name.lower() == "intensity":
        raise UserError(f"There is an emotion {name.lower()} already; choose another name.")
    if len(name.encode()) > 60 or '"' in name or "\\" in name:
        raise UserError(f"{name[:20]}… is no good name for an emotion; choose a short one in plain letters.")
    return name


def pose_on(character: Character) -> dict[str, float]:
    """The channels that the shape keys of ``character`` show now, through its key maps.

    Where keys and channels are not one to one, the channels are the non-negative ones that come closest (projected
    gradient). Raises UserError for a face at rest.
    """
    unit = np.eye(len(CHANNELS), dtype=np.float32)
    rows, shown = [], []
    for mesh in character.meshes:
        names, response = mesh.map.values(unit)
        blocks = mesh.key.key_blocks
        for column, name in enumerate(names):
            if name in blocks:
                rows.append(response[:, column])
                shown.append(float(blocks[name].value))
    pose = _nearest(np.array(rows, np.float64).reshape(-1, len(CHANNELS)), np.array(shown, np.float64))
    found = {name: round(float(value), 4) for name, value in zip(CHANNELS, pose, strict=True) if value >= LEAST}
    if not found:
        raise UserError("The face is at rest; move its shape keys to the pose that the emotion shows at its strongest.")
    return found


def _nearest(response: Any, shown: Any) -> Any:
    """(52,) within 0-1 that makes ``response`` (keys, 52) come closest to ``shown`` (keys,)."""
    pose = np.zeros(response.shape[1])
    if not len(response):
        return pose
    step = 1 / max(float(np.linalg.norm(response, 2)) ** 2, 1e-9)
    for _ in range(2000):
        moved = np.clip(pose - step * response.T @ (response @ pose - shown), 0, 1)
        if np.abs(moved - pose).max() < 1e-7:
            break
        pose = moved
    return pose


def folder() -> Path:
    """Where saved emotions lie, for all files of this Blender."""
    from ..preferences import ROOT_PACKAGE

    try:
        return Path(bpy.utils.extension_path_user(ROOT_PACKAGE, path="emotions", create=True))
    except ValueError:  # not installed as an extension
        return Path(bpy.utils.user_resource("CONFIG", path="speech2face/emotions", create=True))


def saved() -> dict[str, Path]:
    """The names of all saved emotions, in order, and their files; what cannot be read is left out."""
    found = {}
    for path in sorted(folder().glob("*.json")):
        try:
            found[read_file(path)[0]] = path
        except UserError:
            continue
    return dict(sorted(found.items()))


def save(name: str, pose: Mapping[str, float]) -> Path:
    """Keep an emotion for all files, in place of one of the same name. Raises UserError where that is impossible."""
    known = saved()
    path = known.get(name)
    if path is None:
        plain = bpy.path.clean_name(name)
        taken = {other.name for other in known.values()}
        number = 1
        path = folder() / f"{plain}.json"
        while path.name in taken:
            number += 1
            path = folder() / f"{plain} {number}.json"
    write_file(path, name, pose)
    return path


def write_file(path: Path, name: str, pose: Mapping[str, float]) -> None:
    """Raises UserError that names the file."""
    document = {"format": FORMAT, "version": VERSION, "name": name, "channels": dict(pose)}
    try:
        with whole_file(path) as temporary:
            temporary.write_text(json.dumps(document, indent=1, ensure_ascii=False), "utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}.") from error


def read_file(path: Path) -> tuple[str, dict[str, float]]:
    """(name, pose) of the emotion in ``path``. Raises UserError that names the file."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UserError(f"{path.name} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path.name} is no JSON file; choose a file that “Export Emotion” wrote.") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT or not isinstance(document.get("name"), str):
        raise UserError(f"{path.name} is no emotion; choose a file that “Export Emotion” wrote.")
    if document.get("version") != VERSION:
        raise UserError(f"{path.name} was written by a newer Speech2Face; update the add-on to read it.")
    name = check_name(document["name"])
    return name, _checked(name, document.get("channels"))


def _checked(name: str, channels: object) -> dict[str, float]:
    if not isinstance(channels, dict) or not channels:
        raise UserError(f"The emotion {name} holds no pose; save it again.")
    for channel, value in channels.items():
        if channel not in INDEX:
            raise UserError(f"The emotion {name} moves {channel}, which is no channel; save it again.")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise UserError(f"The emotion {name} needs values from 0 to 1; {channel} has another.")
    return {channel: float(value) for channel, value in channels.items()}
