"""The mood layer: what sliders add to a speaking face, at intensity 1. Muscles stay on; the lips make up for it.

The addition of an expression to speech in blendshape space is EmoVOCA's latent sum; the expressions follow EMFACS.
"""

from collections.abc import Sequence

import numpy as np

from model_server.audio.prosody import Prosody, gaussian
from model_server.cancel import Progress, silent
from model_server.face.compensate import apart, rounded
from model_server.face.envelope import settle, speaking, swell, swollen
from model_server.face.expressions import HIGHEST, Expression, load_expressions
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

_BLOCK = 1 << 14  # frames at a time: all expressions of an hour would fill the memory
_UNEVEN = 0.05  # lasting difference between the halves of a face, standard deviation
_VARIATION = 0.04  # slow change of each region
_DROOP = 0.22  # most that a mood shuts the lids at intensity 1, blinks aside: at 2 the eyes are still open
_LIDS = indices(("eyeBlinkLeft", "eyeBlinkRight"))


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
    spoken, effort, uneven = speaking(prosody), _effort(prosody), _variation(prosody, seed)
    for start in range(0, len(added), _BLOCK):
        progress(0.7 * start / len(added), "Adding the mood")
        now = slice(start, start + _BLOCK)
        parts = []
        for (k, row), (upper, mouth) in zip(felt, swells, strict=True):
            shown = swollen(row.at(strength[now, k], spoken[now], side), upper[now], mouth[now] * effort[now])
            parts.append(shown * uneven[now] if k < len(EMOTIONS) else row.at(strength[now, k], spoken[now], side))
        added[now] = mixture(parts)
    for eye, blink in (("Left", eyes.left), ("Right", eyes.right)):
        added[:, INDEX["eyeWide" + eye]] *= 1 - blink
        added[:, INDEX["eyeSquint" + eye]] *= 1 - 0.5 * blink
    progress(0.7, "Moving the eyes")
    habits = eye_habits(strength[:, : len(EMOTIONS)], eyes, prosody, seed, side)
    drooping = np.minimum(added[:, _LIDS] + habits[:, _LIDS], np.maximum(_DROOP, habits[:, _LIDS]))
    ours = strength[:, : len(EMOTIONS)].any()
    added += habits
    added[:, _LIDS] = drooping if ours else added[:, _LIDS]
    progress(0.9, "Making up for it with the lips")
    return apart(rounded(added, performance.talk) if ours else added, performance.talk)


def _effort(prosody: Prosody) -> Floats:
    """(T,) factor on the mouth of an expression, slowly up and down with the voice's energy while it speaks."""
    energy = gaussian(prosody.energy * prosody.speech, 0.5 * prosody.fps)
    speech = np.maximum(gaussian(prosody.speech, 0.5 * prosody.fps), 1e-3)
    factor = np.clip(1 + 0.5 * speech * (energy / speech - 0.5), 0.8, 1.2)
    return np.asarray(factor, np.float32)


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
    return np.minimum(total, HIGHEST)


def _variation(prosody: Prosody, seed: int) -> Floats:
    """(T, 52) factors around 1: each region changes slowly, and no face is the same on both sides."""
    factor = np.ones((len(prosody.times), len(CHANNELS)), np.float32)
    times = prosody.times
    for region, names in REGIONS.items():
        factor[:, indices(names)] *= 1 + _VARIATION * drift(times, 0.6, stream(seed, f"mood {region}"))[:, None]
        lasting = float(np.clip(stream(seed, f"mood side {region}").normal(), -2, 2)) * _UNEVEN
        lean = lasting + 0.03 * drift(times, 0.25, stream(seed, f"mood lean {region}"))
        for name in names:
            if name.endswith("Left") and name not in ("mouthLeft", "jawLeft"):
                factor[:, INDEX[name]] *= 1 + lean
                factor[:, INDEX[mirrored(name)]] *= 1 - lean
    return factor
