"""Distances between faces in motion, as papers on speech-driven animation print them. Formulas and names:

LVE2  mean_t max_{i in lips} |v - w|^2                 MeshTalk (Richard et al., ICCV 2021), CodeTalker, ProbTalk3D
LVE   mean_t max_{i in lips} |v - w|                   FaceFormer's and ScanTalk's tables in mm
EVE   mean_t max_{i in eyes and forehead} |v - w|      EmoTalk (Peng et al., ICCV 2023)
MVE   mean_{t, i} |v - w|                              ProbTalk3D (Wu et al., MIG 2024)
FDD2  mean_{i in upper} (std_t |v - n|^2 - std_t |w - n|^2)   CodeTalker (Xing et al., CVPR 2023), its code; signed
FDD   the same of |v - n|
MEE   LVE2 of the mean of the samples                  ProbTalk3D
CE    LVE2 of the sample that has the least            ProbTalk3D
diversity  mean over pairs of samples of mean_{t, i} |w_a - w_b|   ProbTalk3D, which draws 5 pairs of 10 samples

v is the truth, w a sample, both (T, V, 3); n (V, 3) is the neutral face. LVE to FDD are of the first sample. Units are
those of the vertices: FLAME's are metres, so LVE2 of published tables is in m^2. Published sets of vertices on FLAME
(5023): lips 428, upper face 1501, which their authors' files list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from s2f_blender_addon.core.errors import UserError

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]

PAIRS = 5
"""Pairs of samples that diversity is averaged over; all of them where there are no more."""


@dataclass(frozen=True)
class Regions:
    """Which vertices are the lips, the upper face, and eyes with forehead; and the neutral face (V, 3)."""

    lips: Ids
    upper: Ids
    eyes: Ids
    neutral: Floats

    @property
    def ids(self) -> tuple[Ids, Ids, Ids]:
        """Lips, upper face, eyes."""
        return self.lips, self.upper, self.eyes


def distances(truth: Floats, sample: Floats) -> Floats:
    """(T, V) of (T, V, 3) twice."""
    found: Floats = np.linalg.norm(truth - sample, axis=2)
    return found


def lve(truth: Floats, sample: Floats, lips: Ids) -> float:
    """Mean over frames of the largest distance among ``lips``."""
    return float(distances(truth[:, lips], sample[:, lips]).max(1).mean())


def lve_squared(truth: Floats, sample: Floats, lips: Ids) -> float:
    """Mean over frames of the largest squared distance among ``lips``."""
    return float((distances(truth[:, lips], sample[:, lips]) ** 2).max(1).mean())


def mve(truth: Floats, sample: Floats) -> float:
    """Mean distance of all vertices."""
    return float(distances(truth, sample).mean())


def fdd(truth: Floats, sample: Floats, upper: Ids, neutral: Floats, power: int = 1) -> float:
    """How much more the truth's ``upper`` face moves than the sample's: positive where the sample is too still.

    ``power`` 2 takes squared distances from ``neutral``, as published code does.
    """
    moved = [(distances(face[:, upper], neutral[None, upper]) ** power).std(0) for face in (truth, sample)]
    return float((moved[0] - moved[1]).mean())


def diversity(samples: Sequence[Floats], seed: int = 0) -> float:
    """Mean distance between the samples of ``PAIRS`` random pairs; 0 for a single one."""
    pairs = list(combinations(range(len(samples)), 2))
    if len(pairs) > PAIRS:
        chosen = np.random.default_rng(seed).choice(len(pairs), PAIRS, replace=False)
        pairs = [pairs[k] for k in sorted(chosen)]
    return float(np.mean([mve(samples[a], samples[b]) for a, b in pairs])) if pairs else 0.0


def measured(truth: Floats, samples: Sequence[Floats], where: Regions, seed: int = 0) -> dict[str, float]:
    """All figures of one sequence by their names above, in lower case.

    Raises UserError for a sample of another length or mesh.
    """
    for sample in samples:
        if sample.shape != truth.shape:
            raise UserError(f"A sample is {sample.shape} and the truth {truth.shape}; both need the same frames.")
    first = samples[0]
    squared = [lve_squared(truth, sample, where.lips) for sample in samples]
    return {
        "lve2": squared[0],
        "lve": lve(truth, first, where.lips),
        "eve": lve(truth, first, where.eyes),
        "mve": mve(truth, first),
        "fdd2": fdd(truth, first, where.upper, where.neutral, 2),
        "fdd": fdd(truth, first, where.upper, where.neutral),
        "mee": lve_squared(truth, np.mean(samples, axis=0), where.lips),
        "ce": min(squared),
        "diversity": diversity(samples, seed),
    }
