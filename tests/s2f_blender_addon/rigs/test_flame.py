"""FLAME heads, proved without FLAME: its numbers and names on shapes of our own, which the fit must give back."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from s2f_blender_addon.core.channels import CHANNELS, INDEX
from s2f_blender_addon.core.flame import EXP, JAW, NECK

from . import flame_rigs
from .flame_rigs import EYEBALLS, LIPS, pose_of, rig

RATE = 30
OPENING = 0.3
"""How far the jaw is open where mouthClose is looked at: alone it closes lips that are shut."""


BOTH = pytest.mark.parametrize("shapes", ["stand_in", "shared_head"], indirect=True)


@pytest.fixture(scope="module")
def shapes(request):
    which = getattr(request, "param", "stand_in")
    if which == "shared_head" and not flame_rigs.SHARED.exists():
        pytest.skip("the shared head is not here")
    made = getattr(flame_rigs, which)()
    return SimpleNamespace(made=made, exp=flame_rigs.expressions(made), fit={})


@pytest.fixture
def head(blender, load, shapes):
    """The rig, driven by expressions; fitted once for all tests."""
    mesh = rig(blender, shapes.made, shapes.exp)
    blender.context.scene.render.fps = RATE
    kept = load("rigs.flame.kept")
    if not shapes.fit:
        flame = load("rigs").find_character(mesh).flame
        said = load("rigs.flame.setup").made_ready(flame)
        assert "expressions and bones" in said
        shapes.fit = json.loads(mesh.s2f_flame.fit)
    kept.keep(mesh, kept.EXP, load("core.flame").FlameFit.from_json(shapes.fit))
    return mesh


@pytest.fixture
def bake(load, blender):
    """``bake(mesh, curves)`` writes ``curves`` (T, 52), or a track, from frame 1 on, one row a frame."""

    def write(mesh, curves, **options):
        track = curves
        if isinstance(curves, np.ndarray):
            talk = curves.astype(np.float32)
            track = load("core.track").FaceTrack(talk, np.zeros_like(talk), RATE)
        character = load("rigs").find_character(mesh)
        options = load("bake").BakeOptions(keys="FRAMES", **options)
        return load("bake").bake(track, character, blender.context.scene, 1, options)

    return write


def moved(blender, mesh, frames):
    """(T, V, 3) millimetres by which the evaluated mesh is away from its basis."""
    found, flat = [], np.empty(3 * len(mesh.data.vertices), np.float32)
    mesh.data.shape_keys.reference_key.data.foreach_get("co", flat)
    rest = flat.copy()
    for frame in frames:
        blender.context.scene.frame_set(int(frame))
        evaluated = mesh.evaluated_get(blender.context.evaluated_depsgraph_get())
        evaluated.data.vertices.foreach_get("co", flat)
        found.append((flat - rest).reshape(-1, 3) * 1000)
    return np.stack(found)


def curve_of(load, owner, path, index, frames):
    curve = load("bake.compat").bag_of(owner).fcurves.find(path, index=index)
    return np.array([curve.evaluate(frame) for frame in frames])


@pytest.mark.one_blender
@BOTH
def test_the_fit_gives_the_fields_back(blender, head, shapes, bake):
    curves = np.eye(len(CHANNELS))
    curves[INDEX["mouthClose"], [INDEX["mouthClose"], INDEX["jawOpen"]]] = OPENING
    report = bake(head, curves)
    assert report.missing in ((), ("tongueOut",))
    shown = moved(blender, head, range(1, len(CHANNELS) + 1))
    wanted = np.tensordot(curves, np.stack([shapes.made.fields[name] for name in CHANNELS]) * 1000, 1)
    shown[:, EYEBALLS] = wanted[:, EYEBALLS] = 0.0
    size, left = (np.linalg.norm(fields.reshape(len(CHANNELS), -1), axis=1) for fields in (wanted, wanted - shown))
    share = left / np.maximum(size, 1e-9)
    assert max(share[size > 1e-6]) < 0.3, dict(zip(CHANNELS, share.round(2).tolist(), strict=True))
    assert np.median(share[size > 1e-6]) < 0.1


@pytest.mark.one_blender
def test_the_jaw_turns_where_expressions_have_no_jaw(blender, head, load, bake):
    curves = np.zeros((2, len(CHANNELS)))
    curves[1, INDEX["jawLeft"]] = 1.0
    bake(head, curves)
    angle = curve_of(load, head.parent, 'pose.bones["jaw"].rotation_euler', 1, [2])
    assert np.degrees(angle) == pytest.approx(np.degrees(flame_rigs.JAW_TURNS["jawLeft"][1]), abs=1.0)


@pytest.mark.one_blender
@BOTH
def test_baked_lips_meet_and_open_as_the_fields_say(blender, head, shapes, bake, load, hello):
    talk = hello.talk[::2]
    report = bake(head, talk)
    frames = np.arange(1, int(report.last), 2)
    upper, lower = LIPS
    shown = moved(blender, head, frames)
    fields = np.stack([shapes.made.fields[name][[upper, lower]] for name in CHANNELS]) * 1000
    wanted = np.tensordot(talk[::2][: len(frames)], fields, 1)
    opening, wanted_opening = shown[:, upper, 2] - shown[:, lower, 2], wanted[:, 0, 2] - wanted[:, 1, 2]
    sealed = load("core.blend").sealed(talk[::2][: len(frames)].astype(np.float32)) > 0.9
    assert sealed.sum() > 3
    assert np.corrcoef(opening, wanted_opening)[0, 1] > 0.97
    assert np.abs(opening - wanted_opening)[sealed].max() < 0.5


def test_a_track_of_coefficients_plays_as_it_is(blender, head, load, bake):
    rows = np.random.default_rng(0).normal(size=(5, 112)).astype(np.float32)
    rows[:, JAW.start :] *= 0.1
    made = load("core.formats.npy").track_of(rows, RATE, "a.npy", [])
    report = bake(head, made)
    assert report.missing == ()
    key, frames = head.data.shape_keys, np.arange(1, 6)
    for number in (0, 57, 99):
        path = f'key_blocks["Exp{number + 1}"].value'
        assert np.allclose(curve_of(load, key, path, 0, frames), rows[:, EXP][:, number], atol=1e-5)
    for joint, columns, bone in ((1, NECK, "neck"), (2, JAW, "jaw"), (4, slice(109, 112), "right_eye")):
        expected = np.stack([pose_of(row) for row in rows[:, columns]])
        for i in (1, 5, 8):
            path = f'key_blocks["Pose{9 * (joint - 1) + i + 1}"].value'
            assert np.allclose(curve_of(load, key, path, 0, frames), expected[:, i], atol=1e-5)
        blender.context.scene.frame_set(3)
        turn = head.parent.pose.bones[bone].matrix_basis.to_quaternion()
        axis, angle = turn.to_axis_angle()
        assert np.allclose(np.array(axis) * angle, rows[2, columns], atol=1e-4)


def test_sliders_are_widened_to_what_is_played(head, load, bake):
    rows = np.zeros((2, 112), np.float32)
    rows[:, 0] = (-4.0, 5.0)
    bake(head, load("core.formats.npy").track_of(rows, RATE, "a.npy", []))
    block = head.data.shape_keys.key_blocks["Exp1"]
    assert (block.slider_min, block.slider_max) == (-4.0, 5.0)


@pytest.mark.one_blender
def test_a_part_of_the_face_is_refused_with_what_to_do(head, load, bake):
    with pytest.raises(load("core.errors").UserError, match="whole face"):
        bake(head, np.zeros((2, len(CHANNELS))), region="MOUTH")


@pytest.mark.one_blender
def test_a_fit_can_be_saved_and_read_and_a_damaged_one_is_none(head, load):
    kept = load("rigs.flame.kept")
    head.s2f_flame.fit = head.s2f_flame.fit[:-5]
    assert kept.fit_of(head) is None
    assert load("rigs").find_character(head).flame is not None


@pytest.mark.one_blender
def test_its_identity_is_part_of_the_face_at_rest(head, load):
    head.data.shape_keys.key_blocks["Shape3"].value = 1.0
    flame = load("rigs").find_character(head).flame
    away = np.linalg.norm(flame.points() - flame_points(head), axis=1)
    assert 0 < away.max() < 0.01


def flame_points(head):
    flat = np.empty(3 * len(head.data.vertices), np.float32)
    head.data.shape_keys.reference_key.data.foreach_get("co", flat)
    return flat.reshape(-1, 3)


@pytest.mark.one_blender
def test_keys_can_be_added_instead(blender, head, load, bake, shapes):
    flame = load("rigs").find_character(head).flame
    load("rigs.flame.setup").add_keys(flame)
    character = load("rigs").find_character(head)
    assert "jaw" not in character.bones.names
    assert {"head", "eye_left", "eye_right"} <= character.bones.names.keys()
    curves = np.zeros((2, len(CHANNELS)))
    curves[1, INDEX["jawOpen"]] = 1.0
    bake(head, curves)
    shown = moved(blender, head, [2])[0]
    assert np.allclose(shown, shapes.made.fields["jawOpen"] * 1000, atol=0.05)


@pytest.mark.one_blender
def test_few_expressions_are_too_few_and_keys_are_added(blender, load, shapes):
    mesh = rig(blender, shapes.made, shapes.exp[:10], exp_name="expression_{:02}", first=0)
    flame = load("rigs").find_character(mesh).flame
    said = load("rigs.flame.setup").made_ready(flame)
    assert "52 keys were added" in said
    assert len(load("rigs").find_character(mesh).missing) <= 1
    assert load("rigs.flame.setup").made_ready(flame) == ""


@pytest.mark.one_blender
def test_keys_of_its_own_are_driven_where_it_has_them(blender, load, head, shapes):
    setup, kept = load("rigs.flame.setup"), load("rigs.flame.kept")
    setup.add_keys(load("rigs").find_character(head).flame)
    head.s2f_flame.way = kept.NONE
    assert "keys of its own" in setup.made_ready(load("rigs").find_character(head).flame)
    assert kept.way_of(head) == kept.KEYS


def test_a_user_chooses_plays_a_file_and_bakes(blender, load, head, shapes, tmp_path):
    scene, ops = blender.context.scene, blender.ops.s2f
    scene.s2f.target, scene.s2f.keys = head, "FRAMES"
    assert ops.flame(way="KEYS") == {"FINISHED"}
    assert "jawOpen" in head.data.shape_keys.key_blocks
    assert ops.flame(way="EXP") == {"FINISHED"}
    assert load("panels.coverage").coverage(head).way == "EXP"
    np.save(tmp_path / "take.npy", np.tile(np.linspace(0, 1, 25)[:, None], (1, 53)).astype(np.float32) * 0.2 - 0.1)
    assert ops.import_track(filepath=str(tmp_path / "take.npy")) == {"FINISHED"}
    baked = load("session").current.shown.outcome.baked
    assert any("25 frames a second" in note for note in baked.notes)
    assert curve_of(load, head.data.shape_keys, 'key_blocks["Exp7"].value', 0, [1])[0] == pytest.approx(-0.1)
    assert ops.export_track(filepath=str(tmp_path / "again.npz")) == {"FINISHED"}
    assert np.allclose(load("core.formats").read(tmp_path / "again.npz").flame[0, :50], -0.1)


@pytest.mark.one_blender
def test_a_track_of_channels_makes_a_new_head_ready(blender, load, shapes, tmp_path):
    mesh = rig(blender, shapes.made, shapes.exp)
    blender.context.scene.s2f.target = mesh.parent
    path = tmp_path / "jaw.csv"
    path.write_text("jawOpen,mouthClose\n" + "".join(f"{n / 30:.4f},0\n" for n in range(31)))
    blender.ops.s2f.import_track(filepath=str(path), rate=30)
    baked = load("session").current.shown.outcome.baked
    assert any("expressions and bones are driven" in note for note in baked.notes)
    assert "jaw" in baked.bones


@pytest.mark.one_blender
def test_on_another_head_jaw_and_eyes_play_and_that_is_said(blender, load, face, bake):
    rows = np.zeros((3, 112), np.float32)
    rows[1, JAW.start] = np.radians(19)
    target = face()
    blender.context.scene.render.fps = RATE
    report = bake(target, load("core.formats.npy").track_of(rows, RATE, "a.npy", []))
    assert any("FLAME head" in note for note in report.notes)
    (opened,) = curve_of(load, target.data.shape_keys, 'key_blocks["jawOpen"].value', 0, [2])
    assert opened == pytest.approx(1, abs=0.01)


@pytest.mark.one_blender
def test_without_an_armature_expressions_do_it_alone(blender, load, shapes):
    mesh = rig(blender, shapes.made, shapes.exp[:60], exp_name="expr_{}", bones=False)
    flame = load("rigs").find_character(mesh).flame
    assert flame.bones is None
    assert "52 channels" in load("rigs.flame.setup").made_ready(flame)
