"""From voice, words, sliders and keys to emotion curves: shares, smoothing, contrast, at most N at once, amount.

The steps are those of Audio2Face's mixer with its two flaws mended: smoothing is in seconds and has no lag (theirs is
per inference step and causal), and nothing is remembered between calls (theirs keeps old values in unused slots).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from s2f_blender_addon.core.blend import smooth
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.track import Array as Floats

SOURCES = ("voice", "words", "fused", "sliders", "keys")

DEFAULT_WEIGHTS = {"voice": 0.5, "words": 0.5, "fused": 1.0, "sliders": 1.0, "keys": 1.0}
LEAST_SAY = 0.25
"""What a source that finds nothing but neutral has to say, beside one that is certain of an emotion."""


@dataclass(frozen=True)
class Recipe:
    """How sources become one.

    weights: 0-1 of every source, as shares among those that speak: one alone counts fully, whatever its weight above 0.
    amount: scales the result, 0-2. contrast: 1 leaves the shares, more favours the strongest, 0 evens them out, 0-4.
    smoothing: seconds, standard deviation of a zero-phase Gaussian. most: how many emotions show at once, 1-E.
    Raises UserError for values outside these ranges.
    """

    weights: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    contrast: float = 1.0
    smoothing: float = 0.25
    most: int = 3
    amount: float = 1.0

    def __post_init__(self) -> None:
        unknown = sorted(set(self.weights) - set(SOURCES))
        if unknown:
            raise UserError(f"There is no emotion source {unknown[0]!r}; choose from {', '.join(SOURCES)}.")
        if not all(0 <= weight <= 1 for weight in self.weights.values()):
            raise UserError("The weights of emotion sources go from 0 to 1; one of these does not.")
        if not (0 <= self.contrast <= 4 and 0 <= self.smoothing <= 60 and 1 <= self.most <= len(EMOTIONS)):
            raise UserError(f"The mixer takes contrast 0-4, smoothing 0-60 s, 1 to {len(EMOTIONS)} emotions at once.")
        if not 0 <= self.amount <= 2:
            raise UserError("The amount of emotion goes from 0 to 2.")


def mix(
    sources: Mapping[str, Floats], recipe: Recipe, fps: float, speaks: Mapping[str, Floats] | None = None
) -> Floats:
    """(T, E) 0-1 from ``sources``, each (T, E) 0-1 at ``fps`` in the order of EMOTIONS.

    ``speaks``: (T,) 0-1, where a source has anything to say; always, where it is not named. Of those that speak, each
    counts by its weight and by how sure it is of an emotion (``LEAST_SAY``).
    One source without smoothing, contrast 1, amount 1 and no more than ``most`` emotions passes unchanged.
    Raises UserError when sources differ in length or have other columns.
    """
    if not sources or len({values.shape for values in sources.values()}) > 1:
        raise UserError("The emotion sources of one shot need the same number of frames.")
    total = np.zeros_like(next(iter(sources.values())), dtype=np.float32)
    if total.ndim != 2 or total.shape[1] != len(EMOTIONS):
        raise UserError(f"An emotion source has {len(EMOTIONS)} columns; this one has shape {total.shape}.")
    says = np.zeros((len(total), 1), np.float32)
    for name, values in sources.items():
        values = np.clip(values, 0, 1)
        sure = LEAST_SAY + (1 - LEAST_SAY) * np.minimum(values.sum(1, keepdims=True), 1)
        say = recipe.weights.get(name, 0.0) * sure
        if speaks is not None and name in speaks:
            say = say * speaks[name][:, None]
        total += say * values
        says += say
    total = np.divide(total, says, out=total, where=says > 0)
    total = smooth(total, fps, recipe.smoothing)
    mixed = recipe.amount * _at_most(_contrasted(total, recipe.contrast), recipe.most)
    return np.clip(mixed, 0, 1).astype(np.float32)


def _contrasted(emotion: Floats, contrast: float) -> Floats:
    """Shares raised to ``contrast``: softmax(contrast * log p), where neutral holds what the emotions leave."""
    if contrast == 1:
        return emotion
    sum_of_all = emotion.sum(1, keepdims=True)
    shares = np.concatenate([np.maximum(1 - sum_of_all, 0), emotion], axis=1)
    raised = np.where(shares > 1e-6, np.maximum(shares, 1e-6) ** contrast, 0)
    kept = raised / np.maximum(raised.sum(1, keepdims=True), 1e-9) * np.maximum(sum_of_all, 1)
    return np.asarray(kept[:, 1:], np.float32)


def _at_most(emotion: Floats, most: int) -> Floats:
    """The ``most`` largest of each frame; one that is about to be replaced fades out first, so that nothing jumps."""
    if most >= emotion.shape[1]:
        return emotion
    limit = np.sort(emotion, axis=1)[:, -most - 1, None]
    return np.asarray(emotion * (1 - np.minimum(limit / np.maximum(emotion, 1e-6), 1) ** 4), np.float32)
