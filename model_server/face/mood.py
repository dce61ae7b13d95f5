"""The mood layer: what eight sliders add to a speaking face, at intensity 1, already out of the lips' way.

The addition of an expression to speech in blendshape space is EmoVOCA's latent sum; the expressions follow EMFACS.
"""

from collections.abc import Sequence

import numpy as np

from model_server.audio.prosody import Prosody
from model_server.cancel import Progress, silent
from model_server.face.envelope import settle, swell
from model_server.face.expressions import Expression, load_expressions
from model_server.face.gate import gate
from model_server.face.habits import eye_habits
from model_server.face.life import Performance
from model_server.face.streams import Floats, drift, stream
from s2f_blender_addon.core.channels import CHANNELS, EMOTIONS, INDEX, REGIONS, indices, mirrored
from s2f_blender_addon.core.request import Side

_OPPOSED = (
    ("mouthSmile", "mouthFrown"), ("eyeWide", "eyeBlink"), ("browOuterUp", "browDown"), ("mouthStretch", "mouthFunnel"),
    ("mouthPress", "mouthLowerDown"), ("mouthPress", "mouthUpperUp"), ("eyeWide", "eyeSquint"),
)  # fmt: skip
"""Pairs that a mixture must not show both in full."""

_BLOCK = 1 << 14  # frames at a time: eight expressions of an hour would fill the memory
_UNEVEN = 0.05  # lasting difference between the halves of a face, standard deviation
_VARIATION = 0.06  # slow change of each region


def mood(
    emotion: Floats,
    performance: Performance,
    expressions: Sequence[Expression] | None = None,
    side: Side = "left",
    progress: Progress = silent,
) -> Floats:
    """(T, 52) to be added to the talk layer; may be negative where a habit takes something from the neutral eyes.

    ``emotion`` (T, n) 0-1, a column for each of ``expressions``: those of EMOTIONS in their order, as are bundled, and
    behind them any others; ``side``: where contempt shows. All zero sliders give all zeros.
    """
    added = np.zeros((len(emotion), len(CHANNELS)), np.float32)
    if not emotion.any():
        return added
    rows = list(load_expressions().values() if expressions is None else expressions)
    prosody, eyes, seed = performance.prosody, performance.eyes, performance.seed
    strength = settle(shared(emotion), performance.fps, rows)
    felt = [(k, row) for k, row in enumerate(rows) if strength[:, k].any()]
    swells = [swell(expression, prosody) for _, expression in felt]
    for start in range(0, len(added), _BLOCK):
        progress(0.7 * start / len(added), "Adding the mood")
        now = slice(start, start + _BLOCK)
        parts = [e.at(strength[now, k], side) * s[now, None] for (k, e), s in zip(felt, swells, strict=True)]
        added[now] = mixture(parts)
    progress(0.7, "Adding the mood")
    _vary(added, prosody, seed)
    for eye, blink in (("Left", eyes.left), ("Right", eyes.right)):
        added[:, INDEX["eyeWide" + eye]] *= 1 - blink
        added[:, INDEX["eyeSquint" + eye]] *= 1 - 0.5 * blink
    added += eye_habits(strength[:, : len(EMOTIONS)], eyes, prosody, seed, side)
    progress(0.9, "Giving way to the lips")
    return gate(added, performance.talk)


def shared(emotion: Floats) -> Floats:
    """(T, n) sliders whose Euclidean length is at most 1: a face has only so much to give, and one slider alone all."""
    clipped = np.clip(emotion, 0, 1).astype(np.float32)
    length = np.linalg.norm(clipped, axis=1, keepdims=True)
    return np.asarray(clipped / np.maximum(length, 1), np.float32)


def mixture(parts: list[Floats]) -> Floats:
    """One face (T, 52) from several expressions: channels add like lengths at right angles, opposites give way.

    A pair may stay as tense as the tensest single expression has it (fear lifts and lowers the brow at once); what
    goes beyond is taken from both, more from the weaker.
    """
    if len(parts) == 1:
        return parts[0]
    total: Floats = np.sqrt(np.sum([part**2 for part in parts], axis=0))
    for one, other in _OPPOSED:
        for end in ("Left", "Right"):
            a, b = (INDEX.get(name + end, INDEX.get(name, -1)) for name in (one, other))
            meant = np.max([np.minimum(part[:, a], part[:, b]) for part in parts], axis=0)
            excess = np.maximum(np.minimum(total[:, a], total[:, b]) - meant, 0)
            both = np.maximum(total[:, a] + total[:, b], 1e-6)
            share = total[:, a] / both
            total[:, a] -= excess * (1 - share)
            total[:, b] -= excess * share
    return np.minimum(total, 0.85)


def _vary(added: Floats, prosody: Prosody, seed: int) -> None:
    """Makes ``added`` breathe: each region changes slowly, and no face is the same on both sides."""
    times = prosody.times
    for region, names in REGIONS.items():
        added[:, indices(names)] *= 1 + _VARIATION * drift(times, 0.6, stream(seed, f"mood {region}"))[:, None]
        lasting = float(np.clip(stream(seed, f"mood side {region}").normal(), -2, 2)) * _UNEVEN
        lean = lasting + 0.03 * drift(times, 0.25, stream(seed, f"mood lean {region}"))
        for name in names:
            if name.endswith("Left") and name not in ("mouthLeft", "jawLeft"):
                added[:, INDEX[name]] *= 1 + lean
                added[:, INDEX[mirrored(name)]] *= 1 - lean
