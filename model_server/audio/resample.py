"""Sound of any integer rate to 16 kHz: a polyphase windowed sinc whose blocks are matrix products.

The filter is a Kaiser-windowed sinc (Kaiser, "Nonrecursive digital filter design using the I0-sinh window function",
1974): 90 dB of stopband, flat to 0.9 of the lower Nyquist frequency. Outputs ``m`` of one *cycle* see the same taps in
every cycle, so a cycle is a banded matrix, cut into chunks, and a block of many cycles is one product per chunk.
Every product has the same shape however the input was cut, so streaming equals one call bit by bit.
"""

from math import ceil, gcd

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

STOPBAND_DB = 90.0
PASSBAND = 0.9
CHUNK = 128
BLOCK_SECONDS = 4.0


class Resampler:
    """Streams mono float32 sound from ``rate`` to ``target`` Hz, in phase with the input, ends padded with zeros.

    ``push`` blocks of any length, then ``finish``; together they return ceil(N * target / rate) samples.
    """

    def __init__(self, rate: int, target: int) -> None:
        shared = gcd(rate, target)
        self.up, self.down = target // shared, rate // shared
        self.received = 0
        self._returned = 0
        if rate == target:
            return
        half = _half_width(self.up, self.down)  # in steps of 1/up of an input sample
        self._lead = ceil(half / self.up)  # input samples that an output looks back and ahead
        cycles = max(1, CHUNK // self.up)
        self._cycle_in, self._cycle_out = self.down * cycles, self.up * cycles
        self._chunks = _chunks(self._cycle_out, self.up, self.down, half, self._lead)
        self._cycles = max(1, round(BLOCK_SECONDS * rate / self._cycle_in))
        self._pending: list[Samples] = [np.zeros(self._lead, np.float32)]
        self._waiting = self._lead

    @property
    def total(self) -> int:
        """How many samples all input so far amounts to."""
        return ceil(self.received * self.up / self.down)

    def push(self, samples: Samples) -> Samples:
        """The next samples that are ready; may be none."""
        self.received += len(samples)
        if self.up == self.down:
            return samples.astype(np.float32)
        self._pending.append(np.asarray(samples, np.float32))
        self._waiting += len(samples)
        needed = self._cycles * self._cycle_in + 2 * self._lead
        if self._waiting < needed:
            return np.zeros(0, np.float32)
        joined = np.concatenate(self._pending)
        done, start = [], 0
        while len(joined) - start >= needed:
            done.append(self._block(joined[start : start + needed]))
            start += self._cycles * self._cycle_in
        self._pending = [joined[start:].copy()]
        self._waiting = len(joined) - start
        return self._counted(np.concatenate(done))

    def finish(self) -> Samples:
        """The last samples."""
        if self.up == self.down:
            return np.zeros(0, np.float32)
        needed = self._cycles * self._cycle_in + 2 * self._lead
        done = [np.zeros(0, np.float32)]
        missing = self.total - self._returned
        rest = np.concatenate(self._pending)
        while missing > 0:
            block = np.zeros(needed, np.float32)
            block[: min(len(rest), needed)] = rest[:needed]
            done.append(self._block(block)[:missing])
            missing -= len(done[-1])
            rest = rest[self._cycles * self._cycle_in :]
        return self._counted(np.concatenate(done))

    def _counted(self, samples: Samples) -> Samples:
        self._returned += len(samples)
        return samples

    def _block(self, samples: Samples) -> Samples:
        """``_cycles`` cycles of output from their input and ``_lead`` samples on either side."""
        out = np.empty((self._cycles, self._cycle_out), np.float32)
        column = 0
        for first, matrix in self._chunks:
            windows = np.lib.stride_tricks.as_strided(
                samples[first:], (self._cycles, len(matrix)), (self._cycle_in * samples.itemsize, samples.itemsize)
            )
            out[:, column : column + matrix.shape[1]] = np.ascontiguousarray(windows) @ matrix
            column += matrix.shape[1]
        return out.reshape(-1)


def resample(samples: Samples, rate: int, target: int) -> Samples:
    """(N,) mono at ``rate`` Hz to (ceil(N * target / rate),) at ``target`` Hz."""
    resampler = Resampler(rate, target)
    return np.concatenate([resampler.push(samples), resampler.finish()])


def _half_width(up: int, down: int) -> int:
    """Half the filter's length in steps of 1/up input samples, from Kaiser's estimate of the order."""
    transition = np.pi * (1 - PASSBAND) / max(up, down)
    return ceil((STOPBAND_DB - 7.95) / (2.285 * transition) / 2)


def _filter(up: int, down: int, half: int) -> npt.NDArray[np.float64]:
    """The filter from its centre to its end, in steps of 1/up input samples; a last 0 stands for all beyond."""
    beta = 0.1102 * (STOPBAND_DB - 8.7)
    cutoff = (1 + PASSBAND) / 2 / max(up, down)
    steps = np.arange(half + 1)
    taps = np.sinc(steps * cutoff) * np.i0(beta * np.sqrt(1 - (steps / half) ** 2))
    return np.append(taps, 0.0)


def _chunks(count: int, up: int, down: int, half: int, lead: int) -> list[tuple[int, Samples]]:
    """For each group of a cycle's outputs: the first input it sees, and its matrix (inputs, outputs)."""
    chunks = []
    taps = _filter(up, down, half)
    for start in range(0, count, CHUNK):
        outputs = np.arange(start, min(start + CHUNK, count), dtype=np.int64) * down
        first = int(outputs[0] // up)  # in samples that begin ``lead`` before the cycle
        last = int(outputs[-1] // up) + 2 * lead
        inputs = (np.arange(first, last + 1, dtype=np.int64) - lead) * up
        matrix = taps[np.minimum(np.abs(inputs[:, None] - outputs[None, :]), half + 1)]
        matrix /= matrix.sum(axis=0)  # so that a constant stays that constant at every phase
        chunks.append((first, np.ascontiguousarray(matrix, dtype=np.float32)))
    return chunks
