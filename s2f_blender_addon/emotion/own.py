"""Emotions of the user's own: a pose with a name, on a character and in a folder that all files share."""

import json
from collections.abc import Mapping
from pathlib import Path

import bpy
import numpy as np
import numpy.typing as npt
from bpy.types import Key, PropertyGroup

from ..core.channels import CHANNELS
from ..core.custom_emotion import ONSET, RELEASE, checked, read_file, write_file
from ..core.errors import UserError
from ..core.track import AnyArray
from ..identity import ROOT_PACKAGE
from ..rigs import Character

Doubles = npt.NDArray[np.float64]
MappedKey = tuple[Key, str, npt.NDArray[np.float32]]

LEAST = 0.01
"""What a pose holds less of than this, it does not hold."""


def pose_of(name: str, text: str) -> dict[str, float]:
    """The channels and values 0-1 in ``text`` (JSON). Raises UserError that names the emotion."""
    try:
        return checked(name, json.loads(text))
    except (ValueError, RecursionError) as error:
        raise UserError(f"The pose of the emotion {name} is damaged; remove it and add it again.") from error


def add_to(
    character: PropertyGroup, name: str, pose: Mapping[str, float], onset: float = ONSET, release: float = RELEASE
) -> None:
    """Give ``character`` (object.s2f_character) a slider ``name``, or the one that it has another pose and times."""
    found = character.own.get(name)
    if found is None:
        found = character.own.add()
        found.name = name
    found.pose = json.dumps(dict(pose))
    found.onset, found.release = onset, release
    character.own_index = character.own.find(name)


def pose_on(character: Character) -> dict[str, float]:
    """The channels that the shape keys of ``character`` show now, through its key maps.

    Where keys and channels are not one to one, the channels are the non-negative ones that come closest. Raises
    UserError for a face at rest.
    """
    keys = mapped_keys(character)
    shown = np.array([float(key.key_blocks[name].value) for key, name, _ in keys])
    pose = nearest(response_of(keys), shown[None])[0]
    found = {name: round(float(value), 4) for name, value in zip(CHANNELS, pose, strict=True) if value >= LEAST}
    if not found:
        raise UserError("The face is at rest; move its shape keys to the pose that the emotion shows at its strongest.")
    return found


def mapped_keys(character: Character) -> list[MappedKey]:
    """Every shape key of ``character`` that its maps move: its Key, its name, and (52,) what each channel gives it."""
    unit = np.eye(len(CHANNELS), dtype=np.float32)
    found = []
    for mesh in character.meshes:
        names, response = mesh.map.values(unit)
        found += [(mesh.key, n, response[:, c]) for c, n in enumerate(names) if n in mesh.key.key_blocks]
    return found


def response_of(keys: list[MappedKey]) -> Doubles:
    """(keys, 52) of what ``mapped_keys`` gave."""
    return np.array([row for _, _, row in keys], np.float64).reshape(-1, len(CHANNELS))


def nearest(response: Doubles, shown: AnyArray) -> Doubles:
    """(T, 52) within 0-1 that makes ``response`` (keys, 52) come closest to ``shown`` (T, keys): projected gradient."""
    pose = np.zeros((len(shown), response.shape[1]))
    if not len(response):
        return pose
    step = 1 / max(float(np.linalg.norm(response, 2)) ** 2, 1e-9)
    gram, wanted = step * response.T @ response, step * shown @ response
    for _ in range(2000):
        moved = np.clip(pose - pose @ gram + wanted, 0, 1)
        if np.abs(moved - pose).max() < 1e-7:
            break
        pose = moved
    return pose


def folder() -> Path:
    """Where saved emotions lie, for all files of this Blender."""
    try:
        return Path(bpy.utils.extension_path_user(ROOT_PACKAGE, path="emotions", create=True))
    except ValueError:  # not installed as an extension
        return Path(bpy.utils.user_resource("CONFIG", path="speech2face/emotions", create=True))


def saved() -> dict[str, Path]:
    """The names of all saved emotions, in order, and their files; what cannot be read is left out."""
    found = {}
    for path in sorted(folder().glob("*.json")):
        try:
            found[read_file(path).name] = path
        except UserError:
            continue
    return dict(sorted(found.items()))


def save(name: str, pose: Mapping[str, float], onset: float = ONSET, release: float = RELEASE) -> Path:
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
    write_file(path, name, pose, onset, release)
    return path
