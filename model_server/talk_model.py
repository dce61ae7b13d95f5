"""A model at work: sound in, what the mouth does out. The bundled one unless a file is named."""

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model_server.audio import features
from model_server.cancel import Progress, part, silent
from model_server.hardware import Library, Precision
from model_server.slots import registry
from model_server.slots.bands import Bands
from model_server.slots.can import Can
from model_server.slots.model_file import is_foreign, open_model
from model_server.slots.registry import Encoder, Fusion, Generator
from model_server.slots.rules import Rules
from model_server.speech import acoustics
from model_server.speech.backend import Backend, numpy_backend
from model_server.speech.card import Card
from model_server.speech.fallback import CardOrProcessor
from model_server.speech.held import lengthened, notes, shortened
from model_server.speech.talk import Talk, talk_of
from model_server.speech.words.align import Word, align
from model_server.speech.words.context import in_context
from model_server.speech.words.word_posteriors import guided
from s2f_blender_addon.core.acting import USUAL, Acting
from s2f_blender_addon.core.arguments import checked
from s2f_blender_addon.core.codec import shown
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.request import Rate
from s2f_blender_addon.core.script import SpokenWord

Array = npt.NDArray[np.float32]


class TalkModel:
    """A card, what stands in its slots, and weights on a backend."""

    def __init__(
        self,
        card: Card,
        backend: Backend,
        average: Array,
        encoder: Encoder | None = None,
        fusion: Fusion | None = None,
        device: str = "cpu",
        generator: Generator | None = None,
    ) -> None:
        """``device`` is where whatever else needs torch may run. A ``generator`` stands in the fusion's place, too."""
        self.card = card
        self.device = device
        self._hardware: tuple[Library, str, Precision] = ("numpy", device, "single")
        self.generator = generator
        self.fusion: Fusion = generator or fusion or Rules()
        self._encoder: Encoder = encoder or Bands()
        self._backend = backend
        self._average = average

    @classmethod
    @checked
    def load(
        cls,
        path: Path | None = None,
        backend: Library = "numpy",
        device: str = "cpu",
        precision: Precision = "single",
    ) -> "TalkModel":
        """The model at ``path``, or the bundled one. Raises UserError when the file is no model that is known here."""
        if path is not None and is_foreign(path):
            found = cls._with_generator(cls._opened(None, backend, device, precision), path)
        else:
            found = cls._opened(path, backend, device, precision)
        found._hardware = backend, device, precision
        return found

    def beside(self, path: Path) -> "TalkModel":
        """The model at ``path``, on the hardware of this one. Raises as ``load``."""
        return self.load(path, *self._hardware)

    @classmethod
    def _opened(
        cls, path: Path | None, backend: Library, device: str, precision: Precision
    ) -> "TalkModel":
        found = open_model(path)
        card, weights = found.card, found.weights
        encoder = registry.encoder(card.encoder, card.encoder_settings, device)
        made = partial(cls, card, average=weights["average"], encoder=encoder, fusion=found.fusion, device=device)
        if backend == "numpy":
            return made(backend=numpy_backend(card.shape, weights))
        if backend == "openvino":
            from model_server.speech.openvino_backend import openvino_backend

            return made(backend=openvino_backend(card.shape, weights, precision, acoustics.workers()))
        from model_server.speech.torch_backend import in_one_thread, torch_backend

        on = partial(torch_backend, card.shape, weights)
        if device == "cpu":
            if isinstance(encoder, Bands):
                in_one_thread()
            return made(backend=on(device, precision))
        return made(backend=CardOrProcessor(lambda: on(device, precision), lambda: on("cpu")))

    @classmethod
    def _with_generator(cls, hearing: "TalkModel", path: Path) -> "TalkModel":
        """The checkpoint at ``path`` makes the face; ``hearing``, the bundled model, still tells words and closures."""
        from model_server.foreign.generator import opened

        generator = opened(path, hearing.device)
        card = replace(hearing.card, id=generator.name, licence_track="research", licence="its authors'")
        made = partial(cls, card, hearing._backend, hearing._average, hearing._encoder, device=hearing.device)
        return made(generator=generator)

    def acted(self, acting: Acting) -> "TalkModel":
        """This model, acting so. Raises UserError for what it cannot."""
        if acting == USUAL:
            return self
        acted = copy(self)
        if self.generator is not None:
            acted.fusion = acted.generator = self.generator.acted(acting)
            acted.card = replace(self.card, id=acted.generator.name)
        else:
            acted.fusion = self.fusion.acted(acting)
            acted.card = replace(self.card, id=f"{self.card.id}, {acting.identity}")
        return acted

    @property
    def performs(self) -> Sequence[str]:
        """Parts of liveliness that the model brings itself."""
        return self.generator.performs if self.generator is not None else ()

    @property
    def can(self) -> Can:
        """What one may choose of it."""
        return self.fusion.can

    def blinked(self, talk: Talk, seed: int) -> Talk:
        """``talk`` with blinks that the model itself brings, if any."""
        return self.generator.blinked(talk, seed) if self.generator is not None else talk

    @property
    def notice(self) -> str:
        """What the user should know about how the last job ran; mostly nothing."""
        return (self._backend.notice if isinstance(self._backend, CardOrProcessor) else "") or self._encoder.notice

    @checked
    def run(self, samples: Array, fps: Rate, progress: Progress = silent, words: Sequence[Word] = ()) -> Talk:
        """Mouth of mono 16 kHz ``samples`` (N,), floor(N / 16000 * fps) + 1 frames at ``fps``.

        ``words``: what is said, where it is known; the lips then follow the words that are found. Otherwise English
        speech is heard as the words that it may consist of. Raises UserError for samples of another form.
        """
        if samples.ndim != 1 or not np.isfinite(samples).all():
            raise UserError(f"A model hears one channel of finite numbers at 16 kHz, not {shown(samples)}.")
        if self.generator is not None:
            talk = self._rules_talk(samples, fps, part(progress, 0.0, 0.2), words)
            return self.generator.talk(samples, talk, part(progress, 0.2, 1.0))
        return self._rules_talk(samples, fps, progress, words)

    def _rules_talk(self, samples: Array, fps: float, progress: Progress, words: Sequence[Word]) -> Talk:
        phones, loudness = self._hear(samples, part(progress, 0.0, 0.6))
        said: tuple[SpokenWord, ...] = ()
        if words:
            alignment = align(phones, words, progress=part(progress, 0.6, 0.75))
            phones, said = guided(phones, alignment, part(progress, 0.75, 0.8)), alignment.words
        else:
            phones = in_context(phones, part(progress, 0.6, 0.8))
        progress(0.8, "Shaping the mouth")
        duration = len(samples) / features.SAMPLE_RATE
        talk = talk_of(phones, loudness, duration, fps, part(progress, 0.8, 1.0), self.fusion.shapes)
        return replace(talk, words=said)

    @checked
    def find(self, samples: Array, words: Sequence[Word], progress: Progress = silent) -> tuple[SpokenWord, ...]:
        """When each of ``words`` is said in mono 16 kHz ``samples`` (N,)."""
        phones, _ = self._hear(samples, part(progress, 0.0, 0.8))
        return align(phones, words, progress=part(progress, 0.8, 1.0)).words

    def _hear(self, samples: Array, progress: Progress) -> tuple[Array, Array]:
        """(T, K) posteriors and (T,) loudness at 100 Hz."""
        if isinstance(self._backend, CardOrProcessor):
            self._backend.begin()
        heard, loudness = self._encoder(samples, self._average, part(progress, 0.0, 0.3))
        sung = notes(samples, heard, loudness) if isinstance(self._encoder, Bands) else []
        workers = acoustics.workers() if self.device == "cpu" else 1
        short, step = shortened(heard, sung), part(progress, 0.3, 1.0)
        phones = acoustics.posteriors(short, self.card.shape, self._backend, step, workers)
        return lengthened(phones, sung, loudness), loudness
