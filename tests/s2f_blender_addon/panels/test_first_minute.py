"""From the zip to the first bake: every click that a new user makes, on what the panel shows without unfolding."""

import os
import time
from pathlib import Path
from types import SimpleNamespace

import bpy
import pytest

MOST = 7


class Folded:
    """A stand-in for Blender's layout that notes the buttons in view; what is closed at first stays closed."""

    def __init__(self, buttons):
        self.__dict__["buttons"] = buttons

    def panel(self, name, default_closed=False):
        return self, None if default_closed else self

    def operator(self, name, **_):
        self.buttons.append(name)
        return SimpleNamespace()

    def __getattr__(self, name):
        return lambda *_, **__: self

    def __setattr__(self, name, value):
        pass


class Newcomer:
    """Clicks on what is there, and counts."""

    def __init__(self, addon, load):
        self.addon, self.load, self.clicks = addon, load, []

    def click(self, what):
        self.clicks.append(what)

    def press(self, name, **chosen):
        """A button of the panel, and what it asks for in a file browser."""
        buttons = []
        context = SimpleNamespace(
            scene=bpy.context.scene, active_object=bpy.context.active_object, screen=None,
            region=SimpleNamespace(width=5000), preferences=SimpleNamespace(system=SimpleNamespace(ui_scale=1.0)),
        )  # fmt: skip
        self.load("panels.main").S2F_PT_main.draw(SimpleNamespace(layout=Folded(buttons)), context)
        assert name in buttons, f"{name} is not in view; there are {buttons}"
        self.click(name)
        assert getattr(bpy.ops.s2f, name.partition(".")[2])("EXEC_DEFAULT", **chosen) <= {"FINISHED", "RUNNING_MODAL"}


@pytest.fixture
def newcomer(blender, addon, load):
    blender.ops.wm.read_homefile(use_factory_startup=True)  # with the cube, as everybody begins
    return Newcomer(addon, load)


def test_from_the_zip_to_the_first_bake_in_seven_clicks(newcomer, zip_path):
    assert zip_path.is_file()
    newcomer.click("OK, after the zip was dropped into the window")
    newcomer.click("tab Speech2Face")
    newcomer.press("s2f.add_demo_head")
    sound = Path(newcomer.addon.__file__).parent / "model_server/sample/hello.wav"
    newcomer.press("s2f.choose_sound", filepath=os.fspath(sound))
    for click in ("the file, in the file browser", "and again: a double click"):
        newcomer.click(click)
    newcomer.press("s2f.bake")
    limit = time.monotonic() + 90
    while not newcomer.addon.poll():
        assert time.monotonic() < limit
        time.sleep(0.01)
    outcome = newcomer.load("session").current.shown.outcome
    assert outcome.error == "" and outcome.baked.keys > 100
    assert len(newcomer.clicks) <= MOST
