"""What a recording feels like, as few keys of the sliders that an animator can edit."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from bpy.types import Object, Scene

from ..bake import compat
from ..bake.compat import Bag
from ..bake.frames import frame_rate
from ..bake.keyed import Keys, evaluate
from ..bake.reduce import needed
from ..core.channels import EMOTIONS
from ..core.messages import Felt
from . import clips, curves
from .home import fit

VOICE_KEY = compat.BREAKDOWN
"""Blender's keyframe type of the keys that come from the voice."""

_EDGE = 1.0
"""Frames before and after a recording at which the sliders are as they were without it."""

LEAST = 0.02
"""A slider that never goes beyond this gets no keys."""


@dataclass(frozen=True)
class Filled:
    """keys: how many were written; sliders: names of those; first, last: frames; kept: the copy of older keys or '';
    by_hand: names of sliders whose own keys stayed as they are."""

    keys: int
    sliders: tuple[str, ...]
    first: float
    last: float
    kept: str
    by_hand: tuple[str, ...] = ()


def fill(
    owner: Object, scene: Scene, felt: Felt, start_frame: float, error: float, line: str = "", replace: bool = False
) -> Filled:
    """Key the sliders of ``owner`` as ``felt`` says of the line of this name, second 0 being at ``start_frame``.

    Keys of the animator stay, and between the first and the last of them in that span nothing is added, unless
    ``replace``: then a copy of their action is kept. What the voice gave before to these frames or to this line goes.
    Before and after the span sliders are as without it. Lines between the new keys are within ``error`` of what was
    felt. Raises UserError where nothing can be keyed.
    """
    bag = curves.writable_bag(owner)
    clips.lift(owner)
    rate = frame_rate(scene)
    seconds = felt.start + np.arange(len(felt.sliders)) / felt.fps
    frames = np.arange(np.ceil(start_frame + seconds[0] * rate), np.floor(start_frame + seconds[-1] * rate) + 1)
    at = (frames - start_frame) / rate
    values = np.stack([np.interp(at, seconds, column) for column in felt.sliders.T], axis=1).astype(np.float32)
    first, last = float(frames[0]), float(frames[-1])
    spans = [(first, last), *_spoken_before(owner, line, (first, last))]
    kept = _copy_of_own(owner, bag, first, last) if replace else ""
    chosen, total, names, by_hand = needed(values, error), 0, [], []
    for column, name in enumerate(EMOTIONS):
        path = curves.slider_path(owner, name)
        elsewhere = _is_elsewhere(owner, bag, path)
        if elsewhere or (values[:, column].max() < LEAST and bag.fcurves.find(path) is None):
            by_hand += [name] if elsewhere else []
            curves.set_slider(owner, name, 0.0 if not elsewhere else curves.slider_value(owner, name))
            continue
        curve = curves.ensured_curve(bag, path)
        left, own = _left(compat.read_keys(curve), spans, replace)
        by_hand += [name] if len(own) else []
        free = np.ones(len(frames), bool) if not len(own) else (frames < own[0]) | (frames > own[-1])
        times, sizes = _with_edges(frames[chosen[:, column] & free], values[chosen[:, column] & free, column], left,
                                   (first, last))  # fmt: skip
        curves.put_keys(curve, left, times, sizes, VOICE_KEY)
        total += int((chosen[:, column] & free).sum())
        names.append(name)
    _tell(owner, felt, start_frame, rate)
    clips.rewrite(owner)
    fit(owner)
    return Filled(total, tuple(names), first, last, kept, tuple(by_hand))


def has_hand_keys(owner: Object, first: float) -> bool:
    """Whether the animator has keys of sliders of ``owner`` at ``first`` or later."""
    for name in EMOTIONS:
        curve = curves.slider_curve(owner, name)
        keys = compat.read_keys(curve) if curve is not None else None
        if keys is not None and (_by_hand(keys) & (keys["co"][:, 0] >= first)).any():
            return True
    return False


def _by_hand(keys: Keys) -> npt.NDArray[np.bool_]:
    own: npt.NDArray[np.bool_] = (keys["type"] != VOICE_KEY) & (keys["type"] != clips.CLIP_KEY)
    return own


def _spoken_before(owner: Object, line: str, span: tuple[float, float]) -> list[tuple[float, float]]:
    """Which frames the voice of ``line`` had filled before, now that it fills ``span``."""
    try:
        known = json.loads(owner.s2f_character.felt_spans or "{}")
    except ValueError:
        known = {}
    before = [tuple(known[key]) for key in {line, ""} if key in known]
    known.pop("", None)
    known[line] = span
    owner.s2f_character.felt_spans = json.dumps(known)
    return [(float(first), float(last)) for first, last in before]


def _left(keys: Keys, spans: Sequence[tuple[float, float]], replace: bool) -> tuple[Keys, npt.NDArray[np.float64]]:
    """(``keys`` without what the voice gave to ``spans``, the frames of the animator's own in the first of these)."""
    times = keys["co"][:, 0].astype(np.float64)
    voice = ~_by_hand(keys)
    gone = np.zeros(len(times), bool)
    for first, last in spans:
        gone |= voice & (times >= first - _EDGE - 0.5) & (times <= last + _EDGE + 0.5)
    inside = ~voice & (times >= spans[0][0]) & (times <= spans[0][1])
    if replace:
        gone |= inside
    return {name: array[~gone] for name, array in keys.items()}, times[inside & ~gone]


def _with_edges(
    times: npt.NDArray[np.float64], values: curves.Floats, left: Keys, span: tuple[float, float]
) -> tuple[npt.NDArray[np.float64], curves.Floats]:
    """The new keys and one on each side of ``span``, where the slider is as ``left`` has it; at 0 without any."""
    if not len(times):
        return times, values
    beside = np.array([span[0] - _EDGE, span[1] + _EDGE])
    around = evaluate(left, beside) if len(left["co"]) else np.zeros(2)
    order = np.concatenate([beside[:1], times, beside[1:]])
    return order, np.concatenate([around[:1], values, around[1:]]).astype(np.float32)


def _is_elsewhere(owner: Object, bag: Bag, path: str) -> bool:
    """Whether another action of ``owner`` moves the slider, above that of its emotion."""
    present = compat.bag_of(owner)
    return present is not None and present != bag and present.fcurves.find(path) is not None


def is_felt(owner: Object) -> bool:
    """Whether any slider of ``owner`` still has a key that came from the voice."""
    found = (curves.slider_curve(owner, name) for name in EMOTIONS)
    return any((compat.read_keys(curve)["type"] == VOICE_KEY).any() for curve in found if curve is not None)


def _copy_of_own(owner: Object, bag: Bag, first: float, last: float) -> str:
    """The name of a copy of the action of ``owner``, made where keys of the user's own are about to be replaced."""
    for name in EMOTIONS:
        curve = bag.fcurves.find(curves.slider_path(owner, name))
        if curve is None:
            continue
        keys = compat.read_keys(curve)
        inside = (keys["co"][:, 0] >= first) & (keys["co"][:, 0] <= last)
        if (inside & (keys["type"] != VOICE_KEY)).any():
            action = bag.id_data
            copy = action.copy()
            copy.name = f"{action.name} before voice"
            copy.use_fake_user = True
            return str(copy.name)
    return ""


def _tell(owner: Object, felt: Felt, start_frame: float, rate: float) -> None:
    """Which sentence gave what, and who listened."""
    character = owner.s2f_character
    character.felt_by, character.felt_track = felt.model, felt.licence_track
    character.sentences.clear()
    character.events.clear()
    for event in felt.events:
        item = character.events.add()
        item.kind = event.kind.upper()
        item.first, item.last = (start_frame + seconds * rate for seconds in (event.start, event.end))
    for sentence in felt.sentences:
        item = character.sentences.add()
        item.text = sentence.text
        item.frame = start_frame + sentence.start * rate
        item.gave = ", ".join(f"{name} {share:.0%}" for name, share in sentence.emotion.items())
