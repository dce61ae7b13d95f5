"""By hand on a line: words dragged in the timeline, blinks placed and removed, eyes that look at something."""

import numpy as np
import pytest

FRAMES = np.arange(1, 76)
BLINK, JAW = "eyeBlinkLeft", "jawOpen"


class TestWords:
    @pytest.fixture
    def marked(self, shot):
        shot.bake(start_frame=1, words_line="Hello! My name is Poppy", words_markers=True)
        return shot

    def marker(self, shot, text):
        return next(m for m in shot.scene.timeline_markers if m.name == f"“{text}”")

    def test_a_dragged_word_takes_the_lips_along_and_stays_so_over_a_bake(self, marked):
        shot = marked
        before = shot.values(FRAMES, "mouthClose") + shot.values(FRAMES, JAW)
        marker = self.marker(shot, "name")
        moved_from = marker.frame
        marker.frame += 4
        shot.bpy.ops.s2f.words_realign()
        after = shot.values(FRAMES, "mouthClose") + shot.values(FRAMES, JAW)
        near = (moved_from - 6 < FRAMES) & (moved_from + 10 > FRAMES)
        assert np.abs(after - before)[near].max() > 0.03
        assert np.abs(after - before)[moved_from - 12 > FRAMES].max() < 0.011
        shot.bake()
        again = shot.values(FRAMES, "mouthClose") + shot.values(FRAMES, JAW)
        assert np.abs(again - after).max() < 0.021
        assert self.marker(shot, "name").frame == moved_from + 4
        shot.bpy.ops.s2f.words_back()
        back = shot.values(FRAMES, "mouthClose") + shot.values(FRAMES, JAW)
        assert np.abs(back - before).max() < 0.021

    def test_other_words_forget_the_moves(self, marked):
        self.marker(marked, "name").frame += 4
        marked.bpy.ops.s2f.words_realign()
        marked.bake(words_line="Hello! My game is Poppy")
        assert marked.character.lines[0].moves == ""

    def test_without_words_there_are_phrases(self, shot):
        shot.bake(start_frame=1)
        shot.bpy.ops.s2f.words_mark()
        assert next(m.name for m in shot.scene.timeline_markers) == "“phrase 1”"


class TestBlinks:
    def test_one_is_placed_where_the_playhead_is_and_stays_over_another_bake(self, shot):
        shot.bake(start_frame=1, liveliness_blinks=0.0)
        assert shot.values(FRAMES, BLINK).max() < 0.5
        shot.scene.frame_set(40)
        shot.bpy.ops.s2f.blink_add()
        assert shot.values([40], BLINK)[0] > 0.9
        shot.bake(seed=3)
        assert shot.values([40], BLINK)[0] > 0.9
        shot.bpy.ops.s2f.blink_remove()
        assert shot.values(FRAMES, BLINK).max() < 0.5
        with pytest.raises(RuntimeError, match="no blink at frame 40"):
            shot.bpy.ops.s2f.blink_remove()

    def test_one_of_the_models_goes(self, shot):
        shot.bake(start_frame=1, liveliness_blinks=2.0)
        lids = shot.values(FRAMES, BLINK)
        assert lids.max() > 0.8
        frame = int(FRAMES[lids.argmax()])
        shot.scene.frame_set(frame)
        shot.bpy.ops.s2f.blink_remove()
        assert shot.values([frame], BLINK)[0] < 0.4

    def test_where_the_line_does_not_play_that_is_said(self, shot):
        shot.bake(start_frame=1)
        shot.scene.frame_set(500)
        with pytest.raises(RuntimeError, match="does not play at frame 500"):
            shot.bpy.ops.s2f.blink_add()


class TestGaze:
    LOOKS = ("eyeLookOutLeft", "eyeLookInLeft", "eyeLookUpLeft", "eyeLookDownLeft")

    @pytest.fixture
    def demo(self, shot):
        shot.bpy.ops.s2f.add_demo_head()
        shot.bpy.context.view_layer.update()
        return shot

    def thing(self, shot, place):
        thing = shot.bpy.data.objects.new("Thing", None)
        shot.scene.collection.objects.link(thing)
        head = shot.load("lines.gaze")._head(shot.settings.target)
        eyes = (head.matrix() @ np.append(head.eyes.mean(0), 1))[:3]
        thing.location = eyes + np.array(place)
        shot.bpy.context.view_layer.update()
        return thing

    def look(self, shot, frames=FRAMES[10:60]):
        return {name: shot.values(frames, name).mean() for name in self.LOOKS}

    def test_eyes_look_at_an_object_on_the_characters_left_and_below(self, demo):
        owner = demo.load("emotion.sliders").owner_of(demo.settings.target)
        owner.s2f_character.gaze_at = self.thing(demo, (0.5, -1.0, -0.3))
        owner.s2f_character.gaze_mode = "OBJECT"
        demo.bake(start_frame=1)
        seen = self.look(demo)
        assert seen["eyeLookOutLeft"] == pytest.approx(np.degrees(np.arctan2(0.5 - 0.03, 1.0)) / 35, abs=0.12)
        assert seen["eyeLookDownLeft"] == pytest.approx(np.degrees(np.arctan2(0.3, 1.1)) / 30, abs=0.15)
        assert seen["eyeLookInLeft"] < 0.05

    def test_how_firmly_can_be_keyed_and_what_moves_is_followed(self, demo):
        owner = demo.load("emotion.sliders").owner_of(demo.settings.target)
        thing = self.thing(demo, (-0.5, -1.0, 0.0))
        place = thing.location.x
        for frame, x in ((30, place), (50, place + 1.0)):
            thing.location.x = x
            thing.keyframe_insert("location", frame=frame)
        owner.s2f_character.gaze_at, owner.s2f_character.gaze_mode = thing, "OBJECT"
        for frame, amount in ((10, 0.0), (20, 1.0)):
            owner.s2f_character.gaze_amount = amount
            owner.keyframe_insert("s2f_character.gaze_amount", frame=frame)
        demo.scene.frame_set(7)
        demo.bake(start_frame=1)
        assert demo.scene.frame_current == 7
        assert demo.values(range(1, 10), "eyeLookInLeft").max() < 0.3
        assert demo.values(range(22, 29), "eyeLookInLeft").mean() > 0.5
        assert demo.values(range(55, 70), "eyeLookOutLeft").mean() > 0.5
