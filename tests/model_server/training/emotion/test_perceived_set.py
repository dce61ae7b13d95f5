"""The synthetic emotional set on disk: labels, strengths and tracks that belong together."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from model_server.emotion.perceived import CLASSES
from model_server.training.emotion.perceived_set import FPS, Talking, make_emotional, write_set
from tests.model_server.face.conftest import make_shot


def test_every_class_for_every_speaker_and_the_same_for_the_same_seed(tmp_path: Path) -> None:
    shots = [make_shot(seconds, FPS) for seconds in (4.0, 5.0)]
    spoken = [Talking(f"speaker {i}", s.talk, s.prosody) for i, s in enumerate(shots)]  # type: ignore[arg-type]
    clips = list(make_emotional(spoken, 2, seed=3, vary=0.5))
    assert [clip.label for clip in clips] == 2 * [label for label in range(9) for _ in range(2)]
    again = list(make_emotional(spoken, 2, seed=3, vary=0.5))
    assert all(np.array_equal(a.values, b.values) for a, b in zip(clips, again, strict=True))
    write_set(clips, tmp_path / "set")
    index = json.loads((tmp_path / "set" / "emotional.json").read_text("utf-8"))
    values = load_file(tmp_path / "set" / "emotional.safetensors")["values"]
    assert len(values) == sum(row["frames"] for row in index["clips"])
    for row, clip in zip(index["clips"], clips, strict=True):
        track = values[row["first_frame"] : row["first_frame"] + row["frames"]]
        assert np.abs(track - clip.values).max() < 1e-3
        assert row["emotion"] == CLASSES[clip.label]
        assert row["speech"] == clip.source
        assert (row["intensity"] > 0) == (row["emotion"] != "neutral")
    assert not all(row["gated"] for row in index["clips"])
