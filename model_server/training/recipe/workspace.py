"""What the recipe of the bundled model hears, and where it lies: the parts of the corpus and the folders of a run."""

import json
from dataclasses import dataclass
from pathlib import Path

from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.whole_file import whole_file


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

    def corpus_made(self) -> bool:
        """Whether every synthetic part is there."""
        return all((self.work / made.name / "index.json").exists() for made in SYNTHETIC)

    def wordless(self) -> list[str]:
        """Parts of real recordings some of which have no words yet."""
        from model_server.training.corpus.transcribe import words as read_words

        return [
            name for name in REAL
            if self.words(name).name != GIVEN
            and not {path.name for path in self.files(name)} <= read_words(self.words(name)).keys()
        ]  # fmt: skip

    def claim(self) -> None:
        """Note in the work folder what it is made with. Raises UserError where that was another seed or scale: what is
        there would be taken for this run's."""
        told, ours = self.work / "recipe.json", {"seed": self.seed, "scale": self.scale}
        if told.exists():
            before = json.loads(told.read_text(encoding="utf-8"))
            if before != ours:
                was = " ".join(f"--{name} {value:g}" for name, value in before.items())
                raise UserError(f"{self.work} was begun with {was}; give the same, or another folder with --work.")
            return
        with whole_file(told) as temporary:
            temporary.write_text(json.dumps(ours), encoding="utf-8")

    def sounds(self, part_name: str) -> Path:
        """Where the recordings of one of ``NEURAL`` go."""
        return self.work / f"{part_name}-sound"

    def words(self, part_name: str) -> Path:
        """Where the words of a part's recordings are: given with them, or found by ``words``."""
        given = self.data / "speech" / REAL[part_name][0] / GIVEN
        return given if given.exists() else self.work / f"words-{part_name}.jsonl"


GIVEN = "words.jsonl"
"""Beside recordings whose words are known: one {"file", "text"} a line."""
