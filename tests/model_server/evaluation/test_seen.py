"""Lips against a talker's measured on video: closures that were seen, when, and how the gap goes."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from model_server.evaluation.seen import SeenClip, SeenCount, count, is_seen, read_seen
from s2f_blender_addon.core.channels import CHANNELS, INDEX
from s2f_blender_addon.core.errors import UserError

FPS, SECONDS = 25.0, 3.0
CLOSURES = ((0.8, 0.92), (1.4, 1.52), (2.0, 2.12))
WORDS = [[0.0, 0.4, "sil"], [0.4, 1.1, "bin"], [1.1, 1.7, "four"], [1.7, 2.6, "please"], [2.6, 3.0, "sil"]]


def gap(times: np.ndarray, late: float = 0.0) -> np.ndarray:
    """Lips that open for the words and meet in CLOSURES, ``late`` seconds after them."""
    at = times - late
    found = 0.06 + 0.02 * np.sin(9 * at)
    for start, end in ((-1.0, 0.4), *CLOSURES, (2.6, 9.0)):
        found[(at >= start - 1e-6) & (at <= end + 1e-6)] = 0.004
    return found


def folder(where: Path, lost: int = 0) -> Path:
    """Two clips of faces measured on video; in the second no face was found in the first ``lost`` frames."""
    times = np.arange(int(FPS * SECONDS)) / FPS
    (where / "audio").mkdir()
    arrays = {"measures": np.array(["mouth_width", "inner_gap"])}
    for name in ("bbaf2n", "pwaq5s"):
        soundfile.write(where / "audio" / f"{name}.flac", np.zeros(int(16000 * SECONDS)), 16000)
        arrays[f"m_{name}"] = np.stack([np.full(len(times), 0.6), gap(times)], 1).astype(np.float16)
        arrays[f"f_{name}"] = np.ones(len(times), np.uint8)
    arrays["f_pwaq5s"][:lost] = 0
    np.savez(where / "tracks.npz", **arrays)
    clips = {name: {"fps": FPS, "words": WORDS} for name in ("bbaf2n", "pwaq5s")}
    (where / "clips.json").write_text(json.dumps(clips))
    return where


def track(late: float = 0.0, fewer: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A mouth at 60 fps whose jaw goes as the gap; its last ``fewer`` closures stay open."""
    times = np.arange(int(60 * SECONDS)) / 60
    values = np.zeros((len(times), len(CHANNELS)))
    open_ = 8 * gap(times, late)
    open_[open_ < 0.1] = 0
    for start, end in CLOSURES[len(CLOSURES) - fewer :]:
        open_[(times >= start - 0.01) & (times <= end + 0.01)] = 0.4
    values[:, INDEX["jawOpen"]] = open_
    return times, values


def counted(clips: list[SeenClip], late: float = 0.0, fewer: int = 0) -> dict[str, float | int | None]:
    total = SeenCount()
    for clip in clips:
        count(total, clip, *track(late, fewer))
    return total.figures()


def test_lips_that_do_what_was_seen_are_right_and_words_with_f_do_not_count(tmp_path: Path) -> None:
    figures = counted(read_seen(folder(tmp_path)))
    assert figures["clips"] == 2 and figures["closures_seen"] == 4
    assert figures["closure_f1"] == 1.0 and figures["lip_gap_r"] > 0.9
    assert abs(figures["centre_offset_ms"]) <= 20 and figures["best_lag_ms"] == pytest.approx(0, abs=20)


def test_a_closure_that_was_seen_and_not_made_is_missed(tmp_path: Path) -> None:
    figures = counted(read_seen(folder(tmp_path)), fewer=1)
    assert figures["closure_recall"] == 0.5 and figures["closure_precision"] == 1.0


def test_a_closure_that_was_made_and_not_seen_is_false(tmp_path: Path) -> None:
    clips = [SeenClip(one.sound, np.where(np.arange(75) > 45, 0.06, one.gap), FPS, one.words)
             for one in read_seen(folder(tmp_path))]  # fmt: skip
    figures = counted(clips)
    assert figures["closure_recall"] == 1.0 and figures["closure_precision"] == 0.5


def test_a_late_track_is_late(tmp_path: Path) -> None:
    figures = counted(read_seen(folder(tmp_path)), late=0.08)
    assert figures["centre_offset_ms"] == pytest.approx(80, abs=25)
    assert figures["best_lag_ms"] == pytest.approx(80, abs=25)


def test_a_mute_mouth_meets_nothing(tmp_path: Path) -> None:
    total = SeenCount()
    for clip in read_seen(folder(tmp_path)):
        times, values = track()
        count(total, clip, times, np.zeros_like(values))
    assert total.figures()["closure_f1"] == 0.0


def test_frames_without_a_face_are_read_across(tmp_path: Path) -> None:
    clips = read_seen(folder(tmp_path, lost=5))
    assert np.isnan(clips[1].gap[:5]).all() and counted(clips)["closure_f1"] == 1.0


PHONES = [(0.0, 0.4, "h#"), (0.4, 0.8, "ih"), (0.8, 0.92, "b"), (0.92, 1.4, "ih"), (1.4, 1.52, "w"), (1.52, 2.0, "ow"),
          (2.0, 2.12, "p"), (2.12, 2.6, "iy"), (2.6, 3.0, "h#")]  # fmt: skip


def told(late: float = 0.0, fewer: int = 0, shut: bool = False) -> dict[str, float | int | None]:
    """Figures of a talker who was seen to meet in CLOSURES and to rest before and after, with PHONES for his words."""
    times, values = track(late, fewer)
    if shut:
        values = np.zeros_like(values)
    words = [(0.4, 1.1, "bin"), (1.1, 1.7, "low"), (1.7, 2.6, "please")]
    total = SeenCount()
    count(total, SeenClip(Path("one.wav"), gap(np.arange(75) / FPS), FPS, words), times, values, PHONES)
    return total.figures()


def test_closures_at_bilabials_at_pauses_and_of_rounded_lips_are_told_apart() -> None:
    figures = told()
    assert (figures["bilabials"], figures["bilabials_seen_shut"], figures["bilabial_f1"]) == (2, 2, 1.0)
    assert (figures["other_closures_seen"], figures["pause_closures_seen"]) == (1, 2)
    assert (figures["rest_seen"], figures["rest_made"]) == (1.0, 1.0)


def test_a_bilabial_that_is_missed_and_closures_that_come_late_show() -> None:
    assert told(fewer=1)["bilabial_recall"] == 0.5
    late = told(late=0.04)
    for name in ("meeting_offset_ms", "parting_offset_ms"):
        assert late[name] == pytest.approx(told()[name] + 40, abs=15)


def test_lips_that_never_part_rest_but_say_nothing_right() -> None:
    figures = told(shut=True)
    assert figures["rest_made"] == 1.0 and figures["bilabial_precision"] == 0.0


def test_without_phones_no_kinds_are_told(tmp_path: Path) -> None:
    assert "bilabials" not in counted(read_seen(folder(tmp_path)))


@pytest.mark.parametrize("broken", ["clips.json", "tracks.npz", "audio/bbaf2n.flac"])
def test_what_is_broken_gets_a_sentence(tmp_path: Path, broken: str) -> None:
    where = folder(tmp_path)
    assert is_seen(where)
    if broken.startswith("audio"):
        (where / broken).unlink()
    else:
        (where / broken).write_bytes(b"{}" if broken.endswith("json") else b"none")
    with pytest.raises(UserError):
        read_seen(where)
