"""Sliders that are moved after a bake: the face shows it at once on this frame, and soon on the whole line."""

from collections.abc import Callable
from functools import lru_cache

import bpy
import numpy as np
import numpy.typing as npt
from bpy.types import Context, Object, PropertyGroup, Scene

from .. import session, window
from ..bake import compat
from ..bake.frames import frame_rate
from ..bake.write import value_path
from ..core.blend import Mix, mixed
from ..core.channels import EMOTIONS
from ..core.errors import UserError
from ..core.packed import unpacked
from ..core.track import FaceTrack
from ..emotion.curves import played_curve, slider_value
from ..emotion.sliders import is_following, owner_of
from ..rigs import find_character
from .acted import by_hand
from .chosen import chosen, showing
from .placed import placed

Update = Callable[[PropertyGroup, Context], None]
Doubles = npt.NDArray[np.float64]

_SETTLED = 0.3
"""Seconds without a movement after which a slider counts as let go."""

_speech = lru_cache(maxsize=2)(unpacked)


def tuned(update: Update) -> Update:
    """``update`` of a slider of object.s2f_character, and the face follows where somebody has moved it: another line
    that is shown was baked with its own.
    """

    def both(character: PropertyGroup, context: Context) -> None:
        update(character, context)
        if not showing() and not is_following(character.id_data):
            touched(character.id_data)

    return both


def share_of_mood(owner: Object, track: FaceTrack) -> float | None:
    """How much of the mood in ``track`` the sliders of ``owner`` ask for, by their length; None where they are keyed
    or where there is none that could be scaled.
    """
    if any(played_curve(owner, name) is not None for name in EMOTIONS):
        return None
    asked, now = _asked(track), _now(owner)
    if shows_mood_of(owner, track):
        return 1.0
    return float(np.linalg.norm(now) / np.linalg.norm(asked)) if asked.any() else None


def shows_mood_of(owner: Object, track: FaceTrack) -> bool:
    """Whether ``track`` was made with the sliders of ``owner`` as they stand, not with others that are as strong."""
    return float(np.abs(_now(owner) - _asked(track)).max()) < 1e-6


def _asked(track: FaceTrack) -> Doubles:
    return np.array([track.provenance.emotion.get(name, 0.0) for name in EMOTIONS])


def _now(owner: Object) -> Doubles:
    return np.array([slider_value(owner, name) for name in EMOTIONS])


def speech_of(line: PropertyGroup) -> FaceTrack:
    """What the model made of ``line``. Raises UserError where nothing was, or it is damaged."""
    if not line.track:
        raise UserError(f"“{line.name}” is not baked yet; press Bake.")
    return _speech(line.track)


def retuned(character: PropertyGroup, _: Context) -> None:
    """Something else of the character has changed that shows on its chosen line: it is written anew soon."""
    _settle_soon(character.id_data)


def reheard(part: PropertyGroup, _: Context) -> None:
    """A part of a character that no mix can show was changed by hand, as a laugh or an emotion of the user's own: the
    model is asked anew soon, and the face acts what there is now.
    """
    _settle_soon(part.id_data, _settle_anew)


def touched(owner: Object) -> None:
    """What ``owner`` feels was changed by hand: its face shows it now on this frame, and soon on the whole line."""
    line = chosen(owner)
    if line is None or not line.baked or not line.track:
        return
    scene = bpy.context.scene
    if scene is None or scene.s2f.target is None or owner_of(scene.s2f.target) != owner:
        return
    try:
        _show_now(scene, owner, line)
    except UserError:
        return
    _settle_soon(owner)


def _settle_soon(owner: Object, settle: Callable[[], float | None] | None = None) -> None:
    line, settle = chosen(owner), settle or _settle
    if line is not None and line.baked and not bpy.app.background:
        if bpy.app.timers.is_registered(settle):
            bpy.app.timers.unregister(settle)
        bpy.app.timers.register(settle, first_interval=_SETTLED)


def _settle() -> float | None:
    if window.why_not_now():
        return _SETTLED
    if not session.current.jobs.busy:
        session.carry_out(bpy.ops.s2f.tune)
    return None


def _settle_anew() -> float | None:
    if window.why_not_now() or session.current.jobs.busy:
        return _SETTLED
    session.carry_out(bpy.ops.s2f.tune, anew=True)
    return None


def _show_now(scene: Scene, owner: Object, line: PropertyGroup) -> None:
    """Give the keys the values of this frame as the sliders stand; the next change of frame shows the curves again."""
    settings, track = scene.s2f, by_hand(line, speech_of(line))
    seconds = (scene.frame_current - placed(line) - settings.offset) / frame_rate(scene)
    if not track.start <= seconds <= track.start + track.duration:
        return
    share = share_of_mood(owner, track)
    mix = Mix(owner.s2f_character.intensity * (1.0 if share is None else share), 0.0, settings.mouth, settings.brow,
              settings.eye)  # fmt: skip
    curves = mixed(track.at(np.array([seconds])), mix)
    for mesh in find_character(settings.target).meshes:
        names, values = mesh.map.values(curves)
        bag = compat.bag_of(mesh.key)
        keyed = {curve.data_path for curve in bag.fcurves} if bag is not None else set()
        if owner.s2f_character.gaze_mode != "NONE":  # where that is takes longer than a frame
            keyed -= {value_path(key) for key in mesh.map.keys() if "look" in key.lower()}
        for name, value in zip(names, values[0].tolist(), strict=True):
            block = mesh.key.key_blocks.get(name)
            if block is not None and value_path(name) in keyed:
                block.value = value
