"""Where a character looks: at an object or the camera, over the frames of a line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from bpy.types import Object, PoseBone, Scene

from ..bake.frames import frame_rate
from ..core.aimed_gaze import aimed
from ..core.errors import UserError
from ..core.track import FaceTrack
from ..emotion.curves import curve_at, read
from ..rigs import Character, find_character
from ..rigs.bones import find_bones
from ..rigs.face_objects import rig_of
from ..rigs.place import moved_by

Floats = npt.NDArray[np.float64]

_MOST_LOOKS = 600
"""Frames at which a scene that moves is evaluated at most; between them directions are interpolated."""


@dataclass(frozen=True)
class _EyeCarrier:
    """What carries the eyes: ``anchor`` moves them; eyes (2, 3), left and up (3,) in the anchor's own space."""

    anchor: Object
    bone: str
    eyes: Floats
    left: Floats
    up: Floats

    def matrix(self) -> Floats:
        """(4, 4) from the anchor's space to the world, as it is posed now."""
        world = np.array(self.anchor.matrix_world, float)
        if not self.bone:
            return world
        pose: PoseBone = self.anchor.pose.bones[self.bone]
        rest = np.linalg.inv(np.array(pose.bone.matrix_local, float))
        matrix: Floats = world @ np.array(pose.matrix, float) @ rest
        return matrix


def looking(scene: Scene, owner: Object, target: Object, track: FaceTrack, start: float) -> FaceTrack:
    """``track`` whose eyes look at what ``owner`` is to look at; itself where that is nothing."""
    goal = gaze_goal(scene, owner)
    if goal is None:
        return track
    rate = frame_rate(scene)
    frames = start + track.times * rate
    curve = curve_at(owner, "s2f_character.gaze_amount")
    amount = owner.s2f_character.gaze_amount
    share = read(curve, frames) if curve is not None else np.full(len(frames), amount, np.float32)
    if not share.any():
        return track
    head = _head(target)
    moments = _moments(scene, frames, (goal, head.anchor))
    seen = []
    with _evaluated(scene, len(moments) > 1) as go_to:
        for frame in moments.tolist():
            go_to(frame)
            seen.append(_angles(head, np.array(goal.matrix_world.translation, float)))
    angles = np.stack(seen).reshape(len(moments), -1)
    every = np.stack([np.interp(frames, moments, column) for column in angles.T], axis=1).reshape(-1, 2, 2)
    return aimed(track, every, np.clip(share, 0, 1).astype(np.float32))


def gaze_goal(scene: Scene, owner: Object) -> Object | None:
    """What the eyes of ``owner`` are to look at in ``scene``; None where they look about by themselves."""
    character = owner.s2f_character
    if character.gaze_mode == "CAMERA":
        return scene.camera
    return character.gaze_at if character.gaze_mode == "OBJECT" else None


def _head(target: Object) -> _EyeCarrier:
    """Raises UserError where nobody can tell where the eyes are."""
    character = find_character(target)
    rig = rig_of(target)
    bones = find_bones(rig).names if rig is not None else {}
    sides = [_eye(character, side, rig) for side in ("Left", "Right")]
    if sides[0] is None or sides[1] is None:
        raise UserError(f"Nobody can tell where the eyes of {character.name} are; switch off Look at.")
    eyes = np.stack([sides[0], sides[1]])
    mouth = _place(character, "jawOpen", rig)
    across = eyes[0] - eyes[1]
    upward = eyes.mean(0) - mouth if mouth is not None else np.array([0.0, 0.0, 1.0])
    # The axis that is nearest: eyes lie behind the mouth, so that a line between them leans.
    upward = np.sign(upward) * (np.abs(upward) == np.abs(upward).max())
    left = across / max(float(np.linalg.norm(across)), 1e-9)
    up = upward - (upward @ left) * left
    up /= max(float(np.linalg.norm(up)), 1e-9)
    anchor = rig if rig is not None else character.meshes[0].object
    return _EyeCarrier(anchor, bones.get("head", ""), eyes, left, up)


def _eye(character: Character, side: str, rig: Object | None) -> Floats | None:
    """(3,) where an eye is, in the space of the rig or of the face, at rest."""
    names = find_bones(rig).names if rig is not None else {}
    bone = names.get(f"eye_{side.lower()}")
    if rig is not None and bone is not None:
        return np.array(rig.data.bones[bone].head_local, float)
    return _place(character, f"eyeBlink{side}", rig)


def _place(character: Character, channel: str, rig: Object | None) -> Floats | None:
    """(3,) the middle of what a channel moves, in the space of the rig or of the face."""
    for mesh in character.meshes:
        entries = mesh.map.direct().get(channel)
        found = moved_by(mesh.object, entries[0].key) if entries else None
        if found is not None:
            anchor = rig if rig is not None else character.meshes[0].object
            world = np.linalg.inv(np.array(anchor.matrix_world, float))
            place: Floats = (world @ np.append(found[0], 1.0))[:3]
            return place
    return None


def _angles(head: _EyeCarrier, goal: Floats) -> Floats:
    """(2, 2) degrees to the character's left and up in which each eye sees ``goal`` (3,), a place in the world."""
    place = (np.linalg.inv(head.matrix()) @ np.append(goal, 1.0))[:3]
    ahead = np.cross(head.left, head.up)
    rows = []
    for eye in head.eyes:
        away = place - eye
        x, y, z = away @ head.left, away @ head.up, away @ ahead
        rows.append([np.degrees(np.arctan2(x, z)), np.degrees(np.arctan2(y, np.hypot(x, z)))])
    return np.array(rows)


def _moments(scene: Scene, frames: Floats, things: tuple[Object, ...]) -> Floats:
    """The scene frames at which to look: one where nothing moves, else enough of them."""
    if not any(_may_move(thing) for thing in things):
        return np.array([float(scene.frame_current)])
    first, last = np.floor(frames[0]), np.ceil(frames[-1])
    step = max(1.0, np.ceil((last - first) / _MOST_LOOKS))
    return np.append(np.arange(first, last, step), last)


def _may_move(thing: Object | None) -> bool:
    """Whether anything animates, drives or constrains ``thing`` or what it hangs on."""
    while thing is not None:
        animation = thing.animation_data
        if thing.constraints or (
            animation is not None and (animation.action or animation.drivers or animation.nla_tracks)
        ):
            return True
        thing = thing.parent
    return False


@contextmanager
def _evaluated(scene: Scene, moves: bool) -> Iterator[Callable[[float], None]]:
    """What goes to a frame, where that is needed; afterwards the scene is where it was."""
    before = scene.frame_current, scene.frame_subframe

    def go_to(frame: float) -> None:
        if moves:
            scene.frame_set(int(np.floor(frame)), subframe=float(frame % 1.0))

    yield go_to
    if moves:
        scene.frame_set(before[0], subframe=before[1])
