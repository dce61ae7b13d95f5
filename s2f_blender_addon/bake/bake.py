"""The one write: a track becomes keys on every mesh of a character, in its own stretch, and sound in the sequencer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from bpy.types import Scene

from ..core.blend import Mix, mixed, sealed
from ..core.errors import UserError
from ..core.flame import NECK
from ..core.track import Array, FaceTrack
from ..rigs import Character, MeshMap
from ..rigs.bones import ROLES, Bones
from . import obstacles
from .action import OwnAction
from .bones import bone_curves, turned
from .channels import ERROR, MOUTH, Channel
from .controls import controlled, joined
from .edits import OFFSET
from .flame import OTHER_HEAD, KeyValues, check_region, columns_of, flame_columns
from .frames import Frames, frame_rate, on_scene_frames, track_frames
from .held import why_held
from .keyed import Values
from .layer import write_layer
from .parts import OwnerCurves, moves, shared
from .shown import why_unseen
from .sound_strip import put_sound
from .stretch import BLEND, Placement, Span, own_stretches
from .write import CURVES, TRACK, TWOS, CurveWriter, WriteOptions, value_path

ALL, MOUTH_ONLY, UPPER_ONLY = "ALL", "MOUTH", "UPPER"
"""Which part of the face a bake writes; what it does not is left as it is."""


@dataclass(frozen=True)
class BakeOptions:
    """How a track is written.

    mix: intensity, smoothing and strengths. offset: frames by which the keys come later (negative: earlier).
    keys: CURVES, FRAMES, TWOS or TRACK. error: what reduced curves may miss at any frame.
    first, last: scene frames outside of which an earlier bake of the line stays. widen: let values beyond a slider
    widen it. sound: path of the recording for the sequencer, empty for none. extend: lengthen the scene to the clip's
    end. name: what a new action is called after. head: nod and breathe, where there are bones for it; breath: how
    strongly. region: ALL, MOUTH or UPPER. intensity: reads the keyed intensity at scene frames, 1 where absent.
    line: the name by which the line is known. others: (first, last) frames of the character's other lines; over: those
    of them that are seen where both speak; crossed: names of those that this one is seen instead of. edits: how the
    animator's changes stay, OFFSET or REPLACE; '' drops them.
    """

    mix: Mix = field(default_factory=Mix)
    offset: int = 0
    keys: str = CURVES
    error: float = ERROR
    first: float = -np.inf
    last: float = np.inf
    widen: bool = False
    sound: str = ""
    extend: bool = True
    name: str = "Speech"
    head: bool = False
    breath: float = 1.0
    region: str = ALL
    intensity: Callable[[Frames], Array] | None = None
    line: str = "line"
    others: tuple[Span, ...] = ()
    over: tuple[Span, ...] = ()
    crossed: tuple[str, ...] = ()
    edits: str = OFFSET


@dataclass(frozen=True)
class MeshReport:
    """What happened to one mesh: names of keys that were written, and of those that need a word.

    pinned: whether the mesh shows its active key alone, whatever the others do. unmoved: keys relative to themselves.
    """

    mesh: str
    written: tuple[str, ...]
    driven: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()
    clamped: tuple[str, ...] = ()
    pinned: bool = False
    unmoved: tuple[str, ...] = ()


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
    track: FaceTrack, character: Character, scene: Scene, start_frame: float, options: BakeOptions | None = None
) -> BakeReport:
    """Write ``track`` to ``character`` so that second 0 of the recording is at ``start_frame`` of ``scene``.

    Only the line's own frames change, and those that lead there. Raises UserError, before anything is written, when no
    mesh can be animated.
    """
    options = options or BakeOptions()
    if character.blocked:
        raise UserError(character.blocked)
    meshes, notes = _writable(character)
    bones = _bones(character, options, notes, track)
    if not meshes and bones is None:
        raise UserError(notes[0])
    if len(track.flame) and character.flame is None:
        notes.append(OTHER_HEAD)
    frames, curves, read = _curves(track, scene, start_frame, options)
    place = _place(frames, scene, options)
    parts, reports, said = _parts(character, meshes, bones, curves, read, options)
    notes += said
    manner = WriteOptions(
        place, options.keys, options.error, start_frame + options.offset, frame_rate(scene), options.line,
        options.edits, options.region == ALL, options.crossed,
    )  # fmt: skip
    spine = _spine(character, options, notes)
    action, writer = _written(parts, CurveWriter(manner, frames, sealed(read.talk)), options.name, track)
    if spine and character.rig is not None:
        write_layer(writer, character.rig, spine, read, options.breath, options.name)
    first, last = place.stretches[0][0], place.stretches[-1][1]
    notes += [*character.notes, *_notes(reports), *action.notes, _kept(writer.edited, options.edits)]
    notes.append(_beyond(writer.beyond))
    if options.sound:
        notes.append(put_sound(scene, options.sound, start_frame, options.line))
    if options.extend and last > scene.frame_end:
        scene.frame_end = int(np.ceil(last))
        notes.append(f"The scene now ends at frame {scene.frame_end}, with the clip.")
    unseen = why_unseen(scene, parts, frames) or why_held(scene, bones, meshes, curves, frames)
    notes = [note for note in (*track.provenance.notes, *notes, _unseen(scene, first, last), *unseen) if note]
    return BakeReport(
        tuple(reports), tuple(a.name for a in action.actions), writer.keys, float(first), float(last),
        () if plays(track, character) else character.missing, tuple(notes),
        (*(bones.names.values() if bones is not None else ()), *spine.values()),
    )  # fmt: skip


def plays(track: FaceTrack, character: Character) -> bool:
    """Whether FLAME's coefficients are played as they are, on a head of FLAME's."""
    return bool(len(track.flame)) and character.flame is not None


def _written(
    parts: Sequence[OwnerCurves], writer: CurveWriter, name: str, track: FaceTrack
) -> tuple[OwnAction, CurveWriter]:
    owners = [owner for part in parts for owner in (part.owner, *part.siblings)]
    action = OwnAction(name, track.provenance, owners)
    for part in parts:
        bag = action.bag_for(part)
        writer.write(part.owner.animation_data.action, bag, part)
        for owner in (part.owner, *part.siblings):
            owner.update_tag()
    for one in action.actions:
        writer.finish(one)
    return action, writer


def _place(frames: Frames, scene: Scene, options: BakeOptions) -> Placement:
    """Where the line is written. Raises UserError where nothing is left to it."""
    span = float(frames[0]), float(frames[-1])
    inside = max(span[0], options.first), min(span[1], options.last)
    if inside[0] > inside[1]:
        raise UserError(
            f"The recording plays from frame {span[0]:g} to {span[1]:g}, outside of the frame range; "
            "change the range or the start frame."
        )
    stretches = tuple(
        (float(own[0]), float(own[-1]))
        for part in own_stretches(inside, options.over)
        if len(own := frames[(frames >= part[0]) & (frames <= part[1])])
    )
    if not stretches:
        raise UserError("Another line of this character speaks over all of this one; move one of them.")
    blend = max(round(BLEND * frame_rate(scene)), 1)
    room = float(scene.frame_preview_start if scene.use_preview_range else scene.frame_start)
    if stretches[0][0] < room:  # who works before the scene's first frame, or on negative ones, looks there, too
        room = -np.inf
    return Placement(stretches, room, options.others, blend, within=inside != span)


def _parts(
    character: Character, meshes: list[MeshMap], bones: Bones | None, curves: Array, read: FaceTrack,
    options: BakeOptions,
) -> tuple[list[OwnerCurves], list[MeshReport], list[str]]:  # fmt: skip
    """What is written, siblings on one set of curves; what there is to say of each mesh, and of driven keys."""
    turning = turned(bones, curves, read) if bones is not None else {}
    head = character.flame
    if head is not None and options.region != ALL:
        check_region(head, read)
    parts, reports, taken = [], [], frozenset[str]()
    for mesh in meshes:
        flame = head if head is not None and mesh.object == head.object else None
        wanted = flame_columns(flame, mesh, curves, read, bones, turning) if flame else columns_of(mesh, curves)
        part, report = _mesh_part(mesh, wanted, options.widen or flame is not None)
        parts.append(part)
        reports.append(report)
    if bones is not None:
        channels, values = bone_curves(bones, turning)
        parts.append(OwnerCurves(bones.armature, bones.armature.name, tuple(channels), values))
        taken = frozenset(channel.path for channel in channels)
    controls, notes = controlled(meshes, curves, taken)
    parts = joined([*parts, *controls])
    if options.region != ALL:
        parts = [part.only(_of_region(part.channels, options.region)) for part in parts]
    parts = shared([part for part in parts if part.channels])
    if not parts:
        raise UserError("This face has nothing in the chosen region; bake the whole face.")
    return parts, reports, notes


def _of_region(channels: Sequence[Channel], region: str) -> frozenset[str]:
    return frozenset(channel.path for channel in channels if (channel.group in MOUTH) == (region == MOUTH_ONLY))


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


def _bones(character: Character, options: BakeOptions, notes: list[str], track: FaceTrack) -> Bones | None:
    """The bones that this bake turns: those that show what no key shows; the head is turned on top of its own keys.

    The neck of FLAME's coefficients is part of a performance.
    """
    if character.bones is None:
        return None
    own = bool(track.flame[:, NECK].any()) or (options.head and character.flame is not None)
    bones = character.bones.only(frozenset(ROLES) - (frozenset() if own else {"head"}))
    if bones.names and not bones.armature.is_editable:
        notes.append(f"{bones.armature.name} is linked, so its bones stay still; make a library override of it.")
        return None
    if bones.names and obstacles.is_tweaked(bones.armature):
        notes.append(f"A strip of {bones.armature.name} is being edited in the NLA editor, so its bones stay still.")
        return None
    return bones if bones.names else None


def _spine(character: Character, options: BakeOptions, notes: list[str]) -> dict[str, str]:
    """role -> bone of what nods and breathes, where that is wanted and can be."""
    rig = character.rig
    if not options.head or options.region == MOUTH_ONLY or rig is None:
        return {}
    found = character.spine
    if found and not rig.is_editable:
        notes.append(f"{rig.name} is linked, so its head stays still; make a library override of it.")
        return {}
    return found


def _curves(track: FaceTrack, scene: Scene, start: float, options: BakeOptions) -> tuple[Frames, Array, FaceTrack]:
    """(frames (T,), channel values (T, 52), track on them), offset applied."""
    rate = frame_rate(scene)
    if options.keys == TRACK:
        frames, read = track_frames(track, rate, start), track
    else:
        frames, read = on_scene_frames(track, rate, start, 2 if options.keys == TWOS else 1)
    keyed = options.intensity(frames) if options.intensity is not None else None
    return frames + options.offset, mixed(read, options.mix, keyed), read


def _mesh_part(mesh: MeshMap, wanted: KeyValues, widen: bool) -> tuple[OwnerCurves, MeshReport]:
    """The curves of one mesh, but for keys that are driven or that its map names and it has no more."""
    key = mesh.key
    names, values, groups = wanted.names, wanted.values, wanted.groups
    present = {block.name for block in key.key_blocks}
    driven = obstacles.driven(key, names)
    free = [i for i, name in enumerate(names) if name in present and name not in driven]
    names, values = tuple(names[i] for i in free), values[:, free]
    if widen:
        obstacles.widen(key, names, values)
    ranges = obstacles.sliders(key, names)
    values, cut = obstacles.clamped(values, ranges)
    channels = tuple(
        Channel(value_path(n), 0, groups[n], min(max(0.0, slider.low), slider.high), parting=n in wanted.parting)
        for n, slider in zip(names, ranges, strict=True)
    )
    still = {value_path(name) for name in driven} | {value_path(n) for n in set(names) - moves(key, names)}
    report = MeshReport(
        mesh.name, names, tuple(sorted(driven)), obstacles.muted(key, names), tuple(names[i] for i in cut),
        bool(mesh.object.show_only_shape_key), obstacles.relative_to_themselves(key, names),
    )  # fmt: skip
    return OwnerCurves(key, mesh.name, channels, values, frozenset(still)), report


def _kept(curves: int, way: str) -> str:
    """A sentence about the animator's edits."""
    if not curves:
        return ""
    what = "1 curve" if curves == 1 else f"{curves} curves"
    how = "as changes to the new keys" if way == OFFSET else "as they were"
    return f"Your edits on {what} were kept, {how}."


def _beyond(frames: Sequence[Values]) -> str:
    """A sentence about edits at ``frames``, of a curve each, on which the line is not seen."""
    if not frames:
        return ""
    what = "1 curve" if len(frames) == 1 else f"{len(frames)} curves"
    first, last = min(float(one.min()) for one in frames), max(float(one.max()) for one in frames)
    where = f"at frame {first:g}" if first == last else f"at frames {first:g} to {last:g}"
    return (
        f"Your edits on {what} {where} have no place there now; they are kept, and come back when the line is baked "
        "so that it has one."
    )


def _unseen(scene: Scene, first: float, last: float) -> str:
    """A sentence where keys lie on frames that do not play."""
    begin, end = scene.frame_start, scene.frame_end
    what = "scene plays"
    if scene.use_preview_range:
        begin, end, what = scene.frame_preview_start, scene.frame_preview_end, "preview range plays"
    if begin <= first and last <= end:
        return ""
    return f"The line is on frames {first:g} to {last:g}, but the {what} only {begin} to {end}."


def _notes(reports: list[MeshReport]) -> list[str]:
    """Sentences about keys that will not move as written."""
    notes = []
    for report in reports:
        if report.pinned:
            notes.append(f"{report.mesh} shows one key alone; switch off its {obstacles.pin_name()} to see it speak.")
        if report.muted:
            notes.append(f"{_some(report.muted)} of {report.mesh} are muted, so they will not move until unmuted.")
        if report.unmoved:
            notes.append(
                f"{_some(report.unmoved)} of {report.mesh} are relative to themselves, so they show nothing; "
                "choose the basis under Relative To."
            )
        if report.clamped:
            notes.append(
                f"{_some(report.clamped)} of {report.mesh} reach the end of their sliders; widen them to go on."
            )
    return notes


def _some(names: tuple[str, ...]) -> str:
    """'jawOpen, mouthClose and 4 more keys'."""
    listed = ", ".join(names[:2])
    return f"{listed} and {len(names) - 2} more keys" if len(names) > 2 else listed
