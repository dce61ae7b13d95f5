"""Every path that can be chosen lies on a disk that does not answer: a share whose server is off, a mount that hangs.

Whoever asks it for a file waits, as the system makes everyone wait; Blender's main thread must not be among them.
"""

import builtins
import io
import os
import threading
from types import SimpleNamespace

import pytest

from tests.own_time import own_seconds
from tests.s2f_blender_addon.panels.layout import Layout, context_of

pytestmark = pytest.mark.one_blender

ASKING = ("stat", "lstat", "open", "listdir", "scandir", "access", "readlink")


@pytest.fixture
def dead(monkeypatch, tmp_path):
    """A folder that never answers, until the test is over. ``asked`` are the threads that asked."""
    folder, back, asked = str(tmp_path / "nas"), threading.Event(), []

    def never(function):
        def asks(path=".", *words, **named):
            if isinstance(path, str | os.PathLike) and os.fspath(path).startswith(folder):
                asked.append(threading.current_thread())
                assert threading.current_thread() is not threading.main_thread(), f"Blender waits for {path}"
                back.wait(60)
            return function(path, *words, **named)

        return asks

    for name in ASKING:
        monkeypatch.setattr(os, name, never(getattr(os, name)))
    monkeypatch.setattr(io, "open", never(io.open))
    monkeypatch.setattr(builtins, "open", never(builtins.open))
    yield SimpleNamespace(path=lambda name: os.path.join(folder, name), asked=asked)
    back.set()


@pytest.fixture
def everything_there(blender, face, load, dead, monkeypatch, tmp_path):
    """Each setting of a path in the panel and in the preferences."""
    for variable in ("HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path))
    choice = load("runtime.place").default_root() / load("runtime.folder_marker").CHOICE
    choice.parent.mkdir(parents=True)
    choice.write_text(dead.path("runtime"))
    load("runtime_session").fresh()
    saved = load("identity").saved_preferences()
    names = ("python", "recogniser", "voice_model", "text_model", "fusion_model")
    for name in names:
        setattr(saved, name, dead.path(name))
    settings = blender.context.scene.s2f
    settings.target, settings.words_from = face(), "FILE"
    for name in ("audio_path", "words_file", "model_path"):
        setattr(settings, name, dead.path(name))
    yield saved
    for name in names:
        saved.property_unset(name)
    load("runtime_session").fresh()


def draw_all(blender, load, saved):
    """Everything that is drawn again and again, laid out."""
    layout, context = Layout(), context_of(blender)
    load("panels.main").S2F_PT_main.draw(SimpleNamespace(layout=layout), context)
    load("panels.status").draw_status(SimpleNamespace(layout=layout), context)
    preferences = SimpleNamespace(layout=layout, place=saved.place, python=saved.python)
    load("preferences").S2F_AP_preferences.draw(preferences, context)
    for cls in load("registration").CLASSES:
        if hasattr(cls, "poll"):
            cls.poll(blender.context)
    return layout.shown


def test_nothing_that_is_drawn_or_done_unasked_waits_for_it(blender, load, dead, everything_there):
    shown = draw_all(blender, load, everything_there)
    assert len(dead.asked) >= 3, "nobody asked, so nothing was shown"
    assert not any("does not exist" in line for line in shown)
    began = own_seconds()
    for _ in range(5):
        draw_all(blender, load, everything_there)
        load("session")._tick()
    load("operators.listen").listen(blender.context.scene)
    assert own_seconds() - began < 2.0
    assert not load("session").current.jobs.busy
    assert not load("user_path").answers(dead.path("audio_path"))


def test_bake_says_that_the_disk_does_not_answer(blender, load, dead, everything_there, monkeypatch):
    monkeypatch.setattr(load("user_path")._pressed, "_soon", 0.1)
    with pytest.raises(RuntimeError, match="audio_path does not answer; try again when it does"):
        blender.ops.s2f.bake()
