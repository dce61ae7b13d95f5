"""Keys that follow properties, bones or other keys: what moves them is keyed, exactly, or the bake is refused."""

import numpy as np
import pytest

from .test_character import armature


def drive(key_block, owner, path, expression="var", kind="SCRIPTED"):
    curve = key_block.driver_add("value")
    curve.driver.type, curve.driver.expression = kind, expression
    variable = curve.driver.variables.new()
    variable.name = "var"
    target = variable.targets[0]
    if owner.id_type != "OBJECT":
        target.id_type = owner.id_type
    target.id, target.data_path = owner, path
    return curve


def drive_by_transform(key_block, rig, bone, kind, expression="var"):
    curve = drive(key_block, rig, "", expression)
    variable = curve.driver.variables[0]
    variable.type = "TRANSFORMS"
    target = variable.targets[0]
    target.id, target.bone_target, target.transform_type, target.transform_space = rig, bone, kind, "LOCAL_SPACE"
    return curve


@pytest.fixture
def played(load, blender):
    """``played(target)`` bakes a wave onto ``target``: ({key: its evaluated values}, (T, 52) wanted, report)."""

    def run(target):
        frames = 20
        phase = np.linspace(0, 2 * np.pi, 52, endpoint=False)
        values = (0.45 + 0.4 * np.sin(np.arange(frames)[:, None] / 3 + phase)).astype(np.float32)
        character = load("rigs").find_character(target)
        scene = blender.context.scene
        every = load("bake").BakeOptions(keys=load("bake.write").FRAMES)
        report = load("bake").bake(load("core.track").FaceTrack.captured(values, 24.0), character, scene, 1, every)
        shown = {name: [] for name in target.data.shape_keys.key_blocks.keys()}
        for frame in range(1, frames + 1):
            scene.frame_set(frame)
            blender.context.view_layer.update()
            evaluated = target.evaluated_get(blender.context.evaluated_depsgraph_get())
            for block in evaluated.data.shape_keys.key_blocks:
                shown[block.name].append(block.value)
        return {name: np.array(row) for name, row in shown.items()}, values, report

    return run


def property_rig(blender, target, expression="var", value=0.0, limits=None):
    rig = armature(blender)
    for block in list(target.data.shape_keys.key_blocks)[1:]:
        rig[block.name] = value
        if limits:
            rig.id_properties_ui(block.name).update(min=limits[0], max=limits[1])
        drive(block, rig, f'["{block.name}"]', expression)
    target.parent = rig
    return rig


SCRIPTS = {
    "as it is": ("var", 0.0, None),
    "in per cent": ("var / 100", 0.0, (0.0, 100.0)),
    "backwards": ("1 - var", 1.0, None),
    "clamped": ("min(max(var, 0), 1)", 0.0, None),
    "with a dead zone": ("max(0, (var - 0.2) * 1.25)", 0.0, (0.0, 1.0)),
    "downwards": ("-var * 10 if var < 0 else 0", 0.0, None),
    "bent": ("var ** 2", 0.0, None),
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_properties_are_keyed_so_that_keys_are_what_they_should(load, blender, face, played, script):
    target = face()
    property_rig(blender, target, *SCRIPTS[script])
    shown, wanted, report = played(target)
    for name, column in load("core.channels").INDEX.items():
        np.testing.assert_allclose(shown[name], wanted[:, column], atol=2e-3, err_msg=name)
    assert any("what moves them was keyed" in note for note in report.notes)
    assert target.data.shape_keys.animation_data.action is None, "curves on driven keys would do nothing"


TRANSFORMS = {
    "slider up": ("LOC_Y", "XYZ", "var"),
    "slider down, in centimetres": ("LOC_Z", "XYZ", "-var * 100"),
    "turned, Euler": ("ROT_X", "XYZ", "var * 2"),
    "turned, quaternion": ("ROT_Z", "QUATERNION", "var * 2"),
    "scaled": ("SCALE_X", "XYZ", "var - 1"),
}


@pytest.mark.parametrize("way", TRANSFORMS)
def test_bones_are_moved(load, blender, face, played, way):
    kind, mode, expression = TRANSFORMS[way]
    target = face()
    names = [block.name for block in target.data.shape_keys.key_blocks][1:]
    rig = armature(blender, [f"c_{name}" for name in names])
    for name in names:
        rig.pose.bones[f"c_{name}"].rotation_mode = mode
        drive_by_transform(target.data.shape_keys.key_blocks[name], rig, f"c_{name}", kind, expression)
    target.parent = rig
    shown, wanted, _ = played(target)
    for name, column in load("core.channels").INDEX.items():
        np.testing.assert_allclose(shown[name], wanted[:, column], atol=3e-3, err_msg=name)


def test_a_driver_behind_a_driver_is_followed_to_its_beginning(load, blender, face, played):
    target = face()
    rig = armature(blender)
    for block in list(target.data.shape_keys.key_blocks)[1:]:
        rig[block.name], rig.data[f"{block.name}(fin)"] = 0.0, 0.0
        curve = rig.data.driver_add(f'["{block.name}(fin)"]')
        variable = curve.driver.variables.new()
        variable.name, curve.driver.expression = "a", "a * 0.5"
        variable.targets[0].id, variable.targets[0].data_path = rig, f'["{block.name}"]'
        drive(block, rig.data, f'["{block.name}(fin)"]', "var * 2")
    target.parent = rig
    shown, wanted, _ = played(target)
    np.testing.assert_allclose(shown["jawOpen"], wanted[:, load("core.channels").INDEX["jawOpen"]], atol=2e-3)


def test_keys_that_follow_another_mesh_follow_it_still(load, blender, face, played):
    head, teeth = face(name="A_Head"), face(["jawOpen", "jawLeft"], "A_Teeth")
    for name in ("jawOpen", "jawLeft"):
        drive(teeth.data.shape_keys.key_blocks[name], head.data.shape_keys, f'key_blocks["{name}"].value')
    shown, wanted, report = played(head)
    np.testing.assert_allclose(shown["jawOpen"], wanted[:, load("core.channels").INDEX["jawOpen"]], atol=2e-3)
    assert teeth.evaluated_get(blender.context.evaluated_depsgraph_get()).data.shape_keys.key_blocks[
        "jawOpen"
    ].value == pytest.approx(shown["jawOpen"][-1], abs=1e-3)
    assert not any("share" in note for note in report.notes)


def test_a_placeholder_that_moves_nothing_itself_is_keyed(load, blender, face, played):
    head = face(name="Body")
    placeholder = face(name=".placeholder")
    for block in placeholder.data.shape_keys.key_blocks:
        count = 3 * len(placeholder.data.vertices)
        rest = np.empty(count, np.float32)
        placeholder.data.shape_keys.reference_key.data.foreach_get("co", rest)
        block.data.foreach_set("co", rest)
    for block in list(head.data.shape_keys.key_blocks)[1:]:
        drive(block, placeholder.data.shape_keys, f'key_blocks["{block.name}"].value')
    parent = blender.data.objects.new("Model", None)
    blender.context.scene.collection.objects.link(parent)
    head.parent = placeholder.parent = parent
    shown, wanted, _ = played(head)
    np.testing.assert_allclose(shown["mouthClose"], wanted[:, load("core.channels").INDEX["mouthClose"]], atol=2e-3)


REFUSED = {
    "noise": "noise.random() * var",
    "the frame": "var * frame",
    "a step": "var > 0.5",
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_cannot_be_followed_is_refused_before_anything_is_written(load, blender, face, played, why):
    target, teeth = face(name="A_Head"), face(["jawOpen"], "A_Teeth")
    rig = armature(blender)
    rig["jaw"] = 0.0
    drive(target.data.shape_keys.key_blocks["jawOpen"], rig, '["jaw"]', REFUSED[why])
    actions = len(blender.data.actions)
    with pytest.raises(load("core.errors").UserError, match="jawOpen of A_Head cannot be keyed") as refusal:
        played(target)
    assert str(refusal.value).count("\n") == 0
    assert len(blender.data.actions) == actions
    assert teeth.data.shape_keys.animation_data is None


def test_what_the_mouth_does_not_need_only_stays_still(load, blender, face, played):
    target = face()
    rig = armature(blender)
    rig["up"] = 0.0
    drive(target.data.shape_keys.key_blocks["browInnerUp"], rig, '["up"]', "noise.random() * var")
    character = load("rigs").find_character(target)
    assert not character.blocked
    assert "browInnerUp" not in character.channels - character.approximated
    shown, wanted, report = played(target)
    assert any("browInnerUp of Face stay still" in note for note in report.notes)
    np.testing.assert_allclose(shown["jawOpen"], wanted[:, load("core.channels").INDEX["jawOpen"]], atol=2e-3)
