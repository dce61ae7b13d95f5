"""Numbered keys of a FLAME head: runs of identity, expression and pose correctives, however they are spelled."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from .names import tokens

_WORDS = {
    "shape": ("shape", "shapes", "beta", "betas", "identity", "id", "shapeparam", "shapeparams"),
    "exp": ("exp", "expr", "exps", "expression", "expressions", "psi", "expcode", "expparam", "expparams"),
    "pose": ("pose", "poses", "corrective", "correctives", "posecorrective", "posecorrectives", "poseblendshape"),
}
_KIND = {word: kind for kind, words in _WORDS.items() for word in words}

LEAST_RUN = 10
"""Fewer numbered keys are no run: viewers of FLAME show ten expressions."""


@dataclass(frozen=True)
class Runs:
    """number, from 0 -> key, of each kind; empty where there is no run of it."""

    shape: dict[int, str] = field(default_factory=dict)
    exp: dict[int, str] = field(default_factory=dict)
    pose: dict[int, str] = field(default_factory=dict)

    def keys(self) -> frozenset[str]:
        """All keys of all runs."""
        return frozenset((*self.shape.values(), *self.exp.values(), *self.pose.values()))


def runs(names: Iterable[str]) -> Runs:
    """The runs among the keys ``names``: ``Exp1``, ``exp_000``, ``expression_01`` … They count from 0 or from 1."""
    return _runs(tuple(names))


@lru_cache(maxsize=32)
def _runs(names: tuple[str, ...]) -> Runs:
    found: dict[str, dict[int, str]] = {}
    for name in names:
        words = tokens(name)
        kind = _KIND.get("".join(words[-3:-1])) or _KIND.get(words[-2]) if len(words) > 1 else None
        if kind is not None and words[-1].isdecimal():
            found.setdefault(kind, {}).setdefault(int(words[-1]), name)
    return Runs(**{kind: _from_nought(numbers) for kind, numbers in found.items()})


def _from_nought(numbers: dict[int, str]) -> dict[int, str]:
    """``numbers`` counted from 0; empty where they do not begin with a run."""
    first = 0 if 0 in numbers else 1
    if any(first + i not in numbers for i in range(LEAST_RUN)):
        return {}
    return {number - first: name for number, name in sorted(numbers.items()) if number >= first}
