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
from s2f_blender_addon.core.flame import FlameFit
from s2f_blender_addon.core.flame_face import FlameFace
from s2f_blender_addon.core.npy_array import DAMAGED

_LIP_CHANNELS = ("mouthClose", "mouthFunnel", "mouthPucker", "mouthRoll", "mouthPress", "mouthShrug")
_UPPER_CHANNELS = ("brow", "eyeBlink", "eyeSquint", "eyeWide", "cheekSquint", "noseSneer")
_EYE_CHANNELS = ("brow", "eyeBlink", "eyeSquint", "eyeWide")
_MOVES = {_LIP_CHANNELS: 0.4, _UPPER_CHANNELS: 0.15, _EYE_CHANNELS: 0.15}
"""The share of the furthest vertex's way from which on a vertex belongs to the region that these channels move."""


Lists = tuple[Path | None, Path | None, Path | None]
"""Files of the vertices of lips, upper face and eyes."""


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


@dataclass(frozen=True)
class FlameSurface:
    """A FLAME head of the user's, in mm; ``fit`` is how it shows the 52 channels, None where that is not known."""

    face: FlameFace
    fit: FlameFit | None
    where: Regions

    def of_coefficients(self, rows: npt.NDArray[np.float32]) -> Floats:
        """(T, V, 3) of FLAME's coefficients (T, 112); eyes and neck move nothing, as in published evaluations."""
        return self.face.vertices(rows)


def of_flame(face: FlameFace, fit: FlameFit | None, lists: Lists) -> FlameSurface:
    """A FLAME head, whose regions are ``lists`` of vertices, or else what its own expressions move for channels.

    Raises UserError where neither tells them.
    """
    count = len(face.points)
    named = [None if path is None else read_ids(path, count) for path in lists]
    lips, upper, eyes = named
    if fit is not None and (lips is None or upper is None):
        delta = np.zeros((len(CHANNELS), count, 3))
        for name, weights in fit.weights.items():
            delta[CHANNELS.index(name)] = face.moved(weights, fit.turns.get(name, np.zeros(3)))
        own = of_mesh(face.points, delta).where
        lips, upper, eyes = (theirs if ids is None else ids for ids, theirs in zip(named, own.ids, strict=True))
    if lips is None or upper is None:
        raise UserError(f"Which of its {count} vertices are lips and upper face? Name lists with --lips and --upper.")
    return FlameSurface(face, fit, Regions(lips, upper, upper if eyes is None else eyes, face.points))


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
    except DAMAGED as error:
        raise UserError(f"{path}: it is no .npy file of numbers ({error}).") from error
    if found.ndim == 2 and found.shape[1] % 3 == 0 and found.shape[1] > 403:
        found = found.reshape(len(found), -1, 3)
    if found.ndim != 3 or found.shape[2] != 3 or not len(found) or not np.isfinite(found).all():
        raise UserError(
            f"{path}: vertices are (frames, vertices, 3) or (frames, 3 * vertices) finite numbers, not {found.shape}; "
            "tracks of FLAME's coefficients need its head: --mesh FLAME.blend."
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
        raise UserError(
            f"One has {shortest} frames and another {longest}; compare takes of one recording, vertices at one rate."
        )
    return truth[:shortest], [sample[:shortest] for sample in samples]
