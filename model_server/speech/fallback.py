"""A card whose memory runs out in mid-job: the rest is computed on the processor, and the job says so."""

import sys
from collections.abc import Callable

from model_server.speech.backend import Array, Backend

NOTICE = "The card's memory was full, so the CPU did the work; close what else uses the card to be faster."

_SIGNS = ("out of memory", "ALLOC_FAILED")
"""In what torch says: an allocation of its own, the driver's, cuBLAS's and cuDNN's."""


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether ``error`` of torch's says that the card's memory is full."""
    return any(sign in str(error) for sign in _SIGNS)


class CardOrProcessor:
    """A Backend that runs on the card while there is memory. ``notice`` is empty as long as there is.

    ``card`` and ``processor`` make the two backends; they give the same result to within 1e-3.
    """

    def __init__(self, card: Callable[[], Backend], processor: Callable[[], Backend]) -> None:
        self.notice = ""
        self._make_card, self._make_processor = card, processor
        self._card: Backend | None = None
        self._processor: Backend | None = None
        self.begin()

    def begin(self) -> None:
        """A new job: the card gets another chance."""
        self.notice = ""
        try:
            self._card = self._card or self._make_card()
        except RuntimeError as error:
            self._leave_card(error)

    def __call__(self, features: Array) -> Array:
        if self._card is not None:
            try:
                return self._card(features)
            except RuntimeError as error:
                self._leave_card(error)
        self._processor = self._processor or self._make_processor()
        return self._processor(features)

    def _leave_card(self, error: RuntimeError) -> None:
        if not is_out_of_memory(error):
            raise error
        self._card, self.notice = None, NOTICE
        print(f"{NOTICE} ({error})", file=sys.stderr)
