"""How a character ordinarily sounds: learned from a file or from its lines, used when emotion is heard, and saved."""

import json
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.one_blender


@pytest.fixture
def learn(blender, scene, wait, load):
    """``learn(operator, **how)`` presses a button and waits; what the character then hears against."""

    def press(operator, **how):
        assert operator("EXEC_DEFAULT", **how) == {"FINISHED"}
        wait()
        assert load("session").current.shown.outcome.error == ""
        return load("operators.voice").references_of(scene.character)

    return press


def test_a_file_is_learned_and_goes_with_what_is_heard(blender, scene, learn, load):
    (known,) = learn(blender.ops.s2f.voice_file, filepath=scene.s2f.audio_path)
    reference = json.loads(known)
    assert reference["seconds"] > 3 and len(reference["features"]) > 1000
    assert scene.character.voice_of.startswith("hello.wav")
    asked = load("operators.feel")._order(blender.context).request.hear
    assert asked.references == (known,)
    blender.ops.s2f.voice_forget()
    assert not scene.character.voice_of
    assert load("operators.feel")._order(blender.context).request.hear.references == ()


def test_a_voice_survives_saving(blender, scene, learn, tmp_path: Path):
    known = learn(blender.ops.s2f.voice_file, filepath=scene.s2f.audio_path)
    name = scene.owner.name
    blender.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    blender.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert json.loads(blender.data.objects[name].s2f_character.voice_references) == list(known)


def test_lines_teach_each_recording_once(blender, scene, learn, load):
    load("lines").adopt(scene.s2f, scene.owner)
    load("lines").adopt(scene.s2f, scene.owner)
    (known,) = learn(blender.ops.s2f.voice_lines)
    assert json.loads(known)["ordinary"] < 1, "acted, as far as anybody knows"


def test_what_is_not_there_is_named(blender, scene):
    with pytest.raises(RuntimeError, match=r"no file .*nowhere\.wav"):
        blender.ops.s2f.voice_file("EXEC_DEFAULT", filepath="/nowhere.wav")
    assert not blender.ops.s2f.voice_lines.poll(), "no line yet"


def test_laughs_that_are_heard_are_acted_unless_they_are_switched_off(blender, scene, load):
    """The line begins at frame 25: a laugh at its second 1 lies at frame 49."""
    messages, events = load("core.messages"), load("core.vocal_events")
    heard = messages.Felt(
        1, 24.0, 0.0, (), "who", "product", np.zeros((96, 8), np.float32), (events.VocalEvent("laugh", 1.0, 2.0),)
    )
    load("emotion.felt").fill(scene.owner, blender.context.scene, heard, 25.0, 0.05)
    (event,) = scene.character.events
    assert (event.kind, event.first, event.last) == ("LAUGH", 49.0, 73.0)

    def asked():
        request = load("core.request").Request("a.wav")
        return load("emotion.curves").with_sliders(request, blender.context.scene, scene.owner, 25.0).events

    assert [(one.kind, one.start, one.end) for one in asked()] == [("laugh", 1.0, 2.0)]
    event.on = False
    assert asked() == ()
