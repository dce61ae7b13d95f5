"""The colour in which an emotion is shown, one of the user's own and neutral included."""

from ..core.emotions import RECORDS

Colour = tuple[float, float, float]

NEUTRAL: Colour = (0.42, 0.42, 0.42)
OWN: Colour = (0.85, 0.85, 0.85)


def colour_of(name: str) -> Colour:
    """sRGB 0-1."""
    if name == "neutral":
        return NEUTRAL
    return RECORDS[name].colour if name in RECORDS else OWN
