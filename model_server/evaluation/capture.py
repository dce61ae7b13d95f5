"""How near is a track to a captured performance of the same recording, on the reference head?

LVE is the mean over frames of the largest distance among the lip landmarks, not squared; its share is that of the
capture's own mean face, which never speaks. MVE is the mean distance of all landmarks, FDD the difference in how much
the upper face moves (CodeTalker, Xing et al. 2023), on distances.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from model_server.evaluation.head import LIPS, UPPER, Floats, LandmarkHead, on_grid
from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.core.errors import UserError

RATE = 60.0
LAG_FRAMES = 15


def compare(
    captured_times: Floats,
    captured: npt.NDArray[np.floating[Any]],
    times: Floats,
    values: npt.NDArray[np.floating[Any]],
) -> dict[str, object]:
    """Figures of the track ``values`` (T, 52) against ``captured`` (S, 52). Raises UserError when it is shorter."""
    _, truth = on_grid(captured_times, captured.astype(np.float64), RATE)
    _, track = on_grid(times, values.astype(np.float64), RATE)
    if len(track) < 0.98 * len(truth):
        raise UserError(f"The track lasts {len(track) / RATE:.2f} s, the capture {len(truth) / RATE:.2f} s.")
    n = min(len(truth), len(track))
    truth, track = truth[:n], track[:n]
    head = LandmarkHead.load()
    a, b = head.landmarks(truth), head.landmarks(track)
    error = np.linalg.norm(a - b, axis=2)
    mean_face = np.linalg.norm(a - head.landmarks(truth.mean(0)[None]), axis=2)
    lag = max(range(-LAG_FRAMES, LAG_FRAMES + 1), key=lambda k: lagged(_gap(a), _gap(b), k))
    moved = [np.linalg.norm(points - head.neutral, axis=2)[:, UPPER].std(0) for points in (a, b)]
    mouth = [k for k in range(len(CHANNELS)) if truth[:, k].std() > 0.01 and CHANNELS[k].startswith(("jaw", "mouth"))]
    lve, still = float(error[:, LIPS].max(1).mean()), float(mean_face[:, LIPS].max(1).mean())
    return {
        "frames": n,
        "lip_gap_r": round(correlation(_gap(a), _gap(b)), 3),
        "best_lag_ms": round(lag * 1000 / RATE, 1),
        "r": {CHANNELS[k]: round(correlation(truth[:, k], track[:, k]), 3) for k in mouth},
        "lve_mm": round(lve, 3),
        "lve_of_mean_face_mm": round(still, 3),
        "lve_share": round(lve / max(still, 1e-9), 3),
        "mve_mm": round(float(error.mean()), 3),
        "fdd_mm": round(float(np.mean(moved[0] - moved[1])), 3),
        "amplitude_ratio": round(float(_gap(b).std() / max(1e-9, _gap(a).std())), 3),
    }


def _gap(points: Floats) -> Floats:
    gap: Floats = points[:, 62, 1] - points[:, 66, 1]
    return gap


def correlation(x: Floats, y: Floats) -> float:
    """Pearson's, of two series of one length; 0 where one of them stands still."""
    return float(np.corrcoef(x, y)[0, 1]) if x.std() > 1e-6 and y.std() > 1e-6 else 0.0


def lagged(truth: Floats, track: Floats, lag: int) -> float:
    """Correlation when the track is ``lag`` frames late."""
    n = len(truth)
    return correlation(truth[max(0, -lag) : n - max(0, lag)], track[max(0, lag) : n - max(0, -lag)])
