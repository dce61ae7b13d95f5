"""The voice model that ships: low layers of a speech recogniser and prosody, against what is ordinary for the speaker.

Linear heads read the description of a stretch of voice (``description``) after the speaker's own ordinary speech has
been taken off it, or where nobody knows that the average of a population. They learned what listeners heard, not what
actors meant (``training.emotion``). Effort is a head of its own. Calm is quiet speech that is otherwise neutral; no
speech that taught it was contemptuous, so contempt stays low.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model_server.cancel import Progress, part, silent
from model_server.emotion.card_file import EmotionCard, refused
from model_server.emotion.description import LEVELS, PROSODY, describe, mean_of
from model_server.emotion.ear import RATE, Voice, hear
from model_server.emotion.unsteadiness import Unsteadiness, lives
from model_server.emotion.voice import Event, Heard, windows
from model_server.speech.layers import softmax
from model_server.speech.network import Shape
from model_server.voice.measures import Measures
from model_server.voice.reference import MOST_NEUTRAL, VoiceReference, measured
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.runs import true_runs

Floats = npt.NDArray[np.float32]

BUNDLED = Path(__file__).parent.parent / "weights" / "emotion.safetensors"
CLASSES = ("neutral", *(name for name in EMOTIONS if name != "calm"))
EVENTS = ("none", "laugh", "sigh", "gasp", "sob")
WHOLE = 6.0
"""Seconds of recording up to which it is judged as one."""
HOP = 0.8
"""Seconds between judgements of a longer one."""
AROUND = 20.0
"""Seconds to either side whose usual level a moment is compared with, where the speaker is not known."""
BESIDE = 1.0
"""Seconds to either side that tell whether a short sound is a voice."""
FARTHEST = 4.0
"""Spreads beyond which a description says no more."""
SHARPNESS = 60.0
"""How soon quiet neutral speech becomes calm as effort falls."""
MOST = 0.9
"""The slider of an emotion that nobody could doubt: above it is the animator's exaggeration."""
_SPOKEN = 0.5


@dataclass(frozen=True)
class ListenerCard(EmotionCard):
    """What a file is. layers: shape of the network; calm: effort below which neutral speech is calm, by head; sure:
    least share of an event.
    """

    FORMAT = "speech2face-listener/1"

    layers: dict[str, Any]
    calm: dict[str, float]
    sure: float


class Listener:
    """The VoiceModel in the file ``path``. Raises UserError when it is no such file."""

    def __init__(self, path: Path = BUNDLED) -> None:
        with refused(path, "emotion listener", "s2f train emotion"):
            self.card, self._arrays = ListenerCard.read(path)
            self._shape = Shape.from_json(self.card.layers)
            self._judged(np.zeros((1, 2 * self._shape.states + len(PROSODY)), np.float32), "alone")

    @property
    def id(self) -> str:
        return self.card.id

    @property
    def licence_track(self) -> str:
        return self.card.licence_track

    def hear(self, samples: Floats, progress: Progress = silent, reference: VoiceReference | None = None) -> Heard:
        """Judgements on 16 kHz mono ``samples`` (N,)."""
        voice = self.listen(samples, part(progress, 0.0, 0.9))
        spans = stretches(voice)
        if not spans:
            return Heard(np.zeros(0), np.zeros((0, len(EMOTIONS)), np.float32), np.zeros(0, np.float32))
        progress(0.9, "Judging the voice")
        known = reference is not None and reference.features_of == self.id
        described = np.array([describe(voice, first, last) for first, last in spans])
        away: Floats = described - self._centre(reference if known else None)
        if not known:
            usual = np.array([usual_level(voice, (first + last) // 2) for first, last in spans], np.float32)
            away[:, levels(described)] = described[:, levels(described)] - usual[:, None]
        shares, effort = self._judged(away, "known" if known else "alone")
        times = np.array([(first + last) / 2 / RATE for first, last in spans])
        return Heard(times, shown(shares), effort, self._events(voice, reference if known else None), shares)

    def listen(self, samples: Floats, progress: Progress = silent) -> Voice:
        """What the layers and the measures hear in 16 kHz mono ``samples`` (N,)."""
        return hear(samples, self._shape, self._arrays, progress)

    def know(self, recordings: Sequence[Floats], progress: Progress = silent, acted: bool = False) -> VoiceReference:
        """The reference of whoever speaks, ordinarily, in ``recordings`` (each (N,) 16 kHz mono).

        Where they are ``acted``, the stretches that sound most neutral stand for ordinary speech. Raises UserError when
        they hold too little speech.
        """
        voices = [
            self.listen(samples, part(progress, i / len(recordings), (i + 1) / len(recordings)))
            for i, samples in enumerate(recordings)
        ]
        ordinary = measured(Measures(v.level_db, v.tilt_db, v.f0_hz, v.speech, v.stress) for v in voices)
        described = [describe(voice, first, last) for voice in voices for first, last in stretches(voice)]
        if not described:
            raise UserError("These recordings hold too little speech; give ordinary speech of the same person.")
        chosen, sure = np.array(described), 1.0
        if acted:
            neutral = self._neutral(voices, chosen)
            most = np.argsort(-neutral)[: max(1, round(MOST_NEUTRAL * len(neutral)))]
            chosen, sure = chosen[most], min(float(neutral[most].mean()), 0.99)
        mean = mean_of(chosen)
        mean = np.where(np.isfinite(mean), mean, self._centre(None))  # somebody who only whispers has no pitch
        features = tuple(round(float(x), 5) for x in mean)
        return replace(ordinary, features=features, features_of=self.id, ordinary=round(sure, 4))

    def _neutral(self, voices: Sequence[Voice], described: Floats) -> Floats:
        """(n,) how likely each stretch of ``voices``, ``described`` (n, D), is neutral to who does not know them."""
        usual = [usual_level(voice, (a + b) // 2) for voice in voices for a, b in stretches(voice)]
        away: Floats = described - self._centre(None)
        away[:, levels(described)] = described[:, levels(described)] - np.array(usual, np.float32)[:, None]
        return np.asarray(1 - self._judged(away, "alone")[0].sum(1), np.float32)

    def _judged(self, away: Floats, head: str) -> tuple[Floats, Floats]:
        return judged(away, self._arrays, head, self.card.calm[head])

    def _centre(self, reference: VoiceReference | None) -> Floats:
        """(D,) what is ordinary."""
        return self._arrays["centre"] if reference is None else np.array(reference.features, np.float32)

    def _events(self, voice: Voice, reference: VoiceReference | None) -> tuple[Event, ...]:
        """Stretches between pauses that are no speech."""
        a = self._arrays
        centre = self._centre(reference)
        found = []
        for first, last in bursts(voice):
            described = describe(voice, first, last)
            away = described - centre
            if reference is None:
                away[levels(described)] = described[levels(described)] - usual_level(voice, (first + last) // 2)
            shares = softmax(scaled(away, a["event.spread"]) @ a["event.weight"] + a["event.bias"])
            kind = int(shares.argmax())
            if kind and shares[kind] >= self.card.sure:
                found.append(Event(EVENTS[kind], first / RATE, last / RATE, float(shares[kind])))
        return tuple(found)


@cache
def bundled() -> Listener:
    """The model that ships, read once."""
    return Listener()


def judged(away: Floats, arrays: Mapping[str, Floats], head: str, calm: float) -> tuple[Floats, Floats]:
    """(n, E) shares and (n,) effort -1 … 1 for descriptions ``away`` (n, D) less what is ordinary, by one of the heads.

    ``calm``: effort below which neutral speech is calm.
    """
    x = scaled(away, arrays[f"{head}.spread"])
    shares = softmax(x @ arrays[f"{head}.weight"] + arrays[f"{head}.bias"])
    effort = np.tanh(x @ arrays[f"{head}.effort"] + arrays[f"{head}.effort_bias"][0])
    quiet = 1 / (1 + np.exp(np.clip((effort - calm) * SHARPNESS, -30, 30)))
    found = np.zeros((len(x), len(EMOTIONS)), np.float32)
    for k, name in enumerate(CLASSES[1 : shares.shape[1]], 1):
        found[:, EMOTIONS.index(name)] = shares[:, k]
    found[:, EMOTIONS.index("calm")] = shares[:, 0] * quiet
    return found, effort.astype(np.float32)


def shown(shares: Floats) -> Floats:
    """(n, E) sliders for shares (n, E) of which the rest to 1 is neutral: a face does not act what is less likely.

    Where an emotion is as likely as neutral half of it shows, where it is far likelier nearly all.
    """
    neutral = np.maximum(1 - shares.sum(1), 1e-6)
    ahead = (shares.max(1) / neutral) ** 2
    return np.asarray(MOST * shares * (ahead / (1 + ahead))[:, None], np.float32)


def stretches(voice: Voice) -> list[tuple[int, int]]:
    """First and last (exclusive) frame of what is judged at a time: a short recording as one, else windows.

    Windows in which nothing lives as voices do are left out.
    """
    if len(voice) <= WHOLE * RATE:
        spans = [(0, len(voice))] if (voice.speech > _SPOKEN).mean() >= 0.1 else []
    else:
        spans = windows(voice.speech, RATE, HOP)
    return [(a, b) for a, b in spans if is_voice(voice, a, b)]


def is_voice(voice: Voice, first: int, last: int) -> bool:
    """Whether frames ``first`` to ``last`` may be a voice; tones, hums, hiss and clicks are none (``unsteadiness``)."""
    found = Unsteadiness(voice.unsteadiness.still[first:last], voice.unsteadiness.colour[first:last])
    return lives(found, voice.level_db[first:last], voice.speech[first:last] > _SPOKEN)


def bursts(voice: Voice) -> list[tuple[int, int]]:
    """First and last (exclusive) frame of every stretch of sound between pauses, of 0.15 to 6 seconds."""
    near = round(BESIDE * RATE)
    return [
        (a, b) for a, b in true_runs(voice.speech > _SPOKEN)
        if 0.15 * RATE <= b - a <= WHOLE * RATE and is_voice(voice, max(0, a - near), b + near)
    ]  # fmt: skip


def usual_level(voice: Voice, at: int) -> float:
    """dB, the median of speech around frame ``at``."""
    near = slice(max(0, at - round(AROUND * RATE)), at + round(AROUND * RATE))
    spoken = voice.speech[near] > _SPOKEN
    level = np.maximum(voice.level_db[near], -90)
    return float(np.median(level[spoken] if spoken.any() else level))


def scaled(away: Floats, spread: Floats) -> Floats:
    """``away`` (…, D) in spreads, cut at FARTHEST; what could not be measured (the pitch of a whisper) is ordinary."""
    return np.clip(np.nan_to_num(away / spread), -FARTHEST, FARTHEST).astype(np.float32)


def levels(described: Floats) -> npt.NDArray[np.int64]:
    """Places in a description of what a recording's gain moves."""
    return described.shape[-1] - len(PROSODY) + np.array(LEVELS)
