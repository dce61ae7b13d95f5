"""The figures about lips: hand-made tracks with known results, and the bundled model on labelled clips."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from model_server.evaluation import capture, lips
from model_server.evaluation.labels import Label, read_labels
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.errors import UserError

CLIPS = sorted((Path(__file__).parents[2] / "data" / "lips").glob("*.flac"))
LABELS: list[Label] = [(0.0, 0.5, "h#"), (0.5, 0.7, "aa"), (0.7, 0.8, "b"), (0.8, 1.0, "aa"), (1.0, 1.5, "h#")]
TIMES = np.arange(151) / 100


def track(closed: slice, late: int = 0) -> np.ndarray:
    values = np.zeros((151, 52))
    values[50:100, INDEX["jawOpen"]] = 0.3
    values[slice(closed.start + late, closed.stop + late), INDEX["jawOpen"]] = 0
    return values


def figures(values: np.ndarray) -> dict[str, float | int | None]:
    total = lips.LipCount()
    lips.count(total, TIMES, values, LABELS)
    return total.figures()


def test_a_closure_on_the_bilabial_counts_as_right() -> None:
    found = figures(track(slice(70, 80)))
    assert (found["closure_recall"], found["closure_precision"], found["closure_f1"]) == (1, 1, 1)
    assert found["open_vowel_recall"] == 1
    assert found["rest_in_silence"] == 1


def test_a_closure_elsewhere_is_false_and_the_bilabial_missed() -> None:
    found = figures(track(slice(58, 62)))
    assert (found["closure_recall"], found["closure_precision"]) == (0, 0)


def test_a_late_closure_shows_in_the_offset() -> None:
    early, late = (
        figures(track(slice(70, 80)))["centre_offset_ms"],
        figures(track(slice(70, 80), 3))["centre_offset_ms"],
    )
    assert late is not None
    assert early is not None
    assert late - early == pytest.approx(30, abs=0.5)


def test_a_capture_against_itself_is_perfect() -> None:
    values = track(slice(70, 80))
    found = capture.compare(TIMES, values, TIMES, values)
    assert found["lip_gap_r"] == 1
    assert found["lve_mm"] == 0
    assert found["best_lag_ms"] == 0


def test_a_track_that_ends_early_is_refused() -> None:
    values = track(slice(70, 80))
    with pytest.raises(UserError, match="The track lasts"):
        capture.compare(TIMES, values, TIMES[:100], values[:100])


def test_labels_that_are_none_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "wrong.phn"
    path.write_text("hello")
    with pytest.raises(UserError, match=r"wrong\.phn"):
        read_labels(path)


def test_the_bundled_model_on_voices_that_it_never_heard() -> None:
    """Clips spoken for this test by voices kept out of training (and two it knows), labels from their synthesiser."""
    model, total = TalkModel.load(), lips.LipCount()
    for path in CLIPS:
        samples, _ = soundfile.read(path, dtype="float32")
        talk = model.run(samples, 60.0)
        lips.count(total, np.arange(len(talk.curves)) / 60, talk.curves, read_labels(path.with_suffix(".phn")))
    found = total.figures()
    assert found["recordings"] == 6
    assert found["bilabials"] > 20
    assert found["closure_f1"] >= 0.75, found
    assert abs(found["centre_offset_ms"]) <= 20, found
    assert found["open_vowel_recall"] >= 0.95, found
    assert found["rest_in_silence"] >= 0.95, found


def test_what_is_drawn_is_what_is_counted() -> None:
    right, wrong = (lips.marks(TIMES, track(where), LABELS) for where in (slice(70, 80), slice(58, 62)))
    assert [event for event, _ in right.hits] == [(0.7, 0.8)]
    assert not right.missed and not right.false
    assert wrong.missed == [(0.7, 0.8)]
    assert len(wrong.false) == 1
    assert wrong.false[0] == pytest.approx((0.58, 0.61), abs=0.011)
