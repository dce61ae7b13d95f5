"""The user's own mesh sets the sizes: a jaw opens as far as the demo head's, for its face, and a closure closes it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..core.channels import INDEX
from ..core.naming.keymap import Entry, KeyMap
from .lay import lay_of
from .mesh_map import MeshMap
from .stored import stored_map
from .surface import Floats, Laid, template

Points = npt.NDArray[np.intp]

_AMID, _NEAR = 8.0, 7.0
"""Millimetres from the middle of the mouth, sideways and up or down, within which the lips are measured."""

_GOES, _STAYS = 0.6, 0.25
"""Shares of a jaw's travel from which skin is the lower lip, and below which it is the upper one."""

_FEW = 3
"""Fewer points of a lip cannot be measured."""

_AS_IT_IS = 0.1
"""A size that differs by less is left alone."""

_LEAST, _MOST = 0.6, 1.5


@dataclass(frozen=True)
class Sizes:
    """What the keys of jawOpen and mouthClose are multiplied by."""

    jaw: float
    close: float


def sized(meshes: Sequence[MeshMap]) -> list[MeshMap]:
    """``meshes`` with the weights of jawOpen and mouthClose that their sizes ask for, where nobody has edited a map."""
    face = max(meshes, key=lambda mesh: len(mesh.map.channels()), default=None)
    if face is None or any(stored_map(mesh.object) is not None for mesh in meshes):
        return list(meshes)
    sizes = sizes_of(face)
    if sizes is None:
        return list(meshes)
    gains = {"jawOpen": sizes.jaw, "mouthClose": sizes.close}
    gains = {channel: gain for channel, gain in gains.items() if abs(gain - 1) > _AS_IT_IS}
    return [replace(mesh, map=KeyMap(tuple(_scaled(entry, gains) for entry in mesh.map.entries))) for mesh in meshes]


def _scaled(entry: Entry, gains: dict[str, float]) -> Entry:
    gain = gains.get(entry.source, 1.0)
    if gain == 1.0 or not entry.on:
        return entry
    reason = f"{entry.reason}; {gain:.2f} times, by the size of this mouth"
    return replace(entry, weight=round(entry.weight * gain, 3), reason=reason)


def sizes_of(face: MeshMap) -> Sizes | None:
    """The sizes that one mesh asks for; None where its lips cannot be told."""
    direct = face.map.direct()
    if "jawOpen" not in direct or "mouthClose" not in direct:
        return None
    measured = lay_of(face)
    if measured is None:
        return None
    keys, lay = measured
    jaw, close = (_field(keys, lay, direct[name]) for name in ("jawOpen", "mouthClose"))
    upper, lower = _lips(jaw)
    if min(len(upper), len(lower)) < _FEW:
        return None
    wanted = template().fields[INDEX["jawOpen"]]
    own_upper, own_lower = _lips(wanted)
    opens, closes, whole = _gap(jaw, upper, lower), -_gap(close, upper, lower), _gap(wanted, own_upper, own_lower)
    if opens <= 0 or closes <= 0:
        return None
    gain = float(np.clip(whole / opens, _LEAST, _MOST))
    return Sizes(gain, float(np.clip(gain * opens / closes, _LEAST, _MOST)))


def _field(keys: tuple[str, ...], lay: Laid, entries: Sequence[Entry]) -> Floats:
    field: Floats = sum((e.weight * lay.fields[keys.index(e.key)] for e in entries), np.zeros_like(lay.fields[0]))
    return field


def _lips(jaw: Floats) -> tuple[Points, Points]:
    """Which points, in the middle of the mouth, lie on the upper lip and which on the lower, told by an open jaw."""
    points = template().points
    mouth = points[np.concatenate([template().upper, template().lower])].mean(axis=0)
    amid = (np.abs(points[:, 0] - mouth[0]) < _AMID) & (np.abs(points[:, 2] - mouth[2]) < _NEAR)
    drop = -jaw[:, 2]
    top = float(drop[amid].max(initial=0.0))  # of a share of the points the upper lip may have all
    return np.flatnonzero(amid & (drop < _STAYS * top)), np.flatnonzero(amid & (drop > _GOES * top))


def _gap(field: Floats, upper: Points, lower: Points) -> float:
    """How far ``field`` parts the lips, in the template's millimetres."""
    return float(np.median(field[upper, 2]) - np.median(field[lower, 2]))
