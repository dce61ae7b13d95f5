"""What a recording feels like, as few keys of the sliders that an animator can edit."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from bpy.types import Object, Scene

from ..bake import compat
from ..bake.compat import Bag
from ..bake.frames import frame_rate
from ..bake.keyed import Keys, chosen, evaluate, frames_of, no_keys
from ..bake.reduce import needed
from ..bake.stretch import Span
from ..core.channels import EMOTIONS
from ..core.messages import Felt
from . import clips, curves, edited, told
from .edited import EDGE, VOICE_KEY, Written
from .home import fit, home

LEAST = 0.02
"""A slider that never goes beyond this gets no keys."""

_BESIDE = EDGE + 0.5
"""Frames around a recording in which keys of the voice are its own."""
_TURN = 4.0
"""Frames that a slider has from an edit to what is heard beside it."""


@dataclass(frozen=True)
class Filled:
    """keys: how many were written; sliders: names of those; first, last: frames; kept: the copy of older keys or '';
    by_hand: what the animator has edited and stays: names of sliders and kinds of sounds; still: sliders that had no
    keys, and where they stood."""

    keys: int
    sliders: tuple[str, ...]
    first: float
    last: float
    kept: str
    by_hand: tuple[str, ...]
    still: Mapping[str, float]


@dataclass(frozen=True)
class _Heard:
    """values (T, 8) at scene ``frames`` (T,), keyed within ``error``; spans: what it fills, and what it had filled."""

    frames: npt.NDArray[np.float64]
    values: curves.Floats
    error: float
    spans: tuple[Span, ...]

    def wanted(self, column: int, edits: Sequence[Span]) -> npt.NDArray[np.bool_]:
        """(T,) where a slider gets keys: as few as say what was heard on each stretch beside ``edits``."""
        free = ~edited.covered(self.frames, edits, _TURN)
        wanted = np.zeros(len(free), bool)
        for run in np.split(np.arange(len(free)), np.flatnonzero(np.diff(free)) + 1):
            if free[run[0]]:
                wanted[run] = needed(self.values[run, column : column + 1], self.error)[:, 0]
        return wanted


def fill(
    owner: Object, scene: Scene, felt: Felt, start_frame: float, error: float, line: str = "", replace: bool = False
) -> Filled:
    """Key the sliders of ``owner`` as ``felt`` says of the line of this name, second 0 being at ``start_frame``.

    What the voice gave before to these frames or to this line goes; what the animator has keyed, changed or deleted
    there stays (see ``edited.touched``), as do sliders that are muted or locked; with ``replace`` those keys go, too,
    and a copy of their action is kept. Before and after the span sliders are as they were. Lines between the new keys
    are within ``error`` of what was felt. Raises UserError where nothing can be keyed.
    """
    bag = curves.writable_bag(owner)
    still = {name: value for name in EMOTIONS if (value := _still(owner, name)) >= LEAST}
    clips.lift(owner)
    heard = _on_frames(owner, felt, start_frame, frame_rate(scene), error, line)
    first, last = heard.spans[0]
    kept = _copy_of_own(owner, bag, heard.spans[0]) if replace else ""
    written = edited.load(bag.id_data)
    total, names, by_hand = 0, [], []
    for column, name in enumerate(EMOTIONS):
        if _is_left_alone(owner, bag, curves.slider_path(owner, name)):
            by_hand.append(name)
            continue
        count, edits = _fill_slider(owner, bag, name, heard, column, written, replace)
        names += [name] if count else []
        by_hand += [name] if edits else []
        total += count
    edited.save(bag.id_data, written)
    by_hand += told.write(owner, felt, heard.spans, start_frame, frame_rate(scene), replace)
    clips.rewrite(owner)
    fit(owner)
    return Filled(total, tuple(names), first, last, kept, tuple(by_hand), still)


def has_edits(owner: Object, first: float) -> bool:
    """Whether the animator has keyed, changed or deleted anything of the emotion of ``owner`` from ``first`` on."""
    bag, spans = home(owner) or compat.bag_of(owner), [(first, np.inf)]
    written = edited.load(bag.id_data) if bag is not None else {}
    if any(edited.touched(_keys(owner, bag, name), written.get(name, edited.NOTHING), spans) for name in EMOTIONS):
        return True
    return told.has_edits(owner, spans)


def is_felt(owner: Object) -> bool:
    """Whether any slider of ``owner`` still has a key that came from the voice."""
    found = (curves.slider_curve(owner, name) for name in EMOTIONS)
    return any((compat.read_keys(curve)["type"] == VOICE_KEY).any() for curve in found if curve is not None)


def _on_frames(owner: Object, felt: Felt, start_frame: float, rate: float, error: float, line: str) -> _Heard:
    seconds = felt.start + np.arange(len(felt.sliders)) / felt.fps
    frames = np.arange(np.ceil(start_frame + seconds[0] * rate), np.floor(start_frame + seconds[-1] * rate) + 1)
    at = (frames - start_frame) / rate
    values = np.stack([np.interp(at, seconds, column) for column in felt.sliders.T], axis=1).astype(np.float32)
    span = float(frames[0]), float(frames[-1])
    return _Heard(frames, values, error, (span, *_spoken_before(owner, line, span)))


def _fill_slider(
    owner: Object, bag: Bag, name: str, heard: _Heard, column: int, written: dict[str, Written], replace: bool
) -> tuple[int, list[Span]]:
    """(how many keys the slider got beside those at the edges, where the animator's edits stayed); ``written`` follows.
    """
    keys, known, values = _keys(owner, bag, name), written.get(name, edited.NOTHING), heard.values[:, column]
    path = curves.slider_path(owner, name)
    edits = [] if replace else edited.touched(keys, known, heard.spans)
    left = chosen(keys, ~_given_way(keys, known, heard, edits, replace))
    wanted = heard.wanted(column, edits)
    curve = bag.fcurves.find(path)
    if curve is None and values.max() < LEAST:
        wanted[:] = False
    if curve is None and not wanted.any():
        curves.set_slider(owner, name, 0.0)
        return 0, edits
    times, sizes = _with_edges(heard, wanted, values, left if replace else keys, edits)
    free = ~edited.covered(times, [(frame, frame) for frame in frames_of(left).tolist()])
    curves.put_keys(curves.ensured_curve(bag, path), left, times[free], sizes[free], VOICE_KEY)
    stay = known[~edited.covered(known[:, 0], heard.spans, _BESIDE) | edited.covered(known[:, 0], edits)]
    new = np.concatenate([stay, np.stack([times[free], sizes[free]], axis=1)])
    written[name] = new[np.argsort(new[:, 0], kind="stable")]
    return int(wanted.sum()), edits


def _given_way(
    keys: Keys, known: Written, heard: _Heard, edits: list[Span], replace: bool
) -> npt.NDArray[np.bool_]:
    """(n,) which of ``keys`` go: the voice's own of before but where they shape an edit, with ``replace`` all."""
    frames = frames_of(keys)
    gone = edited.untouched(keys, known) & edited.covered(frames, heard.spans, _BESIDE) & ~edited.covered(frames, edits)
    return np.asarray(gone | edited.covered(frames, heard.spans[:1]) if replace else gone)


def _with_edges(
    heard: _Heard, wanted: npt.NDArray[np.bool_], values: curves.Floats, around: Keys, edits: list[Span]
) -> tuple[npt.NDArray[np.float64], curves.Floats]:
    """The ``wanted`` keys and one on each side of the span, where the slider is as ``around`` has it; 0 without any.

    Where the voice had filled frames beside, it is as before and after all of these.
    """
    if not wanted.any():
        return np.zeros(0), np.zeros(0, np.float32)
    beside = np.array([heard.spans[0][0] - EDGE, heard.spans[0][1] + EDGE])
    outer = beside.copy()
    for first, last in heard.spans[1:]:
        if edited.covered(beside[:1], [(first, last)], EDGE)[0]:
            outer[0] = first - EDGE
        if edited.covered(beside[1:], [(first, last)], EDGE)[0]:
            outer[1] = last + EDGE
    sizes = evaluate(around, outer) if len(around["co"]) else np.zeros(2)
    free = ~edited.covered(beside, edits)
    times = np.concatenate([beside[:1][free[:1]], heard.frames[wanted], beside[1:][free[1:]]])
    return times, np.concatenate([sizes[:1][free[:1]], values[wanted], sizes[1:][free[1:]]]).astype(np.float32)


def _keys(owner: Object, bag: "Bag | None", name: str) -> Keys:
    """The keys of a slider as they are without emotion strips."""
    curve = bag.fcurves.find(curves.slider_path(owner, name)) if bag is not None else None
    return clips.without(owner, name, compat.read_keys(curve)) if curve is not None else no_keys()


def _still(owner: Object, name: str) -> float:
    """Where a slider that nothing animates stands; 0 for one that is."""
    return 0.0 if curves.played_curve(owner, name) is not None else curves.slider_value(owner, name)


def _spoken_before(owner: Object, line: str, span: Span) -> list[Span]:
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


def _is_left_alone(owner: Object, bag: Bag, path: str) -> bool:
    """Whether the animator wants no keys there: another action of ``owner``, above that of its emotion, moves the
    slider, or its curve is muted or locked.
    """
    present, curve = compat.bag_of(owner), bag.fcurves.find(path)
    elsewhere = present is not None and present != bag and present.fcurves.find(path) is not None
    return elsewhere or (curve is not None and (curve.mute or curve.lock))


def _copy_of_own(owner: Object, bag: Bag, span: Span) -> str:
    """The name of a copy of the action of ``owner``, made where edits of the animator's are about to be replaced."""
    action = bag.id_data
    written = edited.load(action)
    if not any(
        edited.touched(_keys(owner, bag, name), written.get(name, edited.NOTHING), [span]) for name in EMOTIONS
    ):
        return ""
    copy = action.copy()
    copy.name = f"{action.name} before voice"
    copy.use_fake_user = True
    return str(copy.name)
