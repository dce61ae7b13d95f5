"""What an emotion does to lids and gaze, as an addition to the neutral eyes.

Neutral blinks and fixations stay where they are whatever the sliders say. On top: sadness looks down and lets the lids
linger, fear darts and flutters from streams of its own, anger stares, contempt looks aside and down the nose.
(Adams and Kleck 2005 for gaze direction; Harris et al. for blink rates under stress.)
"""

from dataclasses import dataclass

import numpy as np

from model_server.audio.prosody import Prosody
from model_server.face.blinks import Blink, draw_blinks
from model_server.face.gaze import Fixations, look, trace
from model_server.face.life import Eyes
from model_server.face.streams import Floats, Times, stream
from s2f_blender_addon.core.channels import CHANNELS, INDEX
from s2f_blender_addon.core.emotions import RECORDS
from s2f_blender_addon.core.request import Side


@dataclass(frozen=True)
class Habit:
    """side, lift: degrees of averted gaze (side towards the expression's side). stare: 0-1 of the wandering given up.

    darts: degrees of extra saccades. flutter: extra blinks a minute. linger: seconds that lids stay low after a blink.
    """

    side: float = 0.0
    lift: float = 0.0
    stare: float = 0.0
    darts: float = 0.0
    flutter: float = 0.0
    linger: float = 0.0


HABITS = {name: Habit(**record.eyes) for name, record in RECORDS.items()}


def eye_habits(strength: Floats, eyes: Eyes, prosody: Prosody, seed: int, side: Side) -> Floats:
    """(T, 52) to be added to the neutral eyes; ``strength`` (T, emotions) 0-1. Opposed look channels cancel."""
    added = np.zeros((len(strength), len(CHANNELS)), np.float32)
    neutral = np.zeros_like(added)
    look(eyes.degrees, neutral)

    def total(of: str) -> Times:
        weights = np.array([getattr(habit, of) for habit in HABITS.values()])
        summed: Times = strength.astype(np.float64) @ weights
        return summed

    towards = 1.0 if side == "left" else -1.0
    aimed = eyes.degrees - np.clip(total("stare"), 0, 0.9)[:, None] * eyes.wander
    aimed[:, 0] += towards * total("side")
    aimed[:, 1] += total("lift")
    if total("darts").any():
        aimed += total("darts")[:, None] * _darts(prosody, seed)
    look(aimed, added)
    added -= neutral

    lids = _lingering(eyes, prosody.fps, total("linger"))
    flutter = _flutter(prosody, eyes, total("flutter"), seed)
    for eye, blink in (("Left", eyes.left), ("Right", eyes.right)):
        extra = np.maximum(lids, flutter) * (1 - blink)
        lowered = 0.35 * np.clip(added[:, INDEX["eyeLookDown" + eye]], 0, 1)
        added[:, INDEX["eyeBlink" + eye]] = extra + lowered * (1 - blink)
    return added


def _darts(prosody: Prosody, seed: int) -> Times:
    """(T, 2) of quick glances to and fro, about 1 across, from a stream of their own."""
    rng = stream(seed, "fearful darts")
    starts, aims, t, duration = [0.0], [(0.0, 0.0)], 0.4, float(prosody.times[-1])
    while t < duration:
        away, side, lift, dwell = rng.random(4)
        starts.append(t)
        aims.append(((2 * side - 1), (lift - 0.5) * 0.6) if away < 0.6 else (0.0, 0.0))
        t += 0.18 + 0.6 * dwell
    return trace(Fixations(np.array(starts), np.array(aims)), prosody.times)


def _flutter(prosody: Prosody, eyes: Eyes, per_minute: Times, seed: int) -> Floats:
    """(T,) extra quick blinks, clear of the neutral ones, as deep as the emotion is strong."""
    if not per_minute.any():
        return np.zeros(len(per_minute), np.float32)
    rng = stream(seed, "flutter")
    planned, t, most = [], 0.0, max(habit.flutter for habit in HABITS.values())
    duration = float(prosody.times[-1])
    busy = np.maximum(eyes.left, eyes.right) > 0.02
    while True:
        t += 0.6 + float(rng.exponential(60 / most - 0.6))
        if t >= duration:
            break
        near = slice(max(0, int((t - 0.35) * prosody.fps)), int((t + 0.6) * prosody.fps))
        if not busy[near].any():
            planned.append(Blink(t, 0.06, 0.02, 0.12, 0.95, 0.0))
    drawn, _ = draw_blinks(planned, prosody.times, prosody.fps)
    return (drawn * np.clip(per_minute / most, 0, 1)).astype(np.float32)


def _lingering(eyes: Eyes, fps: float, seconds: Times) -> Floats:
    """(T,) lids that stay lower after each blink and rise slowly."""
    if not seconds.any():
        return np.zeros(len(seconds), np.float32)
    blink = np.minimum(eyes.left, eyes.right)
    trail, now = np.zeros(len(blink), np.float32), 0.0
    fade = np.exp(-1 / (np.maximum(seconds, 1e-3) * fps))
    for i, (shut, keep) in enumerate(zip(blink.tolist(), fade.tolist(), strict=True)):
        now = max(0.6 * shut, now * keep)
        trail[i] = now
    return trail * np.clip(seconds / 0.1, 0, 1).astype(np.float32)
