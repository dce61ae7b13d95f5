"""Keys that cannot move, or not as written, are recognised and said."""

import time

import numpy as np
import pytest


@pytest.fixture
def baked(load, blender):
    def run(target, value=0.9, **options):
        track = load("core.track").FaceTrack.captured(np.full((10, 52), value, np.float32), 24.0)
        track.talk[0] = 0
        character = load("rigs").find_character(target)
        options = load("bake").BakeOptions(keys="FRAMES", **options)
        return load("bake").bake(track, character, blender.context.scene, 1, options)

    return run


def test_a_driver_that_leads_nowhere_is_said_before_anything_is_written(face, baked, load):
    target = face()
    target.data.shape_keys.key_blocks["jawOpen"].driver_add("value")
    with pytest.raises(load("core.errors").UserError, match="jawOpen of Face cannot be keyed"):
        baked(target)
    assert load("bake.compat").bag_of(target.data.shape_keys) is None


def test_muted_keys_are_written_and_named(face, baked):
    target = face()
    target.data.shape_keys.key_blocks["jawOpen"].mute = True
    report = baked(target)
    assert report.meshes[0].muted == ("jawOpen",)
    assert any("muted" in note for note in report.notes)


def test_a_narrow_slider_cuts_and_says_so(face, baked, curve_values):
    target = face()
    target.data.shape_keys.key_blocks["jawOpen"].slider_max = 0.5
    report = baked(target)
    assert report.meshes[0].clamped == ("jawOpen",)
    assert any("end of their sliders" in note for note in report.notes)
    assert curve_values(target, "jawOpen", 5)[0] == pytest.approx(0.5)


def test_a_slider_is_widened_when_the_user_allows_it(face, baked, curve_values):
    target = face()
    target.data.shape_keys.key_blocks["jawOpen"].slider_max = 0.5
    report = baked(target, widen=True)
    assert report.meshes[0].clamped == ()
    assert target.data.shape_keys.key_blocks["jawOpen"].slider_max == pytest.approx(0.9)
    assert curve_values(target, "jawOpen", 5)[0] == pytest.approx(0.9)


def test_a_weight_beyond_one_goes_beyond_the_slider_when_allowed(load, face, baked, curve_values):
    target = face(["jawOpen"])
    Entry, KeyMap = load("rigs").Entry, load("rigs").KeyMap
    load("rigs.stored").store_map(target, KeyMap((Entry("jawOpen", "jawOpen", 1.5),)), edited=True)
    baked(target, widen=True)
    assert curve_values(target, "jawOpen", 5)[0] == pytest.approx(1.35)


def test_a_mesh_that_shows_one_key_alone_is_written_and_says_so(face, baked, load):
    target = face()
    target.show_only_shape_key = True
    report = baked(target)
    assert len(report.meshes[0].written) == 52
    assert any(load("bake.obstacles").pin_name() in note for note in report.notes)


@pytest.mark.parametrize("hide", ["hide_viewport", "hide_render", "hide_set"])
def test_hidden_parts_speak_too(face, baked, curve_values, hide):
    head, teeth = face(name="A_Head"), face(["jawOpen"], "A_Teeth")
    teeth.hide_set(True) if hide == "hide_set" else setattr(teeth, hide, True)
    assert [mesh.mesh for mesh in baked(head).meshes] == ["A_Head", "A_Teeth"]
    assert curve_values(teeth, "jawOpen", 5)[0] == pytest.approx(0.9)


def test_a_face_that_is_also_drawn_elsewhere_is_keyed_once(blender, face, baked, curve_values):
    """Objects share a mesh; modifiers and vertex groups on a key are nobody's business here."""
    head = face()
    twin = blender.data.objects.new("Twin", head.data)
    blender.context.scene.collection.objects.link(twin)
    twin.modifiers.new("Subdivision", "SUBSURF")
    head.vertex_groups.new(name="Mouth").add([0, 1], 0.5, "REPLACE")
    for block in head.data.shape_keys.key_blocks[1:]:
        block.vertex_group = "Mouth"
    report = baked(twin)
    assert [len(mesh.written) for mesh in report.meshes] == [52]
    assert report.notes == ()
    assert curve_values(head, "jawOpen", 5)[0] == pytest.approx(0.9)


@pytest.mark.parametrize("writing", ["Gesicht·{}·頭", 'the "{}"', "bs\\{}", "{} 😀", " {} "])
def test_keys_with_odd_letters_in_their_names_move(blender, face, baked, load, writing):
    names = load("core.channels").CHANNELS
    target = face([writing.format(name) for name in names], "Zoë 頭")
    assert len(baked(target).meshes[0].written) == 52
    blender.context.scene.frame_set(5)
    assert target.data.shape_keys.key_blocks[writing.format("jawOpen")].value == pytest.approx(0.9)


def test_a_thousand_keys_beside_the_52_are_left_alone(face, baked, load):
    names = load("core.channels").CHANNELS
    target = face([*names, *(f"corrective_{i:04d}" for i in range(1000))])
    start = time.process_time()
    assert baked(target).meshes[0].written == tuple(names)
    assert time.process_time() - start < 2.0


def test_absolute_shape_keys_get_their_sentence(load, face, baked):
    target = face()
    target.data.shape_keys.use_relative = False
    with pytest.raises(load("core.errors").UserError, match="absolute"):
        baked(target)
    assert "absolute" in load("panels.coverage").coverage(target).problem, "the panel knows before the model is asked"
    target.data.shape_keys.use_relative = True
    load("session").current.shown.changed()
    assert load("panels.coverage").coverage(target).problem == ""


def test_a_strip_in_tweak_mode_gets_its_sentence(load, face, baked):
    target = face()
    baked(target)
    animation = target.data.shape_keys.animation_data
    animation.nla_tracks.new().strips.new("Take 1", 1, animation.action)
    animation.action = None
    animation.nla_tracks[0].select = True
    animation.nla_tracks[0].strips[0].select = True
    animation.use_tweak_mode = True
    with pytest.raises(load("core.errors").UserError, match="tweak mode"):
        baked(target)


class TestLibraries:
    """Characters from another file."""

    @pytest.fixture
    def linked(self, blender, face, tmp_path):
        """The collection of a character that is linked into an empty file."""
        path = str(tmp_path / "Bibliothek ü.blend")
        collection = blender.data.collections.new("Character")
        blender.context.scene.collection.children.link(collection)
        target = face()
        collection.objects.link(target)
        blender.context.scene.collection.objects.unlink(target)
        blender.ops.wm.save_as_mainfile(filepath=path)
        blender.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        with blender.data.libraries.load(path, link=True) as (_, into):
            into.collections = ["Character"]
        blender.context.scene.collection.children.link(blender.data.collections["Character"])
        return blender.data.collections["Character"]

    def test_a_linked_character_gets_its_sentence(self, load, linked, baked):
        with pytest.raises(load("core.errors").UserError, match="Library Override > Make"):
            baked(linked.objects["Face"])
        assert "Library Override > Make" in load("panels.coverage").coverage(linked.objects["Face"]).problem

    def test_an_instance_of_a_linked_character_gets_the_same_sentence(self, load, blender, linked, baked):
        instance = blender.data.objects.new("Instance", None)
        instance.instance_type, instance.instance_collection = "COLLECTION", linked
        blender.context.scene.collection.objects.link(instance)
        with pytest.raises(load("core.errors").UserError, match="Library Override > Make"):
            baked(instance)

    def test_an_overridden_character_is_baked_and_stays_so_in_the_file(self, blender, linked, baked, load, tmp_path):
        linked.override_hierarchy_create(blender.context.scene, blender.context.view_layer, do_fully_editable=True)
        target = next(o for o in blender.data.objects if o.library is None and o.type == "MESH")
        report = baked(target)
        assert len(report.meshes[0].written) == 52
        path = str(tmp_path / "Szene ü.blend")
        blender.ops.wm.save_as_mainfile(filepath=path)
        blender.ops.wm.open_mainfile(filepath=path)
        target = next(o for o in blender.data.objects if o.library is None and o.type == "MESH")
        blender.context.scene.frame_set(5)
        assert target.data.shape_keys.key_blocks["jawOpen"].value == pytest.approx(0.9)
