"""Lines of a character: which is chosen and shown, where each of them lies, and how one is taken away again."""

from .acted import acted, beyond, copy_hand, keep_words, moved_words
from .cast import line_with
from .chosen import (
    OF_THE_SOUND,
    adopt,
    another_sound,
    by_ident,
    chosen,
    index_update,
    intensity_of,
    keep,
    remember,
    show,
    showing,
    target_update,
)
from .copies import part_copies
from .placed import moved, placed, shift_at, strip_now
from .spans import Neighbours, laid_open, line_for, neighbours, same_file
from .stored import keep_bake, made_again
from .taken import mute_update, take_away
from .tuning import reheard, retuned, share_of_mood, shows_mood_of, speech_of, touched, tuned

__all__ = [
    "OF_THE_SOUND", "Neighbours", "acted", "adopt", "another_sound", "beyond", "by_ident", "chosen", "copy_hand",
    "index_update", "intensity_of", "keep", "keep_bake", "keep_words", "laid_open", "line_for", "line_with",
    "made_again", "moved", "moved_words", "mute_update", "neighbours", "part_copies", "placed", "reheard", "remember",
    "retuned", "same_file", "share_of_mood", "shift_at", "show", "showing", "shows_mood_of", "speech_of", "strip_now",
    "take_away", "target_update", "touched", "tuned",
]  # fmt: skip
