"""Where the emotion of a command comes from: sliders, keys in a file, or the recording itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from model_server.cancel import Progress, part
from s2f_blender_addon.core.track import FaceTrack

from .options import AUTO, sliders

if TYPE_CHECKING:
    from model_server.audio.sound import Sound
    from model_server.emotion.fusion import GatedFusion
    from model_server.emotion.voice import VoiceModel
    from model_server.emotion.words import Sentence
    from model_server.engine import Engine
    from model_server.speech.words.script import Script
    from s2f_blender_addon.core.track import Array


@dataclass(frozen=True)
class Feeling:
    """Sliders by name, or (T, 8) over time; what the sentences gave, where there were any; who heard the voice."""

    emotion: "Mapping[str, float] | Array"
    sentences: "tuple[Sentence, ...]" = ()
    voice: "VoiceModel | None" = None
    fusion: "GatedFusion | None" = None

    def signed(self, track: FaceTrack) -> FaceTrack:
        """``track`` with models of the research track, where some heard it, in its provenance."""
        known = [(one.id, one.licence_track) for one in (self.voice, self.fusion and self.fusion.card) if one]
        research = [(name, track) for name, track in known if track != "product"]
        if not research:
            return track
        made = track.provenance
        model = " + ".join([made.model, *(name for name, _ in research)])
        return replace(track, provenance=replace(made, model=model, licence_track=research[0][1]))


def feeling(
    wanted: str,
    sound: "Sound",
    fps: float,
    progress: Progress,
    engine: "Engine",
    keys: Path | None = None,
    script: "Script | None" = None,
    voice_model: str = "",
    text_model: str = "",
    fusion_model: str = "",
    own: Sequence[str] = (),
) -> Feeling:
    """What ``--emotion`` (with ``keys`` of ``--emotion-track``, ``script`` of ``--transcript``) means for ``sound``.

    ``own``: names of the user's own emotions.
    """
    if keys is not None:
        from model_server.emotion.keys_file import read_keys

        return Feeling(read_keys(keys, sound.duration, fps))
    if wanted != AUTO:
        return Feeling(sliders(wanted, own))
    from model_server.emotion.feel import feel
    from model_server.emotion.spoken import stretches
    from model_server.emotion.voices import fusion_model as fusion_model_of
    from model_server.emotion.voices import text_model as text_model_of
    from model_server.emotion.voices import voice_model as voice_model_of

    voice, words, fusion = voice_model_of(voice_model), text_model_of(text_model), fusion_model_of(fusion_model)
    spoken, text = [], script.text if script else ""
    if script:
        spoken = stretches(text, engine.find(sound, script, part(progress, 0.0, 0.4)))
        progress = part(progress, 0.4, 1.0)
    felt = feel(sound, fps, text, voice=voice, words=words, progress=progress, spoken=spoken, fusion=fusion)
    return Feeling(felt.sliders, felt.sentences, voice, fusion)
