"""A sound and a request become a FaceTrack. Nothing here knows who asked."""

from collections import OrderedDict
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from model_server.audio.prosody import Prosody, prosody
from model_server.audio.sound import Sound
from model_server.cancel import Progress, beside, part, silent
from model_server.face.effort import effort_of
from model_server.face.expressions import load_expressions
from model_server.face.life import Performance, live
from model_server.face.mood import mood
from model_server.face.own import own_expressions
from model_server.face.remembered import drive_of, performance_of
from model_server.face.takes import lively, played, seed_of
from model_server.slots.rules import Rules
from model_server.speech.talk import Talk
from model_server.speech.words.script import words_of
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.acting import Acting
from s2f_blender_addon.core.arguments import checked
from s2f_blender_addon.core.drive import Drive
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.licence import Maker, signed
from s2f_blender_addon.core.liveliness import Liveliness
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.core.script import Script, SpokenWord
from s2f_blender_addon.core.track import Array, FaceTrack, Provenance

KEPT, KEPT_BYTES = 8, 64 << 20
"""How many recordings, and how much of them, are kept for the next slider; the latest always is."""

Key = tuple[str, Script, int, int, float, Liveliness, float, object, Acting]


class Engine:
    """Runs one voice-to-talk model and everything after it. One job at a time; not for several threads."""

    def __init__(self, model: TalkModel) -> None:
        self.model = model
        self._kept: OrderedDict[Key, tuple[Talk, Performance]] = OrderedDict()
        self._other: tuple[tuple[Path, int], Engine] | None = None

    @checked
    def infer(self, sound: Sound, request: Request, progress: Progress = silent) -> FaceTrack:
        """The track of the stretch of ``sound`` that is meant, floor(duration * fps) + 1 frames; its mood is at
        intensity 1. The same input gives the same bytes.

        Raises UserError for a stretch without sound, JobCancelled where ``progress`` raises it.
        """
        if request.model:
            return self.with_model(request.model).infer(sound, replace(request, model=""), progress)
        model = self.model.acted(request.acting)
        stretch = sound.meant(request)
        performance = self._performance(model, stretch, request, part(progress, 0.0, 0.9))
        expressions = (*load_expressions().values(), *own_expressions(request.custom_emotions))
        sliders = request.sliders(len(performance.curves))
        mood = model.fusion.mood(sliders, performance, expressions, request.contempt_side, part(progress, 0.9, 1.0))
        progress(1.0, "Done")
        made_by = self._made_by(model, sound, request)
        return FaceTrack(performance.face, mood, request.fps, request.start, made_by, performance.head)

    def drive(self, sound: Sound, request: Request) -> Drive:
        """What another mood needs of what ``infer`` has just made; without frames where rules do not make the mood."""
        if request.model or not isinstance(self.model.fusion, Rules):
            return Drive()
        model = self.model.acted(request.acting)
        return drive_of(self._performance(model, sound.meant(request), request, silent))

    def mood(self, talk: Array, head: Array, drive: Drive, request: Request, progress: Progress = silent) -> FaceTrack:
        """The track of a speech that is known, ``talk`` (T, 52) and ``head`` (T, 3), with the sliders of ``request``.

        Raises UserError where they do not fit together.
        """
        bare = FaceTrack(talk, np.zeros_like(talk), request.fps, request.start, head=head)
        performance = performance_of(bare, drive)
        expressions = (*load_expressions().values(), *own_expressions(request.custom_emotions))
        added = mood(request.sliders(len(talk)), performance, expressions, request.contempt_side, progress)
        return replace(bare, mood=added, provenance=Provenance(emotion=_felt(request), seed=drive.seed))

    @checked
    def performance(self, sound: Sound, request: Request) -> Performance:
        """What the whole ``sound`` does to a neutral face. Raises as ``infer``."""
        return self._performance(self.model.acted(request.acting), sound, request, silent)

    @checked
    def find(self, sound: Sound, request: Request, progress: Progress = silent) -> tuple[SpokenWord, ...]:
        """When each word of the request is said, in seconds from its start; at once where ``infer`` has found them.

        Raises UserError for a language that cannot be spoken here.
        """
        if request.model:
            return self.with_model(request.model).find(sound, replace(request, model=""), progress)
        script = request.script
        if not script:
            return ()
        stretch = sound.meant(request)
        for (sha256, known, *_), (talk, _) in self._kept.items():
            if (sha256, known) == (stretch.sha256, script):
                return talk.words
        return self.model.find(stretch.samples, words_of(script), progress)

    @checked
    def with_model(self, name: str) -> "Engine":
        """The engine of the model file or checkpoint ``name``, which is kept until another one is asked for.

        Raises UserError for a file that is no model.
        """
        path = Path(name)
        try:
            asked = path, path.stat().st_mtime_ns
        except OSError:
            raise UserError(f"There is no model file {path}; choose another one.") from None
        if self._other is None or self._other[0] != asked:
            self._other = None  # two networks of others do not fit into every memory
            self._other = asked, Engine(self.model.beside(path))
        return self._other[1]

    def _performance(self, model: TalkModel, sound: Sound, request: Request, progress: Progress) -> Performance:
        acting, style, seed, take = request.acting, request.style, request.seed, request.take
        life = style.lively(request.liveliness) if style is not None else request.liveliness
        life = replace(life, **dict.fromkeys(model.performs, 0.0))
        manner = style.key if style is not None else None
        key = (sound.sha256, request.script, seed, take, request.fps, life, request.ordinary_db, manner, acting)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][1]
        talk, voice = self._heard(model, sound, request, part(progress, 0.0, 0.9))
        effort = effort_of(voice, request.ordinary_db, life.effort)
        acted = replace(talk, curves=effort.mouth(played(talk.curves, talk.seal, talk.fps, seed, take)))
        if style is not None:
            acted = replace(acted, curves=style.spoken(acted.curves))
        if request.liveliness.blinks:
            acted = model.blinked(acted, seed_of(seed, take))
        performance = live(
            acted, voice, seed_of(seed, take), lively(life, seed, take), part(progress, 0.9, 1.0), effort
        )
        self._keep(key, talk, performance)
        return performance

    def _heard(self, model: TalkModel, sound: Sound, request: Request, progress: Progress) -> tuple[Talk, Prosody]:
        """What neither seed nor take nor liveliness changes."""
        script, fps = request.script, request.fps
        for (sha256, said, _, _, rate, *_, acting), (talk, performance) in self._kept.items():
            if (sha256, said, rate, acting) == (sound.sha256, script, fps, request.acting):
                return talk, performance.prosody
        words = words_of(script, part(progress, 0.0, 0.05))
        with beside(partial(prosody, sound.samples, fps)) as voice:
            talk = model.run(sound.samples, fps, part(progress, 0.05 if words else 0.0, 1.0), words=words)
            return talk, voice.result()

    def _keep(self, key: Key, talk: Talk, performance: Performance) -> None:
        self._kept[key] = talk, performance
        while len(self._kept) > 1 and (len(self._kept) > KEPT or self._kept_bytes() > KEPT_BYTES):
            self._kept.popitem(last=False)

    def _kept_bytes(self) -> int:
        return sum(performance.bytes for _, performance in self._kept.values())

    def _made_by(self, model: TalkModel, sound: Sound, request: Request) -> Provenance:
        felt, card = _felt(request), model.card
        made_by = Provenance(
            card.id, sound.sha256, felt, request.seed, card.licence_track, request.name, sound.notes
        )  # fmt: skip
        return signed(made_by, [Maker(request.style.name, request.style.licence_track)] if request.style else [])


def _felt(request: Request) -> dict[str, float]:
    """The sliders as a track remembers them: the average of those over time."""
    emotion = request.emotion
    if len(request.emotion_track):
        average = np.round(np.mean(request.emotion_track, axis=0, dtype=np.float64), 3)
        emotion = dict(zip(request.emotions, average.tolist(), strict=True))
    return {name: float(value) for name, value in emotion.items() if value}
