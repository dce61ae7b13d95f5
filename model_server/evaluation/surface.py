"""On which points faces are compared: a head that curves move, or the vertices of meshes in motion themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model_server.evaluation.head import LIPS, UPPER, LandmarkHead
from model_server.evaluation.metrics import Floats, Ids, Regions
from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.core.errors import UserError

_LIP_CHANNELS = ("mouthClose", "mouthFunnel", "mouthPucker", "mouthRoll", "mouthPress", "mouthShrug")
_UPPER_CHANNELS = ("brow", "eyeBlink", "eyeSquint", "eyeWide", "cheekSquint", "noseSneer")
_EYE_CHANNELS = ("brow", "eyeBlink", "eyeSquint", "eyeWide")
_MOVES = {_LIP_CHANNELS: 0.4, _UPPER_CHANNELS: 0.15, _EYE_CHANNELS: 0.15}
"""The share of the furthest vertex's way from which on a vertex belongs to the region that these channels move."""


@dataclass(frozen=True)
class Surface:
    """neutral (V, 3) and delta (52, V, 3) in mm, rows as CHANNELS; and what is lips, upper face, eyes with forehead."""

    neutral: Floats
    delta: Floats
    where: Regions

    def vertices(self, values: npt.NDArray[np.floating[Any]]) -> Floats:
        """(T, V, 3) of curves (T, 52)."""
        moved = np.tensordot(values.astype(np.float64), self.delta, 1)
        found: Floats = self.neutral + moved
        return found


def of_landmarks() -> Surface:
    """Our reference head of 68 landmarks (see ``head``)."""
    head = LandmarkHead.load()
    upper = np.array(UPPER)
    return Surface(head.neutral, head.delta, Regions(np.array(LIPS), upper, upper, head.neutral))


def of_mesh(neutral: Floats, delta: Floats) -> Surface:
    """A mesh with the 52 keys: neutral (V, 3), delta (52, V, 3) in mm. What the keys of a region move belongs to it.

    Raises UserError where they move no lips or no upper face.
    """
    regions: list[Ids] = []
    for names, share in _MOVES.items():
        rows = [k for k, name in enumerate(CHANNELS) if name.startswith(names)]
        way = np.linalg.norm(delta[rows], axis=2)  # (keys, V)
        furthest = way.max(1, keepdims=True)
        inside = (way > share * np.maximum(furthest, 1e-9)).any(0)
        if not inside.any() or not furthest.max() > 1e-6:
            raise UserError(f"No key of this mesh moves what {names[0]}… keys move; choose a head with the 52 keys.")
        regions.append(np.flatnonzero(inside))
    lips, upper, eyes = regions
    return Surface(neutral, delta, Regions(lips, upper, eyes, neutral))


def read_vertices(path: Path) -> Floats:
    """(T, V, 3) of a .npy file of (T, V, 3) or (T, 3 V), or of the one such array in a .npz file.

    Raises UserError that names the file.
    """
    try:
        loaded = np.load(path, allow_pickle=False)
        if not isinstance(loaded, np.ndarray):
            names = [name for name in loaded.files if loaded[name].ndim >= 2]
            if len(names) != 1:
                raise UserError(f"{path}: it holds {len(names)} arrays that could be vertices; save one alone.")
            loaded = loaded[names[0]]
        found = np.asarray(loaded, np.float64)
    except (OSError, ValueError, TypeError, EOFError) as error:
        raise UserError(f"{path}: it is no .npy file of numbers ({error}).") from error
    if found.ndim == 2 and found.shape[1] % 3 == 0 and found.shape[1] > 403:
        found = found.reshape(len(found), -1, 3)
    if found.ndim != 3 or found.shape[2] != 3 or not len(found) or not np.isfinite(found).all():
        raise UserError(
            f"{path}: vertices are (frames, vertices, 3) or (frames, 3 * vertices) finite numbers, not {found.shape}; "
            "FLAME's coefficients first become vertices on its head."
        )
    return found


def read_ids(path: Path, count: int) -> Ids:
    """Indices of vertices, below ``count``, from a text file of numbers between blanks or commas, in brackets or not.

    Raises UserError that names the file.
    """
    try:
        text = path.read_text("utf-8").replace(",", " ").replace("[", " ").replace("]", " ")
        found = np.unique(np.array([int(word) for word in text.split()], np.int64))
    except OSError as error:
        raise UserError(f"{path}: it cannot be read ({error.strerror}).") from error
    except (ValueError, OverflowError):
        raise UserError(f"{path}: a list of vertices holds whole numbers alone.") from None
    if not len(found) or found[0] < 0 or found[-1] >= count:
        raise UserError(f"{path}: it lists vertices from 0 to {count - 1}, and one at least.")
    return found


def same_length(truth: Floats, samples: Sequence[Floats]) -> tuple[Floats, list[Floats]]:
    """All of them cut to the shortest, as published evaluations do. Raises UserError for less than nine tenths."""
    shortest = min(len(one) for one in (truth, *samples))
    longest = max(len(one) for one in (truth, *samples))
    if shortest < 0.9 * longest:
        raise UserError(f"One has {shortest} frames and another {longest}; compare takes of one recording.")
    return truth[:shortest], [sample[:shortest] for sample in samples]
