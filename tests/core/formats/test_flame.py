"""FLAME's coefficients in files: every layout that is in use, and sentences for everything else."""

from pathlib import Path

import numpy as np
import pytest

from s2f_blender_addon.core import flame, formats
from s2f_blender_addon.core.channels import CHANNELS, INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.packed import packed, unpacked
from s2f_blender_addon.core.track import FaceTrack

T = 30


def coefficients(seed: int = 0) -> np.ndarray:
    """(T, 112) of a performance."""
    rows = np.random.default_rng(seed).normal(size=(T, 112)).astype(np.float32)
    rows[:, flame.JAW.start :] *= 0.1
    return rows


def track(rows: np.ndarray, fps: float = 25.0) -> FaceTrack:
    zeros = np.zeros((len(rows) or T, len(CHANNELS)), np.float32)
    return FaceTrack(zeros, zeros, fps, flame=rows)


@pytest.mark.parametrize(("columns", "exp"), [(403, 100), (103, 100), (53, 50)])
@pytest.mark.parametrize("ahead", [(), (1,)])
def test_each_layout_of_one_array_is_read(tmp_path: Path, columns: int, exp: int, ahead: tuple[int, ...]) -> None:
    rows = coefficients()
    table = np.zeros((T, columns), np.float64)
    table[:, -3 - exp : -3], table[:, -3:] = rows[:, :exp], rows[:, flame.JAW]
    np.save(tmp_path / "a.npy", table.reshape(*ahead, T, columns))
    read = formats.read(tmp_path / "a.npy")
    assert np.allclose(read.flame[:, :exp], rows[:, :exp])
    assert np.allclose(read.flame[:, flame.JAW], rows[:, flame.JAW])
    assert not read.flame[:, exp:100].any()
    assert read.fps == 25
    assert any("25 frames" in note for note in read.provenance.notes)
    assert formats.read(tmp_path / "a.npy", 30.0).fps == 30


def test_an_identity_is_left_alone_and_that_is_said(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.ones((1, T, 403), np.float32) * 0.2)
    assert any("identity" in note for note in formats.read(tmp_path / "a.npy").provenance.notes)


def test_what_a_network_was_trained_with_is_scaled_back(tmp_path: Path) -> None:
    rows = coefficients()
    exp, jaw = np.clip(rows[:, :50], -3, 3), np.clip(rows[:, flame.JAW], -0.1, 0.5)
    np.save(tmp_path / "a.npy", np.hstack([(exp + 3) / 6, (jaw + 0.1) / 0.6]))
    read = formats.read(tmp_path / "a.npy")
    assert np.allclose(read.flame[:, :50], exp, atol=1e-5)
    assert np.allclose(read.flame[:, flame.JAW], jaw, atol=1e-5)
    assert any("scaled" in note for note in read.provenance.notes)


@pytest.mark.parametrize("exp", ["expression", "exp", "expr"])
def test_named_arrays_are_read_with_their_rate(tmp_path: Path, exp: str) -> None:
    rows = coefficients()
    np.savez(
        tmp_path / "a.npz", **{exp: rows[:, :50]}, jaw_pose=rows[:, None, flame.JAW], neck_pose=rows[:1, flame.NECK],
        eyes_pose=rows[:, 106:], fps=np.array(30), camera=np.array(["some text"]),
    )  # fmt: skip
    read = formats.read(tmp_path / "a.npz")
    assert read.fps == 30
    assert np.allclose(read.flame[:, :50], rows[:, :50])
    assert np.allclose(read.flame[:, flame.JAW], rows[:, flame.JAW])
    assert np.allclose(read.flame[:, flame.NECK], rows[:1, flame.NECK])
    assert np.allclose(read.flame[:, 106:], rows[:, 106:])


@pytest.mark.parametrize("suffix", [".npz", ".s2f"])
def test_what_is_written_comes_back(tmp_path: Path, suffix: str) -> None:
    rows = coefficients()
    formats.write(tmp_path / f"a{suffix}", track(rows, 30.0))
    read = formats.read(tmp_path / f"a{suffix}")
    assert np.array_equal(read.flame, rows)
    assert read.fps == 30


def test_one_array_has_emotes_layout_at_its_rate(tmp_path: Path) -> None:
    formats.write(tmp_path / "a.npy", track(coefficients(), 50.0))
    table = np.load(tmp_path / "a.npy")
    assert table.shape == (1, 15, 403)
    assert np.allclose(table[0, :, 300:400], coefficients()[::2, :100])
    assert not table[0, :, :300].any()


def test_a_line_keeps_them() -> None:
    rows = coefficients()
    assert np.allclose(unpacked(packed(track(rows))).flame, rows, atol=1e-3)
    assert not len(unpacked(packed(track(np.zeros((0, 112), np.float32)))).flame)


def test_without_a_rig_the_jaw_follows_the_gap_between_the_lips(tmp_path: Path) -> None:
    talk = np.zeros((T, len(CHANNELS)), np.float32)
    talk[:, INDEX["jawOpen"]] = 0.4
    talk[10:, INDEX["mouthClose"]] = 0.4
    formats.write(tmp_path / "a.npz", FaceTrack(talk, np.zeros_like(talk), 30.0))
    read = formats.read(tmp_path / "a.npz")
    assert np.degrees(read.flame[0, flame.JAW.start]) == pytest.approx(0.4 * 19, abs=0.01)
    assert np.abs(read.flame[10:, flame.JAW]).max() < 1e-6
    assert not read.flame[:, flame.EXP].any()


def test_jaw_eyes_and_head_are_told_on_other_faces(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    curves, head = np.zeros((T, len(CHANNELS)), np.float32), (random.random((T, 3)) - 0.5).astype(np.float32)
    for name in ("jawOpen", "eyeLookUpLeft", "eyeLookUpRight"):
        curves[:, INDEX[name]] = random.random(T)
    told, nods = flame.channels_of(flame.jaw_alone(curves, head))
    assert np.allclose(told, curves, atol=1e-5)
    assert np.allclose(nods, head, atol=1e-5)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (np.zeros((T, 52)), "30 x 52"),
        (np.zeros((4, T, 403)), "4 x 30 x 403"),
        (np.zeros(3), "array of 3"),
        (np.full((T, 103), np.nan), "not numbers"),
        (np.full((T, 103), 90.0), "radians"),
        (np.array(["a"] * 403)[None], "no array of numbers"),
    ],
)
def test_another_array_is_refused_in_a_sentence(tmp_path: Path, content: np.ndarray, said: str) -> None:
    np.save(tmp_path / "a.npy", content)
    with pytest.raises(UserError, match=said):
        formats.read(tmp_path / "a.npy")


@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_objects_and_damaged_files_are_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    things = np.array([{"a": 1}], object)
    if suffix == ".npy":
        np.save(path, things, allow_pickle=True)
    else:
        np.savez(path, exp=things)
    with pytest.raises(UserError):
        formats.read(path)
    path.write_bytes(path.read_bytes()[:60] + b"\x00" * 9)
    with pytest.raises(UserError, match="damaged|no array"):
        formats.read(path)


def test_named_arrays_of_something_else_are_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", betas=np.zeros(10))
    with pytest.raises(UserError, match="betas"):
        formats.read(tmp_path / "a.npz")
    np.savez(tmp_path / "a.npz", exp=np.zeros((T, 50)), jaw_pose=np.zeros((T + 1, 3)))
    with pytest.raises(UserError, match="30"):
        formats.read(tmp_path / "a.npz")
