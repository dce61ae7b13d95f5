"""One request, whoever sent it, to exactly one answer."""

import platform
import traceback

import numpy as np

from model_server import VERSION
from model_server.audio.decode import decode
from model_server.audio.sound import Sound
from model_server.cancel import JobCancelled, Progress, part
from model_server.engine import Engine, check_fps, starting_at
from model_server.face.expressions import side_of
from model_server.face.life import Liveliness
from model_server.face.own import own_expressions
from model_server.speech.words.script import Script
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.messages import Answer, Cancelled, Failure, Feel, Felt, Read, Reads, Request, Result

FILES = ("voice_model", "text_model", "fusion_model")
"""Options that name files of the computer on which this runs."""


def perform(engine: Engine, request: Request, sound: Sound | None, progress: Progress) -> Answer:
    """Run ``request`` on ``sound``, or on the file it names; ``progress`` may raise JobCancelled."""
    try:
        if isinstance(request, Read):
            return _reads(request)
        if sound is None:
            sound = decode(request.audio, part(progress, 0.0, 0.1))
        sound = sound.between(request.start, request.end)
        if isinstance(request, Feel):
            return _felt(engine, request, sound, part(progress, 0.1, 1.0))
        emotion = request.keyed if len(request.keyed) else request.emotion
        own, side = own_expressions(request.own), side_of(request.options)
        life = Liveliness.named(request.options.get("life", {}))
        script = Script.of(request.said, request.language).between(request.start, request.end)
        watch = part(progress, 0.1, 1.0)
        track = engine.infer(sound, emotion, request.seed, request.fps, watch, own, side, life, script)
        words = [word.told(request.start) for word in engine.find(sound, script)]
        return Result(request.id, starting_at(track, request.start), engine.model.notice, words)
    except JobCancelled:
        return Cancelled(request.id)
    except Exception as error:  # whatever it is, the user gets a sentence and we get a report
        return failure(request.id, error)


def _felt(engine: Engine, request: Feel, sound: Sound, progress: Progress) -> Felt:
    from model_server.emotion.feel import feel  # not for those who only infer: it reads its tables
    from model_server.emotion.mixer import recipe
    from model_server.emotion.spoken import stretches
    from model_server.emotion.voices import fusion_model, text_model, voice_model

    check_fps(request.fps)
    mixing = recipe(request.weights, request.options)
    voice = voice_model(str(request.options.get("voice_model") or ""), engine.model.device)
    words = text_model(str(request.options.get("text_model") or ""), engine.model.device)
    said = request.said or [{"text": request.text}]
    script = Script.of(said, request.language).between(request.start, request.end)
    spoken = stretches(script.text, engine.find(sound, script, part(progress, 0.0, 0.4)))
    fusion = fusion_model(str(request.options.get("fusion_model") or ""))
    watch = part(progress, 0.4, 1.0)
    felt = feel(sound, request.fps, script.text, mixing, voice, words, watch, spoken, fusion)
    sentences = [sentence.told(request.start) for sentence in felt.sentences]
    tracks = {voice.licence_track} | ({fusion.card.licence_track} if fusion is not None else set())
    model = " + ".join(
        [voice.id, *([words.id] if sentences else []), *([fusion.card.id] if fusion is not None else [])]
    )
    track = "product" if tracks == {"product"} else "research"
    return Felt(request.id, request.fps, request.start, sentences, model, track, felt.sliders)


def _reads(request: Read) -> Reads:
    from model_server.emotion.perceived import CLASSES, perceive

    check_fps(request.fps)
    shares = perceive(np.clip(np.nan_to_num(request.values), 0, 1), request.fps).shares
    return Reads(request.id, {name: float(share) for name, share in zip(CLASSES, shares, strict=True)})


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
