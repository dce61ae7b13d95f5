"""Files are written piece by piece: of whatever size the pieces are, the file is the same."""

import numpy as np
import pytest

from s2f_blender_addon.core import formats
from s2f_blender_addon.core.blend import Mix
from s2f_blender_addon.core.formats import a2f, livelink, npy
from s2f_blender_addon.core.track import FaceTrack


@pytest.mark.parametrize("suffix", [name for name in formats.BY_SUFFIX if name != ".npz"])  # which bears its time
@pytest.mark.parametrize("size", [1, 7, 50, 51])
def test_pieces_of_any_size_make_the_same_file(suffix: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    talk, mood = rng.random((2, 50, 52), np.float32)
    track = FaceTrack(talk, 0.3 * mood, 25.0, 0.5, head=rng.random((50, 3), np.float32))
    form = formats.BY_SUFFIX[suffix]
    whole = b"".join(form.dump(track, Mix(1.2)))
    for module in (a2f, livelink, npy):
        monkeypatch.setattr(module, "BLOCK", size)
    assert b"".join(form.dump(track, Mix(1.2))) == whole


@pytest.mark.parametrize("suffix", [".csv", ".json", ".osc", ".npy"])
def test_no_piece_grows_with_the_track(suffix: str) -> None:
    layer = np.random.default_rng(6).random((9000, 52), np.float32)
    sizes = [len(piece) for piece in formats.BY_SUFFIX[suffix].dump(FaceTrack(layer, 0 * layer, 25.0), Mix())]
    assert len(sizes) >= 3 and max(sizes) < 0.6 * sum(sizes)
