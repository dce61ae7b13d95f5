"""Channels as mixtures of FLAME's expressions and a turn of the jaw: bounded least squares on what each must move."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ...core.channels import CHANNELS
from ...core.flame import JAW_CHANNELS, FlameFit
from ...core.flame_face import FlameFace
from ...core.track import Array
from ..fit import bounded

Floats = npt.NDArray[np.float64]

MOST = 3.0
"""Standard deviations of an expression that a channel may take: beyond them FLAME is no face."""

MOST_TURN = 0.5
"""Radians about each axis that the jaw may turn for a channel."""

HALF = 0.5
"""A channel that is missed by more than this share of its own size is not shown."""

_DEAR = 0.02
"""Millimetres, over the whole face, that one standard deviation must be worth."""

_FAINT = 0.05
"""A vertex that moves by this share of what a channel moves at most is moved by it."""

_ROUNDS = 4
"""How often the jaw's turn is made straight again about where it has come."""

_SHUT_AT = 0.3
"""How far a jaw is open in speech where the lips close over it; there mouthClose must undo jawOpen."""

_STEP, _SETTLED = 1e-4, 1e-3
"""Radians over which a slope is taken; change of a coefficient below which nothing more is to be gained."""


@dataclass(frozen=True)
class FlameMesh(FlameFace):
    """What the fit reads of a head; weights (V,) are how much each vertex counts."""

    weights: Floats

    def counted(self) -> "FlameMesh":
        """The same without vertices that do not count."""
        at = np.flatnonzero(self.weights)
        return replace(
            self, points=self.points[at], exp=np.ascontiguousarray(self.exp[:, at]), weights=self.weights[at],
            jaw_share=self.jaw_share[at], pose=np.ascontiguousarray(self.pose[:, at]),
        )  # fmt: skip

    def slopes(self, exp: Floats, turn: Floats) -> Array:
        """(K + 3, V, 3) what ``moved`` changes with each expression, and with each angle of the jaw."""
        by_exp = self.exp.copy()
        if turn.any():
            held = np.flatnonzero(self.jaw_share)
            turned = self.exp[:, held].reshape(-1, 3) @ (self.matrix(turn) - np.eye(3)).T.astype(np.float32)
            by_exp[:, held] += self.jaw_share[held, None].astype(np.float32) * turned.reshape(len(by_exp), -1, 3)
        by_turn = [
            (self.moved(exp, turn + step) - self.moved(exp, turn - step)) / (2 * _STEP) for step in _STEP * np.eye(3)
        ]
        return np.concatenate([by_exp, np.stack(by_turn).astype(np.float32)])


def fitted(mesh: FlameMesh, fields: Mapping[str, Floats]) -> FlameFit:
    """How ``mesh`` shows each of ``fields``: channel -> (V, 3) mm; what it shows too badly is missing."""
    fields = {name: fields[name][mesh.weights > 0] for name in CHANNELS}
    mesh = mesh.counted()
    weights = _all_by_exp(mesh, fields)
    turns: dict[str, Floats] = {}
    if mesh.jaw_share.any():
        for name in JAW_CHANNELS:
            if name != "mouthClose":
                weights[name], turns[name] = _with_jaw(mesh, fields[name])
        weights["mouthClose"], turns["mouthClose"] = _closing(mesh, fields, weights["jawOpen"], turns["jawOpen"])
    left, size = {}, {}
    for name in CHANNELS:
        shown = mesh.moved(weights[name], turns.get(name, np.zeros(3)))
        left[name], size[name] = _sizes(mesh, fields[name], shown)
    missing = tuple(name for name in CHANNELS if left[name] >= HALF * size[name])
    return FlameFit(
        {name: w for name, w in weights.items() if name not in missing},
        {name: t for name, t in turns.items() if name not in missing}, left, size, missing,
    )  # fmt: skip


def _all_by_exp(mesh: FlameMesh, fields: Mapping[str, Floats]) -> dict[str, Floats]:
    """channel -> (K,) without a jaw."""
    scale = _scale(mesh)
    rows = (mesh.exp * scale).reshape(len(mesh.exp), -1)
    gram = (rows @ rows.T).astype(np.float64) + _DEAR**2 * np.eye(len(rows))
    like = np.stack([(fields[name] * scale).ravel() for name in CHANNELS]) @ rows.T
    return dict(zip(CHANNELS, _solved(gram, like, np.full(len(rows), MOST)), strict=True))


def _with_jaw(
    mesh: FlameMesh, wanted: Floats, share: float = 1.0, exp: Floats | None = None, turn: Floats | None = None
) -> tuple[Floats, Floats]:
    """(K,) and (3,) that, by ``share`` and on top of as much of ``exp`` and ``turn``, move the mesh as ``wanted``."""
    count = len(mesh.exp)
    below = np.concatenate([np.zeros(count) if exp is None else exp, np.zeros(3) if turn is None else turn])
    scale = _scale(mesh)
    most = np.concatenate([np.full(count, MOST), np.full(3, MOST_TURN)])
    dear = np.diag(np.concatenate([np.full(count, _DEAR**2), np.full(3, 1e-9)]))
    found = np.zeros(count + 3)
    for _ in range(_ROUNDS):
        at = share * (below + found)
        rows = (mesh.slopes(at[:count], at[count:]) * (np.float32(share) * scale)).reshape(count + 3, -1)
        miss = ((share * wanted - mesh.moved(at[:count], at[count:])) * scale).ravel()
        gram, like = (rows @ rows.T).astype(np.float64), rows @ miss
        before, found = found, _solved(gram + share**2 * dear, (like + gram @ found)[None], most)[0]
        if np.abs(found - before).max() < _SETTLED:
            break
    return found[:count], found[count:]


def _scale(mesh: FlameMesh) -> Array:
    """(V, 1) by which displacements are multiplied so that their squares add up to a mean over the face."""
    scale: Array = np.sqrt(mesh.weights / mesh.weights.sum())[:, None].astype(np.float32)
    return scale


def _closing(mesh: FlameMesh, fields: Mapping[str, Floats], exp: Floats, turn: Floats) -> tuple[Floats, Floats]:
    """mouthClose, so that the lips meet over a jaw as this mesh opens it."""
    return _with_jaw(mesh, fields["jawOpen"] + fields["mouthClose"], _SHUT_AT, exp, turn)


def _solved(gram: Floats, like: Floats, most: Floats) -> Floats:
    """(R, n) least squares within ``most``: exactly where no bound is met, else by ``bounded``."""
    found: Floats = np.linalg.solve(gram, like.T).T
    beyond = (np.abs(found) > most).any(axis=1)
    if beyond.any():
        found[beyond] = bounded(gram, like[beyond], most, 2000, -most)
    return found


def _sizes(mesh: FlameMesh, wanted: Floats, shown: Floats) -> tuple[float, float]:
    """(mm that ``shown`` misses, mm that ``wanted`` moves), root mean square over the vertices that are moved."""
    travel = np.linalg.norm(wanted, axis=1)
    over = mesh.weights[travel > _FAINT * travel.max(initial=0.0)].sum()
    if not travel.any() or over <= 0:
        return 0.0, 0.0

    def size(field: Floats) -> float:
        return float(np.sqrt((mesh.weights * (field**2).sum(axis=1)).sum() / over))

    return size(wanted - shown), size(wanted)

