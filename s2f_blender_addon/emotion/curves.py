"""The F-curves of a character's sliders: read over the shot for a bake, and written."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from bpy.types import ID, FCurve, Object, PropertyGroup, Scene

from ..bake import compat
from ..bake.compat import Bag
from ..bake.curve_values import curve_values
from ..bake.frames import Frames, frame_rate
from ..bake.keyed import Keys
from ..core.channels import EMOTIONS
from ..core.custom_emotion import CustomEmotion
from ..core.request import Request
from ..core.vocal_events import VocalEvent
from .home import fit, home, writable_home
from .nla import StripCurve, strip_curve
from .own import pose_of

Floats = npt.NDArray[np.float32]

GROUP = "Emotion"


def with_sliders(request: Request, scene: Scene, owner: Object, start_frame: float) -> Request:
    """``request`` with the sliders of ``owner``; second 0 of its recording is at ``start_frame``.

    A character none of whose sliders is animated follows those of ``scene`` that are. Keyed sliders reach to the last
    key or the scene's end. Raises UserError for a pose of the user's own that is none.
    """
    fit(owner)
    character = owner.s2f_character
    request = replace(request, events=_events(character, start_frame, frame_rate(scene)))
    names = (*EMOTIONS, *(own.name for own in character.own))
    curves = {name: curve for name in names if (curve := played_curve(owner, name)) is not None}
    if not curves:
        curves = {name: curve for name in EMOTIONS if (curve := _curve(scene, f"s2f.emotion_{name}")) is not None}
    values = {name: slider_value(owner, name) for name in names}
    own = tuple(
        CustomEmotion(one.name, pose_of(one.name, one.pose), one.onset, one.release)
        for one in character.own
        if one.name in curves or values[one.name] > 0
    )
    if not curves:
        still = {name: value for name, value in values.items() if value > 0}
        return replace(request, emotion=still, custom_emotions=own)
    rate = frame_rate(scene)
    begin = start_frame + request.start * rate
    first = np.floor(begin)
    last = max(scene.frame_end, *(curve.range()[1] for curve in curves.values()), first + 1)
    frames = np.arange(first, np.ceil(last) + 1)
    wanted = np.arange(int((last - first) / rate * request.fps) + 1) / request.fps * rate + begin
    used = (*EMOTIONS, *(one.name for one in own))
    sliders = np.empty((len(wanted), len(used)), np.float32)
    for column, name in enumerate(used):
        if name in curves:
            sliders[:, column] = np.interp(wanted, frames, read(curves[name], frames))
        else:
            sliders[:, column] = values[name]
    return replace(request, emotion_track=np.clip(sliders, 0.0, 1.0), custom_emotions=own)


def _events(character: PropertyGroup, start_frame: float, rate: float) -> tuple[VocalEvent, ...]:
    """What the face is to act, in seconds of the recording whose second 0 is at ``start_frame``."""
    return tuple(
        VocalEvent(one.kind.lower(), max((one.first - start_frame) / rate, 0.0), (one.last - start_frame) / rate)
        for one in character.events
        if one.on and one.last > start_frame
    )


def keyed_intensity(scene: Scene, owner: Object) -> Callable[[Frames], Floats] | None:
    """Reads the intensity of ``owner``, else of ``scene``, at scene frames, 0-2; None when neither is animated."""
    curve = played_curve(owner, "intensity") or _curve(scene, "s2f.intensity")
    return None if curve is None else lambda frames: np.clip(read(curve, frames), 0.0, 2.0)


def slider_path(owner: Object, name: str) -> str:
    """The data path of the slider ``name`` on ``owner``: an emotion, the intensity, or one of the user's own."""
    if name in EMOTIONS:
        return f"s2f_character.emotion_{name}"
    if name == "intensity":
        return "s2f_character.intensity"
    return f"s2f_character.own[{owner.s2f_character.own.find(name)}].value"


def slider_value(owner: Object, name: str) -> float:
    """Where the slider ``name`` stands now."""
    character = owner.s2f_character
    if name == "intensity":
        return float(character.intensity)
    return float(getattr(character, f"emotion_{name}") if name in EMOTIONS else character.own[name].value)


def set_slider(owner: Object, name: str, value: float) -> None:
    """Put the slider ``name`` at ``value``."""
    character = owner.s2f_character
    if name in EMOTIONS:
        setattr(character, f"emotion_{name}", value)
    else:
        character.own[name].value = value


def slider_curve(owner: Object, name: str) -> FCurve | None:
    """The F-curve of a slider of ``owner``, or None where it has none that counts."""
    path = slider_path(owner, name)
    return _curve(owner, path) or _counting(home(owner), path)


def played_curve(owner: Object, name: str) -> FCurve | StripCurve | None:
    """What animates a slider of ``owner``: its F-curve, else those in the NLA editor; None where neither is there."""
    path = slider_path(owner, name)
    return _curve(owner, path) or strip_curve(owner, path, slider_value(owner, name))


def curve_at(owner: Object, path: str) -> FCurve | StripCurve | None:
    """What animates a float property of ``owner``: an F-curve, else NLA strips; None where nothing does."""
    return _curve(owner, path) or strip_curve(owner, path, float(owner.path_resolve(path)))


def is_keyed_below(owner: Object, path: str) -> bool:
    """Whether a float property of ``owner`` is keyed in the NLA editor, of which Blender's own fields show nothing."""
    return isinstance(curve_at(owner, path), StripCurve)


def _curve(owner: ID, path: str) -> FCurve | None:
    return _counting(compat.bag_of(owner), path)


def _counting(bag: "Bag | None", path: str) -> FCurve | None:
    curve = bag.fcurves.find(path) if bag is not None else None
    return curve if curve is not None and not curve.mute and not curve.is_empty else None


def read(curve: FCurve | StripCurve, frames: npt.NDArray[np.float64]) -> Floats:
    """(n,) values of ``curve`` at ``frames``."""
    values = curve.values(frames) if isinstance(curve, StripCurve) else curve_values(curve, frames)
    return values.astype(np.float32)


def writable_bag(owner: Object) -> Bag:
    """Where the F-curves of the sliders of ``owner`` go. Raises UserError where nothing can be keyed."""
    return writable_home(owner)


def ensured_curve(bag: Bag, path: str) -> FCurve:
    """The F-curve at ``path`` in ``bag``, made where there is none, muted or not."""
    curve = bag.fcurves.find(path)
    if curve is None:
        curve = bag.fcurves.new(path)
        curve.group = bag.groups.get(GROUP) or bag.groups.new(GROUP)
    curve.mute = False
    return curve


def put_keys(curve: FCurve, kept: Keys, frames: npt.NDArray[np.float64], values: Floats, kind: int) -> None:
    """Replace the keys of ``curve`` by ``kept`` and by new ones of the keyframe type ``kind`` at ``frames``.

    New keys are Bezier with handles that do not overshoot. Where a kept key is at the same frame, it stays alone.
    """
    taken = kept["co"][:, 0]
    free = np.array([not np.any(np.abs(taken - frame) < 0.01) for frame in frames], bool)
    points = np.stack([frames[free], values[free]], axis=1)
    new: Keys = {name: np.zeros(len(points)) for name in kept}
    new |= {"co": points, "handle_left": points, "handle_right": points}
    new |= {name: np.full(len(points), number) for name, number in (*compat.SMOOTH.items(), ("type", kind))}
    joined = {name: np.concatenate([array, new[name].astype(array.dtype)]) for name, array in kept.items()}
    compat.write_keys(curve, joined)


def forget_own(owner: Object, index: int) -> None:
    """Remove the emotion of the user's own at ``index`` and its F-curve; those of the later ones follow them."""
    character = owner.s2f_character
    bag = home(owner) or compat.bag_of(owner)
    count = len(character.own)
    character.own.remove(index)
    if bag is None:
        return
    for k in range(index, count):
        curve = bag.fcurves.find(f"s2f_character.own[{k}].value")
        if curve is not None and k == index:
            bag.fcurves.remove(curve)
        elif curve is not None:
            curve.data_path = f"s2f_character.own[{k - 1}].value"
