"""Where the emotion of a command comes from: sliders, keys in a file, or the recording itself."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from model_server.cancel import Progress
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.track import FaceTrack

from .options import AUTO, sliders

if TYPE_CHECKING:
    from model_server.audio.sound import Sound
    from model_server.emotion.voice import VoiceModel
    from model_server.emotion.words import Sentence
    from s2f_blender_addon.core.track import Array


@dataclass(frozen=True)
class Feeling:
    """Sliders by name, or (T, 8) over time; what the sentences gave, where there were any; who heard the voice."""

    emotion: "Mapping[str, float] | Array"
    sentences: "tuple[Sentence, ...]" = ()
    voice: "VoiceModel | None" = None

    def signed(self, track: FaceTrack) -> FaceTrack:
        """``track`` with a voice model of the research track in its provenance."""
        if self.voice is None or self.voice.licence_track == "product":
            return track
        made = track.provenance
        return replace(
            track,
            provenance=replace(made, model=f"{made.model} + {self.voice.id}", licence_track=self.voice.licence_track),
        )


def feeling(
    wanted: str,
    sound: "Sound",
    fps: float,
    progress: Progress,
    keys: Path | None = None,
    text: str = "",
    voice_model: str = "",
    text_model: str = "",
) -> Feeling:
    """What ``--emotion`` (with ``keys`` of ``--emotion-track``, ``text`` of ``--transcript``) means for ``sound``."""
    if keys is not None:
        from model_server.emotion.keys_file import read_keys

        return Feeling(read_keys(keys, sound.duration, fps))
    if wanted != AUTO:
        return Feeling(sliders(wanted))
    from model_server.emotion.feel import feel
    from model_server.emotion.voices import text_model as text_model_of
    from model_server.emotion.voices import voice_model as voice_model_of

    voice, words = voice_model_of(voice_model), text_model_of(text_model)
    felt = feel(sound, fps, text, voice=voice, words=words, progress=progress)
    return Feeling(felt.sliders, felt.sentences, voice)


def transcripts(given: str, sources: list[Path]) -> list[str]:
    """What is said in each of ``sources``: ``given`` is the text, a file, or a folder of STEM.txt; empty for none.

    Raises UserError for files that are not there and for one text for several recordings.
    """
    if not given:
        return [""] * len(sources)
    try:
        is_folder, is_file = os.path.isdir(given), os.path.isfile(given)
    except ValueError:  # a text with a null character
        is_folder = is_file = False
    if is_folder:
        return [_read(Path(given) / f"{source.stem}.txt") for source in sources]
    if len(sources) > 1:
        raise UserError(f"--transcript: several recordings need a folder with {sources[0].stem}.txt and so on.")
    if is_file or (given.lower().endswith(".txt") and "\n" not in given):
        return [_read(Path(given))]
    return [given]


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise UserError(f"{path}: there is no such transcript.") from error
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: it cannot be read ({getattr(error, 'strerror', None) or 'not UTF-8'}).") from error
