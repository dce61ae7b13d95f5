"""Posteriors that know the words: aligned phones where the alignment is sure, what was heard elsewhere."""

import numpy as np
import numpy.typing as npt

from model_server.audio.features import RATE
from model_server.cancel import Progress, silent
from model_server.speech.closures import Rule, closures
from model_server.speech.phones import BILABIAL, CLASS_INDEX
from model_server.speech.words.align import HEARD, UNKNOWN, Alignment, Phone
from model_server.speech.words.likelihood import kindred

Array = npt.NDArray[np.float32]

_LIPS = [CLASS_INDEX[name] for name in BILABIAL]

DOUBTED, TRUSTED = HEARD, 0.12
"""Confidence of a word up to which its alignment counts nothing and from which on it counts alone."""
BORDER = 3
"""Frames to either side of a border between two phones in which the sound decides where one becomes the other."""
NEAR, SHARED = 15, 0.3
"""Frames around an aligned closure in which the sound is searched for one; share of the shorter that both must have."""
_UNHEARD = 1e-3
"""What a frame leaves to a phone that is not heard in it at all."""


def guided(posteriors: Array, alignment: Alignment, progress: Progress = silent) -> Array:
    """(T, K) posteriors at 100 Hz, the aligned phones blended in."""
    result = posteriors.copy()
    accepts = kindred()
    ids = [CLASS_INDEX.get(phone.name, -1) for phone in alignment.phones]
    trust = _trust(alignment)
    for n, phone in enumerate(alignment.phones):
        if n % 500 == 0:
            progress(n / len(ids), "Following the words")
        a, b = _frames(phone, len(posteriors))
        if trust[n] <= 0 or b <= a:
            continue
        border = min(BORDER, (b - a - 1) // 2)  # its middle is its own, heard or not
        allowed = np.zeros((b - a, posteriors.shape[1]), bool)
        allowed[:, ids[n]] = True
        if n and ids[n - 1] >= 0:
            allowed[:border, ids[n - 1]] = True
        if n + 1 < len(ids) and ids[n + 1] >= 0:
            allowed[b - a - border :, ids[n + 1]] = True
        said = np.where(allowed, posteriors[a:b] @ accepts.T + _UNHEARD, 0)
        said /= said.sum(1, keepdims=True)
        result[a:b] = trust[n] * said + (1 - trust[n]) * posteriors[a:b]
    for phone, trusted in zip(alignment.phones, trust, strict=True):
        if phone.name in BILABIAL and trusted > 0:
            _as_heard(result, posteriors, phone)
    return result


def _as_heard(result: Array, posteriors: Array, phone: Phone) -> None:
    """Where a closure that the words ask for is heard as well, its edges are those of the sound: they are sharper."""
    first, last = max(0, round(phone.start * RATE) - NEAR), round(phone.end * RATE) + NEAR + 1
    heard = posteriors[first:last][:, _LIPS].sum(1)
    for start, end in closures(heard, RATE, Rule()):
        start, end = start + first / RATE, end + first / RATE
        common = min(end, phone.end) - max(start, phone.start)
        if common < SHARED * min(end - start, phone.end - phone.start):
            continue
        a = max(first, int(min(start, phone.start) * RATE) - 2)
        b = min(len(result), last, int(max(end, phone.end) * RATE) + 3)
        shut = posteriors[a:b][:, _LIPS].sum(1, keepdims=True)
        others = result[a:b] + _UNHEARD * posteriors[a:b]
        others[:, _LIPS] = 0
        result[a:b] = others * (1 - shut) / np.maximum(others.sum(1, keepdims=True), 1e-9)
        result[a:b, CLASS_INDEX[phone.name]] = shut[:, 0]


def _frames(phone: Phone, count: int) -> tuple[int, int]:
    """The frames [first, end) that a phone's time stands for."""
    return min(count, round(phone.start * RATE + 0.499)), min(count, round(phone.end * RATE + 0.5))


def _trust(alignment: Alignment) -> list[float]:
    """0-1 for each phone: its word's; of a pause that of the doubtfuller word beside it."""
    words = [float(np.clip((word.confidence - DOUBTED) / (TRUSTED - DOUBTED), 0, 1)) for word in alignment.words]
    own = [words[p.word] if p.word >= 0 else 0.0 if p.name == UNKNOWN else -1.0 for p in alignment.phones]
    return [
        min([own[k] for k in (n - 1, n + 1) if 0 <= k < len(own)] or [0.0]) if value < 0 else value
        for n, value in enumerate(own)
    ]
