"""The one write: a track becomes a new action on every mesh of a character, and sound in the sequencer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np

from ..core.blend import Mix, mixed
from ..core.errors import UserError
from ..core.track import Array, FaceTrack
from ..rigs import Character, MeshMap
from . import compat, obstacles
from .frames import Frames, frame_rate, on_scene_frames, track_frames
from .sound_strip import put_sound
from .write import GROUP, outside, value_path, write_curves


@dataclass(frozen=True)
class BakeOptions:
    """How a track is written.

    mix: intensity, smoothing and strengths. offset: frames by which the keys come later (negative: earlier).
    error: key reduction leaves out keys that lines replace within this error; 0 keeps them all.
    every_frame: one key per scene frame; otherwise one per frame of the track, between scene frames too.
    first, last: scene frames outside of which an earlier bake stays. widen: let values beyond a slider widen it.
    sound: path of the recording for the sequencer, empty for none. extend: lengthen the scene to the clip's end.
    name: what the action is called after. intensity: reads the keyed intensity at scene frames, 1 where absent.
    """

    mix: Mix = field(default_factory=Mix)
    offset: int = 0
    error: float = 0.0
    every_frame: bool = True
    first: float = -np.inf
    last: float = np.inf
    widen: bool = False
    sound: str = ""
    extend: bool = True
    name: str = "Speech"
    intensity: Callable[[Frames], Array] | None = None


@dataclass(frozen=True)
class MeshReport:
    """What happened to one mesh: names of keys that were written, and of those that need a word."""

    mesh: str
    written: tuple[str, ...]
    driven: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()
    clamped: tuple[str, ...] = ()


@dataclass(frozen=True)
class BakeReport:
    """What a bake did. ``first`` and ``last`` are scene frames; ``notes`` are sentences for the user."""

    meshes: tuple[MeshReport, ...]
    actions: tuple[str, ...]
    keys: int
    first: float
    last: float
    missing: tuple[str, ...]
    notes: tuple[str, ...]


def bake(
    track: FaceTrack, character: Character, scene: Any, start_frame: float, options: BakeOptions | None = None
) -> BakeReport:
    """Write ``track`` to ``character`` so that second 0 of the recording is at ``start_frame`` of ``scene``.

    Every Key data-block gets a new action; the old one is kept by a fake user, and its curves for other things are
    copied over. Raises UserError, before anything is written, when no mesh can be animated.
    """
    options = options or BakeOptions()
    meshes, notes = _writable(character)
    frames, curves = _curves(track, scene, start_frame, options)
    actions: list[Any] = []
    reports = []
    keys = 0
    for mesh in meshes:
        report, written = _bake_mesh(mesh, actions, frames, curves, options)
        reports.append(report)
        keys += written
    notes += _notes(reports)
    if options.sound:
        notes.append(put_sound(scene, options.sound, round(start_frame)))
    if options.extend and frames[-1] > scene.frame_end:
        scene.frame_end = int(np.ceil(frames[-1]))
        notes.append(f"The scene now ends at frame {scene.frame_end}, with the clip.")
    return BakeReport(
        tuple(reports), tuple(a.name for a in actions), keys, float(frames[0]), float(frames[-1]),
        character.missing, tuple(note for note in notes if note),
    )  # fmt: skip


def _writable(character: Character) -> tuple[list[MeshMap], list[str]]:
    """The meshes that can be animated, and a sentence for each that cannot."""
    meshes, reasons = [], []
    for mesh in character.meshes:
        try:
            obstacles.check_writable(mesh.object)
            meshes.append(mesh)
        except UserError as error:
            reasons.append(str(error))
    if not meshes:
        raise UserError(reasons[0])
    return meshes, reasons


def _curves(track: FaceTrack, scene: Any, start: float, options: BakeOptions) -> tuple[Frames, Array]:
    """(frames (T,), channel values (T, 52)) that are to be written, offset and range applied."""
    rate = frame_rate(scene)
    if options.every_frame:
        frames, read = on_scene_frames(track, rate, start)
    else:
        frames, read = track_frames(track, rate, start), track
    keyed = options.intensity(frames) if options.intensity is not None else None
    curves = mixed(read, options.mix, keyed)
    frames = frames + options.offset
    inside = (frames >= options.first) & (frames <= options.last)
    if not inside.any():
        raise UserError(
            f"The recording plays from frame {frames[0]:g} to {frames[-1]:g}, outside of the frame range; "
            "change the range or the start frame."
        )
    return frames[inside], curves[inside]


def _bake_mesh(
    mesh: MeshMap, actions: list[Any], frames: Frames, curves: Array, options: BakeOptions
) -> tuple[MeshReport, int]:
    """Write one mesh; ``actions`` holds the actions of this bake so far and grows when another one is needed."""
    key = mesh.key
    names, values = mesh.map.values(curves)
    present = {block.name for block in key.key_blocks}
    driven = obstacles.driven(key, names)
    free = [i for i, name in enumerate(names) if name in present and name not in driven]
    names, values = tuple(names[i] for i in free), values[:, free]
    if options.widen:
        obstacles.widen(key, names, values)
    values, cut = obstacles.clamped(values, obstacles.sliders(key, names))
    kept, old = _keep_old(key)
    paths = [value_path(name) for name in names]
    bag = compat.assign(_action(actions, options.name, mesh), key)
    written = write_curves(bag, paths, frames, values, options.error)
    _copy_over(bag, kept, set(paths), options)
    if old is not None:
        old.use_fake_user = True
    key.update_tag()
    return MeshReport(
        mesh.name, names, tuple(sorted(driven)), obstacles.muted(key, names), tuple(names[i] for i in cut)
    ), written


def _action(actions: list[Any], name: str, mesh: MeshMap) -> Any:
    """One action for the whole character where actions have slots, else one per mesh."""
    if actions and compat.has_slots(actions[0]):
        return actions[0]
    action = bpy.data.actions.new(f"{name} S2F")
    if not compat.has_slots(action):
        action.name = f"{name} S2F {mesh.name}"
    actions.append(action)
    return action


def _keep_old(key: Any) -> tuple[list[Any], Any | None]:
    """The curves that animate ``key`` so far and their action."""
    bag = compat.bag_of(key)
    old = key.animation_data.action if key.animation_data is not None else None
    return list(bag.fcurves) if bag is not None else [], old


def _copy_over(bag: Any, kept: list[Any], written: set[str], options: BakeOptions) -> None:
    """Bring along what the old action animates besides these keys, and these keys outside of the frame range."""
    ranged = np.isfinite(options.first) or np.isfinite(options.last)
    for curve in kept:
        if curve.data_path in written:
            if ranged:
                _join(bag.fcurves.find(curve.data_path), curve, options)
        elif curve.group is None or curve.group.name != GROUP:
            compat.copy_fcurve(bag, curve)


def _join(new: Any, old: Any, options: BakeOptions) -> None:
    """Give ``new`` the keys that ``old`` has outside of the frame range."""
    away = outside(compat.read_keys(old), options.first, options.last)
    if len(away["co"]):
        fresh = compat.read_keys(new)
        compat.write_keys(new, {name: np.concatenate([fresh[name], away[name]]) for name in fresh})


def _notes(reports: list[MeshReport]) -> list[str]:
    """Sentences about keys that will not move as written."""
    notes = []
    for report in reports:
        if report.driven:
            notes.append(
                f"{_some(report.driven)} of {report.mesh} follow drivers (a control rig?) and were left alone."
            )
        if report.muted:
            notes.append(f"{_some(report.muted)} of {report.mesh} are muted, so they will not move until unmuted.")
        if report.clamped:
            notes.append(
                f"{_some(report.clamped)} of {report.mesh} reach the end of their sliders; widen them to go on."
            )
    return notes


def _some(names: tuple[str, ...]) -> str:
    """'jawOpen, mouthClose and 4 more keys'."""
    listed = ", ".join(names[:2])
    return f"{listed} and {len(names) - 2} more keys" if len(names) > 2 else listed
