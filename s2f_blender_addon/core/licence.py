"""The two licence tracks: what ships, and research, which taints whatever it has a share in."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .track import Provenance

PRODUCT, RESEARCH = "product", "research"


@dataclass(frozen=True)
class Maker:
    """A model by its id and its licence track."""

    id: str
    licence_track: str = PRODUCT


def together(makers: Iterable[Maker]) -> Maker:
    """All of ``makers`` as one, which is of the research track where any is not known to be of the product's."""
    found = list(makers)
    free = all(maker.licence_track == PRODUCT for maker in found)
    return Maker(" + ".join(maker.id for maker in found), PRODUCT if free else RESEARCH)


def signed(made_by: Provenance, makers: Iterable[Maker]) -> Provenance:
    """``made_by`` with those of ``makers`` that are not of the product's track, named and tainting."""
    tainting = [maker for maker in makers if maker.licence_track != PRODUCT]
    whole = together([Maker(made_by.model, made_by.licence_track), *tainting])
    return replace(made_by, model=whole.id, licence_track=whole.licence_track)
