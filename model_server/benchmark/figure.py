"""One promised figure: what was measured, and what it should be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """``value`` in ``unit``, to be at most ``limit``, or at least where ``more`` is better."""

    name: str
    value: float
    unit: str
    limit: float
    more: bool = False

    @property
    def met(self) -> bool:
        return self.value >= self.limit if self.more else self.value <= self.limit

    @property
    def measured(self) -> str:
        """The value with three digits and its unit."""
        return f"{self.value:{'.0f' if abs(self.value) >= 100 else '.3g'}} {self.unit}"

    @property
    def target(self) -> str:
        return f"{'≥' if self.more else '≤'} {self.limit:g} {self.unit}"
