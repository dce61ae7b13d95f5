"""``s2f train fusion``, ``distil`` and ``head``: other entries for the slots of a model."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.licence import PRODUCT, RESEARCH

from .progress import JsonProgress, Report, reporting

Work = Annotated[Path, typer.Option(help="Where the corpus and the runs are; give the same folder to go on.")]
Seed = Annotated[int, typer.Option(help="Decides every random choice.", min=0)]
Out = Annotated[Path, typer.Option("--out", "-o", help="The model file to write.")]
Steps = Annotated[int, typer.Option(help="How many steps to fit for.", min=1)]
ModelId = Annotated[str, typer.Option("--id", help="Name and version that the model carries.")]

Beside = Annotated[
    bool,
    typer.Option(
        "--beside/--not-beside",
        help="Keep what was heard beside the recordings, where their folder can be written to; else in WORK.",
    ),
]

WORK, OUT = Path("corpus"), Path("talk.safetensors")


def part(
    kind: Annotated[str, typer.Argument(help="flite, english, world, or a language code of espeak-ng.")],
    work: Work = WORK,
    hours: Annotated[float, typer.Option(help="How much of it.", min=0.001)] = 0.5,
    dev: Annotated[bool, typer.Option("--dev", help="For measuring: voices that training does not hear.")] = False,
    seed: Seed = 0,
    json_progress: JsonProgress = False,
) -> None:
    """Let one synthesiser speak: another part of the corpus, beside those of the recipe."""
    from model_server.training.corpus import synthesis

    if kind not in synthesis.KINDS:
        raise UserError(f"Nobody here speaks {kind!r}; choose {', '.join(synthesis.KINDS[:4])} or a language code.")
    folder = work / f"{'dev-' * dev}{kind}"
    with reporting(json_progress) as report:
        synthesis.make(folder, kind, hours, seed, dev, report.progress)
        report.wrote(folder / "index.json")


class LicenceTrack(StrEnum):
    """The two of ``core.licence``."""

    product = PRODUCT
    research = RESEARCH


def fusion(
    entry: Annotated[str, typer.Argument(help="concat or film-gru.")],
    data: Annotated[
        str,
        typer.Option(
            metavar="FOLDER|@LIST",
            help="Recordings beside captures, an actor a folder, or a list of them; or this program's own data folder.",
        ),
    ],
    work: Work = WORK,
    out: Out = Path("fusion.safetensors"),
    model_id: ModelId = "",
    recordings: Annotated[int, typer.Option(help="How many recordings to speak with.", min=2)] = 80,
    licence_track: Annotated[
        LicenceTrack, typer.Option(help="What the licence of your captures allows; you have to know.")
    ] = LicenceTrack.research,
    each: Annotated[int, typer.Option(help="Tracks of each recording.", min=1)] = 3,
    beside: Beside = True,
    read_back: Annotated[
        float,
        typer.Option(
            help="How much of the loss VERHM's classifier is, which reads the emotion back from the curves; 0.1 there.",
            min=0, max=10,
        ),
    ] = 0.0,
    steps: Steps = 1500,
    seed: Seed = 0,
    json_progress: JsonProgress = False,
) -> None:
    """Train what turns phones, emotion, level and identity into curves; goes on where it stopped.

    It hears with the bundled model, and what that heard of captures is kept. Whole actors are kept out to measure on.
    """
    from model_server.training.corpus.features import Features
    from model_server.training.slots import fusion_recipe

    plan = replace(fusion_recipe.PLAN, steps=steps, seed=seed)
    with reporting(json_progress) as report:
        source = fusion_recipe.SpeakerSource(data, recordings, licence_track, Features(work / "heard", beside))
        name = model_id or entry
        figures = fusion_recipe.train(entry, source, work, out, name, each, plan, report.progress, read_back)
        _show(report, {entry: figures}, out)
        if source.features.told:
            report.note(source.features.told)


def distil(
    work: Work = WORK,
    teacher: Annotated[Path | None, typer.Option(help="The model file that teaches; else the bundled one.")] = None,
    start: Annotated[Path | None, typer.Option(help="The model file to go on from; else from nothing.")] = None,
    causal: Annotated[bool, typer.Option("--causal", help="A student that hardly looks ahead, for live use.")] = False,
    share: Annotated[
        float, typer.Option(help="The teacher's part of the loss; labels have the rest.", min=0, max=1)
    ] = 0.7,
    temperature: Annotated[float, typer.Option(help="How soft the teacher's opinion is.", min=1, max=20)] = 2.0,
    out: Out = OUT,
    model_id: ModelId = "",
    steps: Steps = 600,
    seed: Seed = 0,
    json_progress: JsonProgress = False,
) -> None:
    """Let a student learn from a teacher's posteriors of the corpus, and from its labels."""
    from model_server.training.network.plan import Softness
    from model_server.training.recipe import distilled

    plan = replace(distilled.PLAN, steps=steps, seed=seed)
    name = model_id or ("distilled-causal" if causal else "distilled")
    with reporting(json_progress) as report:
        softness = Softness(share, temperature)
        figures = distilled.train(work, teacher, out, name, causal, plan, softness, report.progress, start)
        _show(report, dict(figures), out)


def head(
    encoder: Annotated[
        Path, typer.Option(help="A folder with a wav2vec 2.0, HuBERT or WavLM model; nothing is downloaded.")
    ],
    licence_track: Annotated[
        str, typer.Option(help="product or research: what the encoder's licence allows. You have to know.")
    ],
    licence: Annotated[str, typer.Option(help="The encoder's licence, for the card.")] = "as the encoder's",
    data: Annotated[
        Path | None, typer.Option(help="Also learn from the recordings in DATA/speech that WORK has labels for.")
    ] = None,
    work: Work = WORK,
    hours: Annotated[float, typer.Option(help="Hours of each kind of synthetic speech to hear.", min=0.001)] = 1.0,
    out: Out = OUT,
    model_id: ModelId = "head",
    beside: Beside = True,
    steps: Steps = 1500,
    seed: Seed = 0,
    json_progress: JsonProgress = False,
) -> None:
    """Train what hears phones in the hidden states of your own speech encoder."""
    with reporting(json_progress) as report:
        try:
            from model_server.training.corpus.features import Features
            from model_server.training.slots import encoder_head
        except ImportError as error:
            raise UserError(f"This Python has no {error.name}; install it to train.") from None

        terms = encoder_head.Licence(licence_track, licence)
        plan = replace(encoder_head.PLAN, steps=steps, seed=seed)
        features = Features(work / "heard", beside)
        figures = encoder_head.train(encoder, terms, data, work, hours, out, model_id, plan, features, report.progress)
        _show(report, dict(figures), out)
        if features.told:
            report.note(features.told)


def _show(report: Report, figures: dict[str, dict[str, Any]], out: Path) -> None:
    rows = [(what, name, str(value)) for what, found in figures.items() for name, value in found.items()]
    report.table(("on what training never heard", "figure", "value"), rows, figures=figures)
    report.wrote(out)


def add_to(app: typer.Typer) -> None:
    """The commands become part of ``s2f train``."""
    for command in (part, fusion, distil, head):
        app.command()(command)
