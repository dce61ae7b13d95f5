"""The face as one skin: sheet, skull, features, lids and lips put together, with the labels that expressions need."""

from dataclasses import dataclass

import numpy as np

from ..curves import Floats
from . import eye, mouth, skull
from .features import sculpted
from .sheet import EYE_LOOPS, Ints, Sheet, half_sheet, mirror, pinned_outside, relax


@dataclass(frozen=True)
class Face:
    """vertices (N, 3) mm at rest; quads (F, 4); twin (N,) mirror image of each vertex.

    eye, mouth: loop and spoke tables of the left half (see ``sheet.Sheet``); a right one is ``twin`` of it.
    """

    vertices: Floats
    quads: Ints
    twin: Ints
    eye: Ints
    mouth: Ints


def _lay_out(sheet: Sheet) -> None:
    """Give the loops of lids and lips their place in the sheet, and let the rest follow smoothly."""
    lids = eye.open_lids(sheet.eye.shape[1], EYE_LOOPS)
    pinned = pinned_outside(sheet)
    place = sheet.eye[eye.CREASE :]
    sheet.azimuth[place], sheet.ring[place] = _located(lids[..., 0], lids[..., 2])
    x, z, _ = mouth.red_loops(sheet.mouth.shape[1])
    place = sheet.mouth[mouth.BORDER : mouth.RIM + 1]
    sheet.azimuth[place], sheet.ring[place] = _located(x, z)
    for loops, first in ((sheet.eye, eye.CREASE), (sheet.mouth, mouth.BORDER)):
        for i in range(1, first):
            share = (i / first) ** 0.9
            for values in (sheet.azimuth, sheet.ring):
                values[loops[i]] = values[loops[0]] + share * (values[loops[first]] - values[loops[0]])
        pinned[loops[first:]] = True
    relax(sheet, pinned, rounds=12)


def _located(x: Floats, z: Floats) -> tuple[Floats, Floats]:
    azimuth, ring = skull.locate(x.ravel(), z.ravel())
    return azimuth.reshape(x.shape), ring.reshape(x.shape)


def build_face() -> Face:
    """The face at rest."""
    sheet = half_sheet()
    _lay_out(sheet)
    half = eye.pushed_clear(sculpted(skull.surface(sheet.azimuth, sheet.ring)))

    lids = eye.open_lids(sheet.eye.shape[1], EYE_LOOPS)
    fold = sheet.eye[eye.CREASE]
    lids[0] = 0.5 * (lids[0] + half[fold])
    half[sheet.eye[eye.CREASE :]] = lids

    x, z, bulge = mouth.red_loops(sheet.mouth.shape[1])
    red = sheet.mouth[mouth.BORDER : mouth.RIM + 1]
    half[red] = np.stack([x, half[red][..., 1] - bulge, z], -1)
    half[sheet.mouth[mouth.RIM + 1 :]] = mouth.pocket_loops(half[sheet.mouth[mouth.RIM]])

    vertices, quads, twin = mirror(half, sheet)
    return Face(vertices, quads, twin, sheet.eye, sheet.mouth)
