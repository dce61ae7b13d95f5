"""The slots of a model and what may stand in them. A model file's card names its entries; nothing else chooses.

An encoder turns sound into features that the network of ``speech.network`` reads; a fusion turns the network's phones,
the emotion, its level and an identity into a face; a generator is a network of others that makes a face of the sound.
An entry is a class and the name that cards give it.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from model_server.cancel import Progress
from model_server.face.expressions import Expression
from model_server.face.life import Performance
from model_server.slots.bands import Bands
from model_server.slots.can import Can
from model_server.slots.fused import Fused
from model_server.slots.hidden_states import HiddenStates
from model_server.slots.rules import Rules
from model_server.speech.backend import Weights
from model_server.speech.talk import Talk
from s2f_blender_addon.core.acting import Acting
from s2f_blender_addon.core.request import Side

Array = npt.NDArray[np.float32]
Settings = dict[str, Any]
"""What a card says of one slot: JSON."""


class Encoder(Protocol):
    """What hears."""

    @property
    def notice(self) -> str:
        """What the user should know about how it runs; mostly nothing."""
        ...

    def __call__(self, samples: Array, average: Array, progress: Progress) -> tuple[Array, Array]:
        """(T, bands) features and (T,) log loudness, both at 100 Hz, of mono 16 kHz ``samples`` (N,)."""
        ...


class Fusion(Protocol):
    """What makes a face of what was heard and what is felt."""

    @property
    def can(self) -> Can:
        """What one may choose."""
        ...

    def acted(self, acting: Acting) -> "Fusion":
        """This one, acting so. Raises UserError for what it cannot."""
        ...

    def shapes(self, phones: Array, loudness: Array, rate: float) -> Array:
        """(T, 52) a neutral mouth at ``rate`` from posteriors (T, K) and log loudness (T,), before seals and rest."""
        ...

    def mood(
        self,
        emotion: Array,
        performance: Performance,
        expressions: Sequence[Expression] | None = None,
        side: Side = "left",
        progress: Progress = ...,
    ) -> Array:
        """(T, 52) to be added at intensity 1; all zeros for zero sliders, and zeros are exact. See ``face.mood``."""
        ...


class Generator(Fusion, Protocol):
    """What makes a face of the sound itself: a network of others. It stands in the fusion's place as well."""

    @property
    def name(self) -> str:
        """For provenance: which network, and how it acts."""
        ...

    def acted(self, acting: Acting) -> "Generator":
        """This one, acting so. Raises UserError for what it cannot."""
        ...

    @property
    def performs(self) -> Sequence[str]:
        """Parts of liveliness that it brings, so that they are not done twice."""
        ...

    def talk(self, samples: Array, talk: Talk, progress: Progress) -> Talk:
        """``talk`` of mono 16 kHz ``samples`` (N,) with other curves."""
        ...

    def blinked(self, talk: Talk, seed: int) -> Talk:
        """``talk`` with blinks of its own, if it brings any."""
        ...


BUNDLED = "bundled"
"""The encoder of files that bring a fusion only: the model that ships."""

ENCODERS: dict[str, type[Bands] | type[HiddenStates]] = {
    "whisper-tcn": Bands,
    "tcn": Bands,
    "tcn-causal": Bands,
    "transformers": HiddenStates,
}
FUSIONS: dict[str, type[Rules] | type[Fused]] = {
    "rules": Rules,
    "concat": Fused,
    "film-gru": Fused,
}
_PREFIX = "fusion."


def encoder(name: str, settings: Settings, device: str) -> Encoder:
    """Raises UserError when what it needs is not there."""
    return ENCODERS[name].open(settings, device)


def fusion(name: str, settings: Settings, weights: Weights) -> Fusion:
    """``weights`` are the whole file's. Raises KeyError, TypeError or ValueError for settings of another kind."""
    own = {key.removeprefix(_PREFIX): array for key, array in weights.items() if key.startswith(_PREFIX)}
    return FUSIONS[name].open(settings, own)


def fusion_tensors(name: str, settings: Settings) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the fusion's arrays in a model file; raises as ``fusion`` does."""
    return {_PREFIX + key: shape for key, shape in FUSIONS[name].tensors(settings).items()}
