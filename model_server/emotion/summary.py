"""What a whole recording feels like, in a few numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from model_server.emotion.feel import FeltTrack
from model_server.emotion.voice import valence
from s2f_blender_addon.core.channels import EMOTIONS

WORDS_SAY = 0.7
"""How much of the valence the words decide where there are any: they tell it better than voices do."""


@dataclass(frozen=True)
class Summary:
    """emotion: one of EMOTIONS or ``neutral``. scores: 0-1 of neutral and the emotions, sum 1. arousal -1 (drowsy) to 1
    (excited), valence -1 (unpleasant) to 1 (pleasant). events: {kind, start, end, confidence}.
    """

    emotion: str
    scores: dict[str, float]
    arousal: float
    valence: float
    events: list[dict[str, Any]]


def summary(felt: FeltTrack) -> Summary:
    """Of all that was ``felt``, which must have been heard (``felt.heard.times``) at least once. Sentences whose words
    are not known have no say.
    """
    voice = felt.heard.likely.mean(0)
    shares, pleasant = voice, float(valence(voice))
    read = [sentence for sentence in felt.sentences if sentence.known]
    if read:
        lengths = np.array([max(sentence.end - sentence.start, 0.1) for sentence in read])
        words = np.average([sentence.scores for sentence in read], axis=0, weights=lengths)
        shares = felt.sliders.mean(0)
        pleasant = WORDS_SAY * float(valence(words)) + (1 - WORDS_SAY) * pleasant
    shares = shares / max(float(shares.sum()), 1.0)
    scores = {"neutral": 1 - float(shares.sum())} | dict(zip(EMOTIONS, map(float, shares), strict=True))
    return Summary(
        max(scores, key=lambda name: scores[name]),
        {name: round(max(score, 0.0), 4) for name, score in scores.items()},
        round(float(felt.heard.arousal.mean()), 4),
        round(pleasant, 4),
        [event.told() for event in felt.heard.events],
    )
