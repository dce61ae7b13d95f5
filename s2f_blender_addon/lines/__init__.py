"""Lines of a character: which is chosen and shown, where each of them lies, and how one is taken away again."""

from .acted import acted, beyond, keep_words, moved_words
from .cast import line_with
from .chosen import adopt, chosen, index_update, intensity_of, keep, remember, show, showing, target_update
from .copies import part_copies
from .placed import dragged, moved, placed, shift_at
from .spans import Neighbours, line_for, neighbours, same_file
from .stored import keep_bake, made_again
from .taken import mute_update, take_away
from .tuning import reheard, retuned, share_of_mood, shows_mood_of, speech_of, touched, tuned

__all__ = [
    "Neighbours", "acted", "adopt", "beyond", "chosen", "dragged", "index_update", "intensity_of", "keep",
    "keep_bake", "keep_words", "line_for", "line_with", "made_again", "moved", "moved_words", "mute_update",
    "neighbours", "part_copies", "placed", "reheard", "remember", "retuned", "same_file", "share_of_mood",
    "shift_at", "show", "showing", "shows_mood_of", "speech_of", "take_away", "target_update", "touched", "tuned",
]  # fmt: skip
