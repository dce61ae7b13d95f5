"""How a FLAME rig shows the channels, for tracks of its coefficients; nothing is written."""

import os
from typing import Any

from model_server.cancel import Progress
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.rigs.flame.kept import fit_of
from s2f_blender_addon.rigs.flame.setup import fit_for

from .rig import open_rig


def fit_rig(progress: Progress, rig: str) -> dict[str, Any]:
    """``fit``: the FlameFit of the FLAME head in the file ``rig``, as JSON. Raises UserError where there is none."""
    progress(0.0, f"opening {os.path.basename(rig)}")
    head = open_rig(rig).flame
    if head is None:
        raise UserError(f"{rig}: no FLAME head is in it, which has 5,023 vertices and numbered keys of expression.")
    fit = fit_of(head.object) or fit_for(head, lambda share, doing: progress(0.3 + 0.7 * share, doing))
    return {"fit": fit.to_json()}
