"""``s2f metrics``: faces in motion against the truth, in the figures of published tables."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.npy_array import DAMAGED

from .faces_in_motion import KNOWN, kind_of, rate_of, surface_for, vertices_of
from .progress import JsonProgress, reporting

MOST_NAMED = 5
"""Files that a note names; more are counted."""

List = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Indices of its vertices (lve.txt, fdd.txt), for vertices and FLAME heads."),
]


def metrics(
    truth: Annotated[
        Path,
        typer.Argument(
            metavar="TRUTH",
            help="The truth: a track of curves or of FLAME's coefficients, vertices (.npy), or a folder of them.",
        ),
    ],
    samples: Annotated[
        list[Path],
        typer.Argument(
            metavar="SAMPLE…", help="What was made of the same sound, once or more; or a folder of STEM and STEM_takeN."
        ),
    ],
    mesh: Annotated[
        Path | None,
        typer.Option(
            metavar="RIG", help="A head whose 52 keys tracks move, or your FLAME head, which coefficients need.",
            show_default="our 68 landmarks",
        ),
    ] = None,
    lips: List = None,
    upper: List = None,
    eyes: List = None,
    neutral: Annotated[
        Path | None,
        typer.Option(metavar="FILE.npy", help="Vertices at rest.", show_default="the truth's first frame"),
    ] = None,
    fps: Annotated[
        float | None,
        typer.Option(
            help="Frames a second at which tracks are compared.", show_default="FLAME's own, else 30", min=1, max=1000
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Which pairs diversity draws.", min=0)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON instead of a table.")] = False,
    json_progress: JsonProgress = False,
) -> None:
    """Print LVE (squared and not), EVE, MVE, FDD, MEE, CE and diversity, of one sample or many."""
    with reporting(json_progress) as report:
        jobs, notes = _jobs(truth, samples)
        kinds = sorted({kind_of(path) for reference, made in jobs for path in (reference, *made)})
        on_vertices = kinds == ["vertices"]
        _check(kinds, mesh, (lips, upper, eyes), neutral)
        surface = None if on_vertices else surface_for(kinds, mesh, (lips, upper, eyes), report.part(0.0, 0.3))
        rate = fps or (0.0 if on_vertices else rate_of(jobs[0][0]))
        found = []
        for i, (reference, made) in enumerate(jobs):
            report.progress(0.3 + 0.7 * i / len(jobs), reference.name)
            found.append(
                _of_vertices(reference, made, (lips, upper, eyes), neutral, seed)
                if surface is None
                else _of_tracks(reference, made, surface, rate, seed)
            )
        if on_vertices and neutral is None:
            notes.append("The neutral face is the truth's first frame; --neutral names another.")
        figures: dict[str, Any] = {
            "sequences": len(found), "samples": len(jobs[0][1]), "unit": "as the vertices" if on_vertices else "mm",
            **({} if on_vertices else {"fps": rate}),
            **{name: float(f"{np.mean([one[name] for one in found]):.6g}") for name in found[0]},
        }  # fmt: skip
        if as_json:
            print(json.dumps({**figures, "notes": notes}, indent=1))
        else:
            report.table(("figure", "value"), [(k, str(v)) for k, v in figures.items()], figures=figures)
            for note in notes:
                report.note(note)


def _check(kinds: Sequence[str], mesh: Path | None, lists: Sequence[Path | None], neutral: Path | None) -> None:
    """Raises UserError for options that do not go with what there is to compare."""
    if "vertices" in kinds and len(kinds) > 1:
        raise UserError("Vertices are compared with vertices and tracks with tracks; these are both.")
    if "vertices" in kinds and mesh is not None:
        raise UserError("--mesh is for tracks; vertices are their own mesh.")
    if "vertices" not in kinds and neutral is not None:
        raise UserError("--neutral is for vertices; a head has its own rest.")
    if kinds == ["curves"] and any(lists):
        raise UserError("--lips, --upper and --eyes are for vertices and FLAME heads; a mesh with keys knows its own.")
    if "coefficients" in kinds and mesh is None:
        raise UserError(
            "FLAME's coefficients become vertices on a FLAME head of yours, of which nothing comes with this program; "
            "name it with --mesh FLAME.blend."
        )


def _jobs(truth: Path, samples: Sequence[Path]) -> tuple[list[tuple[Path, list[Path]]], list[str]]:
    """(truth, its samples) of each recording, and what was left out. Raises UserError where one is missing."""
    missing = next((path for path in (truth, *samples) if not path.exists()), None)
    if missing is not None:
        raise UserError(f"{missing}: there is no such file.")
    if not truth.is_dir():
        folder = next((path for path in samples if path.is_dir()), None)
        if folder is not None:
            raise UserError(f"{folder} is a folder, so the truth is one, too; or name the sample in it.")
        return [(truth, list(samples))], []
    if not all(path.is_dir() for path in samples):
        raise UserError(f"{truth} is a folder, so the samples are folders, too.")
    references = _files(truth)
    jobs = [(one, _samples_of(one, samples)) for one in references]
    alone = [one.name for one, made in jobs if not made]
    jobs = [(one, made) for one, made in jobs if made]
    if not jobs:
        raise UserError(f"No file in {truth} has a sample of its name in {samples[0]}.")
    fewest, most = (choose(jobs, key=lambda job: len(job[1])) for choose in (min, max))
    if len(fewest[1]) < len(most[1]):
        raise UserError(
            f"{fewest[0].name} has {len(fewest[1])} samples and {most[0].name} {len(most[1])}; make as many of each."
        )
    used = {path for _, made in jobs for path in made}
    stray = [path.name for folder in samples for path in _files(folder) if path not in used]
    notes = [f"Without a sample, so left out: {_named(alone)}."] if alone else []
    return jobs, notes + ([f"Without a truth, so left out: {_named(stray)}."] if stray else [])


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in KNOWN and path.is_file())


def _named(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _samples_of(reference: Path, folders: Sequence[Path]) -> list[Path]:
    """The file of the same name in each folder, or its takes; of several forms the truth's own first."""
    found: list[Path] = []
    for folder in folders:
        known = _files(folder)
        known.sort(key=lambda path: path.suffix.lower() != reference.suffix.lower())
        same = [path for path in known if path.stem == reference.stem]
        takes = [path for path in known if path.stem.rpartition("_take")[0] == reference.stem]
        takes = [path for path in takes if path.suffix == takes[0].suffix]
        takes.sort(key=lambda path: int(number) if (number := path.stem.rpartition("_take")[2]).isdigit() else 0)
        found += same[:1] or takes
    return found


def _of_tracks(reference: Path, made: Sequence[Path], surface: Any, fps: float, seed: int) -> dict[str, float]:
    from model_server.evaluation.metrics import measured
    from model_server.evaluation.surface import same_length

    faces = [vertices_of(path, surface, fps) for path in (reference, *made)]
    try:
        truth, samples = same_length(faces[0], faces[1:])
    except UserError as error:
        raise UserError(f"{reference}: {error}") from None
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
    except DAMAGED as error:
        raise UserError(f"{path}: it is no .npy file of numbers ({error}).") from error
    if len(face) != count:
        raise UserError(f"{path}: it holds {len(face)} vertices and the sequences {count}.")
    return face
