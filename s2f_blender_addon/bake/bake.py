"""The one write: a track becomes a new action on every mesh of a character, and sound in the sequencer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core.blend import Mix, mixed
from ..core.errors import UserError
from ..core.track import Array, FaceTrack
from ..rigs import Character, MeshMap
from ..rigs.bones import ROLES, Bones
from . import obstacles
from .action import NewAction
from .bones import bone_curves
from .frames import Frames, frame_rate, on_scene_frames, track_frames
from .sound_strip import put_sound
from .write import value_path


@dataclass(frozen=True)
class BakeOptions:
    """How a track is written.

    mix: intensity, smoothing and strengths. offset: frames by which the keys come later (negative: earlier).
    error: key reduction leaves out keys that lines replace within this error; 0 keeps them all.
    every_frame: one key per scene frame; otherwise one per frame of the track, between scene frames too.
    first, last: scene frames outside of which an earlier bake stays. widen: let values beyond a slider widen it.
    sound: path of the recording for the sequencer, empty for none. extend: lengthen the scene to the clip's end.
    name: what the action is called after. head: turn the head bone too.
    intensity: reads the keyed intensity at scene frames, 1 where absent.
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
    head: bool = False
    intensity: Callable[[Frames], Array] | None = None


@dataclass(frozen=True)
class MeshReport:
    """What happened to one mesh: names of keys that were written, and of those that need a word.

    pinned: whether the mesh shows its active key alone, whatever the others do.
    """

    mesh: str
    written: tuple[str, ...]
    driven: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()
    clamped: tuple[str, ...] = ()
    pinned: bool = False


@dataclass(frozen=True)
class BakeReport:
    """What a bake did. ``first`` and ``last`` are scene frames; ``notes`` sentences for the user; ``bones`` turned."""

    meshes: tuple[MeshReport, ...]
    actions: tuple[str, ...]
    keys: int
    first: float
    last: float
    missing: tuple[str, ...]
    notes: tuple[str, ...]
    bones: tuple[str, ...] = ()


def bake(
    track: FaceTrack, character: Character, scene: Any, start_frame: float, options: BakeOptions | None = None
) -> BakeReport:
    """Write ``track`` to ``character`` so that second 0 of the recording is at ``start_frame`` of ``scene``.

    Every Key data-block gets a new action; the old one is kept by a fake user, and its curves for other things are
    copied over. Raises UserError, before anything is written, when no mesh can be animated.
    """
    options = options or BakeOptions()
    meshes, notes = _writable(character)
    bones = _bones(character, options, notes)
    if not meshes and bones is None:
        raise UserError(notes[0])
    frames, curves, head = _curves(track, scene, start_frame, options)
    action = NewAction(options.name, frames, options.first, options.last, options.error)
    reports = [_bake_mesh(mesh, action, curves, options.widen) for mesh in meshes]
    if bones is not None:
        action.write(bones.armature, bones.armature.name, *bone_curves(bones, curves, head))
    notes += _notes(reports)
    if options.sound:
        notes.append(put_sound(scene, options.sound, round(start_frame)))
    if options.extend and frames[-1] > scene.frame_end:
        scene.frame_end = int(np.ceil(frames[-1]))
        notes.append(f"The scene now ends at frame {scene.frame_end}, with the clip.")
    notes = [note for note in (*track.provenance.notes, *notes) if note]
    return BakeReport(
        tuple(reports), action.names, action.keys, float(frames[0]), float(frames[-1]), character.missing,
        tuple(notes), tuple(bones.names.values()) if bones is not None else (),
    )  # fmt: skip


def _writable(character: Character) -> tuple[list[MeshMap], list[str]]:
    """The meshes that can be animated, and a sentence for each of the others."""
    meshes, notes = [], []
    for mesh in character.meshes:
        try:
            notes.append(obstacles.make_writable(mesh.object))
            meshes.append(mesh)
        except UserError as error:
            notes.append(str(error))
    return meshes, notes


def _bones(character: Character, options: BakeOptions, notes: list[str]) -> Bones | None:
    """The bones that this bake turns: those that show what no key shows, and the head on request."""
    if options.head and (character.bones is None or "head" not in character.bones.names):
        notes.append(f"{character.name} has no head bone, so its head stays still.")
    if character.bones is None:
        return None
    bones = character.bones.only(frozenset(ROLES) - (frozenset() if options.head else {"head"}))
    if bones.names and not bones.armature.is_editable:
        notes.append(f"{bones.armature.name} is linked, so its bones stay still; make a library override of it.")
        return None
    return bones if bones.names else None


def _curves(track: FaceTrack, scene: Any, start: float, options: BakeOptions) -> tuple[Frames, Array, Array]:
    """(frames (T,), channel values (T, 52), head (T, 3)) to be written, offset and range applied."""
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
    return frames[inside], curves[inside], read.head[inside]


def _bake_mesh(mesh: MeshMap, action: NewAction, curves: Array, widen: bool) -> MeshReport:
    """Write one mesh, but for keys that are driven or that its map names and it has no more."""
    key = mesh.key
    names, values = mesh.map.values(curves)
    present = {block.name for block in key.key_blocks}
    driven = obstacles.driven(key, names)
    free = [i for i, name in enumerate(names) if name in present and name not in driven]
    names, values = tuple(names[i] for i in free), values[:, free]
    if widen:
        obstacles.widen(key, names, values)
    values, cut = obstacles.clamped(values, obstacles.sliders(key, names))
    action.write(key, mesh.name, [(value_path(name), 0) for name in names], values)
    clamped = tuple(names[i] for i in cut)
    pinned = bool(mesh.object.show_only_shape_key)
    return MeshReport(mesh.name, names, tuple(sorted(driven)), obstacles.muted(key, names), clamped, pinned)


def _notes(reports: list[MeshReport]) -> list[str]:
    """Sentences about keys that will not move as written."""
    notes = []
    for report in reports:
        if report.driven:
            notes.append(
                f"{_some(report.driven)} of {report.mesh} follow drivers (a control rig?) and were left alone; key its "
                "controls, or delete the drivers and bake again."
            )
        if report.pinned:
            notes.append(f"{report.mesh} shows one key alone; switch off its {obstacles.pin_name()} to see it speak.")
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
