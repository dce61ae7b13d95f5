"""Labels to measure by where nobody has timed the phones: a model file finds out when the known words are said.

They favour the model that aligned them, so models are compared by the labels of one and the same, best of an older one.
"""

from dataclasses import dataclass
from pathlib import Path

from model_server.cancel import Progress, part, silent
from model_server.evaluation.labels import FROM_CLASS, UNSURE, Label
from model_server.slots.model_file import open_model
from model_server.speech.backend import numpy_backend
from model_server.speech.words.align import UNKNOWN, Alignment, align
from model_server.speech.words.script import words_of
from model_server.training.alignment.forced_alignment import read_sound, sure_words
from model_server.training.alignment.pseudo_labels import GIVEN, given_in
from model_server.training.corpus.store import log_power
from model_server.training.network.metrics import clip_posteriors
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.script import Script


@dataclass(frozen=True)
class Reference:
    """timed: recordings with their labels; the other figures say what they are: aligner: a model's id; speakers and
    recordings that count, of ``recordings``; words found in all of them, 0-1."""

    timed: list[tuple[Path, list[Label]]]
    aligner: str
    speakers: int
    recordings: int
    words_found: float

    def figures(self) -> dict[str, str | int | float]:
        return {
            "aligned_by": self.aligner,
            "speakers": self.speakers,
            "kept": len(self.timed),
            "recordings": self.recordings,
            "words_found": round(self.words_found, 3),
        }


class Aligner:
    """A model file, or the bundled model, that finds out when known words are said."""

    def __init__(self, model: Path | None = None) -> None:
        """Raises UserError for a file that is no model."""
        self._opened = open_model(model)
        self._backend = numpy_backend(self._opened.card.shape, self._opened.weights)

    @property
    def id(self) -> str:
        """Of the model."""
        return self._opened.card.id

    def align(self, sound: Path, script: Script, progress: Progress = silent) -> Alignment:
        """When ``script`` is said in ``sound``. Raises UserError for a language that cannot be spoken here."""
        shape, average = self._opened.card.shape, self._opened.weights["average"]
        phones = clip_posteriors(log_power(read_sound(sound)), shape, self._backend, average)
        return align(phones, words_of(script), progress=progress)


def reference(folder: Path, aligner: Path, progress: Progress) -> Reference:
    """Labels of all recordings in the ``words.jsonl`` of ``folder``, as the model file ``aligner`` times their words.

    Raises UserError where there are no such recordings.
    """
    told = given_in(folder)
    if not told:
        raise UserError(f"{folder} holds no {GIVEN} that says what is said in which recording; choose another folder.")
    by = Aligner(aligner)
    timed, speakers, sure = list[tuple[Path, list[Label]]](), set[str](), list[bool]()
    for i, one in enumerate(told):
        progress(i / len(told), f"Aligning {one.path.name}")
        found = by.align(one.path, one.script, part(progress, i / len(told), (i + 1) / len(told)))
        sure += sure_words(found)
        if any(sure_words(found)):
            timed.append((one.path, in_hand_form(found)))
            speakers.add(one.speaker)
    return Reference(timed, by.id, len(speakers), len(told), sum(sure) / max(1, len(sure)))


def in_hand_form(alignment: Alignment) -> list[Label]:
    """The phones of ``alignment`` as hand labels are written; UNSURE where a word was not found."""
    sure = sure_words(alignment)
    known = [p.name != UNKNOWN and (p.word < 0 or sure[p.word]) for p in alignment.phones]
    return [
        (p.start, p.end, FROM_CLASS.get(p.name, p.name) if heard else UNSURE)
        for p, heard in zip(alignment.phones, known, strict=True)
    ]
