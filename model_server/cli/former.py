"""Words of the version before, which the terminal still takes, and says so."""

from collections.abc import Sequence

from s2f_blender_addon.core import codec

from .complaint import complain

OPTIONS = {
    "--own-emotion": "--custom-emotion", "--savgol": "--published-smoothing", "--pasted-blinks": "--published-blinks",
}  # fmt: skip
"""Options by what they were called."""


def modern(arguments: Sequence[str]) -> list[str]:
    """``arguments`` with the options of today in place of those of the version before."""
    found = []
    for argument in arguments:
        option, equals, value = argument.partition("=")
        if option in OPTIONS:
            tell(option, OPTIONS[option])
        found.append(OPTIONS.get(option, option) + equals + value)
    return found


def tell(word: str, now: str) -> None:
    """A note on stderr."""
    complain(codec.renamed(word, now))
