"""The recipe of what hears and reads emotion: layers, what they hear, heads, figures, two model files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save

from model_server.audio.decode import decode
from model_server.cancel import Progress, part, silent
from model_server.emotion.ear import hear
from model_server.emotion.eight_bits import eight_bits, unpacked
from model_server.emotion.listener import ListenerCard
from model_server.training.emotion.corpora import corpora, ordinary
from model_server.training.emotion.figures import Figures
from model_server.training.emotion.figures import measured as measured_on
from model_server.training.emotion.fit import Fitted, fitted
from model_server.training.emotion.hearing import DescribedClips, told, with_elsewhere
from model_server.training.emotion.layers import OURS, layers
from model_server.training.emotion.words import train_words
from model_server.voice.measures import measures
from model_server.voice.reference import average, measured
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.whole_file import whole_file

Floats = npt.NDArray[np.float32]

ID, WORDS_ID = "voice emotion 4", "words 4"
_SPEECH = 130
"""Recordings that say what matters in the layers."""
_READERS = 160
"""Recordings of ordinary speech for the population's pitch, tilt and rate."""
_MOVED = "crema"
"""The set of which some clips are heard through other microphones as well."""
_STRETCHES = 4
"""Stretches of a recording that teach."""
_CREDITS = (
    "Contains information from CREMA-D, which is made available under the ODbL (Cao, Cooper, Keutmann, Gur, Nenkova "
    "and Verma, IEEE Trans. Affective Computing 2014)",
    "EmoGator, Apache-2.0 (Buhl 2023)", "Marco-Voice samples, Apache-2.0 (synthetic; its speakers' consent is not "
    "documented; counts a fiftieth of CREMA-D)", "LibriSpeech, CC BY 4.0 (Panayotov et al. 2015)",
    "Picovoice speech-to-intent benchmark, Apache-2.0", "Whisper base, MIT (OpenAI)",
    "sets of ordinary speech named in training/DATA.md",
)  # fmt: skip


@dataclass(frozen=True)
class EmotionWorkspace:
    """data: the folder that holds emotional/, speech/ and text/. whisper: Whisper base. work: what is kept.

    share: of every corpus, to try the recipe out.
    """

    data: Path
    whisper: Path
    work: Path
    share: float = 1.0
    seed: int = 0


def train(space: EmotionWorkspace, out: Path, words_out: Path, progress: Progress = silent) -> dict[str, Any]:
    """Writes the voice model to ``out`` and the text model to ``words_out``; returns their figures.

    Raises UserError when data are missing. What was heard is kept in ``space.work``; a second run goes on there.
    """
    network, sets, research = heard(space, part(progress, 0.0, 0.85))
    progress(0.85, "fitting the heads")
    heads = fitted(sets)
    found = measured_on(sets, research, heads=heads, progress=part(progress, 0.87, 0.93))
    write(heads, network, out, sets, found)
    words = train_words(space.data / "text", words_out, WORDS_ID, space.seed, part(progress, 0.93, 1.0))
    return {"voice": found, "words": words}


def measure(space: EmotionWorkspace, leave_out: Sequence[str] = (), progress: Progress = silent) -> Figures:
    """The figures of the voice model (``figures.measured``), from what was heard. Raises UserError as ``train``."""
    _, sets, research = heard(space, part(progress, 0.0, 0.5))
    return measured_on(sets, research, leave_out, progress=part(progress, 0.5, 1.0))


def heard(
    space: EmotionWorkspace, progress: Progress = silent
) -> tuple[dict[str, Any], dict[str, DescribedClips], DescribedClips]:
    """The layers (packed), what they hear in every set that teaches, and in RAVDESS; kept in ``space.work``."""
    space.work.mkdir(parents=True, exist_ok=True)
    network = _layers(space, part(progress, 0.0, 0.02))
    return network, *_heard(space, unpacked(network), part(progress, 0.02, 1.0))


def write(
    heads: Fitted, network: Mapping[str, Floats], out: Path, sets: Mapping[str, DescribedClips], found: Any
) -> None:
    """The model file of ``heads`` over ``network`` (as ``packed``), its card inside."""
    made = {
        "layers": "the first two of Whisper base, compressed, eight bits", "credits": list(_CREDITS),
        "stretches": {name: len(one) for name, one in sets.items()}, "figures": found,
    }  # fmt: skip
    card = ListenerCard(ID, "product", "GPL-3.0-or-later", made, OURS.to_json(), heads.calm, heads.sure)
    arrays = dict(network)
    for name, array in heads.arrays().items():
        arrays[name] = array.astype(np.float16) if array.ndim > 1 else array
    exported = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    with whole_file(out) as temporary:
        temporary.write_bytes(save(exported, {"card": card.to_json()}))


def measure_population(data: Path, out: Path, seed: int = 0, progress: Progress = silent) -> None:
    """Writes ``voice/population.json``: what is ordinary for the readers of the product sets."""
    clips = list(ordinary(data))
    chosen = np.random.default_rng(seed).permutation(len(clips))[:_READERS]
    people = []
    for i, k in enumerate(chosen):
        progress(i / len(chosen), f"measuring {Path(clips[k].path).name}")
        try:
            people.append(measured([measures(decode(clips[k].path).samples)]))
        except UserError:  # too short to tell anything of a person
            continue
    with whole_file(out) as temporary:
        temporary.write_text(average(people).to_json() + "\n", "utf-8")


def _layers(space: EmotionWorkspace, progress: Progress) -> dict[str, Any]:
    kept = space.work / "layers.npz"
    if not kept.is_file():
        progress(0.0, "making the layers smaller")
        sets = corpora(space.data, space.work)
        rng = np.random.default_rng(space.seed)
        acted, read = ([Path(clip.path) for clip in sets[name]()] for name in ("crema", "neutral"))
        speech = [acted[k] for k in rng.permutation(len(acted))[: _SPEECH - 10]]
        speech += [read[k] for k in rng.permutation(len(read))[:10]]
        with whole_file(kept) as temporary, temporary.open("wb") as file:
            np.savez(file, **eight_bits(layers(space.whisper, speech)))
    with np.load(kept) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _heard(
    space: EmotionWorkspace, network: dict[str, Floats], progress: Progress
) -> tuple[dict[str, DescribedClips], DescribedClips]:
    weights = {name: np.asarray(array, np.float32) for name, array in network.items()}
    sets = corpora(space.data, space.work)
    found = {}
    for i, (name, clips) in enumerate(sets.items()):
        step = part(progress, i / len(sets), (i + 1) / len(sets))
        every = told(name, clips(), lambda s: hear(s, OURS, weights), space.work, space.share, step)
        if name == _MOVED:
            every = with_elsewhere(every, clips(), lambda s: hear(s, OURS, weights), space.work, space.share, step)
        found[name] = every.thinned(_STRETCHES)
    return found, found.pop("ravdess")
