"""Sound to posteriors in bounded memory: features in blocks, the network in windows with margins on both sides."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from model_server.audio import echo, running
from model_server.cancel import Progress
from model_server.speech.backend import Backend
from model_server.speech.layers import softmax
from model_server.speech.network import WINDOW, Shape

Array = npt.NDArray[np.float32]

FRAMES = 2 * WINDOW
"""Frames at 100 Hz that the network sees at a time at most, without its margins."""
MANY = 4
"""Windows; as many or fewer would get short if there were one more."""
MOST_WORKERS = 4
"""Windows that are heard at a time on a processor: Blender draws beside us, and each takes 25 MB."""


def workers() -> int:
    """How many windows to hear at a time on this processor; no more than OMP_NUM_THREADS, where that is set."""
    said = os.environ.get("OMP_NUM_THREADS", "")
    return min(int(said) if said.isdecimal() and int(said) else os.cpu_count() or 1, MOST_WORKERS)


def heard(samples: Array, average: Array, progress: Progress) -> tuple[Array, Array]:
    """(T, 80) features without level, colour and echo, and (T,) natural log of frame power over the level.

    ``average`` (80,) is the colour of the average voice, from the model.
    """
    power = echo.power(samples, progress, workers())
    return running.heard(power, average)


def posteriors(mel: Array, shape: Shape, backend: Backend, progress: Progress, workers: int = 1) -> Array:
    """(T, K) probabilities of the phone classes at 100 Hz of (T, bands) features, ``workers`` windows at a time.

    Windows are of one size: what attends understands less of a short one. So that two cores finish together, their
    number is even where there are many, whatever this machine has: the same sound gives the same face everywhere.
    """
    total = len(mel)
    count = max(1, -(-total // FRAMES))
    count += count % 2 if count > MANY else 0
    size = max(2, 2 * -(-total // (2 * count)))
    result = np.empty((total, shape.outputs), np.float32)

    def hear(start: int) -> None:
        result[start : start + size] = _window(mel, start, size, shape, backend)

    pool = ThreadPoolExecutor(workers)
    try:
        heard = [(start, pool.submit(hear, start)) for start in range(0, total, size)]
        for start, window in heard:
            progress(start / total, "Finding the sounds of speech")
            window.result()
    finally:
        pool.shutdown(cancel_futures=True)
    return result


def _window(mel: Array, start: int, size: int, shape: Shape, backend: Backend) -> Array:
    """Probabilities of the frames from ``start`` on, ``size`` or as many as there are."""
    total = len(mel)
    even = total + total % 2
    stop, margin = min(start + size, even), 2 * shape.context
    first, last = max(0, start - margin), min(even, stop + margin)
    piece = mel[first:last]
    if len(piece) < last - first:
        piece = np.concatenate([piece, mel[-1:]])
    logits = backend(np.ascontiguousarray(piece))[start - first : stop - first]
    return softmax(logits)[: total - start]
