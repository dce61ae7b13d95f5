"""What a recording says beside the sliders, kept on its character: sentences, laughs and the like, and who listened."""

import json
from collections.abc import Sequence

import numpy as np
from bpy.types import Object, PropertyGroup

from ..bake.stretch import Span
from ..core.messages import Felt
from .edited import EDGE, covered
from .heard import HeardEvent, heard_anew, kind_of


def write(
    owner: Object, felt: Felt, spans: Sequence[Span], start_frame: float, rate: float, all_anew: bool
) -> list[str]:
    """Have ``owner`` know what ``felt`` says of the frames ``spans``, second 0 being at ``start_frame``.

    What is elsewhere stays, and so do sounds that the animator has edited unless ``all_anew``; returns their kinds.
    """
    character = owner.s2f_character
    character.felt_by, character.felt_track = felt.model, felt.licence_track
    heard = [
        HeardEvent(one.kind, start_frame + one.start * rate, start_frame + one.end * rate) for one in felt.events
    ]
    merged = heard_anew(sounds_of(owner), _known(character), heard, spans, all_anew)
    character.events.clear()
    for sound in merged.sounds:
        item = character.events.add()
        item.kind, item.first, item.last = sound.kind.upper(), sound.first, sound.last
        if not sound.acted:
            item.on = False
    character.heard_sounds = json.dumps([[one.kind, one.first, one.last] for one in merged.known])
    _write_sentences(character, felt, spans, start_frame, rate)
    return sorted({one.kind for one in merged.edited})


def has_edits(owner: Object, spans: Sequence[Span]) -> bool:
    """Whether the animator has moved, changed, added or removed a sound in ``spans``."""
    return bool(heard_anew(sounds_of(owner), _known(owner.s2f_character), (), spans).edited)


def sounds_of(owner: Object) -> list[HeardEvent]:
    """The laughs, sighs, gasps and sobs of ``owner`` in the order of its list."""
    return [HeardEvent(kind_of(one.kind), one.first, one.last, one.on) for one in owner.s2f_character.events]


def _write_sentences(
    character: PropertyGroup, felt: Felt, spans: Sequence[Span], start_frame: float, rate: float
) -> None:
    said = [(one.frame, one.text, one.gave) for one in character.sentences]
    said = [one for one in said if not covered(np.array([one[0]]), spans, EDGE)[0]]
    for one in felt.sentences:
        gave = ", ".join(f"{name} {share:.0%}" for name, share in one.emotion.items())
        said.append((start_frame + one.start * rate, one.text, gave if one.known else "words not known"))
    character.sentences.clear()
    for frame, text, gave in sorted(said):
        item = character.sentences.add()
        item.frame, item.text, item.gave = frame, text, gave


def _known(character: PropertyGroup) -> list[HeardEvent]:
    """The sounds as they were heard, whatever has become of them since."""
    try:
        found = json.loads(character.heard_sounds or "[]")
        return [HeardEvent(kind_of(kind.upper()), first, last) for kind, first, last in found]
    except (ValueError, TypeError, AttributeError, StopIteration):
        return []
