"""The colours of the character; plain surfaces only, so that a preview is clean after a few samples."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Paint:
    """colour: linear RGB 0-1; roughness 0-1; coat: a wet or polished layer, 0-1; tinted: the mesh's own tint
    multiplies the colour.
    """

    colour: tuple[float, float, float]
    roughness: float = 0.5
    coat: float = 0.0
    tinted: bool = False


PALETTE: dict[str, Paint] = {
    "skin": Paint((0.83, 0.47, 0.33), 0.46, tinted=True),
    "lip": Paint((0.58, 0.21, 0.17), 0.36, 0.15, tinted=True),
    "mouth": Paint((0.26, 0.06, 0.055), 0.5),
    "white": Paint((0.86, 0.84, 0.80), 0.22, 0.6),
    "iris rim": Paint((0.025, 0.05, 0.06), 0.2, 1.0),
    "iris": Paint((0.06, 0.20, 0.22), 0.2, 1.0),
    "iris inner": Paint((0.16, 0.36, 0.33), 0.2, 1.0),
    "pupil": Paint((0.004, 0.004, 0.005), 0.15, 1.0),
    "tooth": Paint((0.88, 0.85, 0.77), 0.25, 0.5),
    "gum": Paint((0.48, 0.14, 0.13), 0.35, 0.4),
    "tongue": Paint((0.60, 0.17, 0.16), 0.38, 0.3),
    "brow": Paint((0.045, 0.02, 0.012), 0.6),
    "lash": Paint((0.012, 0.007, 0.006), 0.6),
    "hair": Paint((0.085, 0.034, 0.018), 0.5, 0.1),
    "cloth": Paint((0.62, 0.29, 0.06), 0.85),
}
