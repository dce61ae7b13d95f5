"""A FLAME head is made ready to speak: fitted to its expressions and bones, or given 52 keys of its own."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ...carry import at_vertices, carry
from ...core.channels import CHANNELS
from ...core.errors import UserError
from ...core.flame import FlameFit
from ...core.naming.match import match
from ..bones import ROLES
from ..face_objects import key_names
from ..stored import stored_map
from . import kept
from .fit import fitted
from .head import FlameHead
from .measure import faces_of, measured, without_eyeballs
from .topology import LANDMARKS

ENOUGH = 45
"""So many channels must be shown for expressions and bones to be taken where nobody chooses."""

Fields = dict[str, npt.NDArray[np.float32]]
Progress = Callable[[float, str], None]


def fields_of(head: FlameHead, progress: Progress = lambda *_: None) -> Fields:
    """channel -> (V, 3) what it should move on ``head``, in its units; eyeballs are left to bones where there are any.

    Raises UserError where the vertices are not FLAME's.
    """
    if not head.known:
        raise UserError(
            f"{head.object.name} has {len(head.object.data.vertices)} vertices where FLAME has 5,023, so its landmarks "
            "are not known; play FLAME tracks on it, or add 52 keys with landmarks of your own."
        )
    points = head.points()
    fields = carry(points, faces_of(head.object), at_vertices(points, LANDMARKS), progress).fields
    turned = head.bones is not None and {"eye_left", "eye_right"} <= head.bones.names.keys()
    return without_eyeballs(fields) if turned else fields


def fit_for(head: FlameHead, progress: Progress = lambda *_: None) -> FlameFit:
    """How ``head`` shows the channels by expressions and jaw. Raises UserError where its vertices are not FLAME's."""
    fields = fields_of(head, lambda share, doing: progress(0.5 * share, doing))
    progress(0.5, "fitting expressions and jaw")
    points = head.points()
    scale = head.millimetres(points)
    return fitted(measured(head, points), {name: fields[name].astype(np.float64) * scale for name in CHANNELS})


def shown_by(head: FlameHead, fit: FlameFit) -> frozenset[str]:
    """The channels that ``fit`` and the bones of the eyes show."""
    eyes = head.bones.only(frozenset(ROLES) - {"jaw", "head"}).channels() if head.bones is not None else frozenset()
    return frozenset(fit.weights) | eyes


def drive_expressions(head: FlameHead, progress: Progress = lambda *_: None) -> FlameFit:
    """From now on ``head`` is driven by its expressions and bones."""
    fit = fit_for(head, progress)
    kept.keep(head.object, kept.EXP, fit)
    return fit


def add_keys(head: FlameHead, progress: Progress = lambda *_: None) -> None:
    """From now on ``head`` is driven by 52 keys of its own, which are added or, where they are there, made anew."""
    fields = fields_of(head, progress)
    candidate, rest = head.object, head.points().astype(np.float32)
    basis = np.empty(rest.size, np.float32)
    candidate.data.shape_keys.reference_key.points.foreach_get("co", basis)
    for name in CHANNELS:
        block = candidate.data.shape_keys.key_blocks.get(name) or candidate.shape_key_add(name=name, from_mix=False)
        block.value = 0.0
        block.data.foreach_set("co", basis + fields[name].ravel())
    candidate.data.update()
    kept.keep(candidate, kept.KEYS)


def made_ready(head: FlameHead, progress: Progress = lambda *_: None) -> str:
    """What nobody has chosen is chosen: keys that it has by name, expressions and bones where they show enough, else 52
    keys that are added.

    Returns a sentence that says which; empty where a way was chosen before, or the user has edited a map of keys.
    """
    if kept.way_of(head.object) or stored_map(head.object) is not None:
        return ""
    named = len(match(key_names(head.object)).channels())
    if named >= ENOUGH:
        kept.keep(head.object, kept.KEYS)
        return f"{head.object.name} is a FLAME head with keys of its own: they are driven ({named} of 52 channels)."
    fit = fit_for(head, progress)
    count = len(shown_by(head, fit))
    if count >= ENOUGH:
        kept.keep(head.object, kept.EXP, fit)
        return f"{head.object.name} is a FLAME head: its expressions and bones are driven ({count} of 52 channels)."
    add_keys(head)
    return (
        f"{head.object.name} is a FLAME head whose expressions and bones show {count} of 52 channels only, "
        "so 52 keys were added."
    )
