"""What a request asks for: a face that speaks, or the emotion that is heard. Whoever asks, asks here."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from model_server.audio.decode import decode
from model_server.audio.sound import Sound
from model_server.cancel import Progress, part, silent
from model_server.engine import Engine
from s2f_blender_addon.core.arguments import checked
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.drive import Drive
from s2f_blender_addon.core.licence import Maker, signed
from s2f_blender_addon.core.messages import Diarize, Diarized, FeltSentence, Mood
from s2f_blender_addon.core.request import Ear, Hearing, Request
from s2f_blender_addon.core.script import SpokenWord
from s2f_blender_addon.core.track import Array, FaceTrack
from s2f_blender_addon.core.vocal_events import KINDS, VocalEvent

NO_VOICE = "Nothing in it sounds like a voice, so no emotion was heard."
OTHER_EAR = "The voice reference was learned by another version of the listener and does not count; learn it again."


@dataclass(frozen=True)
class HeardEmotion:
    """sliders: (n, E) 0-1 at the request's rate from its start. sentences: what the words gave. makers: who heard.

    events: laughs, sighs, gasps and sobs, in seconds of the recording. notes: what its user should know.
    """

    sliders: Array
    sentences: tuple[FeltSentence, ...]
    makers: tuple[Maker, ...]
    events: tuple[VocalEvent, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Spoken:
    """A track, when the words of the request are said, what its sentences gave where the emotion was heard, and what
    another mood needs.
    """

    track: FaceTrack
    words: tuple[SpokenWord, ...] = ()
    sentences: tuple[FeltSentence, ...] = ()
    drive: Drive = field(default_factory=Drive)


@checked
def speak(
    engine: Engine, sound: Sound, request: Request, progress: Progress = silent, heard: HeardEmotion | None = None
) -> Spoken:
    """The face of a recording; ``heard``: its emotion, where ``listen`` has told it for another take.

    Raises UserError for a request that it cannot fulfil, JobCancelled as ``progress``.
    """
    if request.hear is None:
        heard = HeardEmotion(np.zeros((0, len(EMOTIONS)), np.float32), (), ())
    else:
        heard = heard or listen(engine, sound, request, part(progress, 0.0, 0.2))
        own = np.zeros((len(heard.sliders), len(request.custom_emotions)), np.float32)
        request = replace(request, emotion={}, emotion_track=np.concatenate([heard.sliders, own], axis=1))
        progress = part(progress, 0.2, 1.0)
    track = engine.infer(sound, request, progress)
    track = with_events(track, (*request.events, *heard.events))
    made_by = replace(track.provenance, notes=(*track.provenance.notes, *heard.notes))
    track = replace(track, provenance=signed(made_by, heard.makers))
    words = tuple(word.told(request.start) for word in engine.find(sound, request))
    return Spoken(track, words, heard.sentences, engine.drive(sound, request))


def felt_anew(engine: Engine, ask: Mood, progress: Progress = silent) -> FaceTrack:
    """Another mood over a speech that is known, what the face does at laughs, sighs, gasps and sobs included."""
    return with_events(engine.mood(ask.talk, ask.head, ask.drive, ask.request, progress), ask.request.events)


def with_events(track: FaceTrack, events: Sequence[VocalEvent]) -> FaceTrack:
    """``track`` with the face acting ``events``, in seconds of the recording."""
    if not events:
        return track
    from model_server.face.vocal_events import acted

    return replace(track, mood=track.mood + acted(events, len(track.mood), track.fps, track.start))


def diarized(ask: Diarize, sound: Sound | None, progress: Progress = silent) -> Diarized:
    """Who speaks when in ``sound``, or in both channels of the file that ``ask`` names. Raises as ``speak``."""
    from model_server.voice.turns import by_channels, by_voices

    request, found = ask.request, None
    if sound is None:
        sides: tuple[Ear, Ear] = ("left", "right")
        left, right = (decode(request.audio, part(progress, k / 8, (k + 1) / 8), ear=sides[k]) for k in (0, 1))
        watch = part(progress, 0.25, 0.6)
        apart = left.sha256 != right.sha256
        found = by_channels(left.samples, right.samples, watch) if apart else None
        sound = left if not apart else None
    if found is None:
        whole = sound or decode(request.audio, part(progress, 0.6, 0.7))
        found = by_voices(whole.samples, part(progress, 0.7, 1.0))
    progress(1.0, "Done")
    return Diarized(ask.id) if found is None else Diarized(ask.id, found.turns, found.by)


@checked
def listen(engine: Engine, sound: Sound, request: Request, progress: Progress = silent) -> HeardEmotion:
    """The emotion of a recording, by its voice and by its words where they are known. Raises as ``speak``."""
    from model_server.emotion.feel import feel  # not for those who only speak: it reads its tables
    from model_server.emotion.mixer import Recipe
    from model_server.emotion.spoken import stretches
    from model_server.emotion.voices import fusion_model, text_model, voice_model
    from model_server.voice.reference import VoiceReference, joined

    hear, script = request.hear or Hearing(), request.script
    recipe = Recipe({"voice": hear.voice, "words": hear.words}, hear.contrast, hear.smoothing, hear.most, hear.amount)
    voice = voice_model(hear.voice_model, engine.model.device)
    words = text_model(hear.text_model, engine.model.device)
    fusion = fusion_model(hear.fusion_model)
    spoken = stretches(script.text, engine.find(sound, request, part(progress, 0.0, 0.4)))
    stretch, watch = sound.meant(request), part(progress, 0.4, 1.0)
    known = [VoiceReference.from_json(text) for text in hear.references]
    reference = joined(known) if known else None
    felt = feel(
        stretch, request.fps, script.text, recipe, voice, words, watch, spoken, fusion, reference, script.language
    )
    makers = [Maker(voice.id, voice.licence_track)]
    if felt.sentences:
        makers.append(Maker(words.id, words.licence_track))
    if fusion is not None:
        makers.append(Maker(fusion.card.id, fusion.card.licence_track))
    events = tuple(
        VocalEvent(kind, event.start + request.start, event.end + request.start)
        for event in felt.heard.events
        for kind in KINDS
        if kind == event.kind
    )
    sentences = tuple(one.told(request.start) for one in felt.sentences)
    notes = [] if len(felt.heard.times) else [NO_VOICE]
    if reference is not None and not hear.voice_model and reference.features_of != voice.id:
        notes.append(OTHER_EAR)
    return HeardEmotion(felt.sliders, sentences, tuple(makers), events, tuple(notes))
