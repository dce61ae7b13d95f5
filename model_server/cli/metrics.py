"""``s2f metrics``: faces in motion against the truth, in the figures of published tables."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from model_server.cancel import Progress
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.errors import UserError

from .progress import JsonProgress, reporting

VERTICES = (".npy", ".npz")
List = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Indices of its vertices (lve.txt, fdd.txt), for .npy files.")
]


def metrics(
    truth: Annotated[
        Path, typer.Argument(metavar="TRUTH", help="A track, vertices (.npy), or a folder of either: the truth.")
    ],
    samples: Annotated[
        list[Path],
        typer.Argument(
            metavar="SAMPLE…", help="What was made of the same sound, once or more; or a folder of STEM and STEM_takeN."
        ),
    ],
    mesh: Annotated[
        Path | None,
        typer.Option(metavar="RIG", help="A head whose 52 keys tracks move.", show_default="our 68 landmarks"),
    ] = None,
    lips: List = None,
    upper: List = None,
    eyes: List = None,
    neutral: Annotated[
        Path | None,
        typer.Option(metavar="FILE.npy", help="Vertices at rest.", show_default="the truth's first frame"),
    ] = None,
    fps: Annotated[float, typer.Option(help="Frames a second at which tracks are compared.", min=1, max=1000)] = 30.0,
    seed: Annotated[int, typer.Option(help="Which pairs diversity draws.", min=0)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON instead of a table.")] = False,
    json_progress: JsonProgress = False,
) -> None:
    """Print LVE (squared and not), EVE, MVE, FDD, MEE, CE and diversity, of one sample or many."""
    with reporting(json_progress) as report:
        jobs = _jobs(truth, samples)
        on_vertices = jobs[0][0].suffix.lower() in VERTICES
        if on_vertices and mesh is not None:
            raise UserError("--mesh is for tracks; vertices are their own mesh.")
        if not on_vertices and (lips or upper or eyes or neutral):
            raise UserError("--lips, --upper, --eyes and --neutral are for .npy files; a mesh with keys knows its own.")
        surface = None if on_vertices else _surface(mesh, report.part(0.0, 0.3))
        found = []
        for i, (reference, made) in enumerate(jobs):
            report.progress(0.3 + 0.7 * i / len(jobs), reference.name)
            found.append(
                _of_vertices(reference, made, (lips, upper, eyes), neutral, seed)
                if surface is None
                else _of_tracks(reference, made, surface, fps, seed)
            )
        figures: dict[str, Any] = {
            "sequences": len(found), "samples": len(jobs[0][1]), "unit": "as the vertices" if on_vertices else "mm",
            **{name: float(f"{np.mean([one[name] for one in found]):.6g}") for name in found[0]},
        }  # fmt: skip
        if as_json:
            print(json.dumps(figures, indent=1))
        else:
            report.table(("figure", "value"), [(k, str(v)) for k, v in figures.items()], figures=figures)
            if on_vertices and neutral is None:
                report.note("The neutral face is the truth's first frame; --neutral names another.")


def _jobs(truth: Path, samples: Sequence[Path]) -> list[tuple[Path, list[Path]]]:
    """(truth, its samples). Raises UserError where one is missing."""
    missing = next((path for path in (truth, *samples) if not path.exists()), None)
    if missing is not None:
        raise UserError(f"{missing}: there is no such file.")
    if not truth.is_dir():
        return [(truth, list(samples))]
    if not all(path.is_dir() for path in samples):
        raise UserError(f"{truth} is a folder, so the samples are folders, too.")
    known = (*VERTICES, *formats.READABLE)
    references = sorted(path for path in truth.iterdir() if path.suffix.lower() in known)
    jobs = [(one, _samples_of(one, samples)) for one in references]
    jobs = [(one, made) for one, made in jobs if made]
    if not jobs:
        raise UserError(f"No file in {truth} has a sample of its name in {samples[0]}.")
    if len({len(made) for _, made in jobs}) > 1:
        raise UserError("Some recordings have more samples than others; make as many of each.")
    return jobs


def _samples_of(reference: Path, folders: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for folder in folders:
        same = [path for path in folder.iterdir() if path.suffix.lower() == reference.suffix.lower()]
        takes = [path for path in same if path.stem.rpartition("_take")[0] == reference.stem]
        takes.sort(key=lambda path: int(number) if (number := path.stem.rpartition("_take")[2]).isdigit() else 0)
        found += [path for path in same if path.stem == reference.stem] or takes
    return found


def _surface(mesh: Path | None, progress: Progress) -> Any:
    from model_server.evaluation import surface

    if mesh is None:
        return surface.of_landmarks()
    from model_server.in_blender import BlenderCrash, run_in_blender

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "shape.npz"
        rig = str(mesh.absolute())
        try:
            run_in_blender({"do": "shape", "rig": rig, "out": str(out)}, progress)
        except BlenderCrash:
            raise UserError(f"{mesh}: Blender gave up on this file; open it in Blender to see why.") from None
        with np.load(out) as shape:
            return surface.of_mesh(shape["neutral"], shape["delta"])


def _of_tracks(reference: Path, made: Sequence[Path], surface: Any, fps: float, seed: int) -> dict[str, float]:
    from model_server.evaluation.metrics import measured
    from model_server.evaluation.surface import same_length

    faces = []
    for path in (reference, *made):
        track = formats.read(path)
        times = track.start + np.arange(int(track.duration * fps + 1e-6) + 1) / fps
        faces.append(surface.vertices(mixed(track.at(times), Mix())))
    truth, samples = same_length(faces[0], faces[1:])
    return measured(truth, samples, surface.where, seed)


def _of_vertices(
    reference: Path, made: Sequence[Path], lists: tuple[Path | None, ...], rest: Path | None, seed: int
) -> dict[str, float]:
    from model_server.evaluation.metrics import Regions, measured
    from model_server.evaluation.surface import read_ids, read_vertices, same_length

    faces = [read_vertices(path) for path in (reference, *made)]
    count = faces[0].shape[1]
    if lists[0] is None or lists[1] is None:
        raise UserError(
            f"{reference}: which of its {count} vertices are lips and upper face? Name lists with --lips and --upper."
        )
    lips, upper = read_ids(lists[0], count), read_ids(lists[1], count)
    eyes = upper if lists[2] is None else read_ids(lists[2], count)
    face = faces[0][0] if rest is None else read_vertices_at_rest(rest, count)
    truth, samples = same_length(faces[0], faces[1:])
    return measured(truth, samples, Regions(lips, upper, eyes, face), seed)


def read_vertices_at_rest(path: Path, count: int) -> Any:
    """(count, 3) of a .npy file of them. Raises UserError that names the file."""
    try:
        face = np.asarray(np.load(path, allow_pickle=False), np.float64).reshape(-1, 3)
    except (OSError, ValueError, TypeError, EOFError) as error:
        raise UserError(f"{path}: it is no .npy file of numbers ({error}).") from error
    if len(face) != count:
        raise UserError(f"{path}: it holds {len(face)} vertices and the sequences {count}.")
    return face
