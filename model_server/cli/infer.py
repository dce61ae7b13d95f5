"""``s2f infer``: recordings to track files."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from model_server.cancel import Progress, part
from s2f_blender_addon.core import codec, formats
from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.custom_emotion import read_file
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.messages import FeltSentence
from s2f_blender_addon.core.request import MOST_TAKES, Hearing, Request
from s2f_blender_addon.core.script import Script
from s2f_blender_addon.core.track import Array

from . import as_flame
from .options import AUTO, Fps
from .progress import JsonProgress, Report, reporting
from .sources import plan, recordings
from .speak import engine_for
from .speech import Speech, with_speech
from .transcripts import scripts, tell_words


@with_speech
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
    speech: Speech,
    emotion_track: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Sliders over time: a CSV of time and emotions.")
    ] = None,
    custom_emotion: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="An emotion of your own that Blender exported, to name in --emotion."),
    ] = None,
    voice_model: Annotated[
        str,
        typer.Option(
            metavar="FILE|FOLDER/",
            help=f"Hears the emotion for --emotion {AUTO}: a file of s2f train emotion-voice or an emotion2vec folder.",
            show_default="the bundled model",
        ),
    ] = "",
    text_model: Annotated[
        str,
        typer.Option(
            metavar="NAME|FOLDER/",
            help="Reads the words: a transformers text classifier.",
            show_default="the bundled model of words",
        ),
    ] = "",
    fusion_model: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="Fuses voice and words: a file of s2f train emotion-fusion.",
            show_default="shares by weight and confidence",
        ),
    ] = "",
    takes: Annotated[
        int,
        typer.Option(help="Several performances of each recording, to choose from.", min=1, max=MOST_TAKES),
    ] = 1,
    reference: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Ordinary speech of the same person at the same gain: effort and emotion are judged against it.",
            show_default="the recording itself",
        ),
    ] = None,
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
    own = [read_file(path) for path in custom_emotion or ()]
    if own and (speech.emotion in ("", AUTO) or emotion_track is not None):
        raise UserError(f"--custom-emotion: name it in --emotion, for example --emotion {own[0].name}=0.8.")
    if speech.emotion and emotion_track is not None:
        raise UserError("--emotion and --emotion-track exclude each other; leave one out.")
    hear = Hearing(voice_model=voice_model, text_model=text_model, fusion_model=fusion_model)
    as_flame.check(rig, out)
    fps = formats.rate_of(out, fps)
    # Complains before anything takes its time.
    request = speech.request(fps, own, hear)
    named = recordings(sources)
    targets, said = plan(named, out), scripts(speech.transcript, named, speech.language)
    wanted = [
        (source, script, target)
        for source, script, target in zip(named, said, targets, strict=True)
        if not (skip_existing and all(path.exists() for path in of_takes(target, takes)))
    ]
    problems: list[UserError] = []
    with reporting(json_progress) as report:
        if skip_existing:
            report.note(f"{len(named) - len(wanted)} of {len(named)} are written already")
        engine = engine_for(speech.model, speech.device) if wanted else None
        fit = as_flame.fit_to(rig, report.part(0.0, 0.1)) if rig and wanted else None
        if wanted and fit is None and formats.is_flame(out):
            report.note(as_flame.BONES_ALONE)
        if reference and wanted:
            request = with_reference(request, reference)

        def write(source: Path, script: Script, target: Path, progress: Progress) -> None:
            from model_server.answers import speak
            from model_server.audio.decode import decode
            from model_server.emotion.keys_file import read_keys

            sound = decode(source, part(progress, 0.0, 0.1))
            asked = replace(request, words=script.cues, language=script.language, name=source.name[:255])
            if emotion_track is not None:
                asked = replace(asked, emotion_track=read_keys(emotion_track, sound.duration, fps))
            assert engine is not None, "there is something to write"
            mix, faces = Mix(intensity=speech.intensity), []
            for take, path in enumerate(of_takes(target, takes)):
                watch = part(progress, 0.1 + 0.8 * take / takes, 0.1 + 0.8 * (take + 1) / takes)
                spoken = speak(engine, sound, replace(asked, take=take), watch)
                track = as_flame.with_coefficients(spoken.track, mix, fit) if fit is not None else spoken.track
                formats.write(path, track, mix)
                report.wrote(path)
                for note in spoken.track.provenance.notes if take == 0 else ():
                    report.note(note)
                faces.append(mixed(spoken.track, mix) if takes > 1 else spoken.track.talk)
            if takes > 1:
                tell_diversity(report, faces)
            if script:
                tell_words(report, spoken.words)
            if spoken.sentences:
                tell_sentences(report, spoken.sentences)

        for i, ((source, below), script, target) in enumerate(wanted):
            label = f"{i + 1} of {len(wanted)}, {below}" if len(wanted) > 1 else ""
            try:
                write(source, script, target, report.part(i / len(wanted), (i + 1) / len(wanted), label))
            except UserError as error:  # one bad file does not stop the others
                problems.append(error)
    for problem in problems[:-1]:
        print("s2f: " + " ".join(str(problem).split()), file=sys.stderr)
    if problems:
        raise problems[-1]


def with_reference(request: Request, paths: list[Path]) -> Request:
    """``request`` of somebody whose ordinary speech is in ``paths``. Raises UserError that names them."""
    from model_server.audio.decode import decode
    from model_server.emotion.listener import bundled
    from model_server.voice.reference import from_files

    try:
        if request.hear is None:
            return replace(request, ordinary_db=min(0.0, from_files(paths).level_db.middle))
        known = bundled().know([decode(path).samples for path in paths])
    except UserError as error:
        raise UserError(f"--reference {', '.join(map(str, paths))}: {error}") from None
    hear = replace(request.hear, references=(known.to_json(),))
    return replace(request, ordinary_db=min(0.0, known.level_db.middle), hear=hear)


def of_takes(target: Path, takes: int) -> list[Path]:
    """Where each take of a track goes."""
    if takes == 1:
        return [target]
    suffix = target.name[-len(formats.suffix_of(target)) :]
    stem = target.name.removesuffix(suffix)
    return [target.with_name(f"{stem}_take{take + 1}{suffix}") for take in range(takes)]


def tell_diversity(report: Report, faces: list[Array]) -> None:
    """How different the takes are."""
    from s2f_blender_addon.core.takes import diversity

    found = diversity(faces)
    report.note(f"The takes differ by {found['mouth']:.2f} on the mouth and {found['upper']:.2f} on the upper face.")


def tell_sentences(report: Report, sentences: tuple[FeltSentence, ...]) -> None:
    """Which sentence gave what."""
    rows = [
        (
            f"{one.start:.1f}-{one.end:.1f} s",
            one.text,
            ", ".join(f"{name} {score:g}" for name, score in one.emotion.items()) or "-",
        )
        for one in sentences
    ]
    report.table(("when", "sentence", "emotion"), rows, sentences=[codec.dump(one) for one in sentences])
