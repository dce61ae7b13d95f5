"""What is said of those among several things that could not be done, while the others were."""

from collections.abc import Sequence

MOST_NAMED = 6
"""Reasons that one sentence holds; further ones are counted."""


def left_out(left: Sequence[tuple[str, str]], of: int, what: str) -> str:
    """One sentence about ``left``, each a (name, sentence that says why), of ``of`` things called ``what``; empty where
    nothing was left.
    """
    if not left:
        return ""
    were = "was" if len(left) == 1 else "were"
    told = [f"“{name}” ({why.strip().rstrip('.')})" for name, why in left[:MOST_NAMED]]
    more = [f"and {len(left) - MOST_NAMED} more"] if len(left) > MOST_NAMED else []
    return f"{len(left)} of {of} {what} {were} left out: {', '.join(told + more)}."
