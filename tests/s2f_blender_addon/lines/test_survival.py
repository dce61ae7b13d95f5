"""What a baked character goes through in a production: undo, saving, appending, linking, odd rates, negative frames."""

import shutil
from pathlib import Path

import numpy as np
import pytest

FRAMES = np.arange(1, 76)


def saved(shot, folder, name="Szene ü.blend"):
    path = str(folder / name)
    shot.bpy.ops.wm.save_as_mainfile(filepath=path)
    return path


def test_a_bake_is_one_step_to_undo_and_to_redo(shot):
    for step in ("start", "ready"):
        shot.bpy.ops.ed.undo_push(message=step)
    shot.bake(start_frame=1)
    before = shot.values(FRAMES)
    shot.bake(mouth=0.3)
    shot.bpy.ops.ed.undo()
    assert shot.values(FRAMES) == pytest.approx(before, abs=1e-6)
    assert len(shot.character.lines) == 1
    shot.bpy.ops.ed.redo()
    assert shot.values(FRAMES).max() < 0.5 * before.max()
    shot.bake(mouth=1.0)
    assert shot.values(FRAMES) == pytest.approx(before, abs=0.011)


def test_a_saved_shot_is_baked_on_as_if_it_had_never_been_closed(shot, tmp_path):
    shot.bake(start_frame=1)
    key = next(point for point in shot.curve().keyframe_points if point.co.x > 40)
    frame, edited = key.co.x, key.co.y + 0.25
    key.co.y = edited
    shot.curve().update()
    path = saved(shot, tmp_path)
    shot.bpy.ops.wm.open_mainfile(filepath=path)
    report = shot.bake(seed=5)
    assert any("edits on 1 curve" in note for note in report.notes)
    assert shot.values([frame])[0] == pytest.approx(edited, abs=1e-4)
    assert len(shot.character.lines) == 1 and len(shot.bpy.data.actions) == 1


@pytest.mark.parametrize("link", [False, True])
def test_a_character_from_another_file_keeps_its_speech(shot, tmp_path, link):
    shot.bake(start_frame=1, emotion_happy=0.8)
    before, name = shot.values(FRAMES), shot.settings.target.name
    path = saved(shot, tmp_path)
    shot.bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with shot.bpy.data.libraries.load(path, link=link) as (_, wanted):
        wanted.objects = [name]
    (found,) = wanted.objects
    shot.scene.collection.objects.link(found)
    shot.settings.target = found
    assert shot.values(FRAMES, target=found) == pytest.approx(before, abs=1e-6)
    if link:
        with pytest.raises(RuntimeError, match="linked"):
            shot.bpy.ops.s2f.line_add()
        return
    Path(shot.sounds[0]).unlink()
    smile = np.mean(shot.values(FRAMES, "mouthSmileLeft"))
    found.s2f_character.intensity = 0.25
    shot.bpy.ops.s2f.tune()
    assert np.mean(shot.values(FRAMES, "mouthSmileLeft")) < 0.5 * smile


def test_two_files_of_one_name_are_two_lines(shot, tmp_path):
    folder = tmp_path / "other"
    folder.mkdir()
    twin = shutil.copy(shot.sounds[1], folder / "one.wav")
    shot.bake(start_frame=1)
    shot.bake(audio_path=str(twin), start_frame=100)
    assert [line.name for line in shot.character.lines] == ["one", "one"]
    first, second = (line.audio_path for line in shot.character.lines)
    assert first != second
    assert shot.values(FRAMES).max() > 0.1 and shot.values(FRAMES + 99).max() > 0.1


@pytest.mark.parametrize(("fps", "base"), [(24, 1.0), (24, 1.001), (60, 1.0)])
def test_lips_are_where_the_sound_is_at_every_rate(shot, fps, base):
    shot.scene.render.fps, shot.scene.render.fps_base = fps, base
    report = shot.bake(start_frame=1)
    rate = fps / base
    assert report.last == pytest.approx(1 + 3.0 * rate, abs=1.5)
    track = shot.load("lines").speech_of(shot.character.lines[0])
    jaw = track.talk[:, shot.load("core.channels").INDEX["jawOpen"]]
    widest = track.times[jaw.argmax()]
    frames = np.arange(1, report.last + 1)
    assert (frames[shot.values(frames).argmax()] - 1) / rate == pytest.approx(widest, abs=1.1 / rate)


def test_a_shot_may_begin_before_frame_0(shot):
    report = shot.bake(start_frame=-80)
    assert (report.first, report.last) == (-80, -8)
    assert shot.values(np.arange(-80, -8)).max() > 0.1
    assert np.abs(shot.values(np.arange(0, 50))).max() < 1e-6
    shot.bake(start_frame=-60)
    assert np.abs(shot.values(np.arange(-80, -70))).max() < 1e-6


def test_ten_bakes_leave_one_action_and_the_file_as_large_as_one(shot, tmp_path):
    shot.bake(start_frame=1, put_sound=False)
    once = Path(saved(shot, tmp_path, "once.blend")).stat().st_size
    for seed in range(1, 10):
        shot.bake(seed=seed)
    often = Path(saved(shot, tmp_path, "often.blend")).stat().st_size
    assert len(shot.bpy.data.actions) == 1
    assert abs(often - once) < 0.02 * once
