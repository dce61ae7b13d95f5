"""Figures of published tables, against values worked out by hand, and the command that prints them."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from model_server.cli import metrics as command
from model_server.cli.faces_in_motion import kind_of, vertices_of
from model_server.evaluation import metrics
from model_server.evaluation.metrics import Regions, measured
from model_server.evaluation.surface import of_flame, of_landmarks, of_mesh, read_ids, read_vertices, same_length
from s2f_blender_addon.core.channels import CHANNELS, INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.flame import FlameFit
from s2f_blender_addon.core.flame_face import FlameFace
from s2f_blender_addon.core.formats import write
from s2f_blender_addon.core.track import FLAME_COLUMNS, FaceTrack

NEUTRAL = np.zeros((4, 3))
WHERE = Regions(np.array([0, 1]), np.array([2, 3]), np.array([3]), NEUTRAL)
"""Four vertices: two lips, two above, of which one is an eye's."""


def moved(*frames: tuple[float, float, float, float]) -> np.ndarray:
    """(T, 4, 3): how far each of the four is along x."""
    face = np.zeros((len(frames), 4, 3))
    face[:, :, 0] = frames
    return face


TRUTH = moved((0, 0, 0, 0), (4, 2, 2, 0))
ONE = moved((1, 0, 0, 0), (4, 4, 0, 3))
OTHER = moved((1, 2, 0, 0), (4, 2, 0, 3))


def test_each_figure_is_what_its_formula_gives_by_hand() -> None:
    found = measured(TRUTH, [ONE, OTHER], WHERE)
    assert found["lve2"] == (1 + 4) / 2  # furthest lips: 1 in the first frame, 2 in the second
    assert found["lve"] == (1 + 2) / 2
    assert found["eve"] == (0 + 3) / 2
    assert found["mve"] == (1 + 2 + 2 + 3) / 8
    assert found["fdd"] == ((1 - 0) + (0 - 1.5)) / 2  # standard deviations of 0, 2 and of 0, 3 are 1 and 1.5
    assert found["fdd2"] == ((2 - 0) + (0 - 4.5)) / 2  # of 0, 4 and of 0, 9
    assert found["mee"] == (1 + 1) / 2  # the mean of both: lips at 1, 1 and at 4, 3
    assert found["ce"] == min(5 / 2, (4 + 0) / 2)
    assert found["diversity"] == (2 + 2) / 8


def test_a_face_like_the_truth_has_no_error_and_one_sample_no_diversity() -> None:
    assert set(measured(TRUTH, [TRUTH], WHERE).values()) == {0.0}


def test_diversity_draws_five_pairs_by_the_seed() -> None:
    samples = [moved((k * k, 0, 0, 0)) for k in range(10)]
    assert metrics.diversity(samples, 1) == metrics.diversity(samples, 1)
    assert len({metrics.diversity(samples, seed) for seed in range(5)}) > 1


def test_lengths_that_hardly_differ_are_cut_and_others_refused() -> None:
    truth, (sample,) = same_length(np.zeros((100, 4, 3)), [np.zeros((98, 4, 3))])
    assert len(truth) == len(sample) == 98
    with pytest.raises(UserError, match="80 frames"):
        same_length(np.zeros((100, 4, 3)), [np.zeros((80, 4, 3))])


def test_a_mesh_knows_its_lips_by_what_moves_them() -> None:
    delta = np.zeros((52, 5, 3))
    for name, vertex in (("mouthPucker", 0), ("browInnerUp", 2), ("eyeBlinkLeft", 3), ("noseSneerLeft", 4)):
        delta[INDEX[name], vertex] = (0, 0, 5)
    where = of_mesh(np.zeros((5, 3)), delta).where
    assert (where.lips.tolist(), where.upper.tolist(), where.eyes.tolist()) == ([0], [2, 3, 4], [2, 3])
    with pytest.raises(UserError, match="brow"):
        of_mesh(np.zeros((5, 3)), np.where(np.arange(52)[:, None, None] == INDEX["mouthPucker"], delta, 0))


def test_files_of_vertices_and_of_their_numbers(tmp_path: Path) -> None:
    np.save(tmp_path / "flat.npy", np.zeros((2, 600)))
    assert read_vertices(tmp_path / "flat.npy").shape == (2, 200, 3)
    np.save(tmp_path / "flame.npy", np.zeros((2, 53)))
    with pytest.raises(UserError, match="coefficients"):
        read_vertices(tmp_path / "flame.npy")
    (tmp_path / "lve.txt").write_text("[3, 1,\n 2]")
    assert read_ids(tmp_path / "lve.txt", 4).tolist() == [1, 2, 3]
    for text, count in (("1 2 x", 9), ("9", 9), ("", 9)):
        (tmp_path / "bad.txt").write_text(text)
        with pytest.raises(UserError, match=r"bad\.txt"):
            read_ids(tmp_path / "bad.txt", count)


def s2f(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "model_server", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[3])


def test_the_command_compares_folders_of_takes(tmp_path: Path) -> None:
    jaw = np.zeros((31, len(CHANNELS)), np.float32)
    jaw[:, INDEX["jawOpen"]] = np.linspace(0, 0.5, 31)
    for folder, name, share in (("truth", "a", 1.0), ("made", "a_take1", 0.5), ("made", "a_take2", 0.8)):
        (tmp_path / folder).mkdir(exist_ok=True)
        write(tmp_path / folder / f"{name}.csv", FaceTrack.captured(share * jaw, 30.0))
    done = s2f("metrics", tmp_path / "truth", tmp_path / "made", "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    surface = of_landmarks()
    truth, half, most = (surface.vertices(share * jaw) for share in (1.0, 0.5, 0.8))
    assert figures["samples"] == 2
    assert figures["lve"] == pytest.approx(metrics.lve(truth, half, surface.where.lips), rel=1e-3)
    assert figures["ce"] == pytest.approx(metrics.lve_squared(truth, most, surface.where.lips), rel=1e-3)
    assert figures["ce"] < figures["mee"] < figures["lve2"]
    assert "no such file" in s2f("metrics", tmp_path / "none.csv", tmp_path / "made").stderr
    (tmp_path / "truth" / "b.csv").write_bytes((tmp_path / "truth" / "a.csv").read_bytes())
    (tmp_path / "made" / "c.csv").write_bytes((tmp_path / "truth" / "a.csv").read_bytes())
    jobs, notes = command._jobs(tmp_path / "truth", [tmp_path / "made"])
    assert [one.name for one, _ in jobs] == ["a.csv"]
    assert notes == ["Without a sample, so left out: b.csv.", "Without a truth, so left out: c.csv."]


def test_tracks_of_another_rate_are_compared_at_the_same_times(tmp_path: Path) -> None:
    surface = of_landmarks()
    for name, fps in (("slow", 24.0), ("fast", 60.0)):
        jaw = np.zeros((int(fps) + 1, len(CHANNELS)), np.float32)
        jaw[:, INDEX["jawOpen"]] = np.linspace(0, 0.5, len(jaw))
        write(tmp_path / f"{name}.s2f", FaceTrack.captured(jaw, fps))
    slow, fast = (vertices_of(tmp_path / f"{name}.s2f", surface, 25.0) for name in ("slow", "fast"))
    assert slow.shape == fast.shape == (26, 68, 3)
    assert np.abs(slow - fast).max() < 1e-4


def flame_face() -> FlameFace:
    """Four vertices: expression 0 lifts the first, expression 1 the last; the jaw carries the second."""
    points = np.array([[0, 0, 0], [0, -10, 20], [10, 40, 0], [0, 60, 0.0]])
    exp = np.zeros((2, 4, 3), np.float32)
    exp[0, 0, 1], exp[1, 3, 1] = 1.0, 2.0
    share = np.array([0, 1.0, 0, 0])
    return FlameFace(points, exp, share, np.zeros(3), np.eye(3), np.zeros((0, 4, 3), np.float32))


def test_coefficients_move_a_flame_head_and_curves_do_by_its_fit(tmp_path: Path) -> None:
    weights = {"browInnerUp": np.array([0, 1.5]), "mouthFunnel": np.array([1.0, 0])}
    fit = FlameFit(weights, {}, {}, {}, ())
    surface = of_flame(flame_face(), fit, (None, None, None))
    assert (surface.where.lips.tolist(), surface.where.upper.tolist()) == ([0], [3])
    for columns in (53, 56, 103, 106, 403):
        table = np.zeros((5, columns), np.float32)
        table[:, 300 if columns == 403 else 0] = [0, 1, 2, 3, 4]
        table[:, -3] = [0, 0, 0, 0, 0.3]  # the jaw opens
        np.save(tmp_path / "face.npy", table[None] if columns == 403 else table)
        assert kind_of(tmp_path / "face.npy") == "coefficients"
        found = vertices_of(tmp_path / "face.npy", surface, 25.0)
        assert found[:, 0, 1] == pytest.approx([0, 1, 2, 3, 4])
        assert found[3, 1] == pytest.approx([0, -10, 20])
        c, s = np.cos(0.3), np.sin(0.3)
        assert found[4, 1] == pytest.approx([0, -10 * c - 20 * s, 20 * c - 10 * s])
    brow = np.zeros((3, len(CHANNELS)), np.float32)
    brow[:, INDEX["browInnerUp"]] = [0, 0.5, 1]
    write(tmp_path / "curves.csv", FaceTrack.captured(brow, 25.0))
    assert kind_of(tmp_path / "curves.csv") == "curves"
    assert vertices_of(tmp_path / "curves.csv", surface, 25.0)[:, 3, 1] == pytest.approx([60, 61.5, 63])
    (tmp_path / "ids.txt").write_text("0 1")
    lists = (tmp_path / "ids.txt", tmp_path / "ids.txt", None)
    assert of_flame(flame_face(), None, lists).where.lips.tolist() == [0, 1]
    with pytest.raises(UserError, match="--lips"):
        of_flame(flame_face(), None, (None, None, None))


def test_what_does_not_go_together_gets_a_sentence(tmp_path: Path) -> None:
    flame, vertices, curves = tmp_path / "f.npz", tmp_path / "v.npy", tmp_path / "c.npy"
    rows = np.zeros((10, FLAME_COLUMNS), np.float32)
    np.savez(flame, expression=rows[:, :50], pose=rows[:, :6])
    np.save(vertices, np.zeros((10, 200, 3)))
    np.save(curves, np.zeros((10, 52), np.float32))  # as 3D-ETF has them
    assert [kind_of(path) for path in (flame, vertices, curves)] == ["coefficients", "vertices", "curves"]
    none = (None, None, None)
    for kinds, mesh, lists, neutral, named in (
        (["coefficients"], None, none, None, "a FLAME head of yours"),
        (["coefficients", "vertices"], None, none, None, "these are both"),
        (["vertices"], flame, none, None, "--mesh is for tracks"),
        (["curves"], None, (flame, None, None), None, "knows its own"),
        (["curves"], None, none, vertices, "--neutral"),
    ):
        with pytest.raises(UserError, match=named):
            command._check(kinds, mesh, lists, neutral)
    command._check(["coefficients", "curves"], flame, (flame, flame, None), None)
    with pytest.raises(UserError, match="is a folder"):
        command._jobs(flame, [tmp_path])
