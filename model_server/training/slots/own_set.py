"""What fusions learn from a user's own captures: whatever actors a folder holds, beside what rules make of them.

What was heard is kept, by sound and model, so that another fit, or one that goes on, does not listen again.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np

from model_server.audio.decode import decode
from model_server.audio.prosody import prosody
from model_server.audio.sound import SAMPLE_RATE
from model_server.cancel import Progress
from model_server.slots.fused import RATE, SPOKEN
from model_server.speech.sampled import read_at
from model_server.speech.talk import Talk
from model_server.talk_model import TalkModel
from model_server.training.captures import CapturePair, read_capture
from model_server.training.emotion.perceived_set import Talking
from model_server.training.slots.fusion_set import RULES, SECONDS, Array, Performed
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.whole_file import whole_file

_ARRAYS = ("curves", "phones", "seal", "round", "spread", "speech", "loudness")


def performed(found: Sequence[CapturePair], cache: Path, report: Progress) -> list[Performed]:
    """Pieces of a few seconds of every pair, each with the captured mouth and with the rules'.

    ``cache``: the folder where what was heard is kept. Raises UserError for an actor who is called as the rules are.
    """
    if any(pair.actor == RULES for pair in found):
        raise UserError(f"An actor cannot be called {RULES!r}; rename the folder.")
    model, result = TalkModel.load(), []
    size = int(SECONDS * SAMPLE_RATE)
    for i, pair in enumerate(found):
        report(i / len(found), pair.sound.name)
        samples, capture = decode(pair.sound).samples, read_capture(pair.capture)
        for first in range(0, len(samples), size):
            piece = samples[first : first + size]
            times = first / SAMPLE_RATE + np.arange(int(len(piece) / SAMPLE_RATE * RATE) + 1) / RATE
            if len(piece) < SAMPLE_RATE or times[-1] > capture.duration + 0.5:
                continue
            talk = heard(model, piece, cache)
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


def heard(model: TalkModel, piece: Array, cache: Path) -> Talk:
    """What ``model`` makes of mono 16 kHz ``piece`` (N,), out of ``cache`` where it was heard before."""
    name = hashlib.blake2b(piece.tobytes() + model.card.id.encode(), digest_size=16).hexdigest()
    path = cache / f"{name}.npz"
    if path.exists():
        with np.load(path, allow_pickle=False) as known:
            return Talk(**{key: known[key] for key in _ARRAYS}, classes=tuple(known["classes"].tolist()), fps=RATE)
    talk = model.run(piece, RATE)
    with whole_file(path) as temporary, temporary.open("wb") as file:
        arrays = {f.name: getattr(talk, f.name) for f in fields(talk) if f.name in _ARRAYS}
        np.savez(file, classes=np.array(talk.classes), **arrays)
    return talk
