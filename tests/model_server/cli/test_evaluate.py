"""``s2f evaluate``: figures for a folder of labelled recordings, or one sentence."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from model_server.evaluation.head import LandmarkHead, opening
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.formats import read

CLIPS = Path(__file__).parents[2] / "data" / "lips"
TALK = Path(__file__).parents[3] / "model_server" / "weights" / "talk.safetensors"


def s2f(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "model_server", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[3])


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two of the labelled recordings."""
    folder = tmp_path_factory.mktemp("few")
    for name in ("flite-awb-map", "flite-slt-paper"):
        for suffix in (".flac", ".phn"):
            shutil.copy(CLIPS / f"{name}{suffix}", folder)
    return folder


def test_labelled_recordings_give_figures_and_json(tmp_path: Path) -> None:
    done = s2f("evaluate", CLIPS, "-o", tmp_path / "figures.json")
    assert done.returncode == 0, done.stderr
    assert "closure_f1" in done.stdout
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["lips"]["recordings"] == 6


def test_speech_under_every_emotion_is_measured_against_neutral(tmp_path: Path) -> None:
    """One recording with labels, one whose neutral face is the truth; gates as the table has them."""
    for name in ("flite-awb-map.flac", "flite-awb-map.phn"):
        (tmp_path / name).write_bytes((CLIPS / name).read_bytes())
    (tmp_path / "unlabelled.flac").write_bytes((CLIPS / "flite-awb-map.flac").read_bytes())
    figures = json.loads(s2f("evaluate", tmp_path, "--emotions", "--json").stdout)
    assert figures["neutral"]["recordings"] == 2
    for name in EMOTIONS:
        found = figures[f"under {name}"]
        assert abs(found["closure_f1_change at 1"]) <= 0.01, name
        assert abs(found["closure_f1_change at 1.5"]) <= 0.01, name
        assert found["turns_a_second, most"] <= 3, name
        assert found["lids at 1.5"] <= 0.36, name
    refused = s2f("evaluate", tmp_path / "nothing", "--emotions")
    assert refused.returncode == 2
    assert "nothing" in refused.stderr


def test_words_beside_the_recordings_are_given_where_asked(tmp_path: Path) -> None:
    for path in CLIPS.glob("flite-awb-map.*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    command = ("evaluate", tmp_path, "--words", "--json-progress")
    assert "flite-awb-map.txt" in s2f(*command).stderr
    (tmp_path / "flite-awb-map.txt").write_text("0 1 My brother bought a big map, but nobody believed him.")
    lips = json.loads(s2f(*command).stdout.splitlines()[-1])["figures"]["lips"]
    assert lips["closure_f1"] >= 0.95


def test_tracks_of_another_program_are_scored(few: Path, tmp_path: Path) -> None:
    assert s2f("infer", *sorted(few.glob("*.flac")), "-o", f"{tmp_path}/").returncode == 0
    ours = json.loads(s2f("evaluate", few, "--json-progress").stdout.splitlines()[-1])["figures"]["lips"]
    read = json.loads(s2f("evaluate", few, "--tracks", tmp_path, "--json-progress").stdout.splitlines()[-1])
    assert read["figures"]["lips"]["closure_f1"] == ours["closure_f1"]


def test_a_capture_is_compared(tmp_path: Path) -> None:
    clip = sorted(CLIPS.glob("*.flac"))[0]
    (tmp_path / clip.name).write_bytes(clip.read_bytes())
    assert s2f("infer", clip, "-o", tmp_path / f"{clip.stem}.csv").returncode == 0
    figures = json.loads(s2f("evaluate", tmp_path, "--json-progress").stdout.splitlines()[-1])["figures"]
    assert figures[f"capture {clip.stem}"]["lip_gap_r"] > 0.999


def test_a_folder_without_references_is_refused(tmp_path: Path) -> None:
    done = s2f("evaluate", tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert tmp_path.name in done.stderr


def test_it_says_what_the_tracks_read_as(few: Path, tmp_path: Path) -> None:
    clips = sorted(few.glob("*.flac"))
    assert s2f("infer", *clips, "-o", f"{tmp_path}/", "--emotion", "angry=1").returncode == 0
    said = json.loads(s2f("evaluate", few, "--tracks", tmp_path, "--json-progress").stdout.splitlines()[-1])
    assert said["figures"]["tracks that read as"].get("angry", 0) >= 0.8 * len(clips)


def test_figures_as_json_have_every_measure_and_nothing_else_is_printed(few: Path) -> None:
    done = s2f("evaluate", few, "--json")
    lips = json.loads(done.stdout)["lips"]
    assert {
        "closure_f1", "centre_offset_ms", "centre_iqr_ms", "open_vowel_recall", "rounding_auc", "rest_in_silence",
        "lip_speed_p95_mm_s",
    } <= lips.keys()  # fmt: skip


def test_every_recording_gets_a_picture(tmp_path: Path) -> None:
    clip = sorted(CLIPS.glob("*.flac"))[0]
    for folder, suffix in (("labelled", ".phn"), ("captured", ".csv")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / clip.name).write_bytes(clip.read_bytes())
        if suffix == ".csv":
            assert s2f("infer", clip, "-o", tmp_path / folder / f"{clip.stem}.csv").returncode == 0
        else:
            (tmp_path / folder / f"{clip.stem}.phn").write_bytes(clip.with_suffix(".phn").read_bytes())
    done = s2f("evaluate", tmp_path, "--plots", tmp_path / "plots")
    assert done.returncode == 0, done.stderr
    assert "The pictures are in" in done.stdout.replace("\n", " ")
    assert "lve_share" in done.stdout
    pictures = sorted(path.name for path in (tmp_path / "plots").iterdir())
    assert pictures == [f"captured_{clip.stem}.png", f"labelled_{clip.stem}.png"]
    assert all((tmp_path / "plots" / name).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" for name in pictures)


def test_the_whole_table_has_every_condition(tmp_path: Path) -> None:
    clip = CLIPS / "flite-slt-paper.flac"
    for suffix in (".flac", ".phn"):
        (tmp_path / f"clip{suffix}").write_bytes(clip.with_suffix(suffix).read_bytes())
    figures = json.loads(s2f("evaluate", tmp_path, "--every", "--json").stdout)
    assert list(figures) == [
        "lips", "lips through noise", "lips through room", "lips through telephone", "tracks that read as"
    ]  # fmt: skip
    fall = figures["lips"]["closure_f1"] - figures["lips through noise"]["closure_f1"]
    assert abs(figures["lips through noise"]["closure_f1_fall"] - fall) < 0.0011
    (tmp_path / "clip.txt").write_text("Nobody reads this paper.")
    assert "lips with words" in json.loads(s2f("evaluate", tmp_path, "--every", "--json").stdout)


def test_every_condition_and_one_of_them_do_not_go_together(tmp_path: Path) -> None:
    done = s2f("evaluate", CLIPS, "--every", "--through", "noise")
    assert done.returncode == 2
    assert "--every" in done.stderr


def told(folder: Path, text: str) -> Path:
    """One recording beside words.jsonl."""
    (folder / "audio").mkdir()
    (folder / "audio" / "map.flac").write_bytes((CLIPS / "flite-awb-map.flac").read_bytes())
    row = {"file": "audio/map.flac", "text": text, "language": "en", "speaker": "awb"}
    (folder / "words.jsonl").write_text(json.dumps(row) + "\n")
    return folder


def test_words_that_a_model_times_are_a_reference(tmp_path: Path) -> None:
    folder = told(tmp_path, "My brother bought a big map, but nobody believed him.")
    done = s2f("evaluate", folder, "--aligner", TALK, "--every", "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert list(figures) == ["lips", "lips through noise", "lips through room", "lips through telephone", "reference"]
    assert figures["lips"]["bilabials"] == 10 and figures["lips"]["closure_f1"] >= 0.85
    assert figures["reference"]["words_found"] == 1.0 and figures["reference"]["aligned_by"].startswith("talk-")


def test_words_that_nobody_says_are_no_reference(tmp_path: Path) -> None:
    folder = told(tmp_path, "Seven green ships sailed south.")
    done = s2f("evaluate", folder, "--aligner", TALK)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert s2f("evaluate", CLIPS, "--aligner", TALK).returncode == 2
    assert "--words" in s2f("evaluate", folder, "--aligner", TALK, "--words").stderr


def test_faces_measured_on_video_are_compared(tmp_path: Path) -> None:
    clip = CLIPS / "flite-awb-map.flac"
    assert s2f("infer", clip, "-o", tmp_path / "map.csv").returncode == 0
    track = read(tmp_path / "map.csv")
    (tmp_path / "audio").mkdir()
    (tmp_path / "audio" / clip.name).write_bytes(clip.read_bytes())
    gap = opening(LandmarkHead.load().landmarks(track.talk))[:, None] / 90
    np.savez(tmp_path / "tracks.npz", measures=np.array(["inner_gap"]), **{f"m_{clip.stem}": gap.astype(np.float16)})
    words = [[0.2, track.times[-1] - 0.2, "said"]]
    (tmp_path / "clips.json").write_text(json.dumps({clip.stem: {"fps": track.fps, "words": words}}))
    done = s2f("evaluate", tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)["seen lips"]
    assert figures["closure_recall"] >= 0.9 and figures["lip_gap_r"] > 0.99 and abs(figures["centre_offset_ms"]) <= 10
    refused = s2f("evaluate", tmp_path, "--mixed", "1")
    assert refused.returncode == 2 and "video" in refused.stderr
