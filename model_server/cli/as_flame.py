"""Tracks as FLAME's coefficients: fitted to the user's own FLAME rig, or by what bones alone can show."""

from dataclasses import replace
from pathlib import Path

from model_server.cancel import Progress
from model_server.in_blender.rig_files import DEMO, check_rig
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.flame import FlameFit
from s2f_blender_addon.core.track import FaceTrack

BONES_ALONE = (
    "It moves joints alone (.npy the jaw, .npz eyes and neck, too), the jaw by the gap between the lips: expressions "
    "need your own FLAME rig, of which nothing comes with this program; add --rig FLAME.blend."
)


def check(rig: str, out: str) -> None:
    """Raises UserError where ``rig`` is no rig, or ``out`` has no use for one."""
    if rig:
        check_rig(rig)
        if not formats.is_flame(out):
            raise UserError(f"{rig}: --rig is for tracks of FLAME, which end in {' or '.join(formats.FLAME)}.")


def fit_to(rig: str, progress: Progress) -> FlameFit:
    """How the FLAME head in the file ``rig`` shows the channels. Raises UserError where there is none."""
    from model_server.in_blender import BlenderCrash, run_in_blender

    path = rig if rig == DEMO else str(Path(rig).absolute())
    try:
        return FlameFit.from_json(run_in_blender({"do": "fit", "rig": path}, progress)["fit"])
    except BlenderCrash:
        raise UserError(f"{rig}: Blender gave up on this file; open it in Blender to see why.") from None


def with_coefficients(track: FaceTrack, mix: Mix, fit: FlameFit) -> FaceTrack:
    """``track`` with the coefficients by which ``fit`` shows it under ``mix``."""
    return replace(track, flame=fit.rows(mixed(track, mix), track.head))
