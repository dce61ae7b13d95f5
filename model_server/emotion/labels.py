"""Other people's emotion labels on our sliders: text sets of 7 and 28, RAVDESS, emotion2vec."""

import re

import numpy as np
import numpy.typing as npt

from s2f_blender_addon.core.emotions import EMOTIONS, RECORDS
from s2f_blender_addon.core.errors import UserError

Floats = npt.NDArray[np.float32]

SLIDERS: dict[str, dict[str, float]] = {
    "neutral": {}, "other": {}, "unk": {}, "unknown": {},
    **{name: {record.name: 1.0} for record in RECORDS.values() for name in record.names},
    # GoEmotions (Demszky et al., ACL 2020)
    "admiration": {"happy": 0.6}, "amusement": {"happy": 0.9}, "annoyance": {"angry": 0.5, "contempt": 0.2},
    "approval": {"happy": 0.3}, "caring": {"happy": 0.3, "calm": 0.4}, "confusion": {"surprise": 0.4, "fear": 0.1},
    "curiosity": {"surprise": 0.4}, "desire": {"happy": 0.4}, "disappointment": {"sad": 0.6},
    "disapproval": {"contempt": 0.5, "angry": 0.3}, "embarrassment": {"sad": 0.3, "fear": 0.3},
    "excitement": {"happy": 0.8, "surprise": 0.3}, "gratitude": {"happy": 0.7}, "grief": {"sad": 1.0},
    "love": {"happy": 0.8, "calm": 0.2}, "nervousness": {"fear": 0.6}, "optimism": {"happy": 0.5},
    "pride": {"happy": 0.6}, "realization": {"surprise": 0.5}, "relief": {"calm": 0.6, "happy": 0.3},
    "remorse": {"sad": 0.7},
}  # fmt: skip
"""A label to the sliders that it moves; a label for a calm face moves none."""

RAVDESS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")


def to_sliders(labels: tuple[str, ...]) -> Floats:
    """(len(labels), E): class probabilities times this are sliders.

    Labels may be in any case and bilingual (``生气/angry``). Raises UserError when fewer than half are known, and none
    of those that are would move a slider.
    """
    table = np.zeros((len(labels), len(EMOTIONS)), np.float32)
    known = 0
    for i, label in enumerate(labels):
        for part in re.split(r"[/|,\s<>]+", label.lower()):
            if part in SLIDERS:
                known += 1
                for name, share in SLIDERS[part].items():
                    table[i, EMOTIONS.index(name)] = share
                break
    if 2 * known < len(labels) or not table.any():
        raise UserError(f"This classifier's labels ({', '.join(labels[:6])} …) are no emotions; choose another model.")
    return table
