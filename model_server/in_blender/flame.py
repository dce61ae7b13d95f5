"""How a FLAME rig shows the channels, and how it moves, for tracks of its coefficients; the rig stays as it is."""

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from model_server.cancel import Progress
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.flame_face import FlameFace
from s2f_blender_addon.rigs.flame import FlameHead
from s2f_blender_addon.rigs.flame.kept import fit_of
from s2f_blender_addon.rigs.flame.measure import measured
from s2f_blender_addon.rigs.flame.setup import fit_for

from .rig import open_rig


def fit_rig(progress: Progress, rig: str) -> dict[str, Any]:
    """``fit``: the FlameFit of the FLAME head in the file ``rig``, as JSON. Raises UserError where there is none."""
    head = _head(progress, rig)
    fit = fit_of(head.object) or fit_for(head, lambda share, doing: progress(0.3 + 0.7 * share, doing))
    return {"fit": fit.to_json()}


def face_of_rig(progress: Progress, rig: str, out: str) -> dict[str, Any]:
    """Write the FlameFace of the head in the file ``rig`` to the .npz file ``out``; ``fit`` as ``fit_rig``, but None
    where its vertices are not FLAME's own. Raises UserError where there is no such head.
    """
    head = _head(progress, rig)
    points = head.points()
    face = measured(head, points)
    with Path(out).open("wb") as file:
        np.savez(file, **{field.name: getattr(face, field.name) for field in fields(FlameFace)})
    return fit_rig(progress, rig) if head.known else {"fit": None}


def _head(progress: Progress, rig: str) -> FlameHead:
    progress(0.0, f"opening {os.path.basename(rig)}")
    head = open_rig(rig).flame
    if head is None:
        raise UserError(f"{rig}: no FLAME head is in it, which has 5,023 vertices and numbered keys of expression.")
    return head
