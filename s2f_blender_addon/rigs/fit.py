"""Keys that no name explains, judged by what they move: whole channels, both sides, parts of one, mouth shapes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..core.channels import CHANNELS, INDEX, REGIONS, mirrored
from ..core.naming.keymap import Entry
from ..core.naming.visemes import measured_source
from .surface import Floats, Laid, template

SURE, LIKELY = 0.8, 0.6
"""Cosine from which a key is taken for a channel outright, and when nothing else claims either."""

PARTS_EXPLAIN = 0.7
"""Share of a channel's movement that several keys together must show to be its parts."""

LEAST_PART, LARGEST = 0.3, 1.3
"""Weights of a part."""

LEAST_POSE = 0.1
"""A channel below this share of the length of a key's movement is no part of it."""

ASIDE = ("jawLeft", "jawRight", "mouthLeft", "mouthRight", "tongueOut")
"""No part of a mouth shape: sideways movements that cancel out explain anything, and a tongue is another mesh."""

OPENS = 0.65
"""Cosine from which a key counts as one that opens the jaw."""

BLINKS = frozenset({"eyeBlinkLeft", "eyeBlinkRight"})
BLINK = 0.1
"""What speaks for a blink beforehand: of all that lowers a lid, a rig has it first."""

BOTH = 0.1
"""What a key for both sides must be more like them than a key for one."""

CLOSES = 0.3
"""What brings the lips together by this share of what an open jaw parts them is a closed mouth, no raised chin."""

FAMILY = "movement"


@dataclass(frozen=True)
class Movements:
    """What is compared: (K, 3 N) rows of keys and (52, 3 N) fields of the channels, lips weighted.

    gap_fields: (K, N, 3) the rows as they are; opening: how far the widest of them parts the lips.
    """

    keys: tuple[str, ...]
    rows: Floats
    fields: Floats
    gap_fields: Floats
    opening: float

    def of(self, weights: dict[str, float]) -> Floats:
        """(3 N,) several channels at once."""
        total: Floats = sum((self.fields[INDEX[name]] * weight for name, weight in weights.items()), np.zeros(1))
        return total


def by_movement(laid: Laid, keys: tuple[str, ...], free: frozenset[str]) -> list[Entry]:
    """Entries for ``keys`` (the rows of ``laid``), for the channels ``free`` that no named key shows.

    A mesh whose unknown keys are mixtures of mouth channels has mouth shapes; else its keys are channels.
    """
    scale = np.sqrt(template().weights)[:, None]
    rows = (laid.fields * scale).reshape(len(keys), -1)
    sizes = np.linalg.norm(rows, axis=1)
    moving = [i for i in range(len(keys)) if sizes[i] > 0.02 * sizes.max(initial=0.0)]
    moves = Movements(
        tuple(keys[i] for i in moving), rows[moving], (template().fields * scale).reshape(len(CHANNELS), -1),
        laid.fields[moving], float(template().gaps(laid.fields).max(initial=0.0)),
    )  # fmt: skip
    poses = dict(zip(moves.keys, _poses(moves), strict=True))
    mouths = [key for key, pose in poses.items() if pose and _is_mouth(pose)]
    if "jawOpen" in free and sum(_opens(moves)) >= 3:
        others = [key for key in moves.keys if key not in mouths]
        shapes = [
            Entry(key, measured_source(poses[key]), 1.0, 0.75, "a mouth shape, by what it moves", FAMILY)
            for key in mouths
        ]
        return shapes + _channels(moves, others, free - frozenset(REGIONS["mouth"]))
    return _channels(moves, list(moves.keys), free)


def _poses(moves: Movements) -> list[dict[str, float]]:
    """Each key as a mixture of channels; empty where they do not explain half of it."""
    gram, like = moves.fields @ moves.fields.T, moves.rows @ moves.fields.T
    sizes, wholes = np.sqrt(np.diag(gram)), (moves.rows**2).sum(axis=1)
    weights = bounded(gram, like, np.array([0.0 if name in ASIDE else 2.0 for name in CHANNELS]))
    weights *= weights * sizes >= LEAST_POSE * np.sqrt(wholes)[:, None]
    weights = bounded(gram, like, 2.0 * (weights > 0))
    explained = _explained(weights, gram, like)
    return [
        {CHANNELS[i]: round(float(row[i]), 3) for i in np.flatnonzero(row > 1e-3)} if share >= 0.5 * whole else {}
        for row, share, whole in zip(weights, explained, wholes, strict=True)
    ]


def bounded(
    gram: Floats, like: Floats, largest: float | Floats, rounds: int = 300, least: float | Floats = 0.0
) -> Floats:
    """argmin over w of w' gram w - 2 like' w with least <= w <= largest, for each row of ``like`` (R, n).

    Projected gradient with Nesterov momentum, all rows at once, each unknown in units of its own size.
    """
    size = np.sqrt(np.maximum(np.diag(gram), 1e-12))
    gram, like, largest, least = gram / np.outer(size, size), like / size, largest * size, least * size
    step = 1.0 / float(np.linalg.norm(gram, 2))
    weights = np.zeros(like.shape)
    ahead, momentum = weights, 1.0
    for _ in range(rounds):
        moved = np.clip(ahead - step * (ahead @ gram - like), least, largest)
        faster = (1 + np.sqrt(1 + 4 * momentum * momentum)) / 2
        ahead = moved + (momentum - 1) / faster * (moved - weights)
        weights, momentum = moved, faster
    found: Floats = weights / size
    return found


def _opens(moves: Movements) -> npt.NDArray[np.bool_]:
    """(K,) which keys move like an open jaw, more or less: only mouth shapes come with three of them."""
    jaw = moves.fields[INDEX["jawOpen"]]
    sizes = np.linalg.norm(moves.rows, axis=1) * np.linalg.norm(jaw)
    opens: npt.NDArray[np.bool_] = moves.rows @ jaw > OPENS * np.maximum(sizes, 1e-12)
    return opens


def _explained(weights: Floats, gram: Floats, like: Floats) -> Floats:
    """(R,) how much of the squared length of what is to be explained ``weights`` (R, n) explain."""
    explained: Floats = (2 * weights * like - (weights @ gram) * weights).sum(axis=1)
    return explained


def _is_mouth(pose: dict[str, float]) -> bool:
    mouth = frozenset((*REGIONS["mouth"], "jawOpen", "jawForward"))
    return sum(w for name, w in pose.items() if name in mouth) > 0.7 * sum(pose.values())


def _channels(moves: Movements, keys: list[str], free: frozenset[str]) -> list[Entry]:
    """Sure wholes first, then parts, then what is likely and left over."""
    entries: list[Entry] = []
    left, open_ = list(keys), {name for name in CHANNELS if name in free}
    for round_ in (SURE, 0.0, LIKELY):
        new = _parts(moves, left, open_) if not round_ else _wholes(moves, left, open_, round_)
        entries += new
        taken = {entry.key for entry in new}
        left = [key for key in left if key not in taken]
        open_ -= {entry.source for entry in new}
    return entries


def _wholes(moves: Movements, keys: list[str], free: set[str], least: float) -> list[Entry]:
    """The pairs of a key and a channel, or both its sides, that are most alike, the best first, each used once."""
    targets = [{name: 1.0} for name in CHANNELS if name in free and name != "tongueOut"]
    targets += [
        {name: 1.0, mirrored(name): 1.0} for name in CHANNELS
        if name.endswith("Left") and mirrored(name) != name and {name, mirrored(name)} <= free
        and not name.startswith(("jaw", "mouthLeft", "eyeLook"))
    ]  # fmt: skip
    if not targets or not keys:
        return []
    rows = moves.rows[[moves.keys.index(key) for key in keys]]
    fields = np.stack([moves.of(target) for target in targets])
    cosines = rows @ fields.T / np.maximum(np.outer(*(np.linalg.norm(m, axis=1) for m in (rows, fields))), 1e-12)
    cosines[_wrong_way(moves, keys, targets)] = 0.0
    cosines[:, [len(target) > 1 for target in targets]] -= BOTH
    cosines[:, [target.keys() <= BLINKS for target in targets]] += BLINK
    entries: list[Entry] = []
    used_keys: set[int] = set()
    used: set[str] = set()
    for flat in np.argsort(-cosines, axis=None):
        k, t = divmod(int(flat), len(targets))
        if cosines[k, t] < least:
            break
        if k in used_keys or not used.isdisjoint(targets[t]):
            continue
        used_keys.add(k)
        used |= targets[t].keys()
        share = 1.0 / len(targets[t])
        reason = f"moves like {' and '.join(targets[t])}, {cosines[k, t]:.0%} alike"
        entries += [Entry(keys[k], name, share, round(float(cosines[k, t]), 2), reason, FAMILY) for name in targets[t]]
    return entries


def _wrong_way(moves: Movements, keys: list[str], targets: list[dict[str, float]]) -> npt.NDArray[np.bool_]:
    """(keys, targets) where one closes the mouth and the other merely raises the chin, alike as they are elsewhere."""
    gaps = template().gaps(np.stack([moves.gap_fields[moves.keys.index(key)] for key in keys]))
    closes = gaps < -CLOSES * max(float(moves.opening), 1e-9)
    wrong = np.zeros((len(keys), len(targets)), bool)
    for column, target in enumerate(targets):
        if "mouthClose" in target:
            wrong[:, column] = ~closes
        elif target.keys() & {"mouthShrugLower", "mouthShrugUpper", "mouthRollLower", "tongueOut"}:
            wrong[:, column] = closes
    return wrong


def _parts(moves: Movements, keys: list[str], free: set[str]) -> list[Entry]:
    """Channels that several keys show together, the best explained first."""
    entries: list[Entry] = []
    left, open_ = list(keys), set(free)
    while len(left) > 1 and open_ - {"tongueOut"}:
        rows = moves.rows[[moves.keys.index(key) for key in left]]
        names = sorted(open_ - {"tongueOut"})
        fields = moves.fields[[INDEX[name] for name in names]]
        gram, like = rows @ rows.T, fields @ rows.T
        chosen = bounded(gram, like, LARGEST) >= LEAST_PART
        weights = bounded(gram, like, LARGEST * chosen)
        shares = _explained(weights, gram, like) / (fields**2).sum(axis=1) * (chosen.sum(axis=1) > 1)
        best = int(shares.argmax())
        if shares[best] < PARTS_EXPLAIN:
            break
        name, share, used = names[best], float(shares[best]), np.flatnonzero(chosen[best])
        reason = f"a part of {name} by what it moves, {min(share, 1.0):.0%} together"
        entries += [
            Entry(left[i], name, round(float(weights[best, i]), 2), round(min(share, 1.0), 2), reason, FAMILY)
            for i in used
        ]
        left = [key for i, key in enumerate(left) if i not in used]
        open_.discard(name)
    return entries
