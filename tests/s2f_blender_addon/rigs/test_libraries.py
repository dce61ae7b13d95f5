"""Characters from another file, in every way of linking and overriding: each operator does its work or says why not."""

import pytest

OPERATORS = ("map_show", "map_match", "map_add", "map_remove", "map_mirror", "wiggle", "bones_choose")


def appended(blender, path):
    _load(blender, path, link=False)


def linked(blender, path):
    _load(blender, path, link=True)


def instanced(blender, path):
    with blender.data.libraries.load(path, link=True) as (_, into):
        into.collections = ["Character"]
    instance = blender.data.objects.new("Instance", None)
    instance.instance_type, instance.instance_collection = "COLLECTION", blender.data.collections["Character"]
    blender.context.scene.collection.objects.link(instance)


def overridden(blender, path, editable=True):
    _load(blender, path, link=True)
    collection = blender.data.collections["Character"]
    scene, layer = blender.context.scene, blender.context.view_layer
    collection.override_hierarchy_create(scene, layer, do_fully_editable=editable)


def half_overridden(blender, path):
    overridden(blender, path, editable=False)


def object_overridden(blender, path):
    _load(blender, path, link=True)
    for candidate in list(blender.data.objects):
        candidate.override_create(remap_local_usages=True)


WAYS = {way.__name__: way for way in (appended, linked, instanced, overridden, half_overridden, object_overridden)}


def _load(blender, path, link):
    with blender.data.libraries.load(path, link=link) as (_, into):
        into.collections = ["Character"]
    blender.context.scene.collection.children.link(blender.data.collections["Character"])


@pytest.fixture
def library(load, blender, face, tmp_path):
    """The path of a file with a character in a collection; ``listed``: its key map was shown, or changed, there."""

    def make(listed):
        path = str(tmp_path / "Bibliothek ü.blend")
        collection = blender.data.collections.new("Character")
        blender.context.scene.collection.children.link(collection)
        target = face()
        collection.objects.link(target)
        blender.context.scene.collection.objects.unlink(target)
        if listed != "never":
            (mesh,) = load("rigs").find_character(target).meshes
            load("rigs.stored").store_map(target, mesh.map, edited=listed == "changed")
        blender.ops.wm.save_as_mainfile(filepath=path)
        load("session").fresh() if hasattr(load("session"), "fresh") else None
        blender.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        return path

    return make


@pytest.mark.parametrize("listed", ["never", "shown", "changed"])
@pytest.mark.parametrize("way", WAYS)
def test_every_operator_does_its_work_or_says_why_not(load, blender, library, way, listed):
    WAYS[way](blender, library(listed))
    objects = blender.context.scene.objects
    target = next((o for o in objects if o.library is None), objects[0])
    blender.context.scene.s2f.target = target
    for name in OPERATORS:
        operator = getattr(blender.ops.s2f, name)
        if not operator.poll():
            continue
        try:
            assert operator() <= {"FINISHED", "CANCELLED"}
        except RuntimeError as error:
            assert "Traceback" not in str(error), name
            assert str(error).strip().endswith((".", "first")), name


def test_an_override_has_a_map_of_its_own(load, blender, library):
    overridden(blender, library("changed"))
    target = next(o for o in blender.data.objects if o.library is None)
    stored, keymap = load("rigs.stored"), load("core.naming.keymap")
    entry = keymap.Entry("jawOpen", "mouthFunnel", 0.5)
    stored.store_map(target, keymap.KeyMap((entry,)), edited=True)
    assert [(e.key, e.source, e.weight) for e in stored.entries_of(target)] == [("jawOpen", "mouthFunnel", 0.5)]
    assert load("rigs").find_character(target).meshes[0].map.keys() == ("jawOpen",)
    source = next(o for o in blender.data.objects if o.library is not None)
    assert len(stored.entries_of(source)) == 52, "the file that it comes from has its own"


def test_the_map_of_an_override_stays_in_the_file(load, blender, library, tmp_path):
    overridden(blender, library("shown"))
    target = next(o for o in blender.data.objects if o.library is None)
    keymap, stored = load("core.naming.keymap"), load("rigs.stored")
    entries = tuple(keymap.Entry("jawOpen", source, 0.5) for source in keymap.SOURCES[:59])
    stored.store_map(target, keymap.KeyMap(entries), edited=True)
    path = str(tmp_path / "Szene.blend")
    blender.ops.wm.save_as_mainfile(filepath=path)
    blender.ops.wm.open_mainfile(filepath=path)
    target = next(o for o in blender.data.objects if o.library is None)
    assert [e.source for e in stored.entries_of(target)] == list(keymap.SOURCES[:59])
    assert target.s2f_map.edited
