"""Open a rig, bake the lines of a shot onto it, put their sounds in, save and export."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from model_server.cancel import Progress, part
from s2f_blender_addon import export, lines
from s2f_blender_addon.bake import BakeOptions, BakeReport, bake
from s2f_blender_addon.bake.bake import plays
from s2f_blender_addon.bake.frames import frame_rate
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.blend import Mix
from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.points import holds_points
from s2f_blender_addon.core.track import FaceTrack
from s2f_blender_addon.emotion.sliders import owner_of
from s2f_blender_addon.rigs import Character, points
from s2f_blender_addon.session.made import Destination, Made

from .rig import made_ready, open_rig
from .rig_files import DEMO
from .shot import KeyOptions, Shot, ShotLine


def bake_file(progress: Progress, shot: dict[str, Any]) -> dict[str, Any]:
    """Do a ``Shot``, given as a dict.

    Returns ``first`` and ``last`` scene frame, ``keys``, ``missing`` channels, ``notes``, ``coverage`` (the panel's
    line), ``exported`` files, ``matched``: mesh -> {channel: keys}, armature -> {channel: bones}, and ``failed``: a
    sentence for each vertex sequence and each export that cannot be made. Raises UserError where no line is left.
    """
    given = Shot(**{
        **shot, "lines": tuple(ShotLine(**line) for line in shot["lines"]), "manner": KeyOptions(**shot["manner"]),
    })  # fmt: skip
    progress(0.0, f"opening {os.path.basename(given.rig)}")
    character, said = open_rig(given.rig), ""
    read = {line.track: formats.read(line.track) for line in given.lines if not holds_points(Path(line.track))}
    if len(read) < len(given.lines) or not all(len(track.flame) for track in read.values()):
        character, said = made_ready(character)
    spoken, failed = _spoken(given.lines, read, character)
    given, tracks = replace(given, lines=tuple(line for line, _ in spoken)), [track for _, track in spoken]
    scene = bpy.context.scene
    if given.fps > 0:
        set_rate(scene, given.fps)
    reports = _bake_lines(given, tracks, character, scene, part(progress, 0.3, 0.6))
    exported, notes, refused = _export(given.exports, character, scene, part(progress, 0.6, 0.8))
    if given.out:
        progress(0.8, "saving")
        save(given.out, {line.sound for line in given.lines})
    return {
        "first": min(report.first for report in reports), "last": max(report.last for report in reports),
        "keys": sum(report.keys for report in reports), "missing": reports[0].missing, "exported": exported,
        "notes": list(dict.fromkeys(filter(None, [said, *(n for report in reports for n in report.notes), *notes]))),
        "failed": [*failed, *refused], **_shown(character, reports[0], tracks[0]),
    }  # fmt: skip


def _shown(character: Character, report: BakeReport, track: FaceTrack) -> dict[str, Any]:
    """``matched`` and ``coverage``: the channels, or FLAME's coefficients where those are played."""
    if not plays(track, character) or character.flame is None:
        return {"matched": _matched(character), "coverage": character.coverage}
    mesh = character.flame.object.name
    written = {name for one in report.meshes if one.mesh == mesh for name in one.written}
    exp = [name for name in character.flame.exp().values() if name in written]
    return {
        "matched": {mesh: {"expressions": exp, "joints": list(report.bones)}},
        "coverage": f"{len(exp)} expressions and {len(report.bones)} joints of FLAME",
    }


def _bake_lines(
    shot: Shot, tracks: list[FaceTrack], character: Character, scene: Any, progress: Progress
) -> list[BakeReport]:
    """Every line as one of the character's lines, as the panel has them."""
    target = character.meshes[0].object if character.meshes else character.bones.armature  # type: ignore[union-attr]
    owner = owner_of(target)
    if not owner.is_editable:
        raise UserError(f"{owner.name} is linked from another file; make a library override of it first.")
    scene.s2f.target = target
    head = shot.manner.head or shot.rig == DEMO  # ours has nothing on its neck that a nod could overwrite
    scene.s2f.keys, scene.s2f.error, scene.s2f.head = shot.manner.keys, shot.manner.error, head
    if not shot.append:
        _clear(owner)
    ends = [line.last for line in owner.s2f_character.lines if line.baked]
    begins = scene.frame_start
    reports = []
    for number, (line, track) in enumerate(zip(shot.lines, tracks, strict=True)):
        progress(number / len(shot.lines), f"writing keys of {line.name}")
        start = line.start if line.start is not None else max([begins, *(int(end) + 1 for end in ends)])
        first, last = _span(track, start, frame_rate(scene))
        entry = _entry(scene.s2f, owner, line, start)
        beside = lines.neighbours(owner, entry, (first, last))
        options = BakeOptions(
            mix=Mix(intensity=line.intensity), keys=shot.manner.keys, error=shot.manner.error, head=head,
            sound=line.sound, name=line.name, line=entry.ident, others=beside.others, over=beside.over,
            crossed=beside.crossed,
        )  # fmt: skip
        reports.append(bake(track, character, scene, start, options))
        whose = (scene.session_uid, target.session_uid)
        to = Destination(scene.name, target.name, start, line.sound, line.name, line=entry.ident, identities=whose)
        lines.keep_bake(entry, Made(track, to), (first, last), frame_rate(scene))
        ends.append(last)
    scene.frame_end = int(max(ends))
    return reports


def _spoken(
    given: Sequence[ShotLine], read: Mapping[str, FaceTrack], character: Character
) -> tuple[list[tuple[ShotLine, FaceTrack]], list[str]]:
    """The lines with their tracks, and why there is none of the others. Raises UserError where all are others."""
    spoken, failed = list[tuple[ShotLine, FaceTrack]](), list[str]()
    for line in given:
        try:
            spoken.append((line, read[line.track] if line.track in read else _points(line, character)))
        except UserError as error:
            failed.append(str(error))
    if not spoken:
        raise UserError(failed[0])
    return spoken, failed


def _points(line: ShotLine, character: Character) -> FaceTrack:
    """What the keys of the face make of a vertex sequence."""
    if not character.meshes:
        raise UserError(f"{line.track}: this character has no mesh with keys, which a vertex sequence needs.")
    return points.read(Path(line.track), character.meshes[0], line.fps or None)


def _clear(owner: Any) -> None:
    """Take away what the character said before."""
    character = owner.s2f_character
    for line in list(character.lines):
        lines.take_away(owner, line)
    character.lines.clear()
    character.line_index = 0


def _entry(settings: Any, owner: Any, line: ShotLine, start: int) -> Any:
    """The entry of the character's list for ``line``, chosen: that of the same sound at the same frame, else a new one.

    The panel shows what the line was made with.
    """
    listed = list(owner.s2f_character.lines)
    same = [one for one in listed if one.start_frame == start and one.name == line.name]
    if same:
        owner.s2f_character.line_index = listed.index(same[0])
    settings.audio_path, settings.start_frame, settings.seed = line.sound, start, line.seed
    settings.intensity = line.intensity
    for name, value in line.emotion.items():
        if hasattr(settings, f"emotion_{name}"):
            setattr(settings, f"emotion_{name}", value)
    if same:
        lines.keep(settings, same[0])
        entry = same[0]
    else:
        entry = lines.adopt(settings, owner)
    entry.name = line.name
    return entry


def _span(track: FaceTrack, start: float, rate: float) -> tuple[float, float]:
    """The scene frames on which ``track`` plays."""
    begin = start + track.start * rate
    return float(np.floor(begin)), float(np.ceil(begin + track.duration * rate))


def _export(
    paths: tuple[str, ...], character: Character, scene: Any, progress: Progress
) -> tuple[list[str], list[str], list[str]]:
    """Each of ``paths`` with all lines of the character; (the files, notes, why others cannot be written)."""
    target = character.meshes[0].object if character.meshes else character.bones.armature  # type: ignore[union-attr]
    clips = export.clips_of(owner_of(target))
    files: list[str] = []
    notes: list[str] = []
    refused: list[str] = []
    for number, path in enumerate(paths):
        progress(number / len(paths), f"exporting {os.path.basename(path)}")
        try:
            written, said = export.write(Path(path), character, scene, clips)
        except (UserError, OSError) as error:
            refused.append(str(error))
            continue
        files += map(str, written)
        notes += said
    return files, notes, refused


def set_rate(scene: Any, fps: float) -> None:
    """Blender's whole ``fps`` over ``fps_base``: 23.976 is 24 / 1.001."""
    whole = max(round(fps), 1)
    scene.render.fps = whole
    scene.render.fps_base = whole / fps if abs(whole - fps) > 1e-9 else 1.0


def save(out: str, sounds: set[str]) -> None:
    """Save to ``out`` with the sound files ``sounds`` packed into it. Raises UserError where Blender cannot."""
    bpy.context.preferences.filepaths.save_version = 0  # no .blend1 beside the user's file
    named = {os.path.abspath(sound) for sound in sounds if sound}
    for block in bpy.data.sounds:
        if block.packed_file is None and os.path.abspath(bpy.path.abspath(block.filepath)) in named:
            block.pack()
    try:
        bpy.ops.wm.save_as_mainfile(filepath=out, check_existing=False)
    except RuntimeError as error:
        raise UserError(f"Blender cannot save here: {error}") from error


def _matched(character: Character) -> dict[str, dict[str, list[str]]]:
    meshes: dict[str, dict[str, list[str]]] = {}
    for mesh in character.meshes:
        keys = meshes.setdefault(mesh.name, {})
        for entry in mesh.map.active:
            keys.setdefault(entry.source, []).append(entry.key)
    if character.bones is not None and character.bones.channels():
        turned = meshes.setdefault(character.bones.armature.name, {})
        for role, bone in character.bones.names.items():
            shown = character.bones.only(frozenset({role})).channels()
            for channel in (name for name in CHANNELS if name in shown):
                turned.setdefault(channel, []).append(bone)
    return meshes
