"""Channels that a character lacks, shown by keys that it has: bounded least squares on displacements."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..core.blend import OPENERS
from ..core.channels import CHANNELS, INDEX, mirrored
from .likeness import Matrix, reference

ALONE = frozenset(
    name
    for name in CHANNELS
    if name.startswith(("jaw", "eyeLook")) or name in ("mouthClose", "mouthLeft", "mouthRight", "tongueOut")
)
"""Movements that nothing stands for and that stand for nothing: closures and glances must be what they are."""

LEAST_LIKE = 0.5
"""Share of a movement (of its squared length) that stand-ins must explain, else the channel stays missing."""

LEAST_COSINE = 0.2
LEAST_WEIGHT = 0.15
MOST = 4
"""At most so many keys stand in for one channel, so that the map stays readable."""


@dataclass(frozen=True)
class StandIn:
    """``weights``: channels that the mesh has -> 0-1; ``explained``: share of the missing movement, 0-1."""

    channel: str
    weights: dict[str, float]
    explained: float


def stand_ins(
    missing: tuple[str, ...], present: tuple[str, ...], own: tuple[Matrix, npt.NDArray[np.float64]] | None = None
) -> list[StandIn]:
    """What can stand in for each of ``missing`` among the channels ``present``.

    The missing movement is the demo head's. How the present ones overlap is the mean of what the demo head and the
    mesh itself show, where ``own`` gives its (cosines, sizes) in the order of ``present``.
    """
    cosines, sizes = reference()
    columns = [INDEX[name] for name in present]
    overlap = cosines[np.ix_(columns, columns)]
    if own is not None:
        overlap = (overlap + own[0]) / 2
    found = []
    for channel in missing:
        allowed = [i for i, name in enumerate(present) if _may_stand_in(name, channel)]
        if channel in ALONE or not allowed:
            continue
        target, have, among = INDEX[channel], [INDEX[present[i]] for i in allowed], overlap[np.ix_(allowed, allowed)]
        # In units of the missing movement's length: a key twice as large needs half the weight.
        length = sizes[have] / max(sizes[target], 1e-9)
        like = cosines[have, target] * length
        gram = among * length[:, None] * length[None, :]
        weights = _bounded(gram, like)
        keep = np.argsort(-weights * length)[:MOST]
        keep = keep[weights[keep] >= LEAST_WEIGHT]
        if not len(keep):
            continue
        best = _bounded(gram[np.ix_(keep, keep)], like[keep])
        explained = float(2 * best @ like[keep] - best @ gram[np.ix_(keep, keep)] @ best)
        if explained >= LEAST_LIKE:
            names = {
                CHANNELS[have[i]]: round(float(w), 2) for i, w in zip(keep, best, strict=True) if w >= LEAST_WEIGHT
            }
            found.append(StandIn(channel, names, min(explained, 1.0)))
    return found


def _may_stand_in(name: str, channel: str) -> bool:
    """Whether ``name`` may help to show ``channel``.

    It must move the face alike and on the same side; what parts the lips only stands for what parts them too.
    """
    alike = reference()[0][INDEX[name], INDEX[channel]] >= LEAST_COSINE
    one_sided = mirrored(channel) != channel
    aside = one_sided and (mirrored(name) == name or name.endswith("Left") != channel.endswith("Left"))
    parts = OPENERS.get(name, 0) > 0 and OPENERS.get(channel, 0) <= 0
    return bool(alike and not aside and not parts and name not in ALONE)


def _bounded(gram: Matrix, like: npt.NDArray[np.float64], rounds: int = 200) -> npt.NDArray[np.float64]:
    """argmin w' gram w - 2 like' w over 0 <= w <= 1, by coordinate descent."""
    weights = np.zeros(len(like))
    diagonal = np.maximum(np.diag(gram), 1e-12)
    for _ in range(rounds):
        before = weights.copy()
        for i in range(len(like)):
            rest = gram[i] @ weights - gram[i, i] * weights[i]
            weights[i] = np.clip((like[i] - rest) / diagonal[i], 0.0, 1.0)
        if np.abs(weights - before).max(initial=0.0) < 1e-6:
            break
    return weights
