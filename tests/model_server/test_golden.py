"""A golden track: the same sound gives the same face on every machine and in every version that means it to.

Who changes the model or the face on purpose writes it anew: ``python tests/model_server/test_golden.py``.
"""

import sys
from pathlib import Path

import numpy as np

from s2f_blender_addon.core.request import Request

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).with_name("golden.npz")
FPS, SEED, EMOTION = 6.0, 7, {"happy": 0.6, "fear": 0.3}


def made() -> dict[str, np.ndarray]:
    """The layers that the bundled model makes of the sample recording on numpy."""
    from model_server.audio.decode import decode
    from model_server.engine import Engine
    from model_server.sample import SAMPLE
    from model_server.talk_model import TalkModel

    track = Engine(TalkModel.load()).infer(decode(SAMPLE), Request(emotion=EMOTION, seed=SEED, fps=FPS))
    return {"talk": track.talk, "mood": track.mood, "head": track.head}


def test_the_golden_track_is_made_again() -> None:
    with np.load(GOLDEN) as golden:
        for name, layer in made().items():
            np.testing.assert_allclose(layer, golden[name], atol=1e-4, err_msg=f"{name}: {__doc__}")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    np.savez_compressed(GOLDEN, **made())
    print(f"{GOLDEN}: {GOLDEN.stat().st_size} bytes")
