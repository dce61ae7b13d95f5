"""Read Face: what the face of the character reads as over the shot, whoever moved it."""


import bpy
import numpy as np
from bpy.types import Context, FCurve, Key, Object

from .. import session, window
from ..bake import compat
from ..bake.frames import Frames, frame_rate
from ..bake.write import value_path
from ..core.errors import UserError
from ..core.messages import Read, Reads
from ..core.track import Array
from ..emotion import own
from ..emotion.curves import read
from ..emotion.nla import StripCurve, strip_curve
from ..emotion.sliders import owner_of
from ..process.job import Job
from ..rigs import find_character
from ..session.shown import Looks
from .base import Operator
from .readiness import target_of, why_no_character

READ_FPS = 30.0
"""Frames a second at which a face is read; more tell nothing new."""


def seen_of(owner: Object) -> str:
    """The name under which the session keeps what the whole of a character was read as."""
    return f"character:{owner.name}"


def looks_of(answer: Reads, start: float, rate: float) -> Looks:
    """``answer`` on scene frames, second 0 of what was read being at ``start``."""
    return Looks(tuple(answer.shares), start + answer.first * rate, answer.every * rate, answer.over_time)


class S2F_OT_read_face(Operator, bpy.types.Operator):
    """See what the face reads as over the scene's frames, baked, imported or animated by hand"""

    bl_idname = "s2f.read_face"
    bl_label = "Read Face"
    bl_options = {"REGISTER"}  # noqa: RUF012

    @classmethod
    def why_not(cls, context: Context) -> str:
        return why_no_character(context) or session.current.jobs.why_busy()

    def run(self, context: Context) -> str:
        """The strip in the timeline and the panel show it when it is done."""
        scene, target = context.scene, target_of(context)
        first, last = scene.frame_start, scene.frame_end
        if scene.use_preview_range:
            first, last = scene.frame_preview_start, scene.frame_preview_end
        rate = frame_rate(scene)
        step = max(1, round(rate / READ_FPS))
        frames = np.arange(first, last + 1, step, dtype=np.float64)
        values = channels_over(target, frames)
        whose = seen_of(owner_of(target))

        def keep(job: Job) -> None:
            if isinstance(job.answer, Reads):
                session.current.shown.read(job.answer.shares)
                session.current.shown.look(whose, looks_of(job.answer, float(first), rate))
                window.redraw_timelines()

        session.start([lambda: Read(0, rate / step, values)], lambda jobs: keep(jobs[0]))
        return ""


def channels_over(target: Object, frames: Frames) -> Array:
    """(T, 52) 0-1 that the shape keys of the character of ``target`` show at scene ``frames`` (T,), by its key maps.

    Raises UserError where nothing moves them.
    """
    keys = own.mapped_keys(find_character(target))
    shown = np.empty((len(frames), len(keys)), np.float32)
    moving = False
    for column, (key, name, _) in enumerate(keys):
        curve = _curve(key, value_path(name), key.key_blocks[name].value)
        shown[:, column] = key.key_blocks[name].value if curve is None else read(curve, frames)
        moving |= curve is not None
    if not moving:
        raise UserError(f"No shape key of {target.name} is animated; bake or import a performance first.")
    return own.nearest(own.response_of(keys), shown).astype(np.float32)


def _curve(key: Key, path: str, rest: float) -> FCurve | StripCurve | None:
    bag = compat.bag_of(key)
    curve = bag.fcurves.find(path) if bag is not None else None
    return curve if curve is not None and not curve.mute else strip_curve(key, path, rest)


CLASSES = (S2F_OT_read_face,)
