"""A recording performed once or several times: where each take goes, and how different they are."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from model_server.cancel import Progress, part
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.core.script import Script
from s2f_blender_addon.core.takes import diversity
from s2f_blender_addon.core.track import Array

from .sources import recordings
from .speech import PerformanceOptions

if TYPE_CHECKING:
    from model_server.answers import Spoken
    from model_server.audio.sound import Sound
    from model_server.engine import Engine

BLEND = ".blend"
COMPARED = 36_000
"""Frames of a take that are kept to be compared with others: all of ten minutes."""


def performed(
    engine: "Engine", source: Path, script: Script, performance: PerformanceOptions, request: Request,
    progress: Progress,
) -> "Iterator[Spoken]":
    """Each take of the recording ``source``; ``request`` is what ``performance`` asks for, but for what is said and
    sliders over time. Raises UserError.
    """
    from model_server.answers import listen, speak
    from model_server.audio.decode import decode
    from model_server.emotion.keys_file import read_keys

    sound: Sound = decode(source, part(progress, 0.0, 0.1), ear=request.ear)
    asked = replace(request, words=script.cues, language=script.language, name=source.name[:255])
    if performance.emotion_track is not None:
        asked = replace(asked, emotion_track=read_keys(performance.emotion_track, sound.duration, request.fps))
    count, heard = performance.takes, None
    if asked.hear is not None:
        heard = listen(engine, sound, asked, part(progress, 0.1, 0.3))
        progress = part(progress, 0.2, 1.0)
    for take in range(count):
        watch = part(progress, 0.1 + 0.9 * take / count, 0.1 + 0.9 * (take + 1) / count)
        yield speak(engine, sound, replace(asked, take=take), watch, heard)


def with_reference(request: Request, references: Sequence[Path] | None) -> Request:
    """``request`` of somebody whose ordinary speech is in ``references``, which are named as recordings are.

    Raises UserError that names them.
    """
    paths = tuple(path for path, _ in recordings([str(one) for one in references or ()]))
    if not paths:
        return request
    if request.hear is None:
        return replace(request, ordinary_db=_ordinary_db(paths))
    level, known = _known(paths)
    return replace(request, ordinary_db=level, hear=replace(request.hear, references=(known,)))


@lru_cache(maxsize=8)
def _ordinary_db(paths: tuple[Path, ...]) -> float:
    """The level of the speech in ``paths``, below full scale."""
    from model_server.voice.reference import from_files

    try:
        return min(0.0, from_files(list(paths)).level_db.middle)
    except UserError as error:
        raise UserError(f"--reference {', '.join(map(str, paths))}: {error}") from None


@lru_cache(maxsize=8)
def _known(paths: tuple[Path, ...]) -> tuple[float, str]:
    """The level of the speech in ``paths``, and how it sounds, as a request has it."""
    from model_server.audio.decode import decode
    from model_server.emotion.listener import bundled

    try:
        known = bundled().know([decode(path).samples for path in paths])
    except UserError as error:
        raise UserError(f"--reference {', '.join(map(str, paths))}: {error}") from None
    return min(0.0, known.level_db.middle), known.to_json()


def of_takes(target: Path, takes: int) -> list[Path]:
    """Where each take of a track, or of a .blend file, goes."""
    if takes == 1:
        return [target]
    ending = BLEND if target.suffix.lower() == BLEND else formats.suffix_of(target)
    suffix = target.name[-len(ending) :]
    stem = target.name.removesuffix(suffix)
    return [target.with_name(f"{stem}_take{take + 1}{suffix}") for take in range(takes)]


def to_compare(values: Array) -> Array:
    """Of a face (T, 52) as many frames, evenly spread, as it takes to say how different takes are."""
    return values[:: -(-len(values) // COMPARED)].copy()


def how_different(faces: Sequence[Array]) -> str:
    """A sentence on several performances (T, 52) of one recording."""
    found = diversity(faces)
    return f"The takes differ by {found['mouth']:.2f} on the mouth and {found['upper']:.2f} on the upper face."
