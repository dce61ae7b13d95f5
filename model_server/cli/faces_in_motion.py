"""What ``s2f metrics`` compares: curves, FLAME's coefficients, or vertices; told by the files, made vertices alike."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from model_server.cancel import Progress, silent
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.flame import FlameFit
from s2f_blender_addon.core.flame_face import FlameFace
from s2f_blender_addon.core.formats.npy import LAYOUTS
from s2f_blender_addon.core.npy_array import DAMAGED
from s2f_blender_addon.core.track import FaceTrack

if TYPE_CHECKING:
    from model_server.evaluation.metrics import Floats
    from model_server.evaluation.surface import FlameSurface, Lists, Surface

Kind = Literal["curves", "coefficients", "vertices"]

ARRAYS = (".npy", ".npz")
KNOWN = tuple(dict.fromkeys((*ARRAYS, *formats.READABLE)))
"""Endings of files that a folder is searched for."""


def kind_of(path: Path) -> Kind:
    """What the file holds. Raises UserError that names one that cannot be read."""
    suffix = path.suffix.lower()
    if suffix == ".npz":
        return "coefficients" if _is_track(path) else "vertices"
    if suffix == ".npy":
        try:
            shape = np.load(path, mmap_mode="r", allow_pickle=False).shape
        except DAMAGED as error:
            raise UserError(f"{path}: it is no .npy file of numbers ({error}).") from error
        while len(shape) > 2 and shape[0] == 1:
            shape = shape[1:]
        if len(shape) == 2 and shape[1] == len(CHANNELS):
            return "curves"
        return "coefficients" if len(shape) == 2 and shape[1] in LAYOUTS else "vertices"
    return "coefficients" if suffix == ".s2f" and len(formats.read(path).flame) else "curves"


def _is_track(path: Path) -> bool:
    try:
        formats.read(path)
    except UserError:
        return False
    return True


def read_track(path: Path) -> FaceTrack:
    """Curves or coefficients in ``path``. Raises UserError that names it."""
    from model_server.training.actor.captures import read_capture  # knows .npy of 3D-ETF, too

    return read_capture(path)


def rate_of(path: Path) -> float:
    """Frames a second at which a truth is compared where nobody says: FLAME's own, else 30."""
    return read_track(path).fps if kind_of(path) == "coefficients" else 30.0


def vertices_of(path: Path, surface: "Surface | FlameSurface", fps: float) -> "Floats":
    """(T, V, 3) of the track in ``path`` on ``surface``, ``fps`` a second. Raises UserError where it cannot show it."""
    from model_server.evaluation.surface import Surface

    track = read_track(path)
    track = track.at(track.start + np.arange(int(track.duration * fps + 1e-6) + 1) / fps)
    if isinstance(surface, Surface):
        if len(track.flame):
            raise UserError(
                f"{path}: FLAME's coefficients become vertices on a FLAME head of yours, of which nothing comes with "
                "this program; name it with --mesh FLAME.blend."
            )
        return surface.vertices(mixed(track, Mix()))
    if len(track.flame):
        return surface.of_coefficients(track.flame)
    if surface.fit is None:
        raise UserError(f"{path}: this head shows no curves, since its vertices are not FLAME's own 5,023.")
    return surface.of_coefficients(surface.fit.rows(mixed(track, Mix()), track.head))


def surface_for(
    kinds: Sequence[Kind], mesh: Path | None, lists: "Lists", progress: Progress = silent
) -> "Surface | FlameSurface":
    """What tracks of these ``kinds`` move: the head in the file ``mesh``, or our landmarks. Raises UserError."""
    from model_server.evaluation.surface import of_flame, of_landmarks, of_mesh

    if mesh is None:
        return of_landmarks()
    if "coefficients" not in kinds:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "shape.npz"
            _in_blender("shape", mesh, out, progress)
            with np.load(out) as shape:
                return of_mesh(shape["neutral"], shape["delta"])
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "face.npz"
        told = _in_blender("flame_face", mesh, out, progress)["fit"]
        with np.load(out) as found:
            face = FlameFace(**{name: found[name] for name in found.files})
    try:
        return of_flame(face, FlameFit.from_json(told) if told else None, lists)
    except UserError as error:
        raise UserError(f"{mesh}: {error}") from None


def _in_blender(job: str, mesh: Path, out: Path, progress: Progress) -> dict[str, Any]:
    from model_server.in_blender import BlenderCrash, run_in_blender

    try:
        return run_in_blender({"do": job, "rig": str(mesh.absolute()), "out": str(out)}, progress)
    except BlenderCrash:
        raise UserError(f"{mesh}: Blender gave up on this file; open it in Blender to see why.") from None
