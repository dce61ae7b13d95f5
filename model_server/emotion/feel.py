"""The eight sliders over time when nobody sets them: the voice, and the words where they are known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from model_server.audio.prosody import prosody
from model_server.audio.sound import Sound
from model_server.cancel import Progress, part, silent
from model_server.emotion.fusion import GatedFusion
from model_server.emotion.mixer import Recipe, mix
from model_server.emotion.prosodic import ProsodicModel
from model_server.emotion.voice import VoiceModel
from model_server.emotion.words import LexiconModel, Sentence, TextModel, over_time, read


@dataclass(frozen=True)
class Felt:
    """sliders (T, 8) 0-1 in the order of EMOTIONS; frame i is at i / fps. sentences: what the words gave, and when."""

    sliders: npt.NDArray[np.float32]
    sentences: tuple[Sentence, ...]


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
) -> Felt:
    """What ``sound`` says by its voice and, where ``text`` is what is said, by its words; mixed by ``recipe``.

    ``fusion`` takes the place of the weights of voice and words. ``spoken``: seconds from which until which each
    sentence is said, where that is known (``spoken.stretches``).
    """
    count = int(np.floor(sound.duration * fps + 1e-9)) + 1
    voice, words = voice or ProsodicModel(), words or LexiconModel()
    if fusion is not None:
        fusion.check(voice.id, words.id)
    heard = voice.hear(sound.samples, part(progress, 0.0, 0.7))
    sources = {"voice": heard.over_time(count, fps)}
    said: list[Sentence] = []
    if text.strip():
        if not spoken:
            phrases = prosody(sound.samples, fps, part(progress, 0.7, 0.9)).phrases
            spoken = [(float(begin), float(end)) for begin, end in phrases]
        said = read(text, words, list(spoken))
        sources["words"] = over_time(said, count, fps)
    progress(1.0, "Mixing voice and words")
    recipe = recipe or Recipe()
    if fusion is not None:
        sources = {"fused": fusion.over_time(heard, said, count, fps)}
        recipe = replace(recipe, weights={"fused": 1.0})
    return Felt(mix(sources, recipe, fps), tuple(said))
