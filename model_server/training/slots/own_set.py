"""What fusions learn from a user's own captures: whatever actors a folder holds, beside what rules make of them.

What was heard is kept, by sound and model, so that another fit, or one that goes on, does not listen again.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from model_server.audio.decode import decode
from model_server.audio.prosody import prosody
from model_server.audio.sound import SAMPLE_RATE
from model_server.cancel import Progress
from model_server.slots.fused import RATE, SPOKEN
from model_server.speech.phones import CLASSES
from model_server.speech.sampled import read_at
from model_server.speech.talk import Talk
from model_server.talk_model import TalkModel
from model_server.training.actor.captures import CapturePair, read_capture
from model_server.training.corpus.features import Arrays, Features
from model_server.training.emotion.perceived_set import Talking
from model_server.training.slots.fusion_set import RULES, SECONDS, Array, Performed
from s2f_blender_addon.core.errors import UserError

PIECE = int(SECONDS * SAMPLE_RATE)
_ARRAYS = ("curves", "phones", "seal", "round", "spread", "speech", "loudness")


def performed(found: Sequence[CapturePair], features: Features, report: Progress) -> list[Performed]:
    """Pieces of a few seconds of every pair, each with the captured mouth and with the rules'.

    ``features`` keeps what was heard. Raises UserError for an actor who is called as the rules are.
    """
    if any(pair.actor == RULES for pair in found):
        raise UserError(f"An actor cannot be called {RULES!r}; rename the folder.")
    model, result, size = TalkModel.load(), list[Performed](), PIECE
    for i, pair in enumerate(found):
        report(i / len(found), pair.sound.name)
        samples, capture = decode(pair.sound).samples, read_capture(pair.capture)
        talks = heard(model, pair.sound, samples, features)
        for first in range(0, len(samples), size):
            piece = samples[first : first + size]
            times = first / SAMPLE_RATE + np.arange(int(len(piece) / SAMPLE_RATE * RATE) + 1) / RATE
            if len(piece) < SAMPLE_RATE or times[-1] > capture.duration + 0.5:
                continue
            talk = talks[first // size]
            mouth = np.zeros_like(talk.curves)
            shown = np.clip(read_at(capture.talk + capture.mood, capture.fps, times[: len(mouth)]), 0, 1)
            mouth[:, SPOKEN] = shown[:, SPOKEN]
            voice = prosody(piece, RATE)
            name = f"{pair.sound.stem}-{first // size}"
            result.append(Performed(Talking(name, replace(talk, curves=mouth), voice), pair.actor))
            result.append(Performed(Talking(name, talk, voice), RULES))
    if not result:
        raise UserError("No capture lasts as long as a second of its sound; check that they belong together.")
    return result


def heard(model: TalkModel, sound: Path, samples: Array, features: Features) -> list[Talk]:
    """What ``model`` makes of each piece of a second or more of mono 16 kHz ``samples`` (N,), those of ``sound``."""
    pieces = [samples[first : first + PIECE] for first in range(0, len(samples), PIECE)]
    pieces = [piece for piece in pieces if len(piece) >= SAMPLE_RATE]

    def listen() -> Arrays:
        found: Arrays = {}
        for k, piece in enumerate(pieces):
            talk = model.run(piece, RATE)
            found |= {f"{k}.{name}": np.asarray(getattr(talk, name), np.float32) for name in _ARRAYS}
        return found

    arrays = features.of(sound, samples, "heard", model.card.id, listen) if pieces else {}
    rows = [{name: arrays[f"{k}.{name}"].astype(np.float32) for name in _ARRAYS} for k in range(len(pieces))]
    return [Talk(**row, classes=CLASSES, fps=RATE, words=()) for row in rows]
