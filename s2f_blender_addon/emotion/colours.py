"""A colour for each emotion, the same wherever one is shown: warm for what presses forward, cool for what withdraws."""

Colour = tuple[float, float, float]

NEUTRAL: Colour = (0.42, 0.42, 0.42)
OWN: Colour = (0.85, 0.85, 0.85)
"""Of emotions that a user made."""

COLOURS: dict[str, Colour] = {
    "happy": (0.98, 0.78, 0.18), "sad": (0.27, 0.46, 0.86), "angry": (0.88, 0.20, 0.16), "fear": (0.60, 0.36, 0.80),
    "disgust": (0.45, 0.66, 0.20), "surprise": (0.98, 0.53, 0.16), "contempt": (0.66, 0.42, 0.30),
    "calm": (0.30, 0.74, 0.70), "neutral": NEUTRAL,
}  # fmt: skip
"""After Plutchik's wheel (1980), where it has them."""


def colour_of(name: str) -> Colour:
    """sRGB 0-1."""
    return COLOURS.get(name, OWN)
