"""``s2f infer``: recordings to track files."""

from pathlib import Path
from typing import Annotated

import typer

from model_server.cancel import Progress
from s2f_blender_addon.core import codec, formats
from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.messages import FeltSentence
from s2f_blender_addon.core.script import Script
from s2f_blender_addon.core.track import Array
from s2f_blender_addon.core.unheard import silence

from . import as_flame
from .each import Each
from .option_records import with_records
from .options import Fps
from .outputs import keep_apart, named_files
from .progress import JsonProgress, Report, reporting
from .sources import plan, recordings
from .speak import engine_for
from .speech import PerformanceOptions
from .takes import how_different, of_takes, performed, to_compare, with_reference
from .transcripts import script_files, scripts, tell_words


@with_records
def infer(
    sources: Annotated[
        list[str], typer.Argument(metavar="IN", help="Recordings, folders of them, or @LIST: a file of their paths.")
    ],
    out: Annotated[
        str,
        typer.Option(
            "--out", "-o", metavar="OUT", help=f"A {', '.join(formats.BY_SUFFIX)} file, or a folder/ for .csv files."
        ),
    ],
    fps: Fps = 60.0,
    *,
    performance: PerformanceOptions,
    rig: Annotated[
        str,
        typer.Option(
            metavar="FILE", help="Your FLAME rig, to whose expressions a .npy or .npz is fitted.",
            show_default="joints alone",
        ),
    ] = "",
    skip_existing: Annotated[bool, typer.Option("--skip-existing", help="Leave what is written already.")] = False,
    json_progress: JsonProgress = False,
) -> None:
    """Turn recordings into blendshape curves for a face."""
    as_flame.check(rig, out)
    fps = formats.rate_of(out, fps)
    # Complains before anything takes its time.
    request = performance.asked(fps)
    named = recordings(sources)
    targets, said = plan(named, out), scripts(performance.transcript, named, performance.language)
    written = [path for target in targets for path in of_takes(target, performance.takes)]
    words = script_files(performance.transcript, named)
    keep_apart(written, named_files([source for source, _ in named], performance, words, rig))
    wanted = [
        (source, script, target)
        for source, script, target in zip(named, said, targets, strict=True)
        if not (skip_existing and all(path.exists() for path in of_takes(target, performance.takes)))
    ]
    each = Each(len(wanted))
    with reporting(json_progress) as report:
        if skip_existing:
            report.note(f"{len(named) - len(wanted)} of {len(named)} are written already")
        engine = engine_for(performance.model, performance.device) if wanted else None
        fit = as_flame.fit_to(rig, report.part(0.0, 0.1)) if rig and wanted else None
        if wanted and fit is None and formats.is_flame(out):
            report.note(as_flame.BONES_ALONE)
        if wanted:
            request = with_reference(request, performance.reference)

        def write(source: Path, script: Script, target: Path, progress: Progress) -> None:
            assert engine is not None, "there is something to write"
            mix, faces = Mix(intensity=performance.intensity), list[Array]()
            takes = performed(engine, source, script, performance, request, progress)
            for spoken, path in zip(takes, of_takes(target, performance.takes), strict=True):
                track = as_flame.with_coefficients(spoken.track, mix, fit) if fit is not None else spoken.track
                formats.write(path, track, mix)
                report.wrote(path)
                told = (*spoken.track.provenance.notes, silence(spoken.track, source.name)) if not faces else ()
                for note in filter(None, told):
                    report.note(note)
                faces.append(to_compare(mixed(spoken.track, mix)) if performance.takes > 1 else spoken.track.talk[:0])
            if performance.takes > 1:
                report.note(how_different(faces))
            if script:
                tell_words(report, spoken.words)
            if spoken.sentences:
                tell_sentences(report, spoken.sentences)

        for i, ((source, below), script, target) in enumerate(wanted):
            label = f"{i + 1} of {len(wanted)}, {below}" if len(wanted) > 1 else ""
            with each.alone():
                write(source, script, target, report.part(i / len(wanted), (i + 1) / len(wanted), label))
        each.end(report)


UNKNOWN = "words not known: the voice alone counts"


def tell_sentences(report: Report, sentences: tuple[FeltSentence, ...]) -> None:
    """Which sentence gave what."""
    rows = [
        (
            f"{one.start:.1f}-{one.end:.1f} s",
            one.text,
            ", ".join(f"{name} {score:g}" for name, score in one.emotion.items()) or ("-" if one.known else UNKNOWN),
        )
        for one in sentences
    ]
    report.table(("when", "sentence", "emotion"), rows, sentences=[codec.dump(one) for one in sentences])
