"""The encoders of our own hear log-mel bands; what comes then is a matter of the network's shape."""

from typing import Any

import numpy as np
import numpy.typing as npt

from model_server.cancel import Progress
from model_server.speech import acoustics

Array = npt.NDArray[np.float32]


class Bands:
    """Entries ``whisper-tcn``, ``tcn`` and ``tcn-causal``."""

    notice = ""

    @classmethod
    def open(cls, settings: dict[str, Any], device: str) -> "Bands":
        return cls()

    def __call__(self, samples: Array, average: Array, progress: Progress) -> tuple[Array, Array]:
        return acoustics.heard(samples, average, progress)
