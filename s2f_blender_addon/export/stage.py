"""A scene of its own for an export: copies of the character with its motion baked in, so that nothing of the user's is
touched, at a whole rate and from frame 0 on.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import bpy
import numpy as np
from bpy.types import ID, Object, Scene

from ..bake import compat
from ..bake.compat import Bag
from ..bake.write import value_path
from .clips import ExportClip, rate_of
from .sampled import Motion, Values, holder, is_still, sampled, skin_of

_PLACE = (("location", 3), ("rotation_quaternion", 4), ("scale", 3))


@dataclass(frozen=True)
class Stage:
    """The scene that is exported; ``copies``: original -> copy; ``motions``: one for each clip."""

    scene: Scene
    copies: dict[Object, Object]
    clips: tuple[ExportClip, ...]
    motions: tuple[Motion, ...]

    def play(self, number: int) -> None:
        """Have the copies do clip ``number``, from frame 0 to the last of the scene."""
        clip, motion = self.clips[number], self.motions[number]
        self.scene.name = clip.name
        self._animate(clip, motion)
        self.scene.frame_start, self.scene.frame_end = 0, motion.length - 1
        self.scene.frame_set(0)

    def lay_out(self) -> None:
        """Put every clip onto an NLA track of its name, each from frame 0 on; shape keys stay at 0, see ``morphs``."""
        for copy in self.copies.values():
            for block in copy.data.shape_keys.key_blocks if copy.type == "MESH" and copy.data.shape_keys else ():
                block.value = 0.0
        for clip, motion in zip(self.clips, self.motions, strict=True):
            for owner in self._animate(clip, replace(motion, keys={})):
                animation = owner.animation_data
                action, slot = animation.action, getattr(animation, "action_slot", None)
                animation.action = None
                track = animation.nla_tracks.new()
                track.name = clip.name
                strip = track.strips.new(clip.name, 0, action)
                if slot is not None:
                    strip.action_slot = slot
                strip.extrapolation = "NOTHING"
        self.scene.frame_start, self.scene.frame_end = 0, max(motion.length for motion in self.motions) - 1
        self.scene.frame_set(0)

    def _animate(self, clip: ExportClip, motion: Motion) -> list[ID]:
        """Actions of ``motion`` on all copies that move; their owners."""
        shared = bpy.data.actions.new(clip.name)
        owners = []

        def bag_for(owner: ID) -> Bag:
            owners.append(owner)
            own = shared if compat.has_slots(shared) or not owners[1:] else bpy.data.actions.new(clip.name)
            return compat.assign(own, owner)

        for original, values in motion.keys.items():
            key = self.copies[original].data.shape_keys
            if key.animation_data is None or key.animation_data.action is None or key not in owners:
                moving = {name: row for name, row in values.items() if name != key.reference_key.name}
                _curves(bag_for(key), {(value_path(name), 0): row for name, row in moving.items()})
        for original in dict.fromkeys((*motion.bones, *motion.objects)):
            curves = {}
            for bone, pose in motion.bones.get(original, {}).items():
                path = f'pose.bones["{bpy.utils.escape_identifier(bone)}"].'
                curves.update(_placed(path, pose))
            place = motion.objects.get(original)
            if place is not None and not is_still(place):
                curves.update(_placed("", place))
            if curves:
                _curves(bag_for(self.copies[original]), curves)
        return owners


@contextmanager
def staged(scene: Scene, objects: Sequence[Object], clips: Sequence[ExportClip]) -> Iterator[Stage]:
    """The stage for ``objects`` of ``scene`` while the block runs, shown in the window; all of it goes afterwards."""
    motions = tuple(sampled(scene, objects, clip) for clip in clips)
    window = bpy.context.window
    shown = window.scene
    blocks = _all_blocks()
    renamed: list[tuple[ID, str]] = []
    try:
        copies = _copied(objects, renamed)
        stage = bpy.data.scenes.new("Export")
        stage.render.fps, stage.render.fps_base = rate_of(scene), 1.0
        stage.unit_settings.scale_length = scene.unit_settings.scale_length
        for original, copy in copies.items():
            stage.collection.objects.link(copy)
            _at_rest(copy, motions[0].objects.get(original))
        window.scene = stage
        for copy in copies.values():
            copy.hide_set(False)
            copy.select_set(True)
        yield Stage(stage, copies, tuple(clips), motions)
    finally:
        window.scene = shown
        bpy.data.batch_remove([block for block in _all_blocks() if block not in blocks])
        for block, name in renamed:
            block.name = name


def _all_blocks() -> set[ID]:
    data = bpy.data
    kinds = (data.scenes, data.objects, data.meshes, data.armatures, data.actions, data.collections, data.cache_files)
    return {block for kind in kinds for block in kind}


def _copied(objects: Sequence[Object], renamed: list[tuple[ID, str]]) -> dict[Object, Object]:
    """Copies that hang on each other as the originals do, under their names, which the originals lend."""
    copies: dict[Object, Object] = {}
    data: dict[ID, ID] = {}
    for original in objects:
        copy = copies[original] = _named(original, renamed)
        copy.animation_data_clear()
        if original.data is not None:
            if original.data not in data:
                data[original.data] = _named(original.data, renamed)
                data[original.data].animation_data_clear()
            copy.data = data[original.data]
        if copy.type == "MESH" and copy.data.shape_keys is not None:
            copy.data.shape_keys.animation_data_clear()
            copy.show_only_shape_key = False
    for original, copy in copies.items():
        held = holder(original)
        if held is not None and held in copies:
            skinned = skin_of(original) is not None
            copy.parent = copies[held]
            copy.parent_type = "OBJECT" if skinned else original.parent_type
            copy.parent_bone = "" if skinned else original.parent_bone
            copy.matrix_parent_inverse = original.matrix_parent_inverse
        _alone(copy, copies)
    return copies


def _named(block: ID, renamed: list[tuple[ID, str]]) -> ID:
    copy, name = block.copy(), block.name
    if block.library is None:
        renamed.append((block, name))
        block.name = f"{name[:50]} original"
    copy.name = name
    return copy


def _alone(copy: Object, copies: dict[Object, Object]) -> None:
    """Without what moves it: its motion is baked. Of its modifiers the armature's stays, bound to the copy of it."""
    copy.constraints.clear()
    for modifier in list(copy.modifiers):
        if modifier.type != "ARMATURE":
            copy.modifiers.remove(modifier)
        elif modifier.object in copies:
            modifier.object = copies[modifier.object]
    for bone in copy.pose.bones if copy.pose is not None else ():
        for constraint in list(bone.constraints):
            bone.constraints.remove(constraint)
        bone.rotation_mode = "QUATERNION"


def _at_rest(copy: Object, place: Values | None) -> None:
    """Where its motion begins, in the space of what it hangs on."""
    copy.rotation_mode = "QUATERNION"
    if place is None:
        return
    copy.matrix_parent_inverse.identity()
    for attribute in ("delta_location", "delta_rotation_quaternion"):
        setattr(copy, attribute, (0, 0, 0) if "location" in attribute else (1, 0, 0, 0))
    copy.delta_scale = (1, 1, 1)
    copy.location, copy.rotation_quaternion, copy.scale = place[0, :3], place[0, 3:7], place[0, 7:]


def _placed(path: str, values: Values) -> dict[tuple[str, int], Values]:
    curves, column = {}, 0
    for name, width in _PLACE:
        for index in range(width):
            curves[path + name, index] = values[:, column + index]
        column += width
    return curves


def _curves(bag: Bag, curves: dict[tuple[str, int], Values]) -> None:
    """Linear keys on every frame from 0 on, on the first and last where nothing moves."""
    like = None
    for (path, index), values in curves.items():
        still = is_still(values)
        points = np.stack([np.arange(len(values)), values], axis=1).astype(np.float32)
        points = points[[0, -1]] if still and len(values) > 1 else points
        curve = compat.new_fcurve(bag, path, index, len(points), like if not still else None)
        curve.keyframe_points.foreach_set("co", points.ravel())
        curve.update()
        like = curve if not still else like
