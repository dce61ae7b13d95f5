"""A captured minute becomes an actor's style: what turns the bundled mouth into theirs, and how lively they are.

Ridge regression of the captured curves on our own, from each channel's own curve as the prior (Hoerl and Kennard
1970). Least squares shrinks what it cannot foresee; half of that, in the sense of standard deviations, is given back,
which is where lips on strangers' takes came nearest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from model_server.audio.decode import decode
from model_server.cancel import Progress, part
from model_server.engine import Engine
from model_server.face.life import Performance
from model_server.speech.sampled import read_at
from model_server.training.actor.captures import CapturePair, read_capture
from model_server.training.corpus.features import Arrays, Features
from s2f_blender_addon.core.channels import CHANNELS, INDEX, indices
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.liveliness import STRONGEST
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.core.style import MOUTH, LicenceTrack, Style

Array = npt.NDArray[np.float32]

RIDGE = 1e-3
"""Of the mean of squares of a channel, what keeps the fit near the prior."""
GIVEN_BACK = 0.5
"""Power of the ratio of standard deviations that a channel is scaled by."""
STILL = 2e-3
"""Standard deviation below which a channel was not captured: ours stays."""
SHORTEST = 10.0
"""Seconds of captured speech from which on there is a style."""
FPS = 60.0
_COLUMNS = indices(MOUTH)
_BROWS = indices(tuple(name for name in CHANNELS if name.startswith("brow")))
_LIDS = [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]
_SHUT = 0.5


@dataclass(frozen=True)
class Compared:
    """The same frames at FPS: ours (T, 52) of the mouth, our whole face, theirs (T, 52); heads (T, 3) of both."""

    ours: Array
    face: Array
    theirs: Array
    our_head: Array
    their_head: Array


def compared(engine: Engine, pair: CapturePair, features: Features, progress: Progress) -> Compared:
    """What ``engine`` makes of a recording beside what was captured; ``features`` keeps the former.

    Raises UserError where they hardly overlap.
    """
    sound, capture = decode(pair.sound, part(progress, 0.0, 0.1)), read_capture(pair.capture)

    def perform() -> Arrays:
        request = Request(fps=FPS)
        track = engine.infer(sound, request, part(progress, 0.1, 1.0))
        performance: Performance = engine.performance(sound, request)
        return {"ours": performance.talk.curves, "face": track.talk, "head": track.head}

    made = features.of(pair.sound, sound.samples, "performed", engine.model.card.id, perform)
    ours, face, head = (made[name].astype(np.float32) for name in ("ours", "face", "head"))
    count = min(len(face), int(capture.duration * FPS) + 1)
    if count < 0.5 * len(face):
        raise UserError(f"{pair.capture} lasts {capture.duration:.1f} s and its sound {sound.duration:.1f} s.")
    times = np.arange(count) / FPS
    theirs = np.clip(read_at(capture.talk + capture.mood, capture.fps, times), 0, 1)
    their_head = read_at(capture.head, capture.fps, times)
    return Compared(ours[:count], face[:count], theirs, head[:count], their_head)


def cut(found: Sequence[Compared], seconds: float) -> list[Compared]:
    """The middle of each, ``seconds`` in all, evenly as far as they reach: captures begin and end in silence."""
    left, result = int(seconds * FPS), []
    order = sorted(range(len(found)), key=lambda k: len(found[k].ours))
    for place, k in enumerate(order):
        one = found[k]
        count = min(len(one.ours), left // (len(order) - place))
        left -= count
        first = (len(one.ours) - count) // 2
        result.append(Compared(*(getattr(one, field.name)[first : first + count] for field in fields(one))))
    return result


def fitted(found: Sequence[Compared], name: str, licence_track: LicenceTrack) -> Style:
    """The style of one actor. Raises UserError for too little, or captures that never move."""
    seconds = sum(len(one.ours) for one in found) / FPS
    if seconds < SHORTEST:
        raise UserError(f"{seconds:.0f} s of captured speech are too little for a style; {SHORTEST:.0f} s are needed.")
    x = np.concatenate([one.ours for one in found]).astype(np.float64)[:, _COLUMNS]
    y = np.concatenate([one.theirs for one in found]).astype(np.float64)[:, _COLUMNS]
    seen = y.std(0) > STILL
    if not seen.any():
        raise UserError("The mouth never moves in these captures; choose others.")
    prior = np.eye(len(MOUTH))
    matrix = prior + np.linalg.solve(x.T @ x + RIDGE * len(x) * prior, x.T @ (y - x))
    spread = ((y.std(0) + 2 * STILL) / ((x @ matrix).std(0) + 2 * STILL)) ** GIVEN_BACK
    matrix *= np.clip(spread, 0.25, 4)
    matrix[:, ~seen] = prior[:, ~seen]
    brows, blinks, head = habits(found)
    return Style(name, np.clip(matrix, -8, 8).astype(np.float32), brows, blinks, head, licence_track)


def habits(found: Sequence[Compared]) -> tuple[float, float, float]:
    """How much more than ours (1 is as much) brows move, lids close and the head turns; 1 for what was not captured."""
    ours, theirs = (np.concatenate([getattr(one, side) for one in found]) for side in ("face", "theirs"))
    heads = [np.concatenate([getattr(one, side) for one in found]) for side in ("our_head", "their_head")]
    brows = _ratio(theirs[:, _BROWS].std(0).mean(), ours[:, _BROWS].std(0).mean())
    times = [_closings(face[:, _LIDS].mean(1)) for face in (theirs, ours)]
    turns = _ratio(heads[1].std(0).mean(), heads[0].std(0).mean())
    return brows, _ratio(*times), turns


def _closings(lids: Array) -> float:
    shut = lids > _SHUT
    return float((shut[1:] & ~shut[:-1]).sum())


def _ratio(theirs: float, ours: float) -> float:
    """1 where either never moved: it was not captured, or there is nothing to scale."""
    return round(float(np.clip(theirs / ours, 0.1, STRONGEST)), 3) if theirs > STILL and ours > STILL else 1.0


def about(style: Style, found: Sequence[Compared]) -> dict[str, object]:
    """For people: seconds, and how far jaw and lips go on each side against ours."""
    ours, theirs = (np.concatenate([getattr(one, side) for one in found]) for side in ("ours", "theirs"))
    lips = {side: [INDEX[n] for n in MOUTH if n.startswith("mouth") and n.endswith(side)] for side in ("Left", "Right")}
    return {
        "seconds": round(len(ours) / FPS, 1),
        "jaw": _ratio(float(theirs[:, INDEX["jawOpen"]].std()), float(ours[:, INDEX["jawOpen"]].std())),
        **{
            f"lips {side.lower()}": _ratio(float(theirs[:, k].std(0).mean()), float(ours[:, k].std(0).mean()))
            for side, k in lips.items()
        },
        "brows": style.brows, "blinks": style.blinks, "head": style.head,
    }  # fmt: skip

