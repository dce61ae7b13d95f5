"""Audio2Face JSON, written and read by name."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.channels import CHANNELS, INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.formats import a2f, frames_json
from s2f_blender_addon.core.track import FaceTrack

from .conftest import track_of


def document(**changes: object) -> bytes:
    good = {"exportFps": 30.0, "facsNames": ["JawOpen", "TongueTipUp"], "weightMat": [[0.1, 1], [0.2, 1]]}
    return json.dumps({**good, **changes}).encode()


def test_the_document_has_what_audio2face_writes(track: FaceTrack) -> None:
    written = json.loads(b"".join(a2f.dump(track, Mix())))
    assert written["exportFps"] == 60.0
    assert written["trackPath"] == "Zoë 1.wav"
    assert written["numPoses"] == len(written["facsNames"]) == 52
    assert written["numFrames"] == len(written["weightMat"]) == 90
    assert written["facsNames"] == list(CHANNELS)


@given(frames=st.integers(1, 30), fps=st.floats(1, 240), seed=st.integers(0, 99))
def test_values_and_rate_come_back(frames: int, fps: float, seed: int) -> None:
    track = track_of(frames, fps, seed)
    back = frames_json.parse(b"".join(a2f.dump(track, Mix(1.3))), "a.json")
    np.testing.assert_allclose(back.talk, mixed(track, Mix(1.3)), atol=1e-6)
    assert back.fps == fps


def test_poses_bind_by_name_and_unknown_ones_are_left_out() -> None:
    track = frames_json.parse(document(), "a.json")
    np.testing.assert_allclose(track.talk[:, INDEX["jawOpen"]], [0.1, 0.2])
    assert np.count_nonzero(track.talk.any(axis=0)) == 1


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"{", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"\xff\xfe\x00", "not valid JSON"),
        (b"[]", "no frames with names"),
        (b"{}", "no frames with names"),
        (b'{"exportFps": 30}', "no facsNames and no weightMat"),
        (document(exportFps="fast"), "exportFps is no number"),
        (document(exportFps=-1), "positive frame rate"),
        (document(facsNames=3), "no list of names"),
        (document(facsNames=["a", "b"]), "none of its facsNames"),
        (document(weightMat=[]), "has no frames"),
        (document(weightMat=[[0.1, 1], [0.2]]), "frame 1 of its weightMat"),
        (document(weightMat=[[0.1, "x"]]), "not a number"),
        (document(weightMat=[[None, 1]]), "not numbers"),
        (document(weightMat=[[float("nan"), 1]]), "not numbers"),
        (document(weightMat=[[[1], 1]]), "not a number"),
    ],
)
def test_a_malformed_document_is_explained(data: bytes, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        frames_json.parse(data, "a.json")
