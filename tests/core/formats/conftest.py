"""Tracks that the format tests write and read."""

import numpy as np
import pytest

from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.core.track import FaceTrack, Provenance


def track_of(frames: int, fps: float, seed: int = 0, start: float = 0.0) -> FaceTrack:
    """Two random layers and a head, as the model process would make them."""
    rng = np.random.default_rng(seed)
    talk, mood = rng.random((2, frames, len(CHANNELS)), dtype=np.float32)
    head = (rng.random((frames, 3), dtype=np.float32) - 0.5).astype(np.float32)
    made_by = Provenance("model-1", "ab" * 32, {"happy": 0.5}, 7, "product", "Zoë 1.wav")
    return FaceTrack(talk, mood - 0.5, fps, start, made_by, head)


@pytest.fixture
def track() -> FaceTrack:
    return track_of(90, 60.0)
