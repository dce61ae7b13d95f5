"""Which meshes are one character."""

import pytest


@pytest.fixture
def find(load, blender):
    return load("rigs").find_character


@pytest.fixture
def names(find):
    return lambda target: {mesh.name for mesh in find(target).meshes}


def armature(blender, bones=("head", "jaw"), name="Rig"):
    data = blender.data.armatures.new(name)
    rig = blender.data.objects.new(name, data)
    blender.context.scene.collection.objects.link(rig)
    blender.context.view_layer.objects.active = rig
    blender.ops.object.mode_set(mode="EDIT")
    for i, bone in enumerate(bones):
        edit = data.edit_bones.new(bone)
        edit.head, edit.tail = (0, 0, i), (0, 0, i + 1)
    blender.ops.object.mode_set(mode="OBJECT")
    return rig


def test_a_lone_mesh_is_a_character(face, names):
    assert names(face()) == {"Face"}


def test_meshes_of_one_parent_belong_together(blender, face, names):
    parent = blender.data.objects.new("Alice", None)
    blender.context.scene.collection.objects.link(parent)
    head, teeth = face(name="Head", parent=parent), face(["jawOpen", "jawLeft"], "Teeth", parent)
    face(name="Bob")
    assert names(head) == names(teeth) == names(parent) == {"Head", "Teeth"}


def test_meshes_of_one_armature_belong_together(blender, face, names):
    rig, other = armature(blender), armature(blender, name="Other")
    head, teeth, bob = face(name="Head"), face(["jawOpen"], "Teeth"), face(name="Bob", parent=other)
    for mesh in (head, teeth):
        mesh.modifiers.new("Armature", "ARMATURE").object = rig
    assert names(head) == names(rig) == {"Head", "Teeth"}
    assert names(bob) == {"Bob"}


def test_loose_meshes_with_the_same_first_name_belong_together_as_importers_leave_them(face, names):
    skin, teeth = face(name="ICT_Skin"), face(["jawOpen"], "ICT_Teeth")
    far = face(name="Bob_Skin")
    for mesh in (skin, teeth):
        mesh.location.x = 10
    far.location.x = -10
    import bpy

    bpy.context.view_layer.update()
    assert names(skin) == {"ICT_Skin", "ICT_Teeth"}
    assert names(far) == {"Bob_Skin"}


def test_two_copies_of_one_character_stay_apart(face, names):
    first = [face(name="ICT_Skin"), face(["jawOpen"], "ICT_Teeth")]
    second = [face(name="ICT_Skin"), face(["jawOpen"], "ICT_Teeth")]
    assert [mesh.name for mesh in second] == ["ICT_Skin.001", "ICT_Teeth.001"]
    assert names(first[0]) == {"ICT_Skin", "ICT_Teeth"}
    assert names(second[1]) == {"ICT_Skin.001", "ICT_Teeth.001"}


def test_two_whole_heads_whose_names_share_a_word_are_two_characters(blender, face, names):
    one, other = face(name="Hero_Anna"), face(name="Hero_Berta")
    teeth = face(["jawOpen", "jawLeft"], "Hero_Anna_Teeth")
    other.location.x = 30
    blender.context.view_layer.update()
    assert names(one) == {"Hero_Anna", "Hero_Anna_Teeth"}
    assert names(other) == {"Hero_Berta"}
    other.location.x = 0.6
    teeth.location.x = 0.6
    blender.context.view_layer.update()
    assert names(one) == {"Hero_Anna"}, "near, but beside each other; the teeth are in the other's mouth"
    assert names(other) == {"Hero_Berta", "Hero_Anna_Teeth"}


def test_two_heads_under_one_empty_are_two_characters(blender, face, names):
    stage = blender.data.objects.new("Stage", None)
    blender.context.scene.collection.objects.link(stage)
    one, other = face(name="One", parent=stage), face(name="Two", parent=stage)
    other.location.x = 3
    blender.context.view_layer.update()
    assert names(one) == {"One"}
    assert names(other) == {"Two"}
    assert names(stage) == {"One", "Two"}, "who chooses the parent has chosen both"


def test_a_beard_with_all_the_keys_belongs_to_its_face(blender, face, names):
    skin, _ = face(name="A_Skin"), face(name="A_Beard")
    assert names(skin) == {"A_Skin", "A_Beard"}


def test_objects_that_share_their_keys_count_once(blender, face, find):
    one = face()
    twin = blender.data.objects.new("Face twin", one.data)
    blender.context.scene.collection.objects.link(twin)
    assert len(find(one).meshes) == 1


def test_an_instance_stands_for_the_collection_that_it_shows(load, blender, face, names):
    collection = blender.data.collections.new("Alice")
    for mesh in (face(name="A_Head"), face(["jawOpen"], "A_Teeth")):
        blender.context.scene.collection.objects.unlink(mesh)
        collection.objects.link(mesh)
    instance = blender.data.objects.new("Alice on stage", None)
    instance.instance_type, instance.instance_collection = "COLLECTION", collection
    blender.context.scene.collection.objects.link(instance)
    assert load("rigs.character").can_be_character(instance)
    assert names(instance) == {"A_Head", "A_Teeth"}


def test_meshes_with_nothing_to_drive_are_left_out(face, names):
    head = face(name="A_Head")
    face(["Hat_wiggle"], "A_Hat")
    assert names(head) == {"A_Head"}


def test_the_fullest_mesh_comes_first(face, find):
    teeth, _ = face(["jawOpen"], "A_Teeth"), face(name="A_Head")
    assert [mesh.name for mesh in find(teeth).meshes] == ["A_Head", "A_Teeth"]


def test_missing_channels_are_listed_in_order(load, face, find):
    channels = load("core.channels").CHANNELS
    lacking = ("eyeLookUpLeft", "jawForward", "tongueOut")
    character = find(face([name for name in channels if name not in lacking]))
    assert character.missing == lacking
    assert character.coverage == "49 of 52 channels"


def test_what_is_no_face_gets_its_sentence(load, blender, face, find):
    UserError = load("core.errors").UserError
    with pytest.raises(UserError, match="has a name that is known"):
        find(face(["Key 1", "Hat"], "Hat"))
    blender.ops.mesh.primitive_cube_add()
    with pytest.raises(UserError, match="has no shape keys"):
        find(blender.context.active_object)
    with pytest.raises(UserError, match="no character yet"):
        find(None)


class TestStandIns:
    """Channels that a mesh lacks are shown by keys that it has, where those move the face alike."""

    def test_a_missing_dimple_is_shown_by_its_neighbours(self, load, face, find):
        channels = load("core.channels").CHANNELS
        character = find(face([name for name in channels if not name.startswith("mouthDimple")]))
        assert character.missing == ()
        assert character.approximated == {"mouthDimpleLeft", "mouthDimpleRight"}
        assert character.coverage == "52 of 52 channels; 2 approximated"
        stand_ins = [e for e in character.meshes[0].map.active if e.approximate]
        assert all(0 < e.weight <= 1 for e in stand_ins)
        assert all(("Left" in e.key) == ("Left" in e.source) for e in stand_ins), "each side by its own"

    def test_nothing_stands_in_for_a_closure_or_a_glance(self, load, face, find):
        channels = load("core.channels").CHANNELS
        lacking = {"mouthClose", "eyeLookUpLeft", "jawOpen"}
        assert lacking <= set(find(face([name for name in channels if name not in lacking])).missing)

    def test_what_stands_in_for_a_closed_mouth_never_opens_it(self, load, addon):
        """Lips must still meet when channels are approximated."""
        stand_ins, channels = load("rigs.approximate").stand_ins, load("core.channels").CHANNELS
        openers = load("core.blend").OPENERS
        for missing in channels:
            for found in stand_ins((missing,), tuple(n for n in channels if n != missing)):
                assert not any(openers.get(n, 0) > 0 for n in found.weights) or openers.get(missing, 0) > 0

    def test_a_simple_face_is_not_padded(self, face, find):
        assert find(face(["mouthSmile", "mouthOpen", "eyesClosed"])).approximated == frozenset()
