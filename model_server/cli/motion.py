"""``s2f motion``: recordings to FLAME tracks, with a checkpoint of ProbTalk3D or LSF-Animation."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import numpy.typing as npt
import typer

from model_server.cancel import part
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.blend import Mix
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.request import MOST_TAKES

from .infer import of_takes
from .options import Device, Emotion, Intensity, Seed, request_of
from .progress import JsonProgress, reporting
from .sources import plan, recordings

if TYPE_CHECKING:
    from model_server.audio.sound import Sound


def motion(
    sources: Annotated[
        list[str], typer.Argument(metavar="IN", help="Recordings, folders of them, or @LIST: a file of their paths.")
    ],
    out: Annotated[str, typer.Option("--out", "-o", metavar="OUT", help="A .npy, .npz or .s2f file, or a folder/.")],
    model: Annotated[Path, typer.Option(metavar="CKPT", help="A checkpoint of ProbTalk3D or LSF-Animation.")],
    hubert: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="HuBERT-base, where the checkpoint brings none.", show_default=False),
    ] = None,
    emotion2vec: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="emotion2vec_base, for LSF, where it brings none.", show_default=False),
    ] = None,
    person: Annotated[int, typer.Option(help="Of ProbTalk3D: whose way to speak, 0-31.", min=0)] = 0,
    emotion: Emotion = "",
    intensity: Intensity = 1.0,
    shape: Annotated[
        Path | None,
        typer.Option(metavar="FILE.npy", help="For LSF: FLAME's 300 of the face.", show_default="the mean face"),
    ] = None,
    takes: Annotated[int, typer.Option(help="Samples of each recording.", min=1, max=MOST_TAKES)] = 1,
    temperature: Annotated[
        float, typer.Option(help="How freely samples are drawn; 0 is always the likeliest.", min=0, max=100)
    ] = 0.2,
    seed: Seed = 0,
    device: Device = "auto",
    json_progress: JsonProgress = False,
) -> None:
    """Turn recordings into FLAME expressions and jaw at 25 frames a second; the weights are yours, for research."""
    from model_server.hardware import for_a_command
    from model_server.motion_model import MotionModel, MotionOptions

    sliders = request_of(emotion, seed, "", 25.0)
    if sliders.hear is not None:
        raise UserError("--emotion auto is for s2f infer; set sliders, or leave it to LSF, which hears the voice.")
    named = recordings(sources)
    targets = _targets(named, out)
    manner = MotionOptions(person, sliders.emotion, intensity, _shape(shape))
    with reporting(json_progress) as report:
        network = MotionModel.open(model, hubert, emotion2vec, for_a_command(device).device)
        for i, ((source, _), target) in enumerate(zip(named, targets, strict=True)):
            watch = report.part(i / len(named), (i + 1) / len(named), source.name)
            for take, path in enumerate(of_takes(target, takes)):
                step = part(watch, take / takes, (take + 1) / takes)
                track = network.track(_sound(source), manner, temperature, (seed + take) % 2**32, step)
                formats.write(path, track, Mix())
                report.wrote(path)
        for note in network.notes:
            report.note(note)
        report.note(f"Made by {track.provenance.model}: research, not for commercial use.")


def _sound(path: Path) -> "Sound":
    from model_server.audio.decode import decode

    return decode(path)


def _targets(named: list[tuple[Path, Path]], out: str) -> list[Path]:
    """Where each track goes. Raises UserError for a form that holds no FLAME."""
    targets = plan(named, out)
    if Path(out).suffix and targets == [Path(out)]:
        if not (formats.is_flame(out) or Path(out).suffix.lower() == ".s2f"):
            raise UserError(f"{out}: FLAME tracks end in .npy, .npz or .s2f.")
        return targets
    return [path.with_suffix(".npy") for path in targets]


def _shape(path: Path | None) -> npt.NDArray[np.float32] | None:
    """FLAME's identity in a .npy file: 300 numbers, or the first 300 columns of a track of 403."""
    if path is None:
        return None
    try:
        array = np.asarray(np.load(path, allow_pickle=False), np.float32)
    except (OSError, ValueError, TypeError, EOFError) as error:
        raise UserError(f"{path}: it is no .npy file of numbers ({error}).") from error
    row = array.reshape(-1, array.shape[-1])[0] if array.ndim else array.reshape(1)
    if len(row) not in (300, 403) or not np.isfinite(row).all():
        raise UserError(f"{path}: a FLAME shape has 300 numbers, not {array.shape}.")
    found: npt.NDArray[np.float32] = row[:300]
    return found
