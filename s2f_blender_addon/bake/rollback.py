"""All or nothing: what a bake changed before it failed is as it was."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import bpy
from bpy.types import ID, Action, NlaStrip, Object, Scene

from . import compat
from .compat import Strip
from .layer import layer_of, reach, take_off
from .obstacles import is_tweaked


@contextmanager
def all_or_nothing(scene: Scene, owners: Iterable[Object]) -> Iterator[None]:
    """Undo what the block did to the animation of ``owners`` (objects, Keys, armatures) and to ``scene``, if it raises.

    The exception goes on. Only the action of an owner, its layer of head and breath, tracks that are new to it, its
    sliders, and the scene's end, markers and sound strips are looked at: nothing else is a bake's to change. Owners a
    strip of which is being edited in the NLA editor are left out, as a bake leaves them out.
    """
    unique = {owner.as_pointer(): owner for owner in owners}
    before = _Before(scene, list(unique.values()))
    try:
        yield
    except BaseException:
        before.restore()
        raise
    before.forget()


@dataclass
class _Animation:
    """How one owner was animated: by the action of which name, or by one that is ``linked``, in which slot; ``had``:
    whether it had animation data at all; ``tracks``: the names of its tracks. A block within may put another action
    under the name.
    """

    owner: ID
    had: bool
    name: str
    linked: Action
    slot: str
    tracks: frozenset[str]


class _Before:
    def __init__(self, scene: Scene, owners: list[Object]) -> None:
        self._scene = scene
        self._actions = {action.name for action in bpy.data.actions}
        self._sounds = {sound.name for sound in bpy.data.sounds}
        self._animations = [_animation(owner) for owner in owners if not is_tweaked(owner)]
        self._rigs = [owner for owner in owners if isinstance(owner, Object) and owner.type == "ARMATURE"]
        layers = [layer.action.name for layer in map(layer_of, self._rigs) if layer is not None]
        names = (*(one.name for one in self._animations), *layers)
        used = map(_local, dict.fromkeys(names))
        self._copies = [(one.name, one.use_fake_user, one.copy()) for one in list(used) if one is not None]
        blocks = (block for owner in owners for block in getattr(owner, "key_blocks", ()))
        self._sliders = [(block, block.slider_min, block.slider_max) for block in blocks]
        self._span = (scene.frame_start, scene.frame_end)
        self._markers = [(m.name, m.frame, m.select, m.camera) for m in scene.timeline_markers]
        self._strips = {strip.name: _Strip.of(strip) for strip in compat.sound_strips(scene)}

    def forget(self) -> None:
        """It went well: the copies are nobody's."""
        for *_, copy in self._copies:
            bpy.data.actions.remove(copy)

    def restore(self) -> None:
        copied = {name: copy for name, _, copy in self._copies}
        for was in self._animations:
            _animate(was, copied)
        for name, kept, copy in self._copies:
            damaged = _local(name)
            if damaged is not None:
                damaged.user_remap(copy)  # strips of the NLA play it, too
                bpy.data.actions.remove(damaged)
            copy.name, copy.use_fake_user = name, kept
        for rig in self._rigs:
            layer = layer_of(rig)
            (take_off if layer is not None and layer.action.name not in self._actions else reach)(rig)
        for action in [a for a in bpy.data.actions if a.name not in self._actions]:
            bpy.data.actions.remove(action)
        for block, low, high in self._sliders:
            block.slider_min, block.slider_max = low, high
        self._scene.frame_start, self._scene.frame_end = self._span
        self._restore_markers()
        self._restore_sound()

    def _restore_markers(self) -> None:
        markers = self._scene.timeline_markers
        if [(m.name, m.frame, m.select, m.camera) for m in markers] == self._markers:
            return
        for marker in list(markers):
            markers.remove(marker)
        for name, frame, select, camera in self._markers:
            marker = markers.new(name, frame=frame)
            marker.select, marker.camera = select, camera

    def _restore_sound(self) -> None:
        for strip in list(compat.sound_strips(self._scene)):
            was = self._strips.get(strip.name)
            if was is None or not was.given_back(strip):
                compat.remove_strip(self._scene, strip)
        there = {strip.name for strip in compat.sound_strips(self._scene)}
        for sound in [s for s in bpy.data.sounds if s.name not in self._sounds]:
            bpy.data.sounds.remove(sound)
        for name, was in self._strips.items():
            if name not in there:
                was.put_back(self._scene, name)


@dataclass(frozen=True)
class _Strip:
    """What a bake may change of a strip, and what it takes to make it again; ``ours``: its custom properties."""

    path: str
    sound: str
    channel: int
    start: float
    mute: bool
    ours: tuple[tuple[str, Strip], ...]

    @staticmethod
    def of(strip: NlaStrip) -> "_Strip":
        ours = tuple(sorted((key, strip[key]) for key in strip.keys()))
        start = compat.strip_start(strip)
        return _Strip(strip.sound.filepath, strip.sound.name, strip.channel, start, strip.mute, ours)

    def given_back(self, strip: NlaStrip) -> bool:
        """Whether ``strip`` is as it was by now, which it cannot be once it plays another sound."""
        if (strip.sound.filepath, strip.sound.name, strip.channel) != (self.path, self.sound, self.channel):
            return False
        compat.shift_strip(strip, round(self.start - compat.strip_start(strip)))
        strip.mute = self.mute
        for key in set(strip.keys()) - dict(self.ours).keys():
            del strip[key]
        for key, value in self.ours:
            strip[key] = value
        return self == _Strip.of(strip)

    def put_back(self, scene: Scene, name: str) -> None:
        strip = compat.new_sound_strip(scene, name, self.path, self.channel, round(self.start))
        strip.name, strip.mute = name, self.mute
        known, made = bpy.data.sounds.get(self.sound), strip.sound
        if known is not None and known != made:
            strip.sound = known
            bpy.data.sounds.remove(made)
        for key, value in self.ours:
            strip[key] = value


def _animation(owner: ID) -> _Animation:
    animation = owner.animation_data
    if animation is None:
        return _Animation(owner, False, "", None, "", frozenset())
    slot, action = getattr(animation, "action_slot", None), animation.action
    local = action is not None and action.library is None
    return _Animation(
        owner, True, action.name if local else "", None if local else action,
        slot.identifier if slot is not None else "", frozenset(track.name for track in animation.nla_tracks),
    )  # fmt: skip


def _local(name: str) -> Action | None:
    """The action of this file that is called so."""
    return bpy.data.actions.get((name, None))


def _animate(was: _Animation, copied: dict[str, Action]) -> None:
    """Give the owner its action again, or the copy of it."""
    animation = was.owner.animation_data
    if animation is None:
        return
    if not was.had:
        was.owner.animation_data_clear()
        return
    for track in [one for one in animation.nla_tracks if one.name not in was.tracks]:
        animation.nla_tracks.remove(track)
    action = copied.get(was.name, was.linked)
    animation.action = action
    if action is not None and was.slot and compat.has_slots(action):
        animation.action_slot = action.slots[was.slot]
    was.owner.update_tag()
