"""Sound as the model hears it: mono, 16 kHz, float32."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.recording import check_length
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.core.speaker_turns import Turn

from .foreground import foreground
from .resample import Resampler

SAMPLE_RATE = 16000
RATES = (1000, 384_000)
"""Rates in Hz that a recording may have; beyond them a header is wrong."""
LOUDEST = 1e12
"""Far above integers written as floats, far below where float32 arithmetic overflows."""

SILENT, FAINT = 1e-4, 3e-3
"""Peaks (-80 and -50 dB) below which nothing is heard, and speech may be missed."""

_OFFSET = 0.01
"""Constant part of a sound beyond which it is taken out: it would count as loudness."""

_FADE = 0.02
"""Seconds in which a speaker's turn comes and goes, so that no click is heard."""

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Sound:
    """samples: (N,) float32, mono at 16 kHz, within -1 … 1, N ≥ 1; sha256: hex digest of their little-endian bytes.

    notes: what was assumed or repaired when it was read, a sentence for the user each.
    """

    samples: Samples
    sha256: str = field(default="")
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.sha256:
            little = np.ascontiguousarray(self.samples, dtype="<f4")
            object.__setattr__(self, "sha256", hashlib.sha256(little.data).hexdigest())

    @property
    def is_silent(self) -> bool:
        """Whether nothing at all is heard."""
        return bool(np.abs(self.samples).max() < SILENT)

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / SAMPLE_RATE

    def between(self, start: float, end: float) -> "Sound":
        """The part from ``start`` to ``end`` seconds; ``end`` 0 means to the end. Raises UserError for no sound."""
        first = max(round(start * SAMPLE_RATE), 0)
        last = round(end * SAMPLE_RATE) if end > 0 else len(self.samples)
        if first == 0 and last >= len(self.samples):
            return self
        if not first < min(last, len(self.samples)):
            raise UserError(f"The range {start:g}-{end:g} s holds nothing of this {self.duration:.2f} s recording.")
        return Sound(self.samples[first:last].copy(), notes=self.notes)

    def meant(self, request: Request) -> "Sound":
        """What ``request`` means of it: the speaker's turns in the stretch from its start to its end, or of those the
        nearest voice alone."""
        stretch = self.only(request.turns).between(request.start, request.end)
        return Sound(foreground(stretch.samples), notes=stretch.notes) if request.ear == "nearest" else stretch

    def only(self, turns: Sequence[Turn]) -> "Sound":
        """All of it, silent outside of ``turns``, which come and go within ``_FADE`` seconds; no turns change nothing.

        Raises UserError where all turns lie beyond its end.
        """
        if not turns:
            return self
        heard = np.zeros(len(self.samples), np.float32)
        ramp = np.linspace(0, 1, int(_FADE * SAMPLE_RATE), dtype=np.float32)
        for turn in turns:
            first, last = round(turn.start * SAMPLE_RATE), min(round(turn.end * SAMPLE_RATE), len(heard))
            if first >= last:
                continue
            share = np.ones(last - first, np.float32)
            edge = min(len(ramp), len(share) // 2)
            if edge:
                share[:edge], share[-edge:] = ramp[:edge], ramp[:edge][::-1]
            heard[first:last] = np.maximum(heard[first:last], share)
        if not heard.any():
            raise UserError(f"The speaker's turns lie beyond the end of this {self.duration:.2f} s recording.")
        return Sound(self.samples * heard, notes=self.notes)


class SoundBuilder:
    """Makes a Sound from blocks at the recording's own ``rate`` and number of channels, in bounded memory.

    ``name`` is what sentences call the recording; ``longest``, in seconds, may be less than what is read anywhere;
    ``weights``: how much of each channel is heard. Raises UserError for a rate or samples that no recording has, and as
    soon as there is more of it than ``longest``.
    """

    def __init__(
        self, rate: int, name: str, longest: float = math.inf, weights: Samples | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        if not RATES[0] <= rate <= RATES[1]:
            raise UserError(f"{name} claims {rate} samples a second, which no recording has; export it again.")
        self._name = name
        self._rate = rate
        self._longest = longest
        self._weights = weights
        self._notes = notes
        self._resampler = Resampler(rate, SAMPLE_RATE)
        self._parts: list[Samples] = []

    def add(self, block: Samples) -> None:
        """Take (n,) or (n, channels) samples; channels are averaged where no weights were given."""
        if not np.isfinite(block).all():
            raise UserError(f"{self._name} holds samples that are not numbers (NaN or infinity); export it again.")
        if len(block) and max(float(block.max()), -float(block.min())) > LOUDEST:
            raise UserError(
                f"{self._name} holds samples beyond {LOUDEST:.0e}, which no recording has; export it again."
            )
        self._parts.append(self._resampler.push(self._mono(block)))
        check_length(self._resampler.received / self._rate, self._name, self._longest)

    def _mono(self, block: Samples) -> Samples:
        if block.ndim == 1:
            return block
        if self._weights is None or len(self._weights) != block.shape[1]:
            mean: Samples = block.mean(axis=1, dtype=np.float32)
            return mean
        weighed: Samples = block @ self._weights
        return weighed

    def finish(self) -> Sound:
        """The whole recording, without a constant offset, with notes. One that is louder than full scale is turned down
        to it, never clipped.
        """
        if not self._resampler.received:
            raise UserError(f"{self._name} holds no sound (zero samples); choose another recording.")
        samples = np.concatenate([*self._parts, self._resampler.finish()])
        self._parts.clear()
        notes = list(self._notes)
        offset = float(samples.mean(dtype=np.float64))
        peak = max(float(samples.max()), -float(samples.min()))
        if abs(offset) > _OFFSET * max(peak, 1.0):
            samples -= np.float32(offset)
            peak = max(float(samples.max()), -float(samples.min()))
            notes.append(f"It had a constant offset of {offset:.2g} (DC), which was taken out.")
        if peak > 1.0:
            samples /= np.float32(peak)
        if peak < SILENT:
            notes.append("It is silent from beginning to end.")
        elif peak < FAINT:
            notes.append(f"It is very soft ({20 * math.log10(peak):.0f} dB at its loudest); turn it up and bake again.")
        return Sound(samples, notes=tuple(notes))
