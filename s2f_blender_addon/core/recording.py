"""What both sides hold of a recording: how long it may be, whether its end is there, and which channel speaks."""

import math

import numpy as np
import numpy.typing as npt

from .errors import UserError

LONGEST = 3 * 3600.0
"""Seconds of sound that are read at a time: 0.7 GB at the model's own rate."""

_DEAD = 1e-3
"""Power beside the loudest channel (-30 dB) below which one is silent."""

_OPPOSITE = -0.5
"""Correlation with the loudest channel below which one is turned over."""

_CANCELS = 0.5
"""Share of the power of channels that their mean must keep: independent ones keep all of it."""

_CENTRE, _LOW = 2, 3
"""Places of the centre and of the low-frequency channel among five and more (ITU-R BS.775, in the order of WAV)."""

Weights = npt.NDArray[np.float32]


def check_length(seconds: float, name: str, longest: float = math.inf) -> None:
    """Raises UserError for a recording of more than LONGEST, or than ``longest`` seconds where that is less."""
    most = min(longest, LONGEST)
    if seconds > most:
        raise UserError(f"{name} is longer than the {most / 3600:g} h that are taken here; cut it up.")


def lost_end(there: float, told: float) -> str:
    """What to say of a recording that ends early; both in seconds."""
    return f"It ends after {there:.2f} of the {told:.2f} s that its header tells; the rest is missing."


class Channels:
    """How the channels of a recording go together, gathered a block at a time; then ``weights``."""

    def __init__(self, count: int) -> None:
        self._power = np.zeros((count, count))

    def add(self, block: npt.NDArray[np.float32]) -> None:
        """Take (n, channels) samples; what is constant over a block is no sound."""
        if len(block):
            moved = np.nan_to_num(block - block.mean(axis=0, dtype=np.float64), posinf=0.0, neginf=0.0)
            self._power += moved.T @ moved

    def weights(self, ear: str = "all") -> tuple[Weights, str]:
        """(how much of each channel is heard, what to say about it or ''). ``ear``: see ``core.request.Ear``.

        Of five and more the centre, where it is not silent; else the mean of those that are not, turned over where
        they are opposite to the loudest; and the loudest alone where they would cancel.
        """
        power = np.diag(self._power)
        count = len(power)
        weights: Weights = np.zeros(count, np.float32)
        heard = power.copy()
        if count > 5:
            heard[_LOW] = 0.0
        loudest = int(heard.argmax())
        if ear not in ("all", "nearest"):
            return self._alone(ear, loudest)
        if count == 1 or not heard[loudest] > 0:
            return np.full(count, 1 / count, np.float32), ""
        live = np.flatnonzero(heard > _DEAD * heard[loudest])
        if count >= 5 and _CENTRE in live and len(live) > 1:
            weights[_CENTRE] = 1.0
            return weights, f"Of its {count} channels the centre was taken, where films have their speech."
        signs = np.where(self._power[loudest] < _OPPOSITE * np.sqrt(power[loudest] * power), -1.0, 1.0)
        weights[live] = signs[live] / len(live)
        kept, apart = float(weights @ self._power @ weights), float((weights**2) @ power)
        if kept < _CANCELS * apart:
            weights[:] = 0.0
            weights[loudest] = 1.0
            return weights, f"Its channels cancel each other; channel {loudest + 1} alone was taken."
        if (signs[live] < 0).any():
            return weights, "Its channels are opposite in phase and would cancel; one was turned over."
        silent = sorted(set(range(count)) - set(live.tolist()) - ({_LOW} if count > 5 else set()))
        if not silent:
            return weights, ""
        named = ", ".join(str(channel + 1) for channel in silent)
        return weights, f"Of its {count} channels {named} {'is' if len(silent) == 1 else 'are'} silent and left out."

    def _alone(self, ear: str, loudest: int) -> tuple[Weights, str]:
        """One channel and no other."""
        count = len(self._power)
        if count == 1:
            only = f"The recording has one channel, so there is no {ear} one to listen to; it was taken as it is."
            return np.ones(1, np.float32), "" if ear == "louder" else only
        channel = {"left": 0, "right": 1}.get(ear, loudest)
        weights: Weights = np.zeros(count, np.float32)
        weights[channel] = 1.0
        silent = not self._power[channel, channel] > 0
        return weights, f"The {ear} channel of the recording is silent; choose another one." if silent else ""
