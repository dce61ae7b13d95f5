"""What the animator has changed of a baked curve is there after any number of bakes, to the value."""

import numpy as np
import pytest


def gliding(load, seed, frames=120):
    rng = np.random.default_rng(seed)
    window = np.hanning(13) / np.hanning(13).sum()
    noise = rng.random((frames + 40, 52))
    values = np.stack([np.convolve(column, window, "same")[20:-20] for column in noise.T], axis=1)
    return load("core.track").FaceTrack.captured(np.clip(2 * values - 0.5, 0, 1).astype(np.float32), 24.0)


class Shot:
    """A face whose first bake was edited: ``jawOpen`` has a key moved and one added, ``mouthPucker`` one less."""

    def __init__(self, load, blender, face, keys):
        self.load, self.scene, self.keys, self.face = load, blender.context.scene, keys, face
        self.scene.render.fps = 24
        self.target = face()
        self.bake(0)

    def bake(self, seed, target=None, **options):
        options = {"keys": self.keys} | options
        character = self.load("rigs").find_character(target or self.target)
        return self.load("bake").bake(
            gliding(self.load, seed), character, self.scene, options.pop("start", 10),
            self.load("bake").BakeOptions(**options),
        )  # fmt: skip

    def curve(self, name, target=None):
        bag = self.load("bake.compat").bag_of((target or self.target).data.shape_keys)
        return bag.fcurves.find(self.load("bake.write").value_path(name))

    def values(self, name, frames, target=None):
        return np.array([self.curve(name, target).evaluate(frame) for frame in np.atleast_1d(frames)])

    def edit(self):
        """(frame of the moved key, of the added, of the deleted)"""
        jaw, pucker = self.curve("jawOpen"), self.curve("mouthPucker")
        moved = next(point for point in jaw.keyframe_points if point.co.x > 35)
        moved.co.y += 0.2
        moved_at = moved.co.x
        jaw.keyframe_points.insert(80, 0.95)
        gone = next(point for point in pucker.keyframe_points if point.co.x > 60)
        gone_at = gone.co.x
        pucker.keyframe_points.remove(gone)
        for curve in (jaw, pucker):
            curve.update()
        return moved_at, 80, gone_at


@pytest.fixture(params=["CURVES", "FRAMES"])
def shot(load, blender, face, request):
    return Shot(load, blender, face, request.param)


@pytest.mark.parametrize("way", ["OFFSET", "REPLACE"])
def test_moved_added_and_deleted_keys_survive_any_number_of_bakes(shot, way):
    before = {name: shot.values(name, np.arange(10, 130)) for name in ("jawOpen", "mouthPucker")}
    moved, added, gone = (int(frame) for frame in shot.edit())
    edited = {name: shot.values(name, np.arange(10, 130)) for name in before}
    fresh = shot.face(name="Face.007")
    places = (("jawOpen", moved), ("jawOpen", added), ("mouthPucker", gone))
    for seed in (1, 2, 3, 0):
        report = shot.bake(seed, edits=way)
        shot.bake(seed, fresh)
        assert any("edits on 2 curves" in note for note in report.notes)
        for name, frame in places:
            wanted = edited[name][frame - 10]
            if way == "OFFSET":
                wanted = shot.values(name, frame, fresh)[0] + wanted - before[name][frame - 10]
            assert shot.values(name, frame)[0] == pytest.approx(wanted, abs=1e-5)
        for name in ("jawOpen", "mouthPucker", "browInnerUp"):
            far = np.r_[10:25, 115:130]
            assert shot.values(name, far) == pytest.approx(shot.values(name, far, fresh), abs=0.005)
    assert shot.values("jawOpen", np.arange(10, 130)) == pytest.approx(edited["jawOpen"], abs=0.006), "as it was edited"


def test_an_edit_of_an_edit_counts_from_the_bake_itself(shot):
    shot.edit()
    shot.bake(1)
    first = shot.values("jawOpen", 80)[0]
    key = next(point for point in shot.curve("jawOpen").keyframe_points if point.co.x == 80)
    key.co.y += 0.03
    shot.curve("jawOpen").update()
    shot.bake(1)
    assert shot.values("jawOpen", 80)[0] == pytest.approx(first + 0.03, abs=1e-5)
    fresh = shot.face(name="Face.007")
    shot.bake(1, edits="")
    shot.bake(1, fresh)
    frames = np.arange(10, 130)
    assert shot.values("jawOpen", frames) == pytest.approx(shot.values("jawOpen", frames, fresh), abs=1e-6), "dropped"
    shot.bake(2)
    shot.bake(2, fresh)
    assert shot.values("jawOpen", frames) == pytest.approx(shot.values("jawOpen", frames, fresh), abs=1e-6), "for good"


def test_edits_go_where_the_line_goes(shot):
    _, added, _ = shot.edit()
    shot.bake(0, edits="REPLACE", start=210)
    assert shot.values("jawOpen", added + 200)[0] == pytest.approx(0.95, abs=1e-5)


def test_edits_are_in_the_file(shot, blender, tmp_path):
    shot.edit()
    path = str(tmp_path / "Szene ü.blend")
    blender.ops.wm.save_as_mainfile(filepath=path)
    blender.ops.wm.open_mainfile(filepath=path)
    shot.target, shot.scene = blender.data.objects["Face"], blender.context.scene
    shot.bake(1, edits="REPLACE")
    assert shot.values("jawOpen", 80)[0] == pytest.approx(0.95, abs=1e-5)


def test_a_copy_of_a_character_has_an_action_and_edits_of_its_own(shot, blender):
    shot.edit()
    copy = shot.target.copy()
    copy.data = shot.target.data.copy()
    copy.name = "Face.001"
    blender.context.scene.collection.objects.link(copy)
    before = shot.values("jawOpen", np.arange(10, 130))
    shot.bake(1, copy, edits="REPLACE")
    assert shot.values("jawOpen", np.arange(10, 130)) == pytest.approx(before, abs=1e-6)
    assert shot.values("jawOpen", 80, copy)[0] == pytest.approx(0.95, abs=1e-5)


def test_no_edit_is_seen_where_there_is_none(shot):
    for _ in range(3):
        assert not any("edits" in note for note in shot.bake(0).notes)
