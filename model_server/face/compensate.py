"""The lips speak under any mood: what a mood does to them is met by a counter-movement, and no muscle is let go.

Speakers reach a closure or a rounding in spite of a smile or of held lips by moving the others further (compensation:
Folkins and Abbs 1975 for lips and jaw). Here rounded sounds get more pucker, and lips that speech wants apart get more
jaw. Closures are met where the layers are added (``core.blend.reseal``).
"""

import numpy as np

from model_server.audio.prosody import gaussian
from model_server.face.articulation import Articulation
from model_server.face.streams import Floats
from s2f_blender_addon.core.blend import OPENERS, lip_gap
from s2f_blender_addon.core.channels import CHANNELS, INDEX, indices

_WIDENING_MM = {"mouthSmile": 7.0, "mouthStretch": 6.6, "mouthDimple": 0.8, "mouthFrown": 1.9}
"""How far a channel at 1 draws its corner aside, on an average head."""
_PUCKER_MM = 9.3
"""How much narrower mouthPucker at 1 makes the mouth."""
_ROUNDED, _SLOWLY = 0.4, 0.1
"""Share of the widening that a rounded sound takes back, and the seconds (standard deviation) over which it does."""
_NARROWING_MM = {"mouthFrown": 0.2, "mouthPress": 1.3, "mouthRollLower": 3.7, "mouthShrugLower": 6.3}
"""How far a channel at 1 brings the lips together."""
_APART_MM, _LEFT = 0.6, 0.85
"""Lips that speak and stand further apart than this keep so much of their distance under any mood."""


def rounded(mood: Floats, talk: Articulation) -> Floats:
    """``mood`` (T, 52) with the pucker that rounded sounds need against its wide mouth."""
    wide = np.zeros(len(mood), np.float32)
    for stem, millimetres in _WIDENING_MM.items():
        wide += millimetres * np.maximum(mood[:, _both(stem)], 0).sum(1)
    needed = gaussian(np.clip(talk.round, 0, 1), _SLOWLY * talk.fps)
    result = mood.copy()
    result[:, INDEX["mouthPucker"]] += _ROUNDED * needed * wide / _PUCKER_MM
    return result


def apart(mood: Floats, talk: Articulation) -> Floats:
    """``mood`` (T, 52) with the jaw that lips need which speech wants apart and the mood would bring together."""
    nearer = np.zeros(len(mood), np.float32)
    for stem, millimetres in _NARROWING_MM.items():
        nearer += millimetres * mood[:, _both(stem)].sum(1)
    wanted = lip_gap(talk.curves)
    # The estimate of the gap knows one of these already.
    shown = lip_gap(talk.curves + mood) - nearer - OPENERS["mouthShrugLower"] * mood[:, INDEX["mouthShrugLower"]]
    open_ = np.where(wanted > _APART_MM, 1 - np.clip(talk.seal, 0, 1), 0)
    lacking = np.asarray(np.clip(_LEFT * wanted - shown, 0, None) * open_, np.float32)
    result = mood.copy()
    result[:, INDEX["jawOpen"]] += gaussian(lacking, 0.02 * talk.fps) / OPENERS["jawOpen"]
    return result


def _both(stem: str) -> list[int]:
    return indices(tuple(name for name in CHANNELS if name.startswith(stem)))
