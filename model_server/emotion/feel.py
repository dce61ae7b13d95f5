"""The sliders over time when nobody sets them: the voice, and the words where they are known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from model_server.audio.prosody import prosody
from model_server.audio.sound import Sound
from model_server.cancel import Progress, part, silent
from model_server.emotion import listener, word_model
from model_server.emotion.fusion import GatedFusion
from model_server.emotion.mixer import Recipe, mix
from model_server.emotion.voice import Heard, VoiceModel
from model_server.emotion.words import Sentence, TextModel, over_time, read, when_said
from model_server.voice.reference import VoiceReference
from s2f_blender_addon.core.script import ENGLISH


@dataclass(frozen=True)
class FeltTrack:
    """sliders (T, E) 0-1 in the order of EMOTIONS; frame i is at i / fps. sentences: what the words gave, and when.

    heard: what the voice alone gave.
    """

    sliders: npt.NDArray[np.float32]
    sentences: tuple[Sentence, ...]
    heard: Heard


def feel(
    sound: Sound,
    fps: float,
    text: str = "",
    recipe: Recipe | None = None,
    voice: VoiceModel | None = None,
    words: TextModel | None = None,
    progress: Progress = silent,
    spoken: Sequence[tuple[float, float]] = (),
    fusion: GatedFusion | None = None,
    reference: VoiceReference | None = None,
    language: str = ENGLISH,
) -> FeltTrack:
    """What ``sound`` says by its voice and, where ``text`` is what is said in ``language``, by its words; mixed by
    ``recipe``. Words that the text model does not know have no say.

    ``fusion`` takes the place of the weights of voice and words. ``spoken``: seconds from which until which each
    sentence is said, where that is known (``spoken.stretches``). ``reference``: how the speaker ordinarily sounds.
    """
    count = int(np.floor(sound.duration * fps + 1e-9)) + 1
    voice = voice or listener.bundled()
    if text.strip() or fusion is not None:
        words = words or word_model.bundled()
    if fusion is not None and words is not None:
        fusion.check(voice.id, words.id)
    heard = voice.hear(sound.samples, part(progress, 0.0, 0.7), reference)
    sources = {"voice": heard.over_time(count, fps)}
    speaks = {"voice": np.full(count, float(len(heard.times) > 0), np.float32)}
    said: list[Sentence] = []
    if text.strip() and words is not None:
        if not spoken:
            phrases = prosody(sound.samples, fps, part(progress, 0.7, 0.9)).phrases
            spoken = [(float(begin), float(end)) for begin, end in phrases]
        said = read(text, words, list(spoken), language)
        sources["words"], speaks["words"] = over_time(said, count, fps), when_said(said, count, fps)
    progress(1.0, "Mixing voice and words")
    recipe = recipe or Recipe()
    if fusion is not None:
        sources, speaks = {"fused": fusion.over_time(heard, [one for one in said if one.known], count, fps)}, {}
        recipe = replace(recipe, weights={"fused": 1.0})
    return FeltTrack(mix(sources, recipe, fps, speaks), tuple(said), heard)
