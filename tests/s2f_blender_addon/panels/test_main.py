"""The panel as it is laid out, written down by a stand-in for Blender's layout, which exists in windows alone."""

import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.s2f_blender_addon.panels.layout import Layout, context_of

pytestmark = pytest.mark.one_blender


@pytest.fixture
def panel(blender, load):
    """``panel()`` is the list of what the main panel shows now, from top to bottom."""

    def draw():
        layout = Layout()
        context = context_of(blender)
        load("panels.main").S2F_PT_main.draw(SimpleNamespace(layout=layout), context)
        return layout.shown

    return draw


@pytest.fixture
def hello(addon):
    return str(Path(addon.__file__).parent / "model_server/sample/hello.wav")


def place(shown, text):
    return next(i for i, line in enumerate(shown) if text in line)


def wait(addon, seconds=60.0):
    limit = time.monotonic() + seconds
    while not addon.poll():
        assert time.monotonic() < limit
        time.sleep(0.005)


def test_bake_its_progress_and_what_came_of_it_stand_above_all_that_unfolds(panel, blender, face, addon, hello, load):
    settings = blender.context.scene.s2f
    settings.target, settings.audio_path = face(), hello
    shown = panel()
    first = next(i for i, line in enumerate(shown) if line.startswith("["))
    assert place(shown, "s2f.bake") < first and sum(line.startswith("[") for line in shown) > 6
    blender.ops.s2f.bake()
    shown = panel()
    assert place(shown, "s2f.cancel") < next(i for i, line in enumerate(shown) if line.startswith("["))
    status = Layout()
    load("panels.status").draw_status(SimpleNamespace(layout=status), None)
    assert "s2f.cancel" in status.shown
    wait(addon)
    status = Layout()
    load("panels.status").draw_status(SimpleNamespace(layout=status), None)
    assert not status.shown
    shown = panel()
    first = next(i for i, line in enumerate(shown) if line.startswith("["))
    assert place(shown, "keys, frames") < first and place(shown, "Play") < first
    load("session").current.shown.fail("Nothing works; do something.")
    shown = panel()
    assert place(shown, "Nothing works") < next(i for i, line in enumerate(shown) if line.startswith("["))


def test_back_on_a_character_the_panel_says_what_was_baked_there(panel, blender, face, addon, hello, load):
    settings = blender.context.scene.s2f
    one, two = face(name="One"), face(["jawOpen", "mouthClose", "mouthFunnel", "eyeBlinkLeft"], name="Two")
    settings.target, settings.audio_path, settings.words_line = one, hello, "Hello"
    blender.ops.s2f.bake()
    wait(addon)
    said = [line for line in panel() if "keys, frames" in line or "words found" in line]
    assert len(said) == 2
    settings.target = two
    assert not any("keys, frames" in line for line in panel())
    settings.audio_path, settings.words_line = hello, ""
    blender.ops.s2f.bake()
    wait(addon)
    assert any("keys, frames" in line for line in panel()) and said[0] not in panel()
    settings.target = one
    assert [line for line in panel() if "keys, frames" in line or "words found" in line] == said


def test_no_two_settings_of_the_panel_have_the_same_name(blender, load):
    names = [setting.name for setting in blender.context.scene.s2f.bl_rna.properties if setting.identifier != "shown"]
    assert len(names) > 30
    assert sorted(names) == sorted(set(names))


def test_progress_says_how_much_time_is_left(load):
    told, running = load("panels.progress").progress_text, load("session.jobs").Running
    assert told(running(0.0, "Starting the model", None)) == "0%"
    assert told(running(0.42, "Listening", 8.4)) == "42%, 8 s left"
    assert told(running(0.42, "Listening", 130.0)) == "42%, 2 min left"


def test_a_face_says_what_it_cannot_do(panel, blender, face, load):
    channels = load("core.channels").CHANNELS
    abilities = load("panels.abilities")
    assert sorted(name for group in abilities.ABILITIES.values() for name in group) == sorted(channels)
    assert abilities.shortcomings(()) == ()
    assert abilities.shortcomings(("jawOpen", "browDownLeft", "noseSneerRight")) == (
        "Cannot open its jaw.", "Can only partly lower its brows or wrinkle its nose."
    )  # fmt: skip
    lacks = ("eyeBlinkLeft", "eyeBlinkRight", "tongueOut")
    blender.context.scene.s2f.target = face([name for name in channels if name not in lacks])
    shown = panel()
    assert "Cannot blink or put out its tongue." in shown


def test_the_panel_says_that_nobody_speaks_in_a_sound(panel, blender, face, addon, tmp_path, hello):
    import wave

    silent = tmp_path / "silent.wav"
    with wave.open(str(silent), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 32000))
    settings = blender.context.scene.s2f
    settings.target, settings.audio_path = face(), str(silent)
    blender.ops.s2f.bake()
    wait(addon)
    assert any("Nobody is heard to speak in “silent”" in line for line in panel())
    settings.audio_path = hello
    blender.ops.s2f.bake()
    wait(addon)
    assert not any("Nobody is heard" in line for line in panel())


def test_a_language_is_chosen_from_the_list_that_the_model_knows(panel, blender, face, load):
    settings = blender.context.scene.s2f
    settings.words_language = "en"
    assert "English" in panel()
    with pytest.raises(TypeError, match="not found"):
        blender.ops.s2f.words_language(language="xx")
    assert blender.ops.s2f.words_language(language="en") == {"FINISHED"}
