"""What the recipe needs of a machine and of its user, looked for before the hours begin."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from model_server.training.network.plan import shape_of
from model_server.training.recipe.rounds import FACES, TEACHER
from model_server.training.recipe.workspace import REAL, RecipeWorkspace
from s2f_blender_addon.core.errors import UserError

EXTRA = {"pyroomacoustics": "rooms", "parselmouth": "other throats"}
"""Packages of the train extra that every run imports, late."""


def check(space: RecipeWorkspace, out: Path) -> None:
    """Raises UserError, one line with a sentence for each thing that ``s2f train all`` into ``out`` lacks."""
    wanted = (_sets, _synthesisers, _packages, _whisper, _aligner, _kokoro, lambda space: _writable(out))
    lacking = [sentence for look in wanted for sentence in _sentences(look, space)]
    if lacking:
        raise UserError(" ".join(lacking))


def check_synthesisers() -> None:
    """Raises UserError, a sentence for each of espeak-ng, flite and its voices that is not installed."""
    from model_server.training.corpus import flite
    from model_server.training.corpus.espeak import library

    lacking = []
    try:
        library()
    except UserError as error:
        lacking.append(str(error))
    if shutil.which("flite") is None:
        lacking.append(flite.MISSING)
    else:
        listed = subprocess.run(["flite", "-lv"], capture_output=True, text=True, check=False).stdout.split()
        voices = [voice for voice in flite.VOICES if voice not in listed]
        if voices:
            lacking.append(f"flite lacks the voices {', '.join(voices)}; install flite with all of its voices.")
    if lacking:
        raise UserError(" ".join(lacking))


def _sentences(look: Callable[[RecipeWorkspace], None], space: RecipeWorkspace) -> Iterator[str]:
    try:
        look(space)
    except UserError as error:
        yield str(error)


def _sets(space: RecipeWorkspace) -> None:
    """The recordings, those of the last round included, and the captured faces."""
    from model_server.training.alignment import pseudo_labels

    lacking = [f"speech/{folder}" for folder, pattern in REAL.values() if not any(_found(space, folder, pattern))]
    for folder in pseudo_labels.FOLDERS:
        try:
            folder.recordings(space.data)
        except UserError:
            lacking.append(folder.path)
    takes = sorted((space.data / "pairs" / FACES).glob("*.flac"))
    if not takes or any(not take.with_suffix(".csv").exists() for take in takes):
        lacking.append(f"pairs/{FACES} with a .csv beside each .flac")
    if lacking:
        sets = ", ".join(dict.fromkeys(lacking))
        raise UserError(f"{space.data} (--data) lacks {sets}; model_server/training/DATA.md says what each set is.")


def _found(space: RecipeWorkspace, folder: str, pattern: str) -> Iterator[Path]:
    return (space.data / "speech" / folder).glob(pattern)


def _synthesisers(space: RecipeWorkspace) -> None:
    from model_server.speech.words import espeak

    if not space.corpus_made():
        check_synthesisers()
    for language in LANGUAGES:
        espeak.ways([], language)


LANGUAGES = ("de", "fr")
"""Of words that the last round is told, and espeak-ng, the program, says how to say."""


def _packages(space: RecipeWorkspace) -> None:
    lacking = [name for name in EXTRA if find_spec(name) is None]
    if lacking:
        what = " and ".join(f"{EXTRA[name]} ({name})" for name in lacking)
        raise UserError(f"The packages for {what} are missing; install this project with its train extra.")


def _whisper(space: RecipeWorkspace) -> None:
    import torch

    from model_server.training.corpus import transcribe
    from model_server.training.network import whisper

    if space.whisper is None:
        raise UserError("The network starts from the first layers of a Whisper; give its folder with --whisper.")
    whisper.started(space.whisper, shape_of(TEACHER.plan), torch.zeros(80))
    try:
        lacking = space.wordless()
    except UserError:  # which sets are missing is told already
        return
    if lacking:
        transcribe.whisper(space.whisper)


def _aligner(space: RecipeWorkspace) -> None:
    from model_server.slots.model_file import open_model

    if space.aligner is not None:
        open_model(space.aligner)


def _kokoro(space: RecipeWorkspace) -> None:
    from random import Random

    from model_server.training.corpus import kokoro_texts
    from model_server.training.corpus.kokoro import Kokoro

    if space.kokoro is not None:
        next(kokoro_texts.endless(Random(0), frozenset(Kokoro(space.kokoro).vocabulary)))


def _writable(out: Path) -> None:
    folder = next(parent for parent in out.absolute().parents if parent.exists())
    if out.is_dir() or not os.access(folder, os.W_OK):
        raise UserError(f"{out} cannot be written (--out); name a file in a folder of yours.")
