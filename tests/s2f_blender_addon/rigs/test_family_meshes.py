"""A mesh with the keys of each naming family is baked, and its keys move as the channels do."""

import numpy as np
import pytest

from .spellings import CHARACTERS

pytestmark = pytest.mark.one_blender


@pytest.fixture
def wave(load, blender):
    """(60, 52) one second in which every channel swings at a pace of its own; the mouth is never shut on purpose."""
    phase = np.linspace(0, 2 * np.pi, 52, endpoint=False)
    time = np.arange(60)[:, None] / 60
    values = (0.4 + 0.35 * np.sin(2 * np.pi * 2 * time + phase)).astype(np.float32)
    values[:, load("core.channels").INDEX["mouthClose"]] = 0
    return load("core.track").FaceTrack.captured(values, 60.0)


@pytest.mark.parametrize("family", CHARACTERS)
def test_its_keys_move_with_their_channels(load, face, blender, curve_values, wave, family):
    keys, count, shown = CHARACTERS[family]
    index = load("core.channels").INDEX
    target = face(keys)
    character = load("rigs").find_character(target)
    assert len(character.channels) - len(character.approximated) >= count
    blender.context.scene.render.fps = 60
    every = load("bake").BakeOptions(keys=load("bake.write").FRAMES)
    report = load("bake").bake(wave, character, blender.context.scene, 1, every)
    assert report.meshes[0].written
    helping = {entry.key for entry in character.meshes[0].map.active if entry.approximate}
    for channel, key in shown.items():
        values, wanted = curve_values(target, key, np.arange(1, 61)), wave.talk[:, index[channel]]
        if key in helping:  # it stands in for what the family lacks, too
            assert (values >= wanted - 2e-3).all(), f"{channel} → {key}"
        else:
            np.testing.assert_allclose(values, wanted, atol=2e-3, err_msg=f"{channel} → {key}")


@pytest.mark.parametrize("family", CHARACTERS)
def test_no_key_of_one_side_follows_the_other(load, addon, family):
    names = load("core.naming.names")
    for entry in load("core.naming.match").match(CHARACTERS[family][0]).active:
        side = {r.side for r in names.readings(entry.key) if names.is_noise(r, frozenset())} - {""}
        glance = entry.source.startswith("eyeLook")  # Eye_L_Look_R
        if entry.source.endswith(("Left", "Right")) and len(side) == 1 and not glance:
            assert entry.source.endswith(names.side_suffix(side.pop())), entry
