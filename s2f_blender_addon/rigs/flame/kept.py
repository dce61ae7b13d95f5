"""How a FLAME head is driven, kept on its mesh object: ``object.s2f_flame``."""

import json
from functools import lru_cache

from bpy.types import Object

from ...core.channels import CHANNELS
from ...core.flame import FlameFit
from ...core.naming.keymap import Entry, KeyMap
from .head import FlameHead

NONE, EXP, KEYS = "NONE", "EXP", "KEYS"
"""Ways: by expressions and bones, or by 52 keys of its own."""

FAMILY = "FLAME"

_LEAST = 1e-3
"""Standard deviations below which an expression is no part of a channel."""


def way_of(candidate: Object) -> str:
    """EXP, KEYS, or '' where nobody has chosen."""
    saved = getattr(candidate, "s2f_flame", None)
    return str(saved.way) if saved is not None and saved.way != NONE else ""


def fit_of(candidate: Object) -> FlameFit | None:
    """The fit that is kept on a mesh object driven by expressions; None without one."""
    saved = getattr(candidate, "s2f_flame", None)
    return _read(saved.fit) if saved is not None and saved.way == EXP and saved.fit else None


def keep(candidate: Object, way: str, fit: FlameFit | None = None) -> None:
    """From now on ``candidate`` is driven by ``way``."""
    candidate.s2f_flame.way = way
    candidate.s2f_flame.fit = json.dumps(fit.to_json()) if fit is not None else ""


def map_of(head: FlameHead) -> KeyMap | None:
    """The map of the expressions of ``head`` for all channels that its fit shows; None without one."""
    return _mapped(head.object.s2f_flame.fit, tuple(head.exp().items())) if fit_of(head.object) is not None else None


@lru_cache(maxsize=8)
def _mapped(text: str, exp: tuple[tuple[int, str], ...]) -> KeyMap:
    fit, keys = _read(text), dict(exp)
    assert fit is not None, "a fit that was read before"
    entries: list[Entry] = []
    for name in CHANNELS:
        if name not in fit.weights:
            continue
        score = round(1 - fit.left[name] / max(fit.size[name], 1e-9), 2)
        reason = f"fitted, {fit.left[name]:.1f} of {fit.size[name]:.1f} mm are left"
        entries += [
            Entry(keys[number], name, round(float(weight), 4), score, reason, FAMILY)
            for number, weight in enumerate(fit.weights[name])
            if abs(weight) >= _LEAST and number in keys
        ]
    return KeyMap(tuple(entries))


@lru_cache(maxsize=8)
def _read(text: str) -> FlameFit | None:
    """None where somebody has damaged it: then the head is set up anew."""
    try:
        return FlameFit.from_json(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
