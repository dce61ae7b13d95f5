"""The recipe of the bundled model: corpus, words, alignment, fitting, export; stages go on where they stopped."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model_server.cancel import Progress, part
from model_server.speech.phones import CLASSES
from model_server.training.network.plan import FitPlan, shape_of
from model_server.training.recipe import costs, labels, needs
from model_server.training.recipe.rounds import ALIGNER, SILENCE, SOFTNESS, STUDENT, TEACHER, Round
from model_server.training.recipe.steps import Step, Tell, hours, run
from model_server.training.recipe.workspace import NEURAL, REAL, SPOILT, SYNTHETIC, TOLD, RecipeWorkspace
from s2f_blender_addon.core.errors import UserError

if TYPE_CHECKING:
    from model_server.training.corpus.batches import BatchSource
    from model_server.training.network.acoustic import Network


def corpus(space: RecipeWorkspace, report: Progress) -> None:
    """Synthetic speech with the times of its phones."""
    from model_server.training.corpus import synthesis

    if not space.corpus_made():
        needs.check_synthesisers()
    total, done = sum(made.hours for made in SYNTHETIC), 0.0
    for made in SYNTHETIC:
        step = part(report, done / total, (done + made.hours) / total)
        done += made.hours
        if not (space.work / made.name / "index.json").exists():
            synthesis.make(space.work / made.name, made.kind, made.hours * space.scale, space.seed, made.held_out, step)


def voices(space: RecipeWorkspace, report: Progress) -> None:
    """What a neural synthesiser reads, where the user has one; nothing where there is none."""
    from model_server.training.corpus import kokoro_part

    for i, (name, (length, held_out)) in enumerate(NEURAL.items()):
        if space.kokoro is None or (space.sounds(name) / kokoro_part.SPOKEN).exists():
            continue
        step = part(report, i / len(NEURAL), (i + 1) / len(NEURAL))
        kokoro_part.make(space.kokoro, space.sounds(name), length * space.scale, space.seed, held_out, step)


def words(space: RecipeWorkspace, report: Progress) -> None:
    """The words of the real recordings, where nobody has given them. Raises UserError when that lacks a Whisper."""
    from model_server.training.corpus import transcribe

    lacking = space.wordless()
    if lacking and space.whisper is None:
        raise UserError(f"Nobody has written down what is said in {lacking[0]}; give a Whisper model with --whisper.")
    hear = transcribe.whisper(space.whisper) if lacking and space.whisper else None
    total, done = sum(len(space.files(name)) for name in REAL), 0
    for name in REAL:
        files = space.files(name)
        step = part(report, done / total, (done + len(files)) / total)
        done += len(files)
        if name in lacking and hear is not None:
            transcribe.transcribe(files, hear, transcribe.ABOUT.get(name, ""), space.words(name), step)


def fit(space: RecipeWorkspace, tell: Tell) -> None:
    """Align the real speech, then fit what ships; raises UserError when corpus, words or Whisper are missing."""
    ready = [made.name for made in SYNTHETIC if not made.held_out]
    if not all((space.work / name / "index.json").exists() for name in ready):
        raise UserError(f"{space.work} holds no corpus yet; run s2f train corpus first.")
    if space.whisper is None:
        raise UserError("The network starts from the first layers of a Whisper; give its folder with --whisper.")
    run(fitting(space), space.work, tell)


def fitting(space: RecipeWorkspace) -> list[Step]:
    """The steps of ``fit``: a teacher, which who aligns the speech for it is not as good as, then what ships."""
    speech = sum(len(space.files(name)) for name in REAL)
    copies = sum(count * len(space.files(name)) for name, count in SPOILT.items() if name in REAL)

    def aligned(report: Progress) -> None:
        if not fitted(_teacher_folder(space)):
            labels.align(space, "aligner", lambda: _aligner(space), report)

    def spoilt(report: Progress) -> None:
        if not fitted(_teacher_folder(space)):
            labels.spoil(space, "aligner", report)

    def realigned(report: Progress) -> None:
        if not fitted(_student_folders(space)[-1]):
            labels.align(space, "teacher", lambda: _loaded(_teacher_folder(space)), part(report, 0.0, 0.9))
            labels.spoil(space, "teacher", part(report, 0.9, 1.0))

    def heard(report: Progress) -> None:
        if not fitted(_student_folders(space)[-1]):
            # Synthesisers know their phones better than any teacher.
            names = list(dict.fromkeys(n for round_ in STUDENT for n in _heard(space, round_) if n not in TOLD))
            labels.teach(space, names, "teacher", lambda: _loaded(_teacher_folder(space)), report)

    own = _fit_seconds(space, ALIGNER, costs.ALIGNER_STEP)
    return [
        *([] if space.aligner else [Step("aligner", own, lambda report: _fit_aligner(space, report))]),
        Step("first alignment", speech * costs.ALIGNED, aligned),
        Step("throats and rooms", copies * costs.SPOILT, spoilt),
        Step("teacher", _fit_seconds(space, TEACHER, costs.TEACHER_STEP), lambda report: _teacher(space, report)),
        Step("second alignment", speech * costs.ALIGNED, realigned),
        Step("what the teacher hears", speech * costs.HEARD, heard),
        *(_student_step(space, i) for i in range(len(STUDENT))),
    ]


def _student_step(space: RecipeWorkspace, i: int) -> Step:
    seconds = _fit_seconds(space, STUDENT[i], costs.STUDENT_STEPS[i])
    return Step(f"student, round {i + 1}", seconds, lambda report: _student(space, i, report))


def _fit_seconds(space: RecipeWorkspace, round_: Round, each: float) -> float:
    return round_.plan.steps * space.scale * each


def _fit_aligner(space: RecipeWorkspace, report: Progress) -> None:
    """The network that finds out when each phone of the real speech sounds, where none is given."""
    if not fitted(space.work / "aligner"):
        _run(space, ALIGNER, space.work / "aligner", space.seed, None, report)


def _aligner(space: RecipeWorkspace) -> "Network":
    from model_server.training.network.from_file import unfolded

    if space.aligner is None:
        return _loaded(space.work / "aligner")
    return unfolded(space.aligner, _sources(space, ALIGNER))


def _teacher(space: RecipeWorkspace, report: Progress) -> None:
    """The large network, which goes on from Whisper's layers."""
    from model_server.training.network import whisper
    from model_server.training.network.fit import average_colour

    folder = _teacher_folder(space)
    if fitted(folder):
        return
    average = average_colour(_sources(space, TEACHER), space.seed)
    assert space.whisper is not None
    start = whisper.started(space.whisper, shape_of(TEACHER.plan), average)
    _run(space, TEACHER, folder, space.seed, start, report)


def _student(space: RecipeWorkspace, i: int, report: Progress) -> None:
    """Round ``i`` of the smaller network that ships: it begins as the teacher's first layers, and learns to hear what
    the teacher heard.
    """
    folders = _student_folders(space)
    if any(map(fitted, folders[i:])):
        return
    network = _loaded(folders[i - 1]) if i else _smaller(space, _loaded(_teacher_folder(space)))
    _distil(space, STUDENT[i], network, folders[i], space.seed + 1 + i, report)


def _distil(
    space: RecipeWorkspace, round_: Round, network: "Network", folder: Path, seed: int, report: Progress
) -> None:
    from model_server.training.corpus.store import CorpusPart
    from model_server.training.network import distil

    sources = [
        distil.SoftSource(CorpusPart(space.work / name), None, share) if name in TOLD
        else distil.SoftSource.open(space.work / name, share)
        for name, share in _heard(space, round_).items()
    ]  # fmt: skip
    distil.distil(network, sources, _plan(space, round_, seed), folder, SOFTNESS, report)


def _smaller(space: RecipeWorkspace, network: "Network") -> "Network":
    """``network`` in the student's shape, computing nearly the same of its speech."""
    from model_server.training.corpus.batches import batches
    from model_server.training.network.augmentation import augmented
    from model_server.training.network.compress import compressed
    from model_server.training.network.encoder import Listening

    assert isinstance(network, Listening)
    plan = STUDENT[0].plan
    mel, _ = next(batches(_sources(space, STUDENT[0]), plan.batch, plan.frames, space.seed))
    return compressed(network, shape_of(plan), augmented(mel, mel.roll(1, 0), network.average))


def _student_folders(space: RecipeWorkspace) -> list[Path]:
    """Where each of its rounds leaves the student."""
    return [space.work / f"student{i}" for i in range(len(STUDENT))]


def _teacher_folder(space: RecipeWorkspace) -> Path:
    return space.work / "teacher"


def fitted(folder: Path) -> bool:
    """Whether a fitting into ``folder`` has come to its end."""
    return (folder / "network.safetensors").exists()


def _loaded(folder: Path) -> "Network":
    from model_server.training.network.fit import load

    return load(folder)


def _sources(space: RecipeWorkspace, round_: Round) -> "list[BatchSource]":
    from model_server.training.corpus.batches import BatchSource

    return [BatchSource.open(space.work / name, share) for name, share in _heard(space, round_).items()]


def _heard(space: RecipeWorkspace, round_: Round) -> dict[str, float]:
    """Shares of the parts that are there; some are optional."""
    return {name: share for name, share in round_.shares.items() if (space.work / name / "index.json").exists()}


def _run(
    space: RecipeWorkspace, round_: Round, folder: Path, seed: int, start: "Network | None", report: Progress
) -> None:
    from model_server.training.network.fit import fit as run_fit

    run_fit(_sources(space, round_), _plan(space, round_, seed), folder, report, start)


def _plan(space: RecipeWorkspace, round_: Round, seed: int) -> FitPlan:
    return replace(round_.plan, steps=max(1, round(round_.plan.steps * space.scale)), seed=seed)


def export(space: RecipeWorkspace, out: Path, model_id: str, report: Progress) -> dict[str, dict[str, float]]:
    """The fitted network to ``out``, with its figures on the development parts.

    Raises UserError when nothing has been fitted yet.
    """
    from model_server.training.network.export import export as write
    from model_server.training.recipe.development import development

    folder = _student_folders(space)[-1]
    if not fitted(folder):
        raise UserError(f"{space.work} holds no trained network yet; run s2f train fit first.")
    network = _loaded(folder)
    assert network.head.bias is not None
    network.head.bias.data[CLASSES.index("sil") :: len(CLASSES)] += SILENCE
    report(0.1, "Measuring")
    figures = development(network, space.work)
    rounds = [{"plan": asdict(round_.plan), "shares": _heard(space, round_)} for round_ in (TEACHER, *STUDENT)]
    told = {
        "rounds": rounds, "seed": space.seed, "scale": space.scale, "processor_hours": hours(space.work),
        "development": figures,
    }  # fmt: skip
    data = RECIPE["data"] | (KOKORO if any("kokoro" in round_["shares"] for round_ in rounds) else {})
    write(network, out, model_id, {**RECIPE, "data": data, **told})
    report(1.0, "Done")
    return figures


KOKORO = {"kokoro": "Kokoro-82M (hexgrad), Apache-2.0: 48 voices and mixtures of two, reading IPA"}
RECIPE: dict[str, Any] = {
    "command": "s2f train all --data DATA --work WORK --whisper WHISPER [--aligner ALIGNER] [--kokoro KOKORO]",
    "start": "the encoder of Whisper tiny.en (OpenAI, MIT); its first three of four layers, made smaller, ship",
    "data": {
        "synthetic": "espeak-ng 1.51 in 42 languages (9.5 h with flite 2.2), texts and pseudo-words of our own",
        "coffee-orders": "Picovoice speech-to-intent benchmark, Apache-2.0",
        "librispeech": "LibriSpeech ASR corpus (Panayotov et al. 2015), CC BY 4.0",
        "facegood": "FACEGOOD-Audio2Face, MIT: sizes of mouth shapes, closures of three takes",
    },
    "words": "Whisper tiny.en (OpenAI, MIT); pronunciations of the CMU dictionary; aligned by the network before",
}
