"""Recordings that a model file has heard one by one, clean and at full level: what a later round must hear in them.

Where their words are known, the words have guided what was heard (``word_posteriors``), so that the round also
learns what the sound alone did not tell; a recording in which nobody seems to say them teaches what was heard.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model_server.cancel import Progress
from model_server.slots.model_file import open_model
from model_server.speech.backend import numpy_backend
from model_server.speech.phones import CLASSES
from model_server.speech.words.align import align
from model_server.speech.words.script import script_of, words_of
from model_server.speech.words.word_posteriors import guided
from model_server.training.alignment import forced_alignment
from model_server.training.corpus.store import UNKNOWN, CorpusWriter, log_power
from model_server.training.network import distil
from model_server.training.network.metrics import clip_posteriors
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.script import Script
from s2f_blender_addon.core.whole_file import whole_file

GIVEN = "words.jsonl"
"""Beside the recordings of a folder: one {"file", "text", "language", "speaker"} a line."""
ACTED = {
    "IEO": "It's eleven o'clock.", "TIE": "That is exactly what happened.", "IOM": "I'm on my way to the meeting.",
    "IWW": "I wonder what this is about.", "TAI": "The airplane is almost full.",
    "MTI": "Maybe tomorrow it will be cold.", "IWL": "I would like a new alarm clock.",
    "ITH": "I think I have a doctor's appointment.", "DFA": "Don't forget a jacket.",
    "ITS": "I think I've seen this before.", "TSI": "The surface is slick.",
    "WSI": "We'll stop in a couple of minutes.",
}  # fmt: skip
"""CREMA-D's sentences by their codes in the names of its files (Cao et al. 2014)."""


@dataclass(frozen=True)
class KnownRecording:
    """A recording, what is said in it if that is known, and who speaks."""

    path: Path
    script: Script
    speaker: str


def given_in(folder: Path) -> list[KnownRecording]:
    """The recordings of ``folder`` whose words stand in its ``GIVEN``; none without that file."""
    lines = folder / GIVEN
    rows = map(json.loads, lines.read_text(encoding="utf-8").splitlines()) if lines.exists() else ()
    return [
        KnownRecording(folder / row["file"], script_of(row["text"], row["language"]), row["speaker"]) for row in rows
    ]


@dataclass(frozen=True)
class Folder:
    """Recordings below the data folder; every ``each``-th is taken. Those of held-out speakers never are."""

    name: str
    path: str
    pattern: str = "audio/*"
    each: int = 1

    def recordings(self, data: Path) -> list[KnownRecording]:
        """Raises UserError where there are none."""
        folder = data / self.path
        given = {told.path.name: told for told in given_in(folder)}
        found = [self._told(path, given) for path in sorted(folder.glob(self.pattern))]
        kept = [one for one in found if not forced_alignment.held_out_speaker(one.speaker)][:: self.each]
        if not kept:
            raise UserError(f"{folder} holds no recordings; give the data folder with --data.")
        return kept

    def _told(self, path: Path, given: dict[str, KnownRecording]) -> KnownRecording:
        if path.name in given:
            return given[path.name]
        fields = path.stem.split("_")
        if len(fields) > 1 and fields[1] in ACTED:
            return KnownRecording(path, script_of(ACTED[fields[1]]), fields[0])
        return KnownRecording(path, Script(), forced_alignment.speaker(path))


FOLDERS = (
    Folder("told-librispeech", "speech/librispeech", "*.opus"),
    Folder("told-coffee", "speech/coffee-orders", "speech_*"),
    Folder("told-kathleen", "speech/kathleen-en"),
    Folder("told-kerstin", "speech/kerstin-de"),
    Folder("told-learners", "speech/speechocean762"),
    Folder("told-poems", "speech/fleurs-du-mal-fr"),
    Folder("told-actors", "emotional/crema-d", each=3),
    Folder("told-faces", "pairs/facegood", "1114_2_0[124].flac"),
)
"""What the round of mixed levels hears; every one may teach what ships (see the card)."""


def make(folder: Folder, data: Path, model: Path, out: Path, report: Progress) -> None:
    """Write the part ``out``: the recordings, their labels where their words were found, and what ``model`` heard."""
    opened = open_model(model)
    backend = numpy_backend(opened.card.shape, opened.weights)
    writer, heard = CorpusWriter(), []
    recordings = folder.recordings(data)
    for i, one in enumerate(recordings):
        report(i / len(recordings), f"Listening to {one.path.name}")
        mel = log_power(forced_alignment.read_sound(one.path))
        phones = clip_posteriors(mel, opened.card.shape, backend, opened.weights["average"])
        label = np.full(len(mel), UNKNOWN, np.uint8)
        if one.script:
            alignment = align(phones, words_of(one.script))
            label = forced_alignment.labels(alignment, len(mel))
            if (label != UNKNOWN).any():
                phones = guided(phones, alignment)
        writer.add(mel, label, one.speaker, one.path.name)
        heard.append(phones.astype(np.float16))
    assert all(one.shape[1] == len(CLASSES) for one in heard)
    with whole_file(out / distil.TEACHER) as temporary:
        np.save(temporary, np.concatenate(heard), allow_pickle=False)
    writer.save(out)
