"""What one may choose of a model."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Can:
    """What one may choose of a model: the meanings of its levels and persons by number, its identities by name.

    emotions: whether levels are emotions, which sliders mix. slow: whether it takes as long as the recording lasts.
    """

    levels: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()
    emotions: bool = False
    slow: bool = False
