"""The linear heads of the voice model, fitted to descriptions: which emotion, how much effort, which event.

Emotions and events are Fisher's discriminant with a covariance that is shrunken towards the identity (Friedman,
"Regularized discriminant analysis", 1989): with a thousand numbers and a few thousand clips of a few dozen people that
was better on people never heard than logistic regression. Effort is ridge regression. Shares are softened until they
say no more than comes true (Guo et al., "On calibration of modern neural networks", 2017).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model_server.emotion.listener import scaled
from model_server.speech.layers import softmax

Floats = npt.NDArray[np.float32]

Nothing = Sequence[tuple[float, Floats]]
"""Differences (g, D) that mean nothing, such as those between microphones, and what they count beside those within a
class."""

SHRUNK = 0.3
RIDGE = 0.3
_LEAST = 5.0
"""Clips' worth of a class below which it is left out."""
_ABSENT = -30.0


@dataclass(frozen=True)
class LinearHead:
    """Logits of classes are clip(away / spread) @ weight + bias."""

    spread: Floats
    weight: Floats
    bias: Floats

    def logits(self, away: Floats) -> Floats:
        """(n, K) of descriptions (n, D) less what is ordinary."""
        return np.asarray(scaled(away, self.spread) @ self.weight + self.bias, np.float32)

    def softened(self, away: Floats, target: Floats, weights: Floats) -> "LinearHead":
        """With logits divided by what makes shares fit ``target`` (n, K) best on these clips."""
        logits = self.logits(away)

        def wrong(heat: float) -> float:
            shares = softmax(logits / heat)
            return float(-(weights[:, None] * target * np.log(shares + 1e-6)).sum() / weights.sum())

        heat = min(np.geomspace(0.5, 40, 60), key=wrong)
        return LinearHead(self.spread, self.weight / np.float32(heat), self.bias / np.float32(heat))

    def favouring(self, k: int, amount: float) -> "LinearHead":
        """With ``amount`` added to the logit of class ``k``."""
        bias = self.bias.copy()
        bias[k] += amount
        return LinearHead(self.spread, self.weight, bias)


def discriminant(
    away: Floats, target: Floats, weights: Floats, spread: Floats, nothing: Nothing = ()
) -> LinearHead:
    """The head for descriptions ``away`` (n, D) of ``target`` (n, K) shares of classes, which count as ``weights``.

    ``spread`` (D,): what one of each number is measured in, before it is shrunken. The head turns away from ``nothing``
    (Solomonoff, Campbell and Boardman, "Advances in channel compensation for SVM speaker recognition", ICASSP 2005).
    """
    x = scaled(away, spread)
    share = target * weights[:, None]
    total = share.sum(0)
    known = total >= _LEAST
    middle = np.zeros((target.shape[1], x.shape[1]), np.float32)
    middle[known] = (share.T @ x)[known] / total[known, None]
    of_all = (x * share.sum(1)[:, None]).T @ x / total.sum()
    within = of_all - (middle.T * (total / total.sum())) @ middle
    within = (1 - SHRUNK) * within + SHRUNK * np.trace(within) / len(within) * np.eye(len(within))
    within += _meaningless(nothing, spread)
    weight = np.linalg.solve(within, middle.T).astype(np.float32)
    bias = -0.5 * (middle * weight.T).sum(1)
    bias[~known] = _ABSENT
    return LinearHead(spread, weight, bias.astype(np.float32))


def ridge(
    away: Floats, target: Floats, weights: Floats, spread: Floats, nothing: Nothing = ()
) -> tuple[Floats, float]:
    """(D,) and a bias whose sum with ``away`` in spreads comes nearest to ``target`` (n,), turned from ``nothing``."""
    x = scaled(away, spread)
    share = (weights / weights.sum())[:, None]
    centre, mean = (share * x).sum(0), float((share[:, 0] * target).sum())
    x = x - centre
    moments = (x * share).T @ x + _meaningless(nothing, spread)
    weight = np.linalg.solve(moments + RIDGE * np.eye(len(moments)), (x * share).T @ (target - mean))
    return weight.astype(np.float32), mean - float(centre @ weight)


def _meaningless(nothing: Nothing, spread: Floats) -> Floats:
    """(D, D) moments of differences that mean nothing, in spreads."""
    found = np.zeros((len(spread), len(spread)), np.float32)
    for counts, differences in nothing:
        if len(differences):
            apart = scaled(differences, spread)
            found += np.float32(counts / len(apart)) * (apart.T @ apart)
    return found


def recall(truth: npt.NDArray[np.int64], said: npt.NDArray[np.int64]) -> float:
    """Mean recall of the classes that ``truth`` has."""
    return float(np.mean([(said[truth == k] == k).mean() for k in np.unique(truth)]))


def ranking(high: Floats, low: Floats) -> float:
    """Area under the curve: how often one of ``high`` is above one of ``low``."""
    order = np.argsort(np.concatenate([low, high]), kind="stable")
    ranks = np.empty(len(order))
    ranks[order] = np.arange(1, len(order) + 1)
    above = ranks[len(low) :].sum() - len(high) * (len(high) + 1) / 2
    return float(above / (len(high) * len(low)))
