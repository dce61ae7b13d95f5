"""An actor's style in the panel: it speaks, stays with its line and in the .blend, and a capture sets strengths."""

import numpy as np
import pytest

FRAMES = np.arange(1, 36)


@pytest.fixture
def half_a_jaw(load, tmp_path):
    style = load("core.style")
    mouth = np.eye(len(style.MOUTH), dtype=np.float32)
    mouth[style.MOUTH.index("jawOpen")] *= 0.5
    style.write_file(tmp_path / "ann.json", style.Style("Ann", mouth, licence_track="research"))
    return tmp_path / "ann.json"


def test_the_style_shapes_the_bake_and_a_line_keeps_its_own(shot, half_a_jaw, load):
    shot.bake(start_frame=1, sound_end=1.5, put_sound=False)
    plain = shot.values(FRAMES)
    shot.bpy.ops.s2f.style_choose(filepath=str(half_a_jaw))
    half_a_jaw.unlink()  # the .blend has it
    shot.bake()
    assert shot.values(FRAMES).max() == pytest.approx(0.5 * plain.max(), abs=0.03)
    assert "Ann: research, not for commercial use" in load("session").current.shown.outcome.assumed
    shot.bpy.ops.s2f.line_add()
    shot.bpy.ops.s2f.style_clear()
    shot.character.line_index = 0
    assert load("properties.style").style_of(shot.settings).name == "Ann"
    shot.character.line_index = 1
    assert shot.settings.style == ""


def test_a_file_that_is_no_style_is_refused(shot, tmp_path):
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(RuntimeError, match=r"other\.json"):
        shot.bpy.ops.s2f.style_choose(filepath=str(tmp_path / "other.json"))
    assert shot.settings.style == ""


def test_a_capture_sets_how_far_jaw_and_lips_go(shot, load, tmp_path):
    with pytest.raises(RuntimeError, match="Bake a line first"):
        shot.bpy.ops.s2f.style_from_capture(filepath="x.csv")
    shot.bake(start_frame=1, sound_end=1.5, put_sound=False)
    track = load("lines").speech_of(shot.character.lines[0])
    captured = track.talk.copy()
    captured[:, load("core.channels").INDEX["jawOpen"]] *= 0.5
    load("core.formats").write(tmp_path / "ann.csv", load("core.track").FaceTrack.captured(captured, track.fps))
    shot.bpy.ops.s2f.style_from_capture(filepath=str(tmp_path / "ann.csv"))
    assert shot.settings.jaw == pytest.approx(0.5, abs=0.01)
    assert shot.settings.lips == pytest.approx(1.0, abs=0.02)


def test_an_animated_face_sets_how_far_jaw_and_lips_go(shot, load, face):
    shot.bake(start_frame=1, sound_end=1.5, put_sound=False)
    with pytest.raises(RuntimeError, match="another character's face active"):
        shot.bpy.ops.s2f.style_from_face()
    other = face(name="Actor")
    other.location.x = 5.0  # faces in the same place are parts of one
    shot.bpy.context.view_layer.update()
    keys = other.data.shape_keys
    for frame in range(1, 40):
        keys.key_blocks["jawOpen"].value = 0.5 * shot.curve("jawOpen").evaluate(frame)
        keys.key_blocks["jawOpen"].keyframe_insert("value", frame=frame)
        keys.key_blocks["mouthLowerDownLeft"].value = shot.curve("mouthLowerDownLeft").evaluate(frame)
        keys.key_blocks["mouthLowerDownLeft"].keyframe_insert("value", frame=frame)
    shot.bpy.context.scene.frame_end = 38
    shot.bpy.context.view_layer.objects.active = other
    shot.bpy.ops.s2f.style_from_face()
    assert shot.settings.jaw == pytest.approx(0.5, abs=0.05)
    assert 0 < shot.settings.lips < 0.5  # of all lips, one moves
