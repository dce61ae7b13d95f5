"""Every character has sliders of its own, keyed on itself; what scripts set on the scene is its target's."""

import numpy as np
import pytest

EARLY, LATE = np.arange(1, 60), np.arange(120, 180)


def test_what_is_set_on_the_scene_is_the_targets_and_the_other_way_round(scene):
    scene.s2f.emotion_happy, scene.s2f.intensity = 0.5, 1.5
    assert scene.character.emotion_happy == 0.5
    assert scene.character.intensity == 1.5
    scene.character.emotion_sad = 0.25
    assert scene.s2f.emotion_sad == 0.25


def test_sliders_that_a_script_sets_before_the_target_count(blender, scene, face):
    scene.s2f.target = None
    scene.s2f.shown = None
    scene.s2f.emotion_fear = 0.5
    scene.s2f.target = face(name="Other")
    assert scene.character.emotion_fear == 0.5


def test_characters_have_moods_of_their_own(blender, scene, face, baked):
    one, other = scene.owner, face(name="Other.001")
    scene.s2f.emotion_angry = 1.0
    scene.s2f.target = other
    assert scene.s2f.emotion_angry == 0
    scene.s2f.emotion_happy = 1.0
    assert (one.s2f_character.emotion_angry, one.s2f_character.emotion_happy) == (1, 0)
    assert (other.s2f_character.emotion_angry, other.s2f_character.emotion_happy) == (0, 1)
    assert baked("browDownLeft", LATE).mean() < 0.1
    scene.s2f.target = one
    assert scene.s2f.emotion_angry == 1
    assert baked("browDownLeft", LATE).mean() > 0.3


def test_a_character_is_its_armature_whichever_mesh_is_chosen(blender, scene, face):
    rig = blender.data.objects.new("Rig", blender.data.armatures.new("Rig"))
    blender.context.scene.collection.objects.link(rig)
    one, other = face(name="Face", parent=rig), face(name="Teeth", parent=rig)
    for part, value in ((one, 0.5), (other, 0.75), (rig, 1.0)):
        scene.s2f.target = part
        scene.s2f.emotion_calm = value
        assert rig.s2f_character.emotion_calm == value
    assert not one.s2f_character.is_property_set("emotion_calm")


@pytest.mark.parametrize("name", ["emotion_angry", "emotion_happy", "intensity"])
def test_sliders_are_keyed_on_the_character(scene, name):
    assert scene.owner.keyframe_insert(f"s2f_character.{name}", frame=1)


def test_the_characters_keys_are_followed_over_the_shot(blender, scene, baked):
    for frame, value in ((90, 0.0), (110, 1.0)):
        scene.character.emotion_angry = value
        scene.owner.keyframe_insert("s2f_character.emotion_angry", frame=frame)
    values = baked("browDownLeft", np.arange(1, 180))
    assert values[LATE - 1].mean() > values[EARLY - 1].mean() + 0.2


def test_keys_that_were_pushed_down_into_the_nla_are_followed(blender, scene, load, baked):
    for frame, value in ((90, 0.0), (110, 1.0)):
        scene.character.emotion_angry = value
        scene.owner.keyframe_insert("s2f_character.emotion_angry", frame=frame)
    animation = scene.owner.animation_data
    action, slot = animation.action, getattr(animation, "action_slot", None)
    strip = animation.nla_tracks.new().strips.new("Mood", 90, action)
    if slot is not None:
        strip.action_slot = slot
    animation.action = None
    curve = load("emotion.curves").played_curve(scene.owner, "angry")
    assert curve.values(np.array([50.0, 90, 110, 300])) == pytest.approx([0, 0, 1, 1], abs=0.005)
    strip.frame_end, strip.scale = 130, 2.0
    assert curve.values(np.array([100.0])) == pytest.approx([0.16], abs=0.1)
    strip.scale = 1.0
    values = baked("browDownLeft", np.arange(1, 180))
    assert values[LATE - 1].mean() > values[EARLY - 1].mean() + 0.2
    strip.mute = True
    assert load("emotion.curves").played_curve(scene.owner, "angry") is None


def test_the_characters_keyed_intensity_is_followed(blender, scene, baked):
    scene.character.emotion_happy = 1.0
    for frame, value in ((90, 0.0), (110, 1.5)):
        scene.character.intensity = value
        scene.owner.keyframe_insert("s2f_character.intensity", frame=frame)
    values = baked("cheekSquintLeft", np.arange(1, 180))
    assert values[EARLY - 1].mean() < 0.05
    assert values[LATE - 1].mean() > 0.2


def test_keys_on_the_scene_count_where_the_character_has_none(blender, scene, baked):
    """As files from before characters had sliders have them."""
    for frame, value in ((90, 0.0), (110, 1.0)):
        scene.s2f.emotion_angry = value
        blender.context.scene.keyframe_insert("s2f.emotion_angry", frame=frame)
    values = baked("browDownLeft", np.arange(1, 180))
    assert values[LATE - 1].mean() > values[EARLY - 1].mean() + 0.2
    scene.character.emotion_happy = 1.0
    scene.owner.keyframe_insert("s2f_character.emotion_happy", frame=1)
    scene.character.emotion_angry = 0.0
    assert baked("browDownLeft", LATE).mean() < 0.1


def test_the_characters_own_intensity_is_the_redo_panels(blender, scene, baked):
    scene.character.emotion_angry = 1.0
    strong = baked("browDownLeft", LATE).mean()
    scene.character.intensity = 0.5
    assert baked("browDownLeft", LATE).mean() == pytest.approx(0.5 * strong, rel=0.2)


def test_the_side_of_contempt_is_the_characters(blender, scene, baked):
    scene.character.emotion_contempt = 1.0
    assert baked("mouthDimpleLeft", LATE).mean() > 0.3
    scene.character.side = "RIGHT"
    assert baked("mouthDimpleLeft", LATE).mean() < 0.15


def test_an_old_file_keeps_its_mood(blender, scene, tmp_path):
    scene.s2f.emotion_fear = 0.5
    for name in ("emotion_fear", "intensity"):
        scene.character.property_unset(name)
    blender.context.scene.s2f.property_unset("shown")
    blender.context.scene.s2f["emotion_fear"] = 0.5
    path = str(tmp_path / "alt.blend")
    blender.ops.wm.save_as_mainfile(filepath=path)
    blender.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    blender.ops.wm.open_mainfile(filepath=path)
    assert scene.s2f.emotion_fear == pytest.approx(0.5)
    assert scene.character.emotion_fear == pytest.approx(0.5)


class TestLinked:
    """A character from a library file."""

    @pytest.fixture
    def library(self, blender, scene, tmp_path):
        scene.character.emotion_calm = 0.5
        path = str(tmp_path / "library.blend")
        blender.ops.wm.save_as_mainfile(filepath=path)
        blender.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        with blender.data.libraries.load(path, link=True) as (_, data):
            data.objects = ["Face"]
        linked = blender.data.objects["Face"]
        blender.context.scene.collection.objects.link(linked)
        return linked

    def test_a_linked_character_is_left_alone_and_says_so(self, blender, library):
        settings = blender.context.scene.s2f
        settings.target = library
        settings.emotion_happy = 1.0
        assert library.s2f_character.emotion_happy == 0
        with pytest.raises(RuntimeError, match="library override"):
            blender.ops.s2f.clip_add()

    def test_an_override_has_a_mood_of_its_own_that_is_saved(self, blender, library, tmp_path):
        own = library.override_create(remap_local_usages=True)
        settings = blender.context.scene.s2f
        settings.target = own
        assert own.s2f_character.emotion_calm == 0.5
        settings.emotion_happy = 1.0
        assert own.keyframe_insert("s2f_character.emotion_sad", frame=1)
        blender.ops.s2f.clip_add(emotion="angry")
        path = str(tmp_path / "shot.blend")
        blender.ops.wm.save_as_mainfile(filepath=path)
        blender.ops.wm.open_mainfile(filepath=path)
        again = blender.context.scene.s2f.target.s2f_character
        assert again.id_data.override_library is not None
        assert (again.emotion_happy, again.emotion_calm) == (1.0, 0.5)
        assert [clip.emotion for clip in again.clips] == ["angry"]


def test_another_mood_that_is_as_strong_is_shown_after_a_bake(blender, scene, baked, wait, curve_values):
    """Happy becomes angry at the same height: the brows come down, though no strength has changed."""
    scene.character.emotion_happy = 0.9
    before = baked("browDownLeft", range(30, 150)).mean()
    scene.character.emotion_happy, scene.character.emotion_angry = 0.0, 0.9
    blender.ops.s2f.tune()  # what the timer calls in a window
    wait()
    assert curve_values(scene.owner, "browDownLeft", range(30, 150)).mean() > before + 0.2
