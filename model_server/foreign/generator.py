"""A network of EmoTalk's family in the generator slot: its curves in place of the rules' mouth, its levels for sliders.

Our own ear listens beside it, for the words, the closures and the eyes: gaze is ours, and blinks are unless upstream's
are asked for, since those are pasted in behind the network.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model_server.cancel import Progress, part, silent
from model_server.face.expressions import Expression
from model_server.face.life import Performance
from model_server.face.mood import mood
from model_server.foreign import emotalk_v0002
from model_server.foreign.checkpoint import ALPHABETICAL, CurveNetwork, EncodedSpeech, open_checkpoint
from model_server.foreign.pasted import lids, savgol
from model_server.slots.can import Can
from model_server.speech import coarticulation
from model_server.speech.sampled import read_at
from model_server.speech.talk import Talk
from s2f_blender_addon.core.acting import USUAL, Acting
from s2f_blender_addon.core.blend import restore_seals
from s2f_blender_addon.core.channels import CHANNELS, EMOTIONS
from s2f_blender_addon.core.emotions import RECORDS
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.request import Side

Array = npt.NDArray[np.float32]

LEVEL_OF = {one.name: level for one in RECORDS.values() for level in emotalk_v0002.EMOTIONS if level in one.names}
"""Which level of v0002 each of our sliders asks for; contempt has none there."""

_OURS = np.array([name.startswith(("eyeBlink", "eyeLook")) for name in CHANNELS])
_LIDS = [CHANNELS.index(name) for name in ("eyeBlinkLeft", "eyeBlinkRight")]
_COLUMNS = [ALPHABETICAL.index(name) for name in CHANNELS]


@dataclass(frozen=True)
class ForeignTalk(Talk):
    """A Talk that also knows what the network heard, so that a slider does not ask its encoders anew."""

    network_heard: EncodedSpeech | None = None

    @property
    def bytes(self) -> int:
        heard = self.network_heard
        return super().bytes + (heard.bytes if heard is not None else 0)


class _Ear:
    """A network's encoders, which remember the last sound: another level or person does not ask them anew."""

    def __init__(self, net: CurveNetwork) -> None:
        self.net = net
        self._last: tuple[bytes, EncodedSpeech] | None = None

    def __call__(self, samples: Array) -> EncodedSpeech:
        sound = blake2b(samples.tobytes()).digest()
        if self._last is None or self._last[0] != sound:
            self._last = sound, self.net.heard(samples)
        return self._last[1]


class ForeignGenerator:
    """A ``CurveNetwork`` that acts as ``acting`` says."""

    def __init__(self, ear: _Ear, acting: Acting = USUAL, device: str = "cpu") -> None:
        """Raises UserError for a level or person that the network does not know."""
        net = ear.net
        if acting.identity:
            raise UserError(f"{net.name} knows persons by number, not {acting.identity!r}; give one of those.")
        self.net, self.person, self.closures = net, acting.person, acting.closures
        self._ear, self._device, self._acting = ear, device, acting
        self.feels = "angry" in net.levels
        """Whether its levels are emotions, which our sliders then mix."""
        self.level = acting.level if acting.level is not None else 0 if self.feels else 1
        net.check(self.level, acting.person)
        self._slow = ", which takes about as long as the recording lasts" if device == "cpu" else ""

    @property
    def name(self) -> str:
        """For the card: which network, and how it acts."""
        return f"{self.net.name}, {self.net.levels[self.level]}, person {self.person}"

    @property
    def can(self) -> Can:
        """What its numbers mean."""
        return Can(self.net.levels, self.net.persons, emotions=self.feels, slow=bool(self._slow))

    @property
    def performs(self) -> tuple[str, ...]:
        """Parts of liveliness that the network brings itself, so that they are not done twice."""
        return ("brows", "blinks") if self._acting.blinks == "theirs" else ("brows",)

    def acted(self, acting: Acting) -> "ForeignGenerator":
        """The same network, acting so. Raises UserError for a level or person that it does not know."""
        return ForeignGenerator(self._ear, acting, self._device)

    def blinked(self, talk: Talk, seed: int) -> Talk:
        """``talk`` with upstream's blinks, where they are asked for."""
        heard = talk.network_heard if isinstance(talk, ForeignTalk) else None
        if self._acting.blinks == "ours" or heard is None:
            return talk
        lid = read_at(lids(len(heard.content), seed)[:, None], heard.rate, np.arange(len(talk.curves)) / talk.fps)
        curves = talk.curves.copy()
        curves[:, _LIDS] = lid
        return replace(talk, curves=curves)

    def talk(self, samples: Array, talk: Talk, progress: Progress = silent) -> ForeignTalk:
        """``talk`` of mono 16 kHz ``samples`` (N,) with the network's curves, clamped to 0-1, for those of rules."""
        progress(0.0, f"Listening with {self.net.name}{self._slow}")
        heard = self._ear(samples)
        progress(0.9, "Shaping the mouth")
        curves = np.clip(self._curves(heard, self._base(), talk), 0, 1)
        curves = restore_seals(curves, talk.curves) if self.closures else curves
        known = {field.name: getattr(talk, field.name) for field in fields(Talk)}
        return ForeignTalk(**known | {"curves": curves, "network_heard": heard})

    def shapes(self, phones: Array, loudness: Array, rate: float) -> Array:
        """The rules' mouth, which ``talk`` replaces and takes its closures from."""
        return coarticulation.neutral(phones, loudness, rate)

    def mood(
        self,
        emotion: Array,
        performance: Performance,
        expressions: Sequence[Expression] | None = None,
        side: Side = "left",
        progress: Progress = silent,
    ) -> Array:
        """As ``face.mood.mood``; sliders that the network knows as levels give the difference that these make."""
        talk = performance.talk
        if not self.feels or not isinstance(talk, ForeignTalk) or talk.network_heard is None or not emotion.any():
            return mood(emotion, performance, expressions, side, progress)
        heard = talk.network_heard
        known = [k for k, name in enumerate(EMOTIONS) if name in LEVEL_OF]
        ours = emotion.copy()
        ours[:, known] = 0
        added = mood(ours, performance, expressions, side, part(progress, 0.0, 0.3))
        if emotion[:, known].any():
            shares = self._shares(emotion, talk.fps, len(heard.content), heard.rate)
            progress(0.3, f"Asking {self.net.name} for the mood")
            added = added + self._curves(heard, shares, talk) - self._curves(heard, self._base(), talk)
        return added

    def _base(self) -> Array:
        return np.asarray(np.arange(len(self.net.levels)) == self.level, np.float32)

    def _shares(self, emotion: Array, fps: float, count: int, rate: float) -> Array:
        """(T, levels) shares at the network's own frames: what the sliders leave over goes to the chosen level."""
        sliders = read_at(emotion, fps, np.arange(count) / rate)
        shares = np.zeros((count, len(self.net.levels)), np.float32)
        for k, name in enumerate(EMOTIONS):
            if name in LEVEL_OF:
                shares[:, self.net.levels.index(LEVEL_OF[name])] += sliders[:, k]
        shares /= np.maximum(shares.sum(1, keepdims=True), 1)
        shares[:, self.level] += 1 - shares.sum(1)
        return np.maximum(shares, 0)

    def _curves(self, heard: EncodedSpeech, shares: Array, talk: Talk) -> Array:
        """(T, 52) in our order at the frames of ``talk``, without what is ours."""
        raw = self.net.spoken(heard, shares, self.person)[:, _COLUMNS]
        if self._acting.smoothing == "theirs":
            raw = savgol(raw)
        raw[:, _OURS] = 0
        return read_at(raw, heard.rate, np.arange(len(talk.curves)) / talk.fps)


def opened(path: Path, device: str) -> ForeignGenerator:
    """The network in the checkpoint ``path``. Raises UserError where it makes no blendshape curves of sound."""
    net = open_checkpoint(path, device)
    if not isinstance(net, CurveNetwork):
        raise UserError(
            f"{path} holds {net.name}, which moves FLAME's own coefficients and not 52 blendshapes; s2f motion makes "
            "FLAME tracks with it."
        )
    return ForeignGenerator(_Ear(net), device=device)
