"""The bundled model: sound in, what the mouth does out."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from model_server.audio import features
from model_server.cancel import Progress, part, silent
from model_server.hardware import Precision
from model_server.speech import acoustics, coarticulation
from model_server.speech.backend import Backend, numpy_backend
from model_server.speech.card import Card
from model_server.speech.closures import Rule, closures, envelope
from model_server.speech.fallback import CardOrProcessor
from model_server.speech.pauses import PauseRule, speaking
from model_server.speech.phones import BILABIAL, CLASS_INDEX, CLASSES
from model_server.speech.sampled import read_at
from model_server.speech.weights import read
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.errors import UserError

Array = npt.NDArray[np.float32]

BUNDLED = Path(__file__).parent.parent / "weights" / "talk.safetensors"


@dataclass(frozen=True)
class Talk:
    """What a mouth does while it speaks; frame i is at i / fps seconds.

    curves (T, 52) 0-1, mouth, jaw and tongue only, seals imposed; phones (T, K) posteriors of ``classes``;
    seal, round, spread, speech (T,) 0-1.
    """

    curves: Array
    phones: Array
    classes: tuple[str, ...]
    seal: Array
    round: Array
    spread: Array
    speech: Array
    fps: float


class TalkModel:
    """A card and weights on a backend."""

    def __init__(
        self, card: Card, backend: Backend, average: Array, chunk: Callable[[], int] = lambda: acoustics.CHUNK
    ) -> None:
        """``chunk`` says how many frames the backend may see at a time, asked anew for each recording."""
        self.card = card
        self._backend = backend
        self._average = average
        self._chunk = chunk

    @classmethod
    def load(
        cls,
        path: Path | None = None,
        backend: Literal["numpy", "torch"] = "numpy",
        device: str = "cpu",
        precision: Precision = "single",
    ) -> "TalkModel":
        """The model at ``path``, or the bundled one. Raises UserError when the file is no model of this program."""
        where = path or BUNDLED
        weights, notes = read(where)
        card = Card.from_metadata(notes, where)
        if {name: array.shape for name, array in weights.items()} != card.shape.tensors():
            raise UserError(f"{where} holds other weights than its card says; get the file again.")
        if backend == "numpy":
            return cls(card, numpy_backend(card.shape, weights), weights["average"])
        from model_server.speech.torch_backend import frames_that_fit, free_memory, torch_backend

        on = partial(torch_backend, card.shape, weights)
        if device == "cpu":
            return cls(card, on(device, precision), weights["average"])
        running = CardOrProcessor(lambda: on(device, precision), lambda: on("cpu"))

        def chunk() -> int:
            return acoustics.CHUNK if running.notice else frames_that_fit(card.shape, free_memory())

        return cls(card, running, weights["average"], chunk)

    @property
    def notice(self) -> str:
        """What the user should know about how the last job ran; mostly nothing."""
        return self._backend.notice if isinstance(self._backend, CardOrProcessor) else ""

    def run(self, samples: Array, fps: float, progress: Progress = silent, chunk: int = 0) -> Talk:
        """Mouth of mono 16 kHz ``samples`` (N,), floor(N / 16000 * fps) + 1 frames at ``fps``.

        ``chunk``: frames that the network sees at a time; 0 is as many as suit the backend.
        """
        if isinstance(self._backend, CardOrProcessor):
            self._backend.begin()
        mel, loudness = acoustics.heard(samples, self._average, part(progress, 0.0, 0.25))
        chunk = chunk or self._chunk()
        phones = acoustics.posteriors(mel, self.card.shape, self._backend, part(progress, 0.25, 0.8), chunk)
        progress(0.8, "Shaping the mouth")
        return talk_of(phones, loudness, len(samples) / features.SAMPLE_RATE, fps, part(progress, 0.8, 1.0))


def talk_of(phones: Array, loudness: Array, duration: float, fps: float, progress: Progress = silent) -> Talk:
    """Posteriors (T, K) and log loudness (T,) at 100 Hz to a Talk of ``duration`` seconds at ``fps``."""
    rate = float(features.RATE)
    times = np.arange(int(np.floor(duration * fps + 1e-9)) + 1) / fps
    bilabial = phones[:, [CLASS_INDEX[name] for name in BILABIAL]].sum(1)
    rule, pause = Rule(), PauseRule()
    seal = envelope(closures(bilabial, rate, rule), times, rule.ramp)
    speech = speaking(phones[:, CLASS_INDEX["sil"]], rate, times, pause)
    progress(0.2, "Shaping the mouth")
    shapes = coarticulation.louder(coarticulation.targets(phones, rate), loudness, rate)
    progress(0.7, "Shaping the mouth")
    curves = coarticulation.mouth(read_at(shapes, rate, times), seal, speech)
    posterior = read_at(phones, rate, times)
    rounded = np.clip(curves[:, INDEX["mouthPucker"]] * 2 + curves[:, INDEX["mouthFunnel"]] * 2, 0, 1)
    spread = np.clip(curves[:, INDEX["mouthStretchLeft"]] * 3 + curves[:, INDEX["mouthSmileLeft"]] * 3, 0, 1)
    return Talk(curves, posterior, CLASSES, seal, rounded, spread, speech, fps)
