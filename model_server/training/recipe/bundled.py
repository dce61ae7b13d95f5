"""The recipe of the bundled model: corpus, words, alignment, fitting, export; stages go on where they stopped."""

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model_server.cancel import part
from model_server.speech.phones import CLASSES
from model_server.training.network.plan import FitPlan, shape_of
from model_server.training.recipe.rounds import ALIGNER, FACES, SILENCE, SOFTNESS, STUDENT, TEACHER, Round
from s2f_blender_addon.core.errors import UserError

if TYPE_CHECKING:
    from model_server.training.alignment.forced_alignment import Recording
    from model_server.training.corpus.batches import BatchSource
    from model_server.training.network.acoustic import Network

Report = Callable[[float, str], None]


@dataclass(frozen=True)
class Synthetic:
    """A part of the corpus that is made: ``kind`` (see ``synthesis.make``), hours, whether training may hear it."""

    name: str
    kind: str
    hours: float
    held_out: bool = False


SYNTHETIC = (
    Synthetic("flite", "flite", 2.5),
    Synthetic("english", "english", 2.0),
    Synthetic("world", "world", 5.0),
    Synthetic("dev-flite", "flite", 0.15, True),
    Synthetic("dev-english", "english", 0.1, True),
    Synthetic("dev-world", "world", 0.2, True),
    *(Synthetic(f"dev-{code}", code, 0.05, True) for code in ("de", "fr", "es", "cmn-latn-pinyin", "ja", "hi", "ar")),
)
TOLD = frozenset(made.name for made in SYNTHETIC)
"""Parts whose synthesiser tells when each phone sounds."""
NEURAL = {"kokoro": (0.8, False), "dev-kokoro": (0.08, True)}
"""Parts that a neural synthesiser reads where the user has one (see ``kokoro``): hours, whether held out."""
REAL = {"librispeech": ("librispeech", "*.*"), "coffee": ("coffee-orders", "speech_*")}
"""Part -> folder below ``data/speech`` and files."""
SPOILT = {"librispeech": 4, "coffee": 2, "kokoro": 2}
"""How many times each recording is heard through other throats, rooms and codecs as well (see ``spoil``)."""
SPOILT_MARK = "-spoilt"


@dataclass(frozen=True)
class RecipeWorkspace:
    """data: the folder that holds ``speech`` and ``pairs``; work: where corpus and runs go; seed: of everything.

    scale: shrinks hours and steps alike, to try the recipe out. whisper: the folder of a Whisper model (CTranslate2)
    that finds words and that the network starts from. aligner: a model file that aligns real speech, or None to make
    one. kokoro: the folder of a neural synthesiser, or None to do without its parts.
    """

    data: Path
    work: Path
    seed: int = 0
    scale: float = 1.0
    whisper: Path | None = None
    aligner: Path | None = None
    kokoro: Path | None = None

    def files(self, part_name: str) -> list[Path]:
        """Recordings of a part. Raises UserError when there is none."""
        folder, pattern = REAL[part_name]
        found = sorted(path for path in (self.data / "speech" / folder).glob(pattern) if path.name != GIVEN)
        if not found:
            raise UserError(f"{self.data / 'speech' / folder} holds no recordings; give the data folder with --data.")
        return found

    def sounds(self, part_name: str) -> Path:
        """Where the recordings of one of ``NEURAL`` go."""
        return self.work / f"{part_name}-sound"

    def words(self, part_name: str) -> Path:
        """Where the words of a part's recordings are: given with them, or found by ``words``."""
        given = self.data / "speech" / REAL[part_name][0] / GIVEN
        return given if given.exists() else self.work / f"words-{part_name}.jsonl"


GIVEN = "words.jsonl"
"""Beside recordings whose words are known: one {"file", "text"} a line."""


def corpus(space: RecipeWorkspace, report: Report) -> None:
    """Synthetic speech with the times of its phones."""
    from model_server.training.corpus import synthesis

    for i, made in enumerate(SYNTHETIC):
        if (space.work / made.name / "index.json").exists():
            continue
        step = part(report, i / len(SYNTHETIC), (i + 1) / len(SYNTHETIC))
        synthesis.make(space.work / made.name, made.kind, made.hours * space.scale, space.seed, made.held_out, step)


def voices(space: RecipeWorkspace, report: Report) -> None:
    """What a neural synthesiser reads, where the user has one; nothing where there is none."""
    from model_server.training.corpus import kokoro_part

    for i, (name, (hours, held_out)) in enumerate(NEURAL.items()):
        if space.kokoro is None or (space.sounds(name) / kokoro_part.SPOKEN).exists():
            continue
        step = part(report, i / len(NEURAL), (i + 1) / len(NEURAL))
        kokoro_part.make(space.kokoro, space.sounds(name), hours * space.scale, space.seed, held_out, step)


def words(space: RecipeWorkspace, report: Report) -> None:
    """The words of the real recordings, where nobody has given them. Raises UserError when that lacks a Whisper."""
    from model_server.training.corpus import transcribe

    hear: transcribe.Hear | None = None
    for i, name in enumerate(REAL):
        files = space.files(name)
        if space.words(name).name == GIVEN or all(f.name in transcribe.words(space.words(name)) for f in files):
            continue
        if space.whisper is None:
            raise UserError(f"Nobody has written down what is said in {name}; give a Whisper model with --whisper.")
        hear = hear or transcribe.whisper(space.whisper)
        step = part(report, i / len(REAL), (i + 1) / len(REAL))
        transcribe.transcribe(files, hear, transcribe.ABOUT.get(name, ""), space.words(name), step)


def fit(space: RecipeWorkspace, report: Report) -> None:
    """Align the real speech, then fit what ships; raises UserError when corpus, words or Whisper are missing."""
    ready = [made.name for made in SYNTHETIC if not made.held_out]
    if not all((space.work / name / "index.json").exists() for name in ready):
        raise UserError(f"{space.work} holds no corpus yet; run s2f train corpus first.")
    if space.whisper is None:
        raise UserError("The network starts from the first layers of a Whisper; give its folder with --whisper.")
    if (_student_folders(space)[-1] / "network.safetensors").exists():
        return
    spoken = _spoken(space)
    teacher = _teacher(space, spoken, part(report, 0.0, 0.4))
    if not (_student_folders(space)[0] / "checkpoint.safetensors").exists():
        _label(space, spoken, teacher, part(report, 0.4, 0.45))
        _teach(space, teacher, part(report, 0.45, 0.5))
    _student(space, teacher, part(report, 0.5, 1.0))


def _teacher(space: RecipeWorkspace, spoken: "dict[str, list[Recording]]", report: Report) -> "Network":
    """The large network, which goes on from Whisper's layers; who aligns the speech for it is not as good."""
    from model_server.training.network import whisper
    from model_server.training.network.fit import average_colour, load

    folder = space.work / "teacher"
    if (folder / "network.safetensors").exists():
        return load(folder)
    _label(space, spoken, _aligner(space, part(report, 0.0, 0.1)), part(report, 0.1, 0.2))
    average = average_colour(_sources(space, TEACHER), space.seed)
    assert space.whisper is not None
    start = whisper.started(space.whisper, shape_of(TEACHER.plan), average)
    return _run(space, TEACHER, folder, space.seed, start, part(report, 0.2, 1.0))


def _teach(space: RecipeWorkspace, teacher: "Network", report: Report) -> None:
    """Write down what ``teacher`` hears in the recordings, and the same beside their spoilt copies.

    Synthesisers know their phones better than any teacher.
    """
    from model_server.training.network import distil

    names = list(dict.fromkeys(n for round_ in STUDENT for n in _heard(space, round_) if n not in TOLD))
    clean, hear = [name for name in names if SPOILT_MARK not in name], distil.fitted(teacher)
    for i, name in enumerate(clean):
        distil.teach(space.work / name, hear, part(report, i / len(clean), (i + 1) / len(clean)))
        for copy in (one for one in names if one.startswith(name + SPOILT_MARK)):
            shutil.copyfile(space.work / name / distil.TEACHER, space.work / copy / distil.TEACHER)


def _student(space: RecipeWorkspace, teacher: "Network", report: Report) -> None:
    """The smaller network that ships begins as the teacher's first layers and learns to hear what the teacher heard."""
    from model_server.training.network.fit import load

    network: Network | None = None
    for i, (round_, folder) in enumerate(zip(STUDENT, _student_folders(space), strict=True)):
        if (folder / "network.safetensors").exists():
            network = load(folder)
            continue
        network = network or _smaller(space, teacher)
        step = part(report, i / len(STUDENT), (i + 1) / len(STUDENT))
        _distil(space, round_, network, folder, space.seed + 1 + i, step)


def _distil(space: RecipeWorkspace, round_: Round, network: "Network", folder: Path, seed: int, report: Report) -> None:
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


def _aligner(space: RecipeWorkspace, report: Report) -> "Network":
    """The network that finds out when each phone of the real speech sounds."""
    from model_server.training.network.fit import load
    from model_server.training.network.from_file import unfolded

    if space.aligner is not None:
        return unfolded(space.aligner, _sources(space, ALIGNER))
    folder = space.work / "aligner"
    if (folder / "network.safetensors").exists():
        return load(folder)
    return _run(space, ALIGNER, folder, space.seed, None, report)


def _spoken(space: RecipeWorkspace) -> "dict[str, list[Recording]]":
    """By part, the recordings whose words are known; the ``dev-`` parts have speakers that no other part has.

    Raises UserError when the words of a part are not known.
    """
    from model_server.training.alignment import forced_alignment
    from model_server.training.corpus import kokoro_part
    from model_server.training.corpus.transcribe import words as read_words

    found: dict[str, list[forced_alignment.Recording]] = {}
    for name in REAL:
        recordings = forced_alignment.recordings(space.files(name), read_words(space.words(name)))
        if not recordings:
            raise UserError(f"{space.work} lacks the words of the recordings; run s2f train words first.")
        found[name] = [one for one in recordings if not forced_alignment.held_out(one.path)]
        found[f"dev-{name}"] = [one for one in recordings if forced_alignment.held_out(one.path)]
    listed = {name: space.sounds(name) / kokoro_part.SPOKEN for name in NEURAL}
    return found | {name: forced_alignment.spoken(path) for name, path in listed.items() if path.exists()}


def _label(space: RecipeWorkspace, spoken: "dict[str, list[Recording]]", network: "Network", report: Report) -> None:
    """Align the recordings, hand their labels to their spoilt copies, ask captured faces about closures."""
    from model_server.training.alignment import captured_closures, forced_alignment
    from model_server.training.corpus import offline_augmentation

    for i, (name, recordings) in enumerate(spoken.items()):
        step = part(report, i / len(spoken), (i + 1) / len(spoken))
        forced_alignment.make(recordings, network, space.work / name, part(step, 0.0, 0.5))
        sounds = {one.path.name: one.path for one in recordings}

        def read(clip: str, sounds: dict[str, Path] = sounds) -> forced_alignment.Array:
            return forced_alignment.read_sound(sounds[clip])

        for copy in range(SPOILT.get(name, 0)):
            out = space.work / f"{name}{SPOILT_MARK}{copy}"
            offline_augmentation.make(space.work / name, read, out, (space.seed, copy), part(step, 0.5, 1.0))
    captures = space.data / "pairs" / FACES
    if any(captures.glob("*.flac")):
        captured_closures.make(captures, network, space.work / FACES, lambda fraction, doing: None)


def _sources(space: RecipeWorkspace, round_: Round) -> "list[BatchSource]":
    from model_server.training.corpus.batches import BatchSource

    return [BatchSource.open(space.work / name, share) for name, share in _heard(space, round_).items()]


def _heard(space: RecipeWorkspace, round_: Round) -> dict[str, float]:
    """Shares of the parts that are there; some are optional."""
    return {name: share for name, share in round_.shares.items() if (space.work / name / "index.json").exists()}


def _run(
    space: RecipeWorkspace, round_: Round, folder: Path, seed: int, start: "Network | None", report: Report
) -> "Network":
    from model_server.training.network.fit import fit as run

    return run(_sources(space, round_), _plan(space, round_, seed), folder, report, start)


def _plan(space: RecipeWorkspace, round_: Round, seed: int) -> FitPlan:
    return replace(round_.plan, steps=max(1, round(round_.plan.steps * space.scale)), seed=seed)


def export(space: RecipeWorkspace, out: Path, model_id: str, report: Report) -> dict[str, dict[str, float]]:
    """The fitted network to ``out``, with its figures on the development parts.

    Raises UserError when nothing has been fitted yet.
    """
    from model_server.training.network.export import export as write
    from model_server.training.network.fit import load
    from model_server.training.recipe.development import development

    folder = _student_folders(space)[-1]
    if not (folder / "network.safetensors").exists():
        raise UserError(f"{space.work} holds no trained network yet; run s2f train fit first.")
    network = load(folder)
    assert network.head.bias is not None
    network.head.bias.data[CLASSES.index("sil") :: len(CLASSES)] += SILENCE
    report(0.1, "Measuring")
    figures = development(network, space.work)
    rounds = [{"plan": asdict(round_.plan), "shares": _heard(space, round_)} for round_ in (TEACHER, *STUDENT)]
    told = {"rounds": rounds, "seed": space.seed, "scale": space.scale, "development": figures}
    data = RECIPE["data"] | (KOKORO if any("kokoro" in round_["shares"] for round_ in rounds) else {})
    write(network, out, model_id, {**RECIPE, "data": data, **told})
    report(1.0, "Done")
    return figures


KOKORO = {"kokoro": "Kokoro-82M (hexgrad), Apache-2.0: 48 voices and mixtures of two, reading IPA"}
RECIPE: dict[str, Any] = {
    "command": "s2f train all --data DATA --work WORK --whisper WHISPER --aligner talk-2.0.safetensors --kokoro KOKORO",
    "start": "the encoder of Whisper tiny.en (OpenAI, MIT); its first three of four layers, made smaller, ship",
    "data": {
        "synthetic": "espeak-ng 1.51 in 42 languages (9.5 h with flite 2.2), texts and pseudo-words of our own",
        "coffee-orders": "Picovoice speech-to-intent benchmark, Apache-2.0",
        "librispeech": "LibriSpeech ASR corpus (Panayotov et al. 2015), CC BY 4.0",
        "facegood": "FACEGOOD-Audio2Face, MIT: sizes of mouth shapes, closures of three takes",
    },
    "words": "Whisper tiny.en (OpenAI, MIT); pronunciations of the CMU dictionary; aligned by the network before",
}
