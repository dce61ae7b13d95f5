"""When each phone of the recordings sounds, as the networks of the recipe find out, and what the teacher hears there.

Every part says by which network it was labelled or heard, so that an interrupted run does none twice.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from model_server.cancel import Progress, part
from model_server.training.recipe.rounds import FACES
from model_server.training.recipe.workspace import NEURAL, REAL, SPOILT, SPOILT_MARK, RecipeWorkspace
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.whole_file import whole_file

if TYPE_CHECKING:
    from model_server.training.alignment.forced_alignment import Recording
    from model_server.training.network.acoustic import Network

_LABELLED, _HEARD = "labelled-by.txt", "heard-by.txt"


def align(space: RecipeWorkspace, by: str, network: "Callable[[], Network]", report: Progress) -> None:
    """Label the recordings with what ``network`` hears, and ask captured faces about closures; ``by`` is its name.

    Raises UserError when the words of a part are not known.
    """
    from model_server.training.alignment import captured_closures, forced_alignment

    waiting = {name: said for name, said in spoken(space).items() if _by(space.work / name, _LABELLED) != by}
    captures = space.data / "pairs" / FACES
    faces = any(captures.glob("*.flac")) and _by(space.work / FACES, _LABELLED) != by
    if not waiting and not faces:
        return
    hears, total, done = network(), sum(map(len, waiting.values())) or 1, 0
    for name, recordings in waiting.items():
        step = part(report, done / total, (done + len(recordings)) / total)
        forced_alignment.make(recordings, hears, space.work / name, step)
        _note(space.work / name, _LABELLED, by)
        done += len(recordings)
    if faces:
        captured_closures.make(captures, hears, space.work / FACES, part(report, 0.99, 1.0))
        _note(space.work / FACES, _LABELLED, by)


def spoil(space: RecipeWorkspace, by: str, report: Progress) -> None:
    """Let the recordings sound through other throats, rooms and codecs, with the labels that ``by`` gave them."""
    from model_server.training.alignment.forced_alignment import read_sound
    from model_server.training.corpus import offline_augmentation

    copies = [
        (name, copy) for name in SPOILT for copy in range(SPOILT[name])
        if (space.work / name / "index.json").exists() and _by(_copy(space, name, copy), _LABELLED) != by
    ]  # fmt: skip
    for i, (name, copy) in enumerate(copies):
        sounds = {path.name: path for path in _files(space, name)}
        out = _copy(space, name, copy)
        step = part(report, i / len(copies), (i + 1) / len(copies))

        def read(clip: str, sounds: dict[str, Path] = sounds) -> "offline_augmentation.Samples":
            return read_sound(sounds[clip])

        offline_augmentation.make(space.work / name, read, out, (space.seed, copy), step)
        _note(out, _LABELLED, by)


def teach(
    space: RecipeWorkspace, names: list[str], by: str, teacher: "Callable[[], Network]", report: Progress
) -> None:
    """Write down what ``teacher`` hears in the parts ``names``, and the same beside their spoilt copies."""
    from model_server.training.network import distil

    clean = [name for name in names if SPOILT_MARK not in name]
    waiting = [name for name in clean if _by(space.work / name, _HEARD) != by]
    hear = distil.fitted(teacher()) if waiting else None
    for i, name in enumerate(waiting):
        assert hear is not None
        distil.teach(space.work / name, hear, part(report, i / len(waiting), (i + 1) / len(waiting)))
        _note(space.work / name, _HEARD, by)
    for name in clean:
        for copy in (one for one in names if one.startswith(name + SPOILT_MARK)):
            with whole_file(space.work / copy / distil.TEACHER) as temporary:
                shutil.copyfile(space.work / name / distil.TEACHER, temporary)


def spoken(space: RecipeWorkspace) -> "dict[str, list[Recording]]":
    """By part, the recordings whose words are known; the ``dev-`` parts have speakers that no other part has.

    Parts without any are left out. Raises UserError when the words of a part are not known.
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
    found |= {name: forced_alignment.spoken(path) for name, path in listed.items() if path.exists()}
    return {name: recordings for name, recordings in found.items() if recordings}


def _files(space: RecipeWorkspace, name: str) -> list[Path]:
    return space.files(name) if name in REAL else sorted(space.sounds(name).glob("*.flac"))


def _copy(space: RecipeWorkspace, name: str, copy: int) -> Path:
    return space.work / f"{name}{SPOILT_MARK}{copy}"


def _by(folder: Path, what: str) -> str:
    """Which network labelled or heard the part in ``folder``; empty for none."""
    told = folder / what
    return told.read_text(encoding="utf-8") if told.exists() else ""


def _note(folder: Path, what: str, by: str) -> None:
    with whole_file(folder / what) as temporary:
        temporary.write_text(by, encoding="utf-8")
