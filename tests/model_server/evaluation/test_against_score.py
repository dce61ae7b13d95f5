"""Our figures are those of the shared scoring script, where that script is at hand."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from model_server.evaluation import capture, lips
from model_server.evaluation.labels import read_labels
from model_server.talk_model import TalkModel
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.track import FaceTrack

SHARED = Path(__file__).parents[4] / "shared"
TIMIT, FACEGOOD = SHARED / "data" / "labelled-nc" / "timit", SHARED / "data" / "pairs" / "facegood"
needs_shared = pytest.mark.skipif(
    not (SHARED / "bench" / "score.py").exists(), reason="the shared recordings and script are not beside this checkout"
)


def score(*arguments: object) -> dict[str, object]:
    command = [sys.executable, str(SHARED / "bench" / "score.py"), *map(str, arguments)]
    found: dict[str, object] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


@pytest.fixture(scope="module")
def model() -> TalkModel:
    return TalkModel.load()


@needs_shared
def test_hand_labelled_speech(model: TalkModel, tmp_path: Path) -> None:
    total = lips.LipCount()
    for labels in sorted(TIMIT.rglob("*.phn")):
        sound = next(p for p in (labels.with_suffix(".wav"), labels.with_suffix(".flac")) if p.exists())
        samples, _ = soundfile.read(sound, dtype="float32")
        track = FaceTrack.captured(model.run(samples, 60.0).curves, 60.0)
        out = tmp_path / ("_".join(labels.relative_to(TIMIT).with_suffix("").parts) + ".csv")
        formats.write(out, track)
        written = formats.read(out)
        lips.count(total, written.times, written.talk, read_labels(labels))
    ours, theirs = total.figures(), score("lips", TIMIT, tmp_path)
    for name, value in theirs.items():
        if name != "files":
            assert ours[name] == pytest.approx(value, abs=0.002 if "speed" not in name else 0.3), name
    # The bar of the bundled model on speech that it never heard.
    assert theirs["closure_f1"] >= 0.75
    assert abs(theirs["centre_offset_ms"]) <= 20


@needs_shared
def test_a_captured_performance(model: TalkModel, tmp_path: Path) -> None:
    sound, truth = FACEGOOD / "1114_3_15.flac", FACEGOOD / "1114_3_15.csv"
    from model_server.audio.decode import decode

    track = FaceTrack.captured(model.run(decode(sound).samples, 60.0).curves, 60.0)
    out = tmp_path / "track.csv"
    formats.write(out, track)
    captured, written = formats.read(truth), formats.read(out)
    ours = capture.compare(captured.times, captured.talk, written.times, written.talk)
    theirs = score("capture", truth, out)
    for name in ("lip_gap_r", "lve_mm", "lve_of_mean_face_mm", "mve_mm", "amplitude_ratio"):
        assert ours[name] == pytest.approx(theirs[name], abs=0.003), name
    assert np.isclose(ours["best_lag_ms"], theirs["best_lag_ms"])
