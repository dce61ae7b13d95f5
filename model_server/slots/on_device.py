"""Networks that others trained, on a device: in float16 on cards that are faster so, as many pieces at a time as the
card's memory holds, and on the processor once that is full.

torch is imported when one is made, not before.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from model_server.hardware import Precision, precision_of
from model_server.speech.fallback import NOTICE, is_out_of_memory

Array = npt.NDArray[np.float32]

MOST = 16
"""Pieces at a time; more is no faster, and the job would not hear of its cancel."""

_SHARE = 0.5
"""Of the card's free memory, what a batch may take."""


class DeviceMemory(Protocol):
    """A card's memory, in bytes."""

    def free(self) -> int:
        """What this process could still have."""
        ...

    def forget_peak(self) -> None:
        """Begin to watch anew."""
        ...

    def peak(self) -> int:
        """The most that was taken since, beyond what had been."""
        ...


class CardMemory:
    """That of the CUDA card, as torch counts it."""

    def __init__(self) -> None:
        self._before = 0

    def free(self) -> int:
        import torch

        return int(torch.cuda.mem_get_info()[0]) + torch.cuda.memory_reserved() - torch.cuda.memory_allocated()

    def forget_peak(self) -> None:
        import torch

        torch.cuda.reset_peak_memory_stats()
        self._before = torch.cuda.memory_allocated()

    def peak(self) -> int:
        import torch

        return torch.cuda.max_memory_allocated() - self._before


class OnDevice:
    """``model``, a torch module in eval mode, where it runs. ``notice`` says so once the card's memory was full."""

    def __init__(
        self, model: Any, device: str, precision: Precision | None = None, memory: DeviceMemory | None = None
    ) -> None:
        """``precision`` and ``memory`` are those of ``device`` unless given."""
        self.model = model
        self.notice = ""
        self._wanted = device, precision or precision_of(device), memory or (CardMemory() if device == "cuda" else None)
        self._cost = 0
        self.begin()

    def begin(self) -> None:
        """A new job: the card gets another chance."""
        self.notice = ""
        self.device, self._precision, self._memory = self._wanted
        try:
            self.model = self.model.to(self.device)
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            self._leave_card(error)

    @contextmanager
    def inference(self) -> Iterator[None]:
        """No gradients; in half precision products in float16, sums that need it (norms, softmaxes) in float32."""
        import torch

        with torch.inference_mode(), torch.autocast(self.device, torch.float16, enabled=self._precision == "half"):
            yield

    def at_once(self) -> int:
        """How many pieces fit into memory together, by what the first one took; 1 while that is not known."""
        if self._memory is None or not self._cost:
            return 1
        return max(1, min(MOST, int(self._memory.free() * _SHARE) // self._cost))

    def run(self, pieces: Sequence[Array], read: Callable[[Any], Any]) -> list[Array]:
        """What ``read`` takes of the model's output, for ``pieces`` (N,) of one length; the first axis is the piece.

        Falls back to one piece, and then to the processor, where memory does not suffice.
        """
        import torch

        batch = torch.from_numpy(np.stack(pieces))
        try:
            if self._memory is not None and not self._cost:
                self._memory.forget_peak()
            with self.inference():
                heard = read(self.model(batch.to(self.device))).float().cpu().numpy()
            if self._memory is not None and not self._cost:
                self._cost = max(self._memory.peak() // len(pieces), 1)
            return list(heard)
        except RuntimeError as error:
            if self._memory is None or not is_out_of_memory(error):
                raise
            if len(pieces) == 1:
                self._leave_card(error)
        return [found for piece in pieces for found in self.run([piece], read)]

    def _leave_card(self, error: RuntimeError) -> None:
        self.notice, self.device, self._precision, self._memory = NOTICE, "cpu", "single", None
        self.model = self.model.to("cpu")
        print(f"{NOTICE} ({error})", file=sys.stderr)
