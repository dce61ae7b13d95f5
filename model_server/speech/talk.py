"""What a mouth does while it speaks: its curves, and what was heard."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from model_server.audio import features
from model_server.cancel import Progress, silent
from model_server.speech import coarticulation
from model_server.speech.closures import Rule, bilabial, closures, envelope
from model_server.speech.pauses import ABOUT, PauseRule, speaking
from model_server.speech.phones import CLASS_INDEX, CLASSES
from model_server.speech.sampled import read_at
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.script import SpokenWord

Array = npt.NDArray[np.float32]
Shapes = Callable[[Array, Array, float], Array]
"""Posteriors (T, K), log loudness (T,) and their rate to a neutral mouth (T, 52), before seals and rest."""


@dataclass(frozen=True)
class Talk:
    """What a mouth does while it speaks; frame i is at i / fps seconds.

    curves (T, 52) 0-1, mouth, jaw and tongue only, seals imposed; phones (T, K) posteriors of ``classes``;
    seal, round, spread, speech (T,) 0-1; loudness (T,) natural log of frame power over the recording's level;
    words: when each word that was given is said.
    """

    curves: Array
    phones: Array
    classes: tuple[str, ...]
    seal: Array
    round: Array
    spread: Array
    speech: Array
    fps: float
    loudness: Array = field(default_factory=lambda: np.zeros(0, np.float32))
    words: tuple[SpokenWord, ...] = ()

    @property
    def bytes(self) -> int:
        """About how much memory it holds."""
        return self.curves.nbytes + self.phones.nbytes


def talk_of(
    phones: Array,
    loudness: Array,
    duration: float,
    fps: float,
    progress: Progress = silent,
    shapes: Shapes = coarticulation.neutral,
    rate: float = features.RATE,
) -> Talk:
    """Posteriors (T, K) and log loudness (T,) at ``rate`` Hz to a Talk of ``duration`` seconds at ``fps``.

    ``shapes``: what makes a neutral mouth of them, rules unless given; seals and rest are imposed on it.
    """
    times = np.arange(int(np.floor(duration * fps + 1e-9)) + 1) / fps
    rule = Rule()
    seal = envelope(closures(bilabial(phones), rate, rule), times, rule)
    speech, about = (speaking(phones[:, CLASS_INDEX["sil"]], rate, times, one) for one in (PauseRule(), ABOUT))
    progress(0.2, "Shaping the mouth")
    shaped = shapes(phones, loudness, rate)
    progress(0.7, "Shaping the mouth")
    curves = coarticulation.mouth(read_at(shaped, rate, times), seal, speech, about)
    heard, loud = read_at(phones, rate, times), read_at(loudness[:, None], rate, times)[:, 0]
    rounded = np.clip(curves[:, INDEX["mouthPucker"]] * 2 + curves[:, INDEX["mouthFunnel"]] * 2, 0, 1)
    spread = np.clip(curves[:, INDEX["mouthStretchLeft"]] * 3 + curves[:, INDEX["mouthSmileLeft"]] * 3, 0, 1)
    return Talk(curves, heard, CLASSES, seal, rounded, spread, speech, fps, loud)
