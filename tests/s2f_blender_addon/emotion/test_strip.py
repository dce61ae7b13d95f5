"""The strip in the timeline: what is felt where, and what a hand that moves it does to the keys."""

import time

import numpy as np
import pytest


@pytest.fixture
def keyed(blender, scene, load):
    """Happy on frames 1-40, angry on 40-80, as the voice would have keyed them."""
    bag = load("emotion.curves").writable_bag(scene.owner)
    curves, compat, keyed = (load(name) for name in ("emotion.curves", "bake.compat", "bake.keyed"))

    def put(name, points):
        curve = curves.ensured_curve(bag, curves.slider_path(scene.owner, name))
        compat.write_keys(curve, keyed.linear(np.array(points, np.float32)))

    put("happy", [(1, 0.6), (38, 0.6), (42, 0.0), (80, 0.0)])
    put("angry", [(1, 0.0), (38, 0.0), (42, 0.8), (80, 0.8)])
    return scene


def shot(scene, load):
    strip = load("emotion.strip")
    return strip.shot(strip.animated(scene.owner))


def told(scene, load):
    return [(one.name, round(one.first), round(one.last)) for one in shot(scene, load).stretches]


def value(scene, load, name, frame):
    return load("emotion.curves").slider_curve(scene.owner, name).evaluate(frame)


def test_a_stretch_is_where_one_emotion_is_the_strongest(keyed, load):
    (happy, first, edge), (angry, from_, last) = told(keyed, load)
    assert (happy, angry, first, last) == ("happy", "angry", 1, 80)
    assert edge == from_ == 40
    assert shot(keyed, load).stretches[0].strength == pytest.approx(0.6, abs=0.03)


def test_dragging_an_edge_takes_all_sliders_along_and_leaves_what_is_beyond(keyed, load):
    held = load("emotion.strip").Held(keyed.owner)
    held.retime((1.0, 40.0, 80.0), (1.0, 60.0, 80.0))
    held.release()
    assert next(last for _, _, last in told(keyed, load)) == pytest.approx(60, abs=1)
    assert value(keyed, load, "happy", 50) == pytest.approx(0.6, abs=0.02)
    assert value(keyed, load, "angry", 80) == pytest.approx(0.8)


def test_dragging_up_makes_it_stronger_and_moved_keys_are_the_animators_own(keyed, load):
    held = load("emotion.strip").Held(keyed.owner)
    held.scale(shot(keyed, load).stretches[1], 1.25)
    assert value(keyed, load, "angry", 70) == pytest.approx(1.0)
    assert value(keyed, load, "happy", 20) == pytest.approx(0.6)
    kinds = load("emotion.curves").slider_curve(keyed.owner, "angry").keyframe_points
    assert {point.type for point in kinds if point.co.x > 41} == {"KEYFRAME"}


def test_escape_puts_everything_back(keyed, load):
    before = shot(keyed, load).values
    held = load("emotion.strip").Held(keyed.owner)
    held.retime((1.0, 40.0, 80.0), (1.0, 20.0, 80.0))
    held.scale(shot(keyed, load).stretches[0], 0.1)
    held.put_back()
    held.release()
    np.testing.assert_allclose(shot(keyed, load).values, before, atol=1e-5)


@pytest.mark.parametrize("there", [True, False], ids=["keyed before", "without keys"])
def test_what_is_felt_becomes_something_else(blender, keyed, load, there):
    other = "angry" if there else "fear"
    assert blender.ops.s2f.strip_name(frame=20, emotion=other.upper()) == {"FINISHED"}
    assert told(keyed, load)[0][0] == other
    assert value(keyed, load, other, 20) == pytest.approx(0.6, abs=0.02)
    assert value(keyed, load, "happy", 20) == pytest.approx(0.0, abs=0.02)


def test_nothing_is_felt_here_takes_it_away_and_nowhere_says_so(blender, keyed, load):
    blender.ops.s2f.strip_name(frame=20, emotion="NOTHING")
    assert [name for name, _, _ in told(keyed, load)] == ["angry"]
    with pytest.raises(RuntimeError, match="Nothing is felt at frame 20"):
        blender.ops.s2f.strip_name(frame=20, emotion="SAD")


def test_emotion_strips_come_back_over_what_was_moved(blender, keyed, load):
    blender.ops.s2f.clip_add()
    clip = keyed.character.clips[0]
    clip.emotion, clip.start, clip.end = "surprise", 10.0, 30.0
    held = load("emotion.strip").Held(keyed.owner)
    held.retime((1.0, 40.0, 80.0), (1.0, 60.0, 80.0))
    held.release()
    assert value(keyed, load, "surprise", 18) == pytest.approx(1.0)


def test_an_imported_face_is_read_over_time(blender, scene, wait, load):
    """Keys of anybody's: a smile for the first half, a frown for the second."""
    key = next(o for o in blender.data.objects if "face" in o.name.lower() and o.type == "MESH").data.shape_keys
    for names, early in ((("mouthSmile", "cheekSquint"), 1), (("browDown", "noseSneer", "mouthPress", "eyeSquint"), 0)):
        for block in (key.key_blocks[name + side] for name in names for side in ("Left", "Right")):
            for frame, on in ((1, early), (60, early), (62, 1 - early), (120, 1 - early)):
                block.value = 0.7 * on
                block.keyframe_insert("value", frame=frame)
    blender.context.scene.frame_end = 120
    blender.ops.s2f.read_face()
    wait()
    shown = load("session").current.shown
    looks = shown.looks(load("operators.read_face").seen_of(scene.owner))
    frames = looks.first + looks.every * np.arange(len(looks.shares))
    assert 1 < frames[0] < 40 and 80 < frames[-1] <= 121
    assert looks.names[int(looks.shares[0].argmax())] == "happy"
    assert looks.names[int(looks.shares[-1].argmax())] in ("angry", "disgust")


def test_a_face_that_nothing_moves_says_so(blender, scene):
    with pytest.raises(RuntimeError, match="is animated; bake or import a performance first"):
        blender.ops.s2f.read_face()


@pytest.mark.parametrize("in_track", [False, True], ids=["action", "NLA track"])
def test_what_is_drawn_is_read_anew_only_when_something_changed(keyed, load, in_track):
    """An owner that a bake animates, too, has its emotion in a track of the NLA editor."""
    strip = load("emotion.strip")
    if in_track:
        load("emotion.home").make_room(keyed.owner)
        assert keyed.owner.animation_data.nla_tracks

    def now():
        return strip.signature(keyed.owner, strip.animated(keyed.owner))

    before = now()
    assert now() == before and told(keyed, load)[0][0] == "happy"
    held = strip.Held(keyed.owner)
    held.scale(shot(keyed, load).stretches[0], 0.5)
    held.release()
    assert now() != before
    assert shot(keyed, load).stretches[0].strength == pytest.approx(0.3, abs=0.03)


def test_rows_lie_above_markers_and_in_a_low_editor_over_them(blender, load):
    rows_in = load("panels.strip").rows_in
    high = rows_in(200.0, ["felt", "words"], 42.0)
    assert high["words"][0] == 42 and high["felt"][0] > high["words"][0]
    assert rows_in(40.0, ["felt", "words"], 42.0) == {"felt": (0.0, 18.0)}

def test_what_it_becomes_in_the_middle_of_a_shot_leaves_the_rest_of_the_shot_alone(blender, keyed, load):
    """Angry on 40-80 becomes fear: fear does not creep in from the beginning of the shot."""
    before = value(keyed, load, "happy", 20), value(keyed, load, "angry", 39)
    blender.ops.s2f.strip_name(frame=60, emotion="FEAR")
    assert [value(keyed, load, "fear", frame) for frame in (2, 20, 38)] == pytest.approx([0, 0, 0], abs=1e-3)
    assert value(keyed, load, "fear", 60) == pytest.approx(0.8, abs=0.01)
    assert (value(keyed, load, "happy", 20), value(keyed, load, "angry", 39)) == pytest.approx(before, abs=0.01)


def test_what_becomes_as_the_stretch_behind_it_leaves_no_frame_of_what_it_was(blender, keyed, load):
    """Happy on 1-40 becomes angry, as it is from there on."""
    blender.ops.s2f.strip_name(frame=20, emotion="ANGRY")
    assert [name for name, *_ in told(keyed, load)] == ["angry"]


def test_a_move_of_the_mouse_costs_less_than_reading_the_shot_frame_by_frame(blender, scene, load):
    """Three minutes of eight sliders in a track of the NLA editor, as a bake leaves them: the keys and the strip."""
    strip, curves, names = load("emotion.strip"), load("emotion.curves"), load("core.emotions").EMOTIONS
    blender.context.scene.frame_end = 4320
    scene.owner.keyframe_insert("location", frame=1)
    bag, random = curves.writable_bag(scene.owner), np.random.default_rng(0)
    for name in names:
        curve = curves.ensured_curve(bag, curves.slider_path(scene.owner, name))
        frames = np.sort(random.choice(np.arange(1.0, 4320), 90, replace=False))
        curves.put_keys(curve, load("bake.keyed").no_keys(), frames, random.random(90).astype(np.float32), 0)
    load("emotion.home").fit(scene.owner)
    before, held = shot(scene, load), strip.Held(scene.owner)
    middle = before.stretches[len(before.stretches) // 2]

    def moved(by):
        held.retime((middle.first - 50, middle.first, middle.last + 50), (middle.first - 50, by, middle.last + 50))
        return shot(scene, load).stretches

    def bare():
        found = strip.animated(scene.owner)
        return [bag.fcurves.find(curves.slider_path(scene.owner, name)).evaluate(f) for name in found for f in at]

    at, ratios = before.frames.tolist(), list[float]()
    while len(ratios) < 20 and min(ratios, default=np.inf) > 0.45:
        ratios.append(seconds(lambda: moved(middle.first + 2.0 + len(ratios))) / seconds(bare))
    assert min(ratios) <= 0.45, ratios


def seconds(work):
    start = time.process_time()
    work()
    return time.process_time() - start
