"""``s2f motion``: recordings to FLAME tracks, with a checkpoint of ProbTalk3D or LSF-Animation."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import numpy.typing as npt
import typer

from model_server.cancel import Progress, part
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.blend import Mix
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.npy_array import DAMAGED
from s2f_blender_addon.core.track import FaceTrack

from .each import Each
from .option_records import with_records
from .options import Device, Emotion, Intensity, Person, Seed, Takes, request_of
from .outputs import keep_apart, named_files
from .progress import JsonProgress, reporting
from .sources import plan, recordings
from .speech import Sampling
from .takes import of_takes

if TYPE_CHECKING:
    from model_server.motion_model import MotionModel

FPS = 25.0


@with_records
def motion(
    sources: Annotated[
        list[str], typer.Argument(metavar="IN", help="Recordings, folders of them, or @LIST: a file of their paths.")
    ],
    out: Annotated[str, typer.Option("--out", "-o", metavar="OUT", help="A .npy, .npz or .s2f file, or a folder/.")],
    model: Annotated[Path, typer.Option(metavar="CKPT", help="A checkpoint of ProbTalk3D or LSF-Animation.")],
    *,
    sampling: Sampling,
    person: Person = 0,
    emotion: Emotion = "",
    intensity: Intensity = 1.0,
    takes: Takes = 1,
    seed: Seed = 0,
    device: Device = "auto",
    json_progress: JsonProgress = False,
) -> None:
    """Turn recordings into FLAME expressions and jaw at 25 frames a second; the weights are yours, for research."""
    from model_server.hardware import for_a_command
    from model_server.motion_model import MotionModel

    sliders = sliders_of(emotion)
    shape_in(sampling.shape)  # complains before anything takes its time
    named = recordings(sources)
    targets = _targets(named, out)
    written = [path for target in targets for path in of_takes(target, takes)]
    keep_apart(written, named_files([source for source, _ in named], model, sampling))
    each = Each(len(named))
    with reporting(json_progress) as report:
        network = MotionModel.open(model, sampling.hubert, sampling.emotion2vec, for_a_command(device).device)
        for i, ((source, _), target) in enumerate(zip(named, targets, strict=True)):
            watch = report.part(i / len(named), (i + 1) / len(named), source.name)
            with each.alone():
                tracks = sampled(network, source, person, sliders, intensity, seed, takes, sampling, watch)
                for track, path in zip(tracks, of_takes(target, takes), strict=True):
                    formats.write(path, track, Mix())
                    report.wrote(path)
        for note in network.notes if not each.all_failed else ():
            report.note(note)
        if not each.all_failed:
            report.note(f"Made by {network.net.name}: research, not for commercial use.")
        each.end(report)


def sampled(
    network: "MotionModel", source: Path, person: int, sliders: Mapping[str, float], intensity: float, seed: int,
    takes: int, sampling: Sampling, progress: Progress,
) -> Iterator[FaceTrack]:  # fmt: skip
    """Each of ``takes`` samples of the recording ``source``. Raises UserError."""
    from model_server.audio.decode import decode
    from model_server.motion_model import MotionOptions

    manner, sound = MotionOptions(person, sliders, intensity, shape_in(sampling.shape)), decode(source)
    for take in range(takes):
        step = part(progress, take / takes, (take + 1) / takes)
        yield network.track(sound, manner, sampling.temperature, (seed + take) % 2**32, step)


def sliders_of(emotion: str) -> Mapping[str, float]:
    """The sliders of ``--emotion`` for these networks. Raises UserError."""
    asked = request_of(emotion, 0, "", FPS)
    if asked.hear is not None:
        raise UserError("--emotion auto is for s2f infer; set sliders, or leave it to LSF, which hears the voice.")
    return asked.emotion


def check_form(out: Path) -> None:
    """Raises UserError for a form that holds no FLAME."""
    if not (formats.is_flame(out) or out.suffix.lower() == ".s2f"):
        raise UserError(f"{out}: FLAME tracks end in .npy, .npz or .s2f.")


def _targets(named: list[tuple[Path, Path]], out: str) -> list[Path]:
    """Where each track goes. Raises UserError for a form that holds no FLAME."""
    targets = plan(named, out)
    if Path(out).suffix and targets == [Path(out)]:
        check_form(targets[0])
        return targets
    return [path.with_suffix(".npy") for path in targets]


def shape_in(path: Path | None) -> npt.NDArray[np.float32] | None:
    """FLAME's identity in a .npy file: 300 numbers, or the first 300 columns of a track of 403."""
    if path is None:
        return None
    try:
        array = np.asarray(np.load(path, allow_pickle=False), np.float32)
    except DAMAGED as error:
        raise UserError(f"{path}: it is no .npy file of numbers ({error}).") from error
    row = array.reshape(-1, array.shape[-1])[0] if array.ndim else array.reshape(1)
    if len(row) not in (300, 403) or not np.isfinite(row).all():
        raise UserError(f"{path}: a FLAME shape has 300 numbers, not {array.shape}.")
    found: npt.NDArray[np.float32] = row[:300]
    return found
