"""A character speaks the sample recording, and its lips are measured against the demo head's."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from model_server.audio.decode import decode
from model_server.engine import Engine
from model_server.sample import SAMPLE
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.request import Request

from .heads import lips, wanted_lips

FPS = 60.0


@pytest.fixture(scope="session")
def hello():
    """The sample recording as the bundled model speaks it, without a mood."""
    return Engine(TalkModel.load()).infer(decode(SAMPLE), Request(fps=FPS))


@dataclass
class Spoken:
    """opening, width: (T,) of the mouth in millimetres; wanted_…: those of the demo head."""

    opening: Any
    width: Any
    wanted_opening: Any
    wanted_width: Any
    report: Any
    character: Any

    @property
    def likeness(self):
        return np.corrcoef(self.opening, self.wanted_opening)[0, 1]

    @property
    def width_likeness(self):
        return np.corrcoef(self.width, self.wanted_width)[0, 1]

    @property
    def stands_open(self):
        """Share of the frames in which the demo head's lips are shut and these are open by more than a quarter."""
        top = self.wanted_opening.max()
        closed = self.wanted_opening < 0.05 * top
        assert closed.sum() > 10, "there is nothing to be measured"
        return (self.opening[closed] > 0.25 * top).mean()

    @property
    def size(self):
        return self.opening.max() / self.wanted_opening.max()


@pytest.fixture
def speak(load, blender, hello):
    """``speak(target, mesh)`` bakes the sample onto ``target`` and measures ``mesh``, a head of ``heads``."""

    def make(target, mesh=None):
        track = load("core.track").FaceTrack(hello.talk, hello.mood, FPS)
        scene = blender.context.scene
        scene.render.fps = 30
        character = load("rigs").find_character(target)
        report = load("bake").bake(track, character, scene, 1)
        frames = np.arange(1, int(report.last))
        mixed = load("core.blend").mixed
        curves = mixed(load("bake.frames").on_scene_frames(track, 30.0, 1)[1], load("core.blend").Mix())
        return Spoken(*lips(mesh or target, frames), *wanted_lips(curves[: len(frames)]), report, character)

    return make
