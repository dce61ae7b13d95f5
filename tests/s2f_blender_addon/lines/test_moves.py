"""A shot that keeps changing: what an animator has made by hand goes where its line goes, and is never lost."""

import numpy as np
import pytest

from .shot import Shot, beginning

FRAMES = np.arange(1, 30)


@pytest.fixture
def shot(blender, addon, load, face, tmp_path):
    """A face and two short sounds, at 24 frames a second."""
    shot = Shot(blender, addon, load, face, tmp_path)
    shot.sounds = [beginning(shot.sounds[0], tmp_path / f"{name}.wav", 1.2) for name in "ab"]
    shot.scene.render.fps = 24
    shot.settings.audio_path = shot.sounds[0]
    return shot


def edit(shot, frame, by=0.3, key="jawOpen"):
    """Set a key by hand that is so much higher than the curve; returns its value."""
    curve = shot.curve(key)
    value = curve.evaluate(frame) + by
    curve.keyframe_points.insert(frame, value)
    curve.update()
    return value


def two_lines(shot, starts=(1, 100)):
    shot.bake(start_frame=starts[0])
    shot.bpy.ops.s2f.line_add()
    shot.bake(audio_path=shot.sounds[1], start_frame=starts[1])


def place(shot, number, frame):
    """Choose a line and type another start frame."""
    shot.character.line_index = number
    shot.settings.start_frame = frame


def bake_all(shot):
    shot.bpy.ops.s2f.bake_all("EXEC_DEFAULT")
    return shot.wait()


def move(shot, number, frame):
    """As ``place``, then Bake All."""
    place(shot, number, frame)
    return bake_all(shot)


def notes(shot):
    return " ".join(shot.session.shown.outcome.baked.notes)


def places(shot):
    return [(line.name, line.start_frame, line.first) for line in shot.character.lines]


class TestEditsOfKeys:
    def test_go_with_a_line_however_far_and_leave_its_place_at_rest(self, shot):
        shot.bake(start_frame=1)
        edit(shot, 15)
        before = shot.values(FRAMES)
        move(shot, 0, 300)
        assert shot.values(FRAMES + 299) == pytest.approx(before, abs=0.012)
        assert np.abs(shot.values(FRAMES)).max() < 1e-6
        assert places(shot) == [("a", 300, 300)]
        assert "“a” went from frame 1 to 300." in notes(shot)
        assert "Your edits on 1 curve were kept" in notes(shot)

    def test_stay_with_their_lines_where_two_change_places(self, shot):
        two_lines(shot)
        edit(shot, 15, 0.3)
        edit(shot, 110, 0.2, "mouthPucker")
        jaw, pucker = shot.values(FRAMES), shot.values(FRAMES + 99, "mouthPucker")
        place(shot, 0, 100)
        place(shot, 1, 1)
        bake_all(shot)
        assert places(shot) == [("a", 100, 100), ("b", 1, 1)]
        assert shot.values(FRAMES + 99) == pytest.approx(jaw, abs=0.012)
        assert shot.values(FRAMES, "mouthPucker") == pytest.approx(pucker, abs=0.012)
        assert shot.values([15])[0] < jaw[14] - 0.2

    def test_wait_under_another_line_and_come_back(self, shot):
        two_lines(shot)
        edit(shot, 112)
        before = shot.values(FRAMES + 99)
        move(shot, 0, 105)
        shot.character.line_index = 1
        shot.bake()
        assert "Your edits on 1 curve" in notes(shot) and "have no place there now" in notes(shot)
        move(shot, 0, 1)
        assert shot.values(FRAMES + 99) == pytest.approx(before, abs=0.012)

    def test_come_back_where_the_line_above_is_removed(self, shot):
        two_lines(shot)
        edit(shot, 112)
        before = shot.values(FRAMES + 99)
        move(shot, 0, 105)
        shot.character.line_index = 0
        shot.bpy.ops.s2f.line_remove()
        assert shot.values(FRAMES + 99) == pytest.approx(before, abs=0.012)

    def test_outside_of_a_trimmed_line_are_said_and_come_back_with_its_length(self, shot):
        shot.bake(start_frame=1)
        value = edit(shot, 24)
        shot.bake(sound_end=0.7)
        assert "Your edits on 1 curve at frame" in notes(shot)
        assert shot.values([28])[0] == pytest.approx(0, abs=1e-6)
        shot.bake(sound_end=0.0)
        assert shot.values([24])[0] == pytest.approx(value, abs=0.006)
        assert "no place" not in notes(shot)

    def test_are_at_the_same_moment_at_another_rate_and_back(self, shot):
        shot.bake(start_frame=11)
        value = edit(shot, 11 + 12)
        shot.scene.render.fps = 48
        shot.bake()
        assert shot.values([11 + 24])[0] == pytest.approx(value, abs=0.02)
        assert "48 frames a second, not 24" in notes(shot)
        shot.scene.render.fps = 24
        shot.bake()
        assert shot.values([11 + 12])[0] == pytest.approx(value, abs=0.02)

    def test_survive_muting(self, shot):
        shot.bake(start_frame=1)
        value = edit(shot, 15)
        shot.character.lines[0].mute = True
        assert shot.curve() is None
        shot.bake()
        assert shot.values([15])[0] == pytest.approx(value, abs=0.006)

    def test_come_back_when_the_removal_of_their_line_is_undone(self, shot):
        shot.bake(start_frame=1)
        value = edit(shot, 15)
        for step in ("edited", "ready"):
            shot.bpy.ops.ed.undo_push(message=step)
        shot.bpy.ops.s2f.line_remove()
        shot.bpy.ops.ed.undo_push(message="removed")
        shot.bpy.ops.ed.undo()
        shot.bake(seed=3)
        assert shot.values([15])[0] == pytest.approx(value, abs=0.02)

    def test_are_where_the_animator_has_moved_the_whole_shot_to_in_the_dope_sheet(self, shot):
        shot.bake(start_frame=1)
        value = edit(shot, 15)
        for curve in shot.load("bake.compat").bag_of(shot.settings.target.data.shape_keys).fcurves:
            keys = shot.load("bake.compat").read_keys(curve)
            for name in ("co", "handle_left", "handle_right"):
                keys[name][:, 0] += 60
            shot.load("bake.compat").write_keys(curve, keys)
        before = shot.values(FRAMES + 60)
        move(shot, 0, 61)
        assert shot.values(FRAMES + 60) == pytest.approx(before, abs=0.012)
        assert shot.values([75])[0] == pytest.approx(value, abs=1e-4)

    def test_a_take_exchanged_keeps_them_and_says_which_have_no_place(self, shot, tmp_path):
        shot.bake(start_frame=1)
        edit(shot, 10)
        edit(shot, 26, key="mouthPucker")
        shorter = beginning(shot.sounds[1], tmp_path / "retake.wav", 0.8)
        shot.bake(audio_path=shorter)
        assert len(shot.character.lines) == 1
        assert "Your edits on 1 curve at frame" in notes(shot)
        edited = shot.values([10])[0]
        shot.bpy.ops.s2f.edits_drop()
        assert edited == pytest.approx(shot.values([10])[0] + 0.3, abs=1e-4)


class TestEmotion:
    def curve(self, shot, name="happy"):
        return shot.load("emotion.curves").slider_curve(shot.settings.target, name)

    def keyed(self, shot, *points):
        for frame, value in points:
            shot.character.emotion_happy = value
            shot.settings.target.keyframe_insert("s2f_character.emotion_happy", frame=frame)

    def points(self, shot, name="happy"):
        return [(round(p.co.x), round(p.co.y, 3)) for p in self.curve(shot, name).keyframe_points]

    def test_keys_of_a_line_go_along_and_the_mood_of_the_shot_stays(self, shot):
        self.keyed(shot, (1, 0.1), (120, 0.2), (130, 0.9), (150, 0.2), (500, 0.1))
        shot.bake(start_frame=125)
        before = shot.values(FRAMES + 124, "mouthSmileLeft")
        report = move(shot, 0, 225)
        assert self.points(shot) == [(1, 0.1), (220, 0.2), (230, 0.9), (250, 0.2), (500, 0.1)]
        assert "3 emotion keys went along." in report.notes
        assert shot.values(FRAMES + 224, "mouthSmileLeft") == pytest.approx(before, abs=0.03)

    def test_a_strip_goes_along_and_one_over_the_whole_shot_stays(self, shot):
        shot.scene.frame_set(3)
        shot.bpy.ops.s2f.clip_add(emotion="sad")
        shot.character.clips[0].end = 21
        shot.scene.frame_set(1)
        shot.bpy.ops.s2f.clip_add(emotion="angry")
        shot.character.clips[1].end = 400
        shot.bake(start_frame=1)
        report = move(shot, 0, 101)
        assert [(clip.start, clip.end) for clip in shot.character.clips] == [(103, 121), (1, 400)]
        assert "1 emotion strip went along." in report.notes
        assert self.curve(shot, "sad").evaluate(110) > 0.9
        assert self.curve(shot, "angry").evaluate(60) == pytest.approx(1, abs=1e-3)

    def test_of_two_lines_that_change_places_each_takes_its_own(self, shot):
        two_lines(shot)
        self.keyed(shot, (1, 0.0), (12, 0.8), (28, 0.0), (100, 0.3), (112, 0.4), (127, 0.3))
        bake_all(shot)
        place(shot, 0, 100)
        place(shot, 1, 1)
        bake_all(shot)
        assert self.points(shot) == [(1, 0.3), (13, 0.4), (28, 0.3), (100, 0.0), (111, 0.8), (127, 0.0)]

    def test_one_step_of_undo_takes_all_of_it_back(self, shot):
        self.keyed(shot, (5, 0.1), (15, 0.9), (25, 0.1))
        shot.bake(start_frame=1)
        for step in ("one", "two"):
            shot.bpy.ops.ed.undo_push(message=step)
        before = shot.values(FRAMES)
        move(shot, 0, 201)
        assert self.points(shot)[1] == (215, 0.9)
        shot.bpy.ops.ed.undo()
        assert self.points(shot)[1] == (15, 0.9)
        assert shot.values(FRAMES) == pytest.approx(before, abs=1e-6)
        shot.bpy.ops.ed.redo()
        assert self.points(shot)[1] == (215, 0.9)

    def test_a_bake_that_is_cancelled_moves_nothing(self, shot):
        self.keyed(shot, (5, 0.1), (15, 0.9), (25, 0.1))
        shot.bake(start_frame=1)
        shot.settings.start_frame = 201
        shot.bpy.ops.s2f.bake_all("EXEC_DEFAULT")
        shot.bpy.ops.s2f.cancel()
        assert self.points(shot) == [(5, 0.1), (15, 0.9), (25, 0.1)]
        assert len(shot.bpy.data.actions) == 2

    def test_what_the_voice_has_keyed_is_not_taken_for_the_animators_afterwards(self, shot):
        shot.bpy.ops.s2f.line_add()
        shot.settings.audio_path = shot.sounds[0]
        shot.bake(start_frame=1, words_line="I am so happy!")
        shot.bpy.ops.s2f.feel()
        shot.wait()
        before = self.points(shot)
        move(shot, 0, 101)
        assert self.points(shot) == [(frame + 100, value) for frame, value in before]
        shot.bpy.ops.s2f.feel()
        shot.wait()
        assert "your edits" not in shot.session.shown.outcome.notice
        assert self.points(shot) == [(frame + 100, value) for frame, value in before]


class TestWords:
    def test_markers_and_corrections_go_along(self, shot):
        shot.bake(start_frame=1, words_line="Hello", words_markers=True)
        (marker,) = shot.scene.timeline_markers
        marker.frame += 3
        shot.bpy.ops.s2f.words_realign()
        (marker,) = shot.scene.timeline_markers
        frame = marker.frame
        move(shot, 0, 201)
        assert [m.frame for m in shot.scene.timeline_markers] == [frame + 200]
        assert shot.character.lines[0].moves

    def test_a_correction_of_a_word_that_is_not_said_any_more_waits_for_it(self, shot):
        shot.bake(start_frame=1, words_line="Hello", words_markers=True)
        (marker,) = shot.scene.timeline_markers
        marker.frame += 3
        shot.bpy.ops.s2f.words_realign()
        moves = shot.character.lines[0].moves
        shot.bake(words_line="Goodbye")
        assert "“Hello”, is not said there now" in notes(shot)
        shot.bake(words_line="Hello")
        assert shot.character.lines[0].moves == moves

    def test_a_blink_that_has_no_place_is_said(self, shot):
        shot.bake(start_frame=1)
        shot.scene.frame_set(25)
        shot.bpy.ops.s2f.blink_add()
        assert "A blink that you placed lies outside" in " ".join(shot.bake(sound_end=0.6).notes)
        shot.bake(sound_end=0.0)
        assert shot.values([25], "eyeBlinkLeft")[0] > 0.9


def test_another_start_that_is_baked_alone_says_the_sound_a_second_time(shot):
    shot.bake(start_frame=1)
    edit(shot, 15)
    before = shot.values(FRAMES)
    report = shot.bake(start_frame=300)
    assert places(shot) == [("a", 1, 1), ("a", 300, 300)]
    assert shot.values(FRAMES) == pytest.approx(before, abs=1e-6)
    assert "“a” is spoken at frame 1, too, by another line" in " ".join(report.notes)


def test_a_start_that_was_typed_stays_though_another_line_is_chosen_in_between(shot):
    two_lines(shot)
    place(shot, 0, 200)
    shot.character.line_index = 1
    bake_all(shot)
    assert places(shot) == [("a", 200, 200), ("b", 100, 100)]


def test_nothing_is_baked_but_what_was_asked_for(shot, load, monkeypatch):
    """In a window a slider that somebody moves is shown on the whole line soon after."""
    again = []
    monkeypatch.setattr(load("lines.tuning"), "_settle_soon", lambda *_: again.append(1))
    shot.settings.emotion_happy = 0.5
    two_lines(shot)
    shot.settings.emotion_happy = 0.9
    assert again
    again.clear()
    shot.character.line_index = 0
    place(shot, 0, 60)
    bake_all(shot)
    assert not again


def test_what_was_said_of_one_sound_is_not_said_of_another_characters(shot, face):
    shot.bake(start_frame=1, words_line="Hello", sound_end=0.9)
    shot.settings.target = face(name="Face.002")
    assert shot.settings.words_line == "Hello", "as long as it is the same sound"
    shot.settings.audio_path = shot.sounds[1]
    assert (shot.settings.words_line, shot.settings.sound_end) == ("", 0.0)


class TestStrips:
    @pytest.fixture(autouse=True)
    def with_sound(self):
        pytest.importorskip("aud", reason="the bpy module of 4.2.0 was built without sound")

    def test_all_lines_follow_their_strips_together(self, shot):
        two_lines(shot, (1, 40))
        edit(shot, 15)
        before = shot.values(FRAMES)
        for strip in shot.strips():
            shot.load("bake.compat").shift_strip(strip, 39)
        bake_all(shot)
        assert places(shot) == [("a", 40, 40), ("b", 79, 79)]
        assert shot.values(FRAMES + 39) == pytest.approx(before, abs=0.012)

    def test_the_animators_own_strip_leads_its_line_too(self, shot):
        strip = shot.load("bake.compat").new_sound_strip(shot.scene, "mine", shot.sounds[0], 1, 20)
        shot.bpy.ops.s2f.use_strip(strip="mine")
        shot.bake()
        edit(shot, 32)
        before = shot.values(FRAMES + 19)
        shot.load("bake.compat").shift_strip(strip, 50)
        shot.bake()
        assert places(shot) == [("a", 70, 70)]
        assert shot.values(FRAMES + 69) == pytest.approx(before, abs=0.012)
        assert [s.name for s in shot.strips()] == ["mine"]
        shot.bpy.ops.s2f.line_remove()
        assert [s.name for s in shot.strips()] == ["mine"], "it is the animator's"

    def test_a_bake_that_fails_leaves_line_strip_and_emotion_where_they_were(self, shot, load, monkeypatch):
        shot.character.emotion_happy = 0.5
        shot.settings.target.keyframe_insert("s2f_character.emotion_happy", frame=10)
        shot.bake(start_frame=1)
        value = edit(shot, 15)
        (strip,) = shot.strips()
        setattr(strip, "right_handle" if hasattr(strip, "right_handle") else "frame_final_end", 25)
        load("bake.compat").shift_strip(strip, 50)
        end = load("bake.compat").strip_span(strip)

        def broken(*_):
            raise OSError(28, "No space left on device", "here")

        monkeypatch.setattr(load("bake.bake"), "why_unseen", broken)
        shot.bpy.ops.s2f.bake("EXEC_DEFAULT")
        with pytest.raises(AssertionError):
            shot.wait()
        assert "No space left" in shot.session.shown.outcome.error
        assert shot.values([15])[0] == pytest.approx(value, abs=1e-5)
        assert [load("bake.compat").strip_span(one) for one in shot.strips()] == [end]
        happy = load("emotion.curves").slider_curve(shot.settings.target, "happy")
        assert [round(point.co.x) for point in happy.keyframe_points] == [10]
        assert shot.character.lines[0].first == 1 and shot.character.lines[0].baked

    def test_a_strip_that_is_cut_cuts_its_line_and_a_copy_leads_nothing(self, shot):
        shot.bake(start_frame=1)
        edit(shot, 26)
        (strip,) = shot.strips()
        setattr(strip, "right_handle" if hasattr(strip, "right_handle") else "frame_final_end", 19)
        shot.bake()
        assert shot.character.lines[0].last == 19
        assert "Your edits on 1 curve at frame" in notes(shot)
        assert shot.settings.sound_end == pytest.approx(18 / 24, abs=1e-4)
        copy = shot.load("bake.compat").new_sound_strip(shot.scene, "copy", shot.sounds[0], 5, 200)
        for name in strip.keys():
            copy[name] = strip[name]
        shot.bake()
        assert places(shot) == [("a", 1, 1)]

    def test_lines_made_of_strips_again_go_with_them_and_a_copy_is_a_line_of_its_own(self, shot):
        strip = shot.load("bake.compat").new_sound_strip(shot.scene, "mine", shot.sounds[0], 1, 20)
        strip.s2f_speaker = shot.settings.target
        shot.bpy.ops.s2f.strips_to_lines()
        bake_all(shot)
        edit(shot, 32)
        before = shot.values(FRAMES + 19)
        shot.load("bake.compat").shift_strip(strip, 50)
        shot.bpy.ops.s2f.strips_to_lines()
        bake_all(shot)
        assert places(shot) == [("a", 70, 70)]
        assert shot.values(FRAMES + 69) == pytest.approx(before, abs=0.012)
        copy = shot.load("bake.compat").new_sound_strip(shot.scene, "copy", shot.sounds[0], 5, 200)
        copy["s2f_line"], copy.s2f_speaker = strip["s2f_line"], shot.settings.target
        shot.bpy.ops.s2f.strips_to_lines()
        bake_all(shot)
        assert places(shot) == [("a", 70, 70), ("a", 200, 200)]
        assert shot.values(FRAMES + 69) == pytest.approx(before, abs=0.012)
