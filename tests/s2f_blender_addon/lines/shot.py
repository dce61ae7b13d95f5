"""A shot as tests see it: scene.s2f and the operators, everything looked up at each use, since undo replaces it."""

import time
import wave
from pathlib import Path

import numpy as np

SECONDS = 3.0


def beginning(sound, path, seconds=SECONDS):
    """The first ``seconds`` of a WAV file as another one; returns its path."""
    with wave.open(str(sound)) as whole, wave.open(str(path), "wb") as part:
        part.setparams(whole.getparams())
        part.writeframes(whole.readframes(int(seconds * whole.getframerate())))
    return str(path)


class Shot:
    """A face that is the target, and two short sounds."""

    def __init__(self, blender, addon, load, face, folder):
        self.bpy, self.addon, self.load = blender, addon, load
        sample = Path(addon.__file__).parent / "model_server/sample/hello.wav"
        self.sounds = [beginning(sample, folder / name) for name in ("one.wav", "two.wav")]
        self.settings.target = face()
        self.settings.audio_path = self.sounds[0]

    @property
    def scene(self):
        return self.bpy.context.scene

    @property
    def settings(self):
        return self.scene.s2f

    @property
    def character(self):
        return self.settings.target.s2f_character

    @property
    def session(self):
        return self.load("session").current

    def wait(self, seconds=90):
        limit = time.monotonic() + seconds
        while not self.addon.poll() and self.session.jobs.busy:  # what the face reads as can wait
            assert time.monotonic() < limit
            time.sleep(0.005)
        assert self.session.shown.outcome.error == "", self.session.shown.outcome.report
        return self.session.shown.outcome.baked

    def bake(self, **settings):
        for name, value in settings.items():
            setattr(self.settings, name, value)
        self.bpy.ops.s2f.bake("EXEC_DEFAULT")
        return self.wait()

    def curve(self, key="jawOpen", target=None):
        bag = self.load("bake.compat").bag_of((target or self.settings.target).data.shape_keys)
        return bag.fcurves.find(self.load("bake.write").value_path(key))

    def values(self, frames, key="jawOpen", target=None):
        curve = self.curve(key, target)
        return np.array([curve.evaluate(frame) for frame in frames])

    def strips(self):
        return list(self.load("bake.compat").sound_strips(self.scene))
