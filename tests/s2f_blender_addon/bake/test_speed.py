"""Ten minutes are written as fast as Blender's own calls go; processor seconds, so that neighbours count less."""

import time

import numpy as np
import pytest

MINUTES, RATE = 10, 60


@pytest.fixture
def track(load, blender):
    blender.context.scene.render.fps = RATE
    talk = np.random.default_rng(0).random((MINUTES * 60 * RATE + 1, 52), np.float32)
    return load("core.track").FaceTrack(talk, np.zeros_like(talk), RATE)


def seconds(work):
    start = time.process_time()
    work()
    return time.process_time() - start


def test_a_character_of_seven_meshes_takes_no_more_than_two_seconds(load, blender, face, track):
    channels = load("core.channels").CHANNELS
    parts = [channels, *(channels[i : i + 18] for i in range(0, 36, 6))]
    meshes = [face(keys, f"Alice_{i}") for i, keys in enumerate(parts)]
    character, bake = load("rigs").find_character(meshes[0]), load("bake").bake
    assert len(character.meshes) == 7
    taken = []
    for _ in range(2):
        taken.append(seconds(lambda: bake(track, character, blender.context.scene, 1)))
        blender.data.batch_remove(list(blender.data.actions))
    assert min(taken) <= 2.0, taken


def test_it_takes_no_longer_than_the_bare_calls_and_a_third(load, blender, face, track):
    target, compat, bake = face(), load("bake.compat"), load("bake").bake
    character, key = load("rigs").find_character(target), target.data.shape_keys

    def bare():
        bag = compat.assign(blender.data.actions.new("bare"), key)
        points = np.empty((len(track.talk), 2), np.float32)
        points[:, 0] = np.arange(len(track.talk))
        for column, name in enumerate(track.names):
            points[:, 1] = track.talk[:, column]
            curve = bag.fcurves.new(f'key_blocks["{name}"].value')
            curve.keyframe_points.add(len(points))
            curve.keyframe_points.foreach_set("co", points.ravel())
            curve.update()

    ratios = []
    for _ in range(4):
        ratios.append(seconds(lambda: bake(track, character, blender.context.scene, 1)) / seconds(bare))
        key.animation_data_clear()
        blender.data.batch_remove(list(blender.data.actions))
    assert min(ratios) <= 1.33, ratios
