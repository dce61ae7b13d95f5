"""A face that speaks the sample recording, driven as a script drives it."""

import time
from pathlib import Path

import pytest


@pytest.fixture
def scene(blender, addon, face):
    """The scene's settings with a face and the sample recording, looked up anew since undo replaces them."""

    class Scene:
        @property
        def s2f(self):
            return blender.context.scene.s2f

        @property
        def owner(self):
            return blender.context.scene.s2f.target

        @property
        def character(self):
            return blender.context.scene.s2f.target.s2f_character

    settings = blender.context.scene.s2f
    settings.target = face()
    settings.audio_path = str(Path(addon.__file__).parent / "model_server/sample/hello.wav")
    return Scene()


@pytest.fixture
def wait(addon, load):
    """``wait()`` polls until nothing is left to do."""

    def until_done(seconds=90.0):
        limit = time.monotonic() + seconds
        while not addon.poll():
            assert time.monotonic() < limit, load("session").current.jobs.job
            time.sleep(0.005)

    return until_done


@pytest.fixture
def baked(blender, wait, load, curve_values):
    """``baked('browDownLeft', frames)`` bakes and reads a key of the target."""

    def bake(key, frames):
        blender.ops.s2f.bake()
        wait()
        assert load("session").current.shown.outcome.error == ""
        return curve_values(blender.context.scene.s2f.target, key, frames)

    return bake
