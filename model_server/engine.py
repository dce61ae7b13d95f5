"""A sound and a request become a FaceTrack. Nothing here knows who asked."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from model_server.audio.prosody import Prosody, prosody
from model_server.audio.sound import Sound
from model_server.cancel import Progress, part, silent
from model_server.face.expressions import Expression, Side, load_expressions
from model_server.face.life import HUMAN, Liveliness, Performance, live
from model_server.speech.talk import Talk
from model_server.speech.words.align import SpokenWord
from model_server.speech.words.script import Script, words_of
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.track import Array, FaceTrack, Provenance

FPS_RANGE = (1.0, 1000.0)
KEPT, KEPT_BYTES = 8, 64 << 20
"""How many recordings, and how much of them, are kept for the next slider; the latest always is."""

Key = tuple[str, Script, int, float, Liveliness]
Emotion = Mapping[str, float] | Array

UNKNOWN = Script()
"""Nobody says what is said: the lips follow the sound alone."""


class Engine:
    """Runs one voice-to-talk model and everything after it. One job at a time; not for several threads."""

    def __init__(self, model: TalkModel) -> None:
        self.model = model
        self._kept: OrderedDict[Key, tuple[Talk, Performance]] = OrderedDict()

    def infer(
        self,
        sound: Sound,
        emotion: Emotion,
        seed: int = 0,
        fps: float = 60.0,
        progress: Progress = silent,
        own: Sequence[Expression] = (),
        side: Side = "left",
        life: Liveliness = HUMAN,
        script: Script = UNKNOWN,
    ) -> FaceTrack:
        """The track of ``sound`` at ``fps``, floor(duration * fps) + 1 frames; its mood is at intensity 1.

        ``emotion`` maps names of EMOTIONS and of ``own`` to 0-1, or is (n, 8 + len(own)) over the frames with its last
        row held; contempt shows on ``side``; ``life`` says how strongly blinks and the like show; ``script`` is what is
        said, where it is known. The same input gives the same bytes.
        Raises UserError for a request that makes no sense, JobCancelled where ``progress`` raises it.
        """
        check_fps(fps)
        performance = self._performance(sound, script, seed, fps, life, part(progress, 0.0, 0.9))
        names = (*EMOTIONS, *(expression.name for expression in own))
        sliders = _over_time(emotion, len(performance.curves), names)
        expressions = (*load_expressions().values(), *own)
        mood = self.model.fusion.mood(sliders, performance, expressions, side, part(progress, 0.9, 1.0))
        progress(1.0, "Done")
        made_by = self._made_by(sound, emotion, seed, names)
        return FaceTrack(performance.face, mood, fps, 0.0, made_by, performance.head)

    def find(self, sound: Sound, script: Script, progress: Progress = silent) -> tuple[SpokenWord, ...]:
        """When each word of ``script`` is said, by the sound's own clock; at once where ``infer`` has found them.

        Raises UserError for a language that cannot be spoken here.
        """
        for (sha256, known, *_), (talk, _) in self._kept.items():
            if (sha256, known) == (sound.sha256, script):
                return talk.words
        return self.model.find(sound.samples, words_of(script), progress) if script else ()

    def forget(self) -> None:
        """Keep nothing of the recordings so far."""
        self._kept.clear()

    def _performance(
        self, sound: Sound, script: Script, seed: int, fps: float, life: Liveliness, progress: Progress
    ) -> Performance:
        life = replace(life, **dict.fromkeys(self.model.performs, 0.0))
        key = (sound.sha256, script, seed, fps, life)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][1]
        talk, voice = self._heard(sound, script, fps, part(progress, 0.0, 0.9))
        performance = live(talk, voice, seed, life, part(progress, 0.9, 1.0))
        self._keep(key, talk, performance)
        return performance

    def _heard(self, sound: Sound, script: Script, fps: float, progress: Progress) -> tuple[Talk, Prosody]:
        """What neither seed nor liveliness changes."""
        for (sha256, said, _, rate, _), (talk, performance) in self._kept.items():
            if (sha256, said, rate) == (sound.sha256, script, fps):
                return talk, performance.prosody
        words = words_of(script, part(progress, 0.0, 0.05))
        talk = self.model.run(sound.samples, fps, part(progress, 0.05 if words else 0.0, 0.75), words=words)
        return talk, prosody(sound.samples, fps, part(progress, 0.75, 1.0))

    def _keep(self, key: Key, talk: Talk, performance: Performance) -> None:
        self._kept[key] = talk, performance
        while len(self._kept) > 1 and (len(self._kept) > KEPT or self._kept_bytes() > KEPT_BYTES):
            self._kept.popitem(last=False)

    def _kept_bytes(self) -> int:
        return sum(performance.bytes for _, performance in self._kept.values())

    def _made_by(self, sound: Sound, emotion: Emotion, seed: int, names: tuple[str, ...]) -> Provenance:
        if not isinstance(emotion, Mapping):  # keyed: what is remembered is the average
            emotion = dict(zip(names, np.round(np.mean(emotion, axis=0, dtype=np.float64), 3), strict=True))
        sliders = {n: float(v) for n, v in emotion.items() if v}
        card = self.model.card
        return Provenance(card.id, sound.sha256, sliders, seed, card.licence_track)


def check_fps(fps: float) -> None:
    """Raises UserError for a rate that no track has."""
    if not FPS_RANGE[0] <= fps <= FPS_RANGE[1]:
        raise UserError(
            f"A rate of {fps:g} frames a second does not work; choose {FPS_RANGE[0]:g} to {FPS_RANGE[1]:g}."
        )


def starting_at(track: FaceTrack, start: float) -> FaceTrack:
    """``track`` with its first frame at ``start`` seconds."""
    return replace(track, start=start) if start else track


def _over_time(emotion: Emotion, count: int, names: tuple[str, ...]) -> Array:
    """(count, len(names)) float32 sliders. Raises UserError for names, shapes or values that are none."""
    if isinstance(emotion, Mapping):
        unknown = sorted(set(emotion) - set(names))
        if unknown:
            raise UserError(f"There is no emotion {unknown[0]!r}; choose from {', '.join(names)}.")
        row = np.array([emotion.get(name, 0.0) for name in names], np.float32)
        sliders = np.broadcast_to(row, (count, len(names)))
    else:
        sliders = np.asarray(emotion, np.float32)
        if sliders.ndim != 2 or not len(sliders) or sliders.shape[1] != len(names):
            raise UserError(f"Emotion over time needs {len(names)} sliders a frame, not {sliders.shape}.")
        sliders = sliders[np.minimum(np.arange(count), len(sliders) - 1)]
    if not ((sliders >= 0) & (sliders <= 1)).all():
        raise UserError("Emotion sliders go from 0 to 1; one of these does not.")
    return np.ascontiguousarray(sliders)
