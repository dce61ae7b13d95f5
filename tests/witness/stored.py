"""What outputs were when they were last meant to change, as a few numbers each: a refactoring that alters one is seen.

Numbers within a tolerance and no hashes: products are rounded differently from machine to machine. Whoever changes the
model or the face on purpose writes them anew, and says so in the commit:

    S2F_WITNESS=anew python -m pytest tests/model_server/test_witness.py tests/s2f_blender_addon/test_witness.py
"""

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

TOLERANCE = 3e-4
WAVES = 5
_ANEW = os.environ.get("S2F_WITNESS") == "anew"

Floats = npt.NDArray[np.float64]


def over_time(values: npt.ArrayLike) -> Floats:
    """(WAVES + 1, C) of curves (T, C): their averages under slow cosines, which a shift in time changes, and how much
    they move in all, which smoothing changes.
    """
    rows = np.asarray(values, np.float64)
    waves = np.cos(np.pi * np.arange(WAVES)[:, None] * (np.arange(len(rows)) + 0.5) / len(rows))
    moved = np.abs(np.diff(rows, axis=0)).sum(0, keepdims=True) / 100
    return np.concatenate([waves @ rows / len(rows), moved])


def mixed(values: npt.ArrayLike, count: int = 6) -> Floats:
    """(T, C) as ``count`` columns, each of which every column has a share in."""
    rows = np.asarray(values, np.float64)
    signs = np.random.default_rng(17).choice([-1.0, 1.0], (rows.shape[1], count))
    return rows @ signs / np.sqrt(rows.shape[1])


class Witness:
    """The numbers in the .npz file ``name`` beside this one."""

    def __init__(self, name: str) -> None:
        self._path = Path(__file__).with_name(name)
        self._stored: dict[str, npt.NDArray[np.generic]] = {}
        if self._path.exists():
            with np.load(self._path) as stored:
                self._stored = dict(stored)

    def compare(self, case: str, numbers: dict[str, npt.ArrayLike], text: str = "") -> None:
        """Fails where ``numbers`` or ``text`` of ``case`` are not those that are stored; or stores them."""
        found: dict[str, npt.NDArray[np.generic]] = {
            f"{case}: {what}": np.asarray(array, np.float32) for what, array in numbers.items()
        }
        found[f"{case}: text"] = np.array(text)
        known = {key: array for key, array in self._stored.items() if key.startswith(f"{case}: ")}
        if _ANEW:
            self._stored = {key: array for key, array in self._stored.items() if key not in known} | found
            np.savez_compressed(self._path, **self._stored)
            return
        assert sorted(known) == sorted(found), __doc__
        for key, array in found.items():
            if array.dtype.kind == "U":
                assert str(array) == str(known[key]), f"{key}\n{__doc__}"
            else:
                np.testing.assert_allclose(array, known[key], atol=TOLERANCE, rtol=0, err_msg=f"{key}\n{__doc__}")
