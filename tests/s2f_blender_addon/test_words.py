"""Words in the panel: a line, a text or a file; lips that follow them, markers, and what was not heard."""

import time
from pathlib import Path

import numpy as np
import pytest

from tests.whisper_cpp import stand_in

HEARD = "Hello! My name is Poppy. Give me a voice, and I move my lips."
SRT = "1\n00:00:00,000 --> 00:00:00,900\nHello!\n\n2\n00:00:00,800 --> 00:00:02,400\nMy name is [beep] Poppy.\n"


@pytest.fixture
def settings(blender, face, addon):
    """A face and the sample recording; looked up anew since undo replaces them."""
    settings = blender.context.scene.s2f
    settings.target = face()
    settings.audio_path = str(Path(addon.__file__).parent / "model_server/sample/hello.wav")
    blender.ops.ed.undo_push(message="start")
    return settings


@pytest.fixture
def bake(blender, addon, load):
    """Press Bake and wait; returns what the panel says."""

    def press(seconds=90.0):
        blender.ops.s2f.bake()
        limit = time.monotonic() + seconds
        while not addon.poll():
            assert time.monotonic() < limit
            time.sleep(0.005)
        return load("session").current.shown.outcome

    return press


def markers(blender):
    return [(marker.name, marker.frame) for marker in blender.context.scene.timeline_markers]


def test_the_panel_says_how_many_words_were_found(settings, bake):
    settings.words_line = f"{HEARD} Bamboozled!"
    current = bake()
    assert (current.error, current.heard) == ("", "14 of 15 words found; not heard: Bamboozled")


def test_without_words_nothing_is_said_about_them(settings, bake):
    assert bake().heard == ""


def test_the_lips_follow_the_words(blender, settings, bake, curve_values):
    frames = np.arange(1, 190)
    bake()
    plain = curve_values(settings.target, "jawOpen", frames)
    settings.words_line = HEARD
    bake()
    worded = curve_values(blender.context.scene.s2f.target, "jawOpen", frames)
    assert (plain != worded).any()


def test_a_text_of_the_file_may_hold_the_words_or_subtitles(blender, settings, bake, load):
    settings.words_text, settings.words_from = blender.data.texts.new("Script"), "TEXT"
    settings.words_text.write("Hello!\nMy name is Poppy.")
    assert bake().heard == "5 of 5 words found"
    blender.context.scene.s2f.words_text.from_string(SRT)
    assert [cue.text for cue in load("words.script").said(blender.context.scene.s2f)] == [
        "Hello!", "My name is Poppy.",
    ]  # fmt: skip
    assert bake().heard == "5 of 5 words found"


def test_the_line_becomes_a_text_to_edit(blender, settings):
    settings.words_line = HEARD
    blender.ops.s2f.words_text()
    settings = blender.context.scene.s2f
    assert (settings.words_from, settings.words_text.as_string()) == ("TEXT", HEARD)


def test_a_file_may_be_a_text_or_subtitles(settings, bake, tmp_path):
    settings.words_from = "FILE"
    for name, content in (("wörds.txt", "Hello! My name is Poppy."), ("words.srt", SRT)):
        (tmp_path / name).write_text(content, "utf-8")
        settings.words_file = str(tmp_path / name)
        assert bake().heard == "5 of 5 words found"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("gone.txt", None, "cannot be read"),
        ("photo.txt", bytes(range(256)), "no text"),
        ("report.docx", b"PK\x03\x04", "office program"),
        ("late.srt", b"1\n00:00:02,000 --> 00:00:01,000\nHi\n", "late.srt, line 2"),
        ("empty.srt", b"nothing", "no subtitle in it"),
        ("film.txt", b"a" * (33 << 20), "larger than 32 MB"),
    ],
)
def test_a_file_that_holds_no_words_gets_a_sentence(blender, settings, load, tmp_path, name, content, says):
    settings.words_from, settings.words_file = "FILE", str(tmp_path / name)
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(RuntimeError, match=says):
        blender.ops.s2f.bake()
    assert says in load("session").current.shown.outcome.error


def test_markers_stand_where_words_begin_and_one_undo_takes_all_back(blender, settings, bake):
    scene = blender.context.scene
    scene.timeline_markers.new("mine", frame=5)
    settings.words_line, settings.words_markers = HEARD, True
    blender.ops.ed.undo_push(message="ready")
    bake()
    placed = markers(blender)
    assert len(placed) == 15 and placed[0] == ("mine", 5)
    assert [name for name, _ in placed[1:4]] == ["“Hello”", "“My”", "“name”"]
    assert [frame for _, frame in placed[1:]] == sorted(frame for _, frame in placed[1:])
    blender.ops.ed.undo()
    assert markers(blender) == [("mine", 5)]


def test_a_new_bake_replaces_its_own_markers_alone(blender, settings, bake):
    scene = blender.context.scene
    scene.timeline_markers.new("mine", frame=5)
    scene.timeline_markers.new("“another scene”", frame=900)
    settings.words_line, settings.words_markers = HEARD, True
    bake()
    settings = blender.context.scene.s2f
    settings.words_line = "Hello!"
    bake()
    names = [name for name, _ in markers(blender)]
    assert sorted(names) == ["mine", "“Hello”", "“another scene”"]
    blender.ops.s2f.words_clear_markers()
    assert [name for name, _ in markers(blender)] == ["mine", "“another scene”"], "quotes do not make a marker ours"


def test_a_later_start_moves_the_markers(blender, settings, bake):
    settings.words_line, settings.words_markers, settings.start_frame = HEARD, True, 101
    settings.sound_start = 0.0
    bake()
    (_, first), *_ = markers(blender)
    assert 101 <= first < 125


def test_a_stretch_of_the_recording_keeps_the_scenes_time(blender, settings, bake, tmp_path):
    settings.words_from, settings.words_file = "FILE", str(tmp_path / "w.srt")
    (tmp_path / "w.srt").write_text(SRT, "utf-8")
    settings.words_markers, settings.start_frame = True, 1
    bake()
    whole = dict(markers(blender))["“Poppy”"]
    settings = blender.context.scene.s2f
    settings.sound_start = 0.5
    bake()
    assert dict(markers(blender))["“Poppy”"] == pytest.approx(whole, abs=1)


def test_another_language_without_espeak_says_what_to_install(blender, settings, load, bake):
    settings.words_line, settings.words_language = "Hallo Welt", "zz"
    assert "zz" in bake().error
    languages = load("words.languages")
    assert "en" in languages.choices()
    assert "zz" in languages.why_not("zz")
    spoken = load("session").current.link.connection.hello.languages
    kept = spoken.copy()
    spoken.clear()
    assert "install espeak-ng" in languages.why_not("de")
    assert languages.why_not("en") == languages.why_not("en-gb") == ""
    spoken.update(kept)


def test_a_recogniser_of_the_users_fills_the_words(blender, settings, addon, load, tmp_path):
    assert not blender.ops.s2f.recognise.poll()
    preferences = load("identity").saved_preferences()
    preferences.recogniser = str(stand_in(tmp_path))
    try:
        assert blender.ops.s2f.recognise() == {"FINISHED"}
        limit = time.monotonic() + 90
        while not addon.poll():
            assert time.monotonic() < limit
            time.sleep(0.005)
    finally:
        preferences.recogniser = ""
    outcome = load("session").current.shown.outcome
    settings = blender.context.scene.s2f
    assert not outcome.error and "Words of hello" in outcome.notice
    assert settings.words_from == "TEXT" and settings.words_language == "en"
    cues = load("words.script").said(settings)
    assert [cue.text for cue in cues] == ["Hello! My name is Poppy.", "8.0 s were heard."]
    assert (cues[0].start, cues[0].end) == (0.1, 2.4)
