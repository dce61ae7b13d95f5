"""A bake in progress finds its character again, whatever that is called by then."""

import pytest


@pytest.fixture
def destination(load, blender):
    def make(target):
        scene = blender.context.scene
        whose = (scene.session_uid, target.session_uid)
        return load("session.made").Destination(scene.name, target.name, 1, "", "hello", identities=whose)

    return make


def test_a_renamed_target_is_found_and_who_took_its_name_is_not(blender, face, destination):
    target = face(name="Anna")
    where = destination(target)
    target.name = "Berta"
    thief = face(name="Anna")
    blender.context.scene.name = "Another"
    assert where.find() == (blender.context.scene, target)
    assert where.find()[1] != thief


def test_a_target_that_is_gone_gets_a_sentence_though_another_has_its_name(load, blender, face, destination):
    where = destination(face(name="Anna"))
    blender.data.objects.remove(blender.data.objects["Anna"])
    face(name="Anna")
    with pytest.raises(load("core.errors").UserError, match="Anna is no longer there"):
        where.find()


def test_a_driver_that_leads_nowhere_stops_the_bake_before_it_begins(load, blender, face):
    target = face()
    target.data.shape_keys.key_blocks["jawOpen"].driver_add("value").driver.expression = "noise.random()"
    assert "jawOpen of Face cannot be keyed" in load("operators.readiness").blocked(target)
    assert load("panels.coverage").coverage(target).problem == load("operators.readiness").blocked(target)
