"""One row of a batch, in a process that keeps its network from row to row."""

import hashlib
import os
import signal
from collections.abc import Sequence
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from model_server.cancel import silent
from model_server.in_blender.shot import ShotLine
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.flame import FlameFit
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.core.track import Array

from . import as_flame
from .manifest import Row
from .motion import check_form, sampled, sliders_of
from .shot import bake_shot
from .speak import engine_for
from .takes import how_different, performed, to_compare, with_reference

if TYPE_CHECKING:
    from model_server.engine import Engine
    from model_server.motion_model import MotionModel

OF_MOTION = ("emotion", "intensity", "person", "seed", "takes", "model", "device")
"""Options that a network of FLAME's coefficients has any use for."""


def one_thread_each() -> None:
    """To be called before processes are started: each of them calculates in one thread."""
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"


class _Ended(SystemExit):
    """Somebody ends this process. It would say nothing of a SystemExit, but its pool goes on to another row."""


def end_on_request() -> None:
    """In a process that makes rows: whoever ends it has it take away first what it has begun."""
    signal.signal(signal.SIGTERM, _end)


def _end(_: int, __: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough
    raise _Ended


def make(row: Row, fps: float) -> tuple[str, list[str]]:
    """Write the outputs of ``row``, each whole or not at all; (their digest, notes). Raises UserError."""
    given = row.performance
    request = row.request(formats.rate_of(row.out, fps))  # complains before anything takes its time
    try:
        row.out.parent.mkdir(parents=True, exist_ok=True)
        if given.model and _moves_flame(Path(given.model)):
            heard_by = row.sampling.hubert, row.sampling.emotion2vec
            notes = _motion(row, _motion_model(given.model, *heard_by, given.device))
        else:
            notes = _spoken(row, _engine(given.model, given.device), request)
    except OSError as error:
        raise UserError(f"{row.out}: it cannot be written ({error.strerror or error}).") from error
    except _Ended:  # what was begun is taken away by now
        os._exit(1)
    return digest(row.outs), notes


def _spoken(row: Row, engine: "Engine", request: Request) -> list[str]:
    given, mix = row.performance, Mix(intensity=row.performance.intensity)
    flame = row.rig and formats.is_flame(row.out)
    fit = _fit(row.rig) if flame else None
    notes = [as_flame.BONES_ALONE] if formats.is_flame(row.out) and fit is None else []
    faces: list[Array] = []
    request = with_reference(request, given.reference)
    for spoken, out in zip(performed(engine, row.sound, row.script, given, request, silent), row.outs, strict=True):
        if row.rig and fit is None:
            sound, felt = row.sound, dict(request.emotion)
            line = ShotLine("", sound.stem, str(sound), None, felt, given.intensity, given.seed)
            notes += [n for n in bake_shot([(spoken.track, line)], row.rig, out, silent)["notes"] if n not in notes]
        else:
            formats.write(out, as_flame.with_coefficients(spoken.track, mix, fit) if fit else spoken.track, mix)
        if not faces:
            notes += spoken.track.provenance.notes
            missing = [word.text for word in spoken.words if not word.confidence]
            notes += [f"not heard: {' '.join(missing)}"] if missing else []
        faces.append(to_compare(mixed(spoken.track, mix)) if given.takes > 1 else spoken.track.talk[:0])
    return [*notes, how_different(faces)] if given.takes > 1 else notes


def _motion(row: Row, network: "MotionModel") -> list[str]:
    given = row.performance
    check_form(row.out)
    if row.rig:
        raise UserError(f"{network.net.name} moves FLAME itself, so it needs no rig; leave it out, and bake its track.")
    for one in fields(given):
        if one.name not in OF_MOTION and getattr(given, one.name) != one.default:
            raise UserError(f"{network.net.name} has no use for {one.name}; leave it out.")
    tracks = sampled(
        network, row.sound, given.person, sliders_of(given.emotion), given.intensity, given.seed, given.takes,
        row.sampling, silent,
    )  # fmt: skip
    for track, out in zip(tracks, row.outs, strict=True):
        formats.write(out, track, Mix())
    return [*network.notes, f"Made by {track.provenance.model}: research, not for commercial use."]


@lru_cache(maxsize=2)  # networks of others are large
def _engine(model: str, device: str) -> "Engine":
    return engine_for(model, device)


@lru_cache(maxsize=1)
def _motion_model(model: str, hubert: Path | None, emotion2vec: Path | None, device: str) -> "MotionModel":
    from model_server.hardware import for_a_command
    from model_server.motion_model import MotionModel

    return MotionModel.open(Path(model), hubert, emotion2vec, for_a_command(device).device)


@lru_cache(maxsize=64)
def _moves_flame(path: Path) -> bool:
    from model_server.slots.model_file import is_foreign

    if not is_foreign(path):
        return False
    from model_server.foreign.checkpoint import moves_flame

    return moves_flame(path)


@lru_cache(maxsize=4)
def _fit(rig: str) -> FlameFit:
    return as_flame.fit_to(rig, silent)


def digest(paths: Sequence[Path]) -> str:
    """SHA-256 of the content of a file, or of those of several; empty where one of them is not there."""
    found = []
    for path in paths:
        try:
            with path.open("rb") as file:
                found.append(hashlib.file_digest(file, "sha256").hexdigest())
        except OSError:
            return ""
    return found[0] if len(found) == 1 else hashlib.sha256(" ".join(found).encode()).hexdigest()
