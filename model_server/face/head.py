"""The head: nods with the accents, settles with the phrases, never quite still.

Nods coincide with pitch accents (Hadar et al. 1983; Graf et al., "Visual prosody", FG 2002). Angles are right-handed
in ARKit's face frame: yaw turns to the character's left, pitch lowers the nose, roll tips towards its right shoulder.
"""

import numpy as np

from model_server.audio.prosody import Prosody
from model_server.face.streams import Floats, Times, bumps, drift, stream

_SWAY = {"yaw": 1.7, "pitch": 1.1, "roll": 1.0}  # degrees, standard deviation while speaking


def move_head(prosody: Prosody, gaze: Times, speech: Floats, seed: int) -> Floats:
    """(T, 3) yaw, pitch, roll in radians. The head follows large shifts of ``gaze`` (T, 2), degrees left and up."""
    times = prosody.times
    liveliness = 0.55 + 0.45 * speech
    degrees = np.stack(
        [
            size * liveliness * (0.85 * drift(times, 0.35, stream(seed, f"sway {axis}"))
            + 0.3 * drift(times, 1.1, stream(seed, f"quick sway {axis}")))
            for axis, size in _SWAY.items()
        ],
        1,
    )  # fmt: skip
    degrees[:, 1] += _nods(prosody, seed)
    degrees[:, 1] += bumps(times, prosody.phrases[:, 0] + 0.05, np.full(len(prosody.phrases), -0.9), 0.45, 0.7)
    degrees[:, 1] += bumps(times, prosody.phrases[:, 1] + 0.15, np.full(len(prosody.phrases), 1.0), 0.45, 0.9)
    followed = _lagged(gaze, prosody.fps, 0.28)
    degrees[:, 0] += 0.22 * followed[:, 0]
    degrees[:, 1] -= 0.12 * followed[:, 1]
    radians: Floats = np.radians(degrees).astype(np.float32)
    return radians


def _nods(prosody: Prosody, seed: int) -> Floats:
    """(T,) degrees downwards: a small beat on most accents, its size varied."""
    rng = stream(seed, "nods")
    n = len(prosody.accents)
    chosen, varied = rng.random(n) < 0.75, rng.uniform(0.6, 1.3, n)
    heights = np.where(chosen, 2.4 * varied * prosody.accents[:, 1], 0.0)
    return bumps(prosody.times, prosody.accents[:, 0] + 0.03, heights, 0.22, 0.42)


def _lagged(gaze: Times, fps: float, seconds: float) -> Times:
    """``gaze`` smoothed and late: eyes lead, the head comes after. Two averages of ``seconds`` behind the moment."""
    n = max(1, round(seconds * fps))
    for _ in range(2):
        total = np.cumsum(np.concatenate([np.repeat(gaze[:1], n, 0), gaze]), axis=0)
        gaze = (total[n:] - total[:-n]) / n
    return gaze
