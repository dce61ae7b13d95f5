"""From Bake to keys inside Blender: with a warm process, after a slider, and against the bare loop of Blender's API."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from model_server.benchmark.process import running
from model_server.cancel import Progress
from model_server.in_blender.rig import open_rig
from model_server.in_blender.rig_files import DEMO
from s2f_blender_addon.bake import BakeOptions, bake, compat
from s2f_blender_addon.bake.write import CURVES, FRAMES
from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.core.messages import Infer
from s2f_blender_addon.core.packed import packed
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.core.track import FaceTrack
from s2f_blender_addon.process.client import ModelProcess
from s2f_blender_addon.process.job import Job
from s2f_blender_addon.rigs import Character

MINUTES, RATE = 10, 60


def time_keys(progress: Progress, recording: str) -> dict[str, float]:
    """Seconds from Bake to keys for ``recording`` (``warm``, ``slider``) and for ten minutes of such speech (``bake``).

    With a key on every frame, of ten minutes without any rest: ``bare``, our time over that of the bare ``foreach_set``
    loop, and ``insert``, the time that ``keyframe_insert`` takes for one minute over ours; for ten it is worse, since
    every key makes the next one slower. ``kept``: the keys that a film at 24 frames a second gets by default, in
    percent of one on every frame; ``stored``: MB of speech that the file keeps for a minute, besides them.
    """
    character = open_rig(DEMO)
    character = replace(character, meshes=character.meshes[:1])
    bpy.context.scene.render.fps = RATE
    progress(0.2, "Baking with a warm process")
    with running() as process:
        _bake_job(process, character, _other_than(recording), {})
        warm = _seconds(lambda: _bake_job(process, character, recording, {}))
        moods = ({"happy": value} for value in (0.2, 0.5, 0.8))
        slider = min(_seconds(partial(_bake_job, process, character, recording, mood)) for mood in moods)
        spoken = _bake_job(process, character, recording, {})
    stored = len(packed(spoken)) / 1e6 / (spoken.duration / 60)
    kept = 100 * _share_of_keys(spoken, character)
    progress(0.4, "Baking ten minutes")
    times = -(-MINUTES * 60 * RATE // len(spoken.talk))
    talked = FaceTrack(np.tile(spoken.talk, (times, 1)), np.tile(spoken.mood, (times, 1)), RATE)
    usual = min(_seconds(lambda: _bake(talked, character)) for _ in range(2))
    progress(0.5, "Writing ten minutes of keys")
    rng = np.random.default_rng(0)
    talk = rng.random((MINUTES * 60 * RATE, len(CHANNELS)), np.float32)
    track = FaceTrack(talk, np.zeros_like(talk), RATE)
    key = character.meshes[0].key
    ours = min(_seconds(lambda: _bake(track, character, FRAMES)) for _ in range(3))
    bare = min(_seconds(lambda: _bare(talk, key)) for _ in range(3))
    progress(0.8, "Writing keys one by one")
    minute = FaceTrack(talk[: 60 * RATE], track.mood[: 60 * RATE], RATE)
    insert = _seconds(lambda: _insert(minute.talk[:, 0], key, CHANNELS[0])) * len(CHANNELS)
    insert /= min(_seconds(lambda: _bake(minute, character, FRAMES)) for _ in range(3))
    slow = {"bare": ours / bare, "insert": insert, "bake": usual}
    return {"warm": warm, "slider": slider, "kept": kept, "stored": stored, **slow}


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _other_than(recording: str) -> str:
    """A recording that the process has not met under the name ``recording``."""
    return str(Path(recording).with_name("other.wav"))


def _bake_job(
    process: ModelProcess, character: Character, recording: str, emotion: dict[str, float]
) -> FaceTrack:  # fmt: skip
    job = Job(process, Infer(0, Request(recording, emotion)))
    while not job.poll():
        time.sleep(0.001)
    assert job.track is not None, job.sentence
    _bake(job.track, character)
    return job.track


def _share_of_keys(track: FaceTrack, character: Character) -> float:
    """Keys of a bake as it is by default at 24 frames a second, over those of one on every frame."""
    scene = bpy.context.scene
    scene.render.fps = 24
    every, few = (bake(track, character, scene, 1, BakeOptions(keys=keys)).keys for keys in (FRAMES, CURVES))
    scene.render.fps = RATE
    return few / every


def _bake(track: FaceTrack, character: Character, keys: str = CURVES) -> None:
    bake(track, character, bpy.context.scene, 1, BakeOptions(keys=keys))


def _bare(values: Any, key: Any) -> None:
    """What every bake has to do: curves, room for the keys, the keys."""
    bag = compat.assign(bpy.data.actions.new("bare"), key)
    points = np.empty((len(values), 2), np.float32)
    points[:, 0] = np.arange(len(values))
    for column, name in enumerate(CHANNELS):
        points[:, 1] = values[:, column]
        curve = bag.fcurves.new(f'key_blocks["{name}"].value')
        curve.keyframe_points.add(len(points))
        curve.keyframe_points.foreach_set("co", points.ravel())
        curve.update()


def _insert(values: Any, key: Any, name: str) -> None:
    """One curve of the many, in full."""
    key.animation_data.action = bpy.data.actions.new("one by one")
    block = key.key_blocks[name]
    for frame, value in enumerate(values):
        block.value = value
        block.keyframe_insert("value", frame=frame)
