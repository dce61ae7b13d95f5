"""The mouth first speaks: a mood yields wherever the lips are needed.

Closures, roundings and spreads of the talk layer each hold back the mood channels that would spoil them, a little ahead
of time and smoothly, so that nothing snaps. Blending restores whatever seal is left to guard (core.blend.reseal).
"""

import numpy as np

from model_server.audio.prosody import gaussian
from model_server.face.articulation import Articulation
from model_server.face.streams import Floats
from s2f_blender_addon.core.blend import lip_gap
from s2f_blender_addon.core.channels import CHANNELS, indices


def _named(*stems: str) -> list[int]:
    return indices(tuple(n for n in CHANNELS if n.startswith(stems)))


_PARTING = _named("mouthUpperUp", "mouthLowerDown", "noseSneer", "mouthShrugUpper", "jawForward")
_JAW = _named("jawOpen")
_ROUNDING = _named("mouthFunnel", "mouthPucker", "cheekPuff")
_WIDENING = _named("mouthSmile", "mouthStretch", "mouthDimple", "mouthFrown")
_PRESSING = _named("mouthPress", "mouthRoll", "mouthShrugLower")
_TIGHT, _BARING = _named("mouthPress"), _named("mouthUpperUp", "mouthLowerDown")
_ASIDE = _named("mouthLeft", "mouthRight", "jawLeft", "jawRight")
_LIPS = _PARTING + _JAW + _ROUNDING + _WIDENING + _PRESSING + _ASIDE

_PRESSING_MM = {"mouthPress": 1.5, "mouthRoll": 3.0, "mouthShrugLower": 7.0}
"""How far a pressing channel at 1 narrows the gap between the lips, at most."""

_AHEAD = 0.06  # seconds that the mood makes room before a closure and after it
_NARROWEST = 1.4  # millimetres that a mood leaves between lips which speak and are not to close
_ROOM = 0.12  # share of the rest that a mood may take, so that open vowels stay open at any intensity


def gate(mood: Floats, talk: Articulation) -> Floats:
    """``mood`` (T, 52) at intensity 1 with every channel that moves the lips held back as ``talk`` needs."""
    if not mood[:, _LIPS].any():
        return mood
    gated = mood.copy()
    closing = _widened(np.clip(talk.seal, 0, 1), _AHEAD * talk.fps)
    speaking = gaussian(np.clip(talk.speech, 0, 1), 0.08 * talk.fps)
    rounding = gaussian(np.clip(talk.round, 0, 1), 0.03 * talk.fps)
    spreading = gaussian(np.clip(talk.spread, 0, 1), 0.03 * talk.fps)
    for columns, kept in (
        (_PARTING, (1 - closing) * (1 - 0.15 * speaking) * (1 - 0.4 * rounding)),
        (_JAW, (1 - 0.75 * closing) * (1 - 0.3 * speaking) * (1 - 0.3 * spreading)),
        (_ROUNDING, (1 - 0.6 * closing) * (1 - 0.8 * spreading) * (1 - 0.3 * speaking)),
        (_WIDENING, (1 - 0.25 * closing) * (1 - 0.6 * rounding) * (1 - 0.15 * speaking)),
        (_PRESSING, 1 - 0.8 * speaking),
        (_ASIDE, 1 - 0.5 * speaking),
    ):
        gated[:, columns] *= kept[:, None].astype(np.float32)
    gated[:, _PRESSING] *= _room_to_press(gated, talk, speaking)[:, None]
    # Lips that are pressed together, as anger has them between phrases, do not show teeth.
    pressed = np.clip(gated[:, _TIGHT].mean(1) / 0.15, 0, 1)
    gated[:, _BARING] *= 1 - pressed[:, None]
    return gated


def _room_to_press(mood: Floats, talk: Articulation, speaking: Floats) -> Floats:
    """(T,) 0-1: how much of the pressing leaves lips apart that speech wants apart; in silence all of it."""
    pressed = np.zeros(len(mood), np.float32)
    for stem, millimetres in _PRESSING_MM.items():
        pressed += millimetres * mood[:, _named(stem)].sum(1)
    room = _ROOM * np.maximum(lip_gap(talk.curves) - _NARROWEST, 0)
    share = np.where(pressed > room, room / np.maximum(pressed, 1e-6), 1.0).astype(np.float32)
    return np.asarray(1 - speaking * (1 - share), np.float32)


def _widened(values: Floats, frames: float) -> Floats:
    """The largest of ``values`` within ``frames`` of each moment, smoothed by half as much."""
    reach = max(1, round(frames))
    padded = np.pad(values, reach, mode="edge")
    widest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(1)
    return gaussian(widest, 0.4 * reach)
