"""One request, whoever sent it, to exactly one answer."""

import math
import platform
import traceback
from pathlib import Path

import numpy as np

from model_server import VERSION
from model_server.answers import diarized, felt_anew, listen, speak
from model_server.audio.decode import decode
from model_server.audio.sound import Sound
from model_server.cancel import JobCancelled, Progress, part
from model_server.engine import Engine
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.licence import together
from s2f_blender_addon.core.messages import (
    Answer,
    Ask,
    Cancelled,
    Describe,
    Described,
    Diarize,
    Failure,
    Feel,
    Felt,
    Know,
    Known,
    Mood,
    Read,
    Reads,
    Result,
    Transcribe,
    Transcribed,
)


def perform(engine: Engine, ask: Ask, sound: Sound | None, progress: Progress, longest: float = math.inf) -> Answer:
    """Do what ``ask`` wants on ``sound``, or on the file that it names, of at most ``longest`` seconds; ``progress``
    may raise JobCancelled.
    """
    try:
        if isinstance(ask, Read):
            return _reads(ask)
        if isinstance(ask, Describe):
            return _described(engine, ask, progress)
        if isinstance(ask, Mood):
            return Result(ask.id, felt_anew(engine, ask, progress))
        if isinstance(ask, Diarize):
            return diarized(ask, sound, progress)
        request, watch = ask.request, part(progress, 0.1, 1.0)
        if sound is None:
            sound = decode(request.audio, part(progress, 0.0, 0.1), longest, request.ear)
        if isinstance(ask, Transcribe):
            return _transcribed(ask, sound, watch)
        if isinstance(ask, Feel):
            heard = listen(engine, sound, request, watch)
            who = together(heard.makers)
            return Felt(
                ask.id, request.fps, request.start, heard.sentences, who.id, who.licence_track, heard.sliders,
                heard.events, heard.notes,
            )  # fmt: skip
        if isinstance(ask, Know):
            return _known(ask, sound.meant(request), watch)
        spoken = speak(engine, sound, request, watch)
        made_by = engine.with_model(request.model) if request.model else engine
        return Result(ask.id, spoken.track, made_by.model.notice, spoken.words, spoken.sentences, spoken.drive)
    except JobCancelled:
        return Cancelled(ask.id)
    except Exception as error:  # whatever it is, the user gets a sentence and we get a report
        return failure(ask.id, error)


def _known(ask: Know, sound: Sound, progress: Progress) -> Known:
    from model_server.emotion.listener import bundled

    reference = bundled().know([sound.samples], progress, ask.acted)
    return Known(ask.id, reference.to_json(), reference.seconds)


def _transcribed(ask: Transcribe, sound: Sound, progress: Progress) -> Transcribed:
    from model_server.speech.words.recogniser import written_down

    found = written_down(sound, Path(ask.recogniser), progress)
    return Transcribed(ask.id, found.cues, found.language)


def _reads(ask: Read) -> Reads:
    from model_server.emotion.perceived import CLASSES, perceive

    seen = perceive(np.clip(np.nan_to_num(ask.values), 0, 1), ask.fps)
    shares = {name: float(share) for name, share in zip(CLASSES, seen.shares, strict=True)}
    every = float(seen.times[1] - seen.times[0]) if len(seen.times) > 1 else 1.0
    return Reads(ask.id, shares, float(seen.times[0]), every, seen.over_time.astype(np.float32))


def _described(engine: Engine, ask: Describe, progress: Progress) -> Described:
    progress(0.0, "Opening the model")
    model = engine.with_model(ask.model).model
    card, can = model.card, model.can
    title = card.id.partition(",")[0]  # a network of others, before it is told how to act
    return Described(
        ask.id, title, card.licence_track, card.licence, can.levels, can.persons, can.identities, can.emotions,
        can.slow,
    )  # fmt: skip


def failure(job: int, error: Exception) -> Failure:
    """What the user reads about ``error``, and what a bug report needs."""
    if isinstance(error, UserError):
        sentence = str(error)
    elif isinstance(error, MemoryError):
        sentence = "The model process ran out of memory; close other programs or bake a shorter range."
    else:
        sentence = f"The model process met an error of its own ({type(error).__name__}); copy the report and send it."
    return Failure(job, sentence, report(error))


def report(error: Exception) -> str:
    """Versions, machine and traceback."""
    lines = [
        f"Speech2Face {VERSION}, Python {platform.python_version()}, numpy {np.__version__}, {platform.platform()}",
        *(line.rstrip() for line in traceback.format_exception(error)),
    ]
    return "\n".join(lines)
