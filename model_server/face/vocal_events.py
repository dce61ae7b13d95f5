"""What a face does while somebody laughs, sighs, gasps or sobs: added to the mood, at the times at which it is heard.

Laughter: AU6 + AU12 with an open jaw that beats four to five times a second (Ruch and Ekman, "The expressive pattern of
laughter", 2001). Sobs: the face of grief, pressed together by sharp intakes of breath (Provine, "Curious Behavior",
2012). Gasps: the startled eyes and mouth of surprise, at once. Sighs: lids and mouth give way with the breath.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model_server.face.streams import Floats, ease
from s2f_blender_addon.core.channels import CHANNELS, INDEX
from s2f_blender_addon.core.vocal_events import VocalEvent


@dataclass(frozen=True)
class Act:
    """pose: values at the height, channels without a side mean both; beats: what swings with the breath, by as much.

    onset, release: seconds before the sound in which it comes and after it in which it goes; rate: beats a second.
    """

    pose: dict[str, float]
    onset: float
    release: float
    beats: dict[str, float]
    rate: float = 0.0


ACTS = {
    "laugh": Act(
        {"mouthSmile": 0.62, "cheekSquint": 0.5, "eyeSquint": 0.36, "mouthUpperUp": 0.2, "jawOpen": 0.16,
         "mouthLowerDown": 0.12, "noseSneer": 0.08},
        0.2, 0.9, {"jawOpen": 0.07, "cheekSquint": 0.08}, 4.7,
    ),
    "sigh": Act(
        {"jawOpen": 0.1, "eyeBlink": 0.2, "browInnerUp": 0.14, "mouthFrown": 0.1, "mouthPucker": 0.08,
         "cheekPuff": 0.08},
        0.3, 0.9, {},
    ),
    "gasp": Act(
        {"eyeWide": 0.5, "browInnerUp": 0.42, "browOuterUp": 0.38, "jawOpen": 0.22, "mouthStretch": 0.12},
        0.12, 0.8, {},
    ),
    "sob": Act(
        {"browInnerUp": 0.5, "browDown": 0.2, "eyeSquint": 0.36, "eyeBlink": 0.15, "cheekSquint": 0.22,
         "mouthFrown": 0.42, "mouthStretch": 0.26, "mouthShrugLower": 0.32, "jawOpen": 0.06},
        0.25, 1.1, {"mouthShrugLower": 0.1, "mouthStretch": 0.08}, 2.8,
    ),
}  # fmt: skip


def acted(events: Sequence[VocalEvent], count: int, fps: float, start: float = 0.0) -> Floats:
    """(count, 52) to be added to the mood; frame i is at ``start + i / fps`` seconds of the recording.

    Of events that overlap the stronger shows in each channel.
    """
    added = np.zeros((count, len(CHANNELS)), np.float32)
    times = start + np.arange(count) / fps
    for event in events:
        act = ACTS[event.kind]
        first, last = np.searchsorted(times, (event.start - act.onset, event.end + act.release))
        if last > first:
            shown = _shown(act, event, times[first:last])
            added[first:last] = np.maximum(added[first:last], shown)
    return added


def _shown(act: Act, event: VocalEvent, times: npt.NDArray[np.float64]) -> Floats:
    up = ease(1 + (times - event.start) / act.onset)
    strength = up * (1 - ease((times - event.end) / act.release))
    heard = ((times >= event.start) & (times <= event.end)).astype(np.float64)
    swing = -np.cos(2 * np.pi * act.rate * (times - event.start)) * heard
    values = np.zeros((len(times), len(CHANNELS)), np.float32)
    for name, value in act.pose.items():
        wave = value * strength + act.beats.get(name, 0.0) * swing * strength
        for side in ("", "Left", "Right"):
            if name + side in INDEX:
                values[:, INDEX[name + side]] = np.maximum(wave, 0)
    return values
