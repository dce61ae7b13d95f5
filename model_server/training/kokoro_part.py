"""Recordings that Kokoro makes: sound files and, beside them, what is said in each to the phone.

Utterance i depends on the seed and i alone, so all processors share the work and an interrupted run goes on.
"""

import json
from functools import lru_cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from random import Random

import soundfile

from model_server.cancel import Progress
from model_server.training import kokoro, kokoro_texts
from model_server.training.kokoro import Kokoro
from s2f_blender_addon.core.whole_file import whole_file

SPOKEN = "spoken.jsonl"
"""One {"file", "speaker", "phones"} a line: phones are the classes of each word, separated by blanks."""
_AT_A_TIME = 64
_BEFORE_AFRESH = 100
"""Utterances after which a process ends and another begins: OpenVINO keeps something of every length it has seen."""


@lru_cache(maxsize=1)
def _loaded(folder: Path) -> Kokoro:
    return Kokoro(folder)


def utterance(folder: Path, out: Path, seed: int, held_out: bool, i: int) -> float:
    """Write recording ``i`` and a line about it beside it; its seconds."""
    synthesiser, random = _loaded(folder), Random(f"kokoro {seed} {held_out} {i}")
    read, of = next(kokoro_texts.endless(random, frozenset(synthesiser.vocabulary)))
    speaker, style = kokoro.somebody(synthesiser, random, of, held_out)
    ipa = "".join(letter for letter in read.ipa if letter in synthesiser.vocabulary)
    samples = synthesiser.speak(ipa, style, random.uniform(0.8, 1.3))
    with whole_file(out / f"{i:06}.flac") as temporary:
        soundfile.write(temporary, samples.clip(-1, 1), kokoro.RATE, format="FLAC")
    row = {"file": f"{i:06}.flac", "speaker": speaker, "phones": [" ".join(way) for way in read.phones]}
    with whole_file(out / f"{i:06}.json") as temporary:
        temporary.write_text(json.dumps(row), encoding="utf-8")
    return len(samples) / kokoro.RATE


def make(folder: Path, out: Path, hours: float, seed: int, held_out: bool, report: Progress) -> None:
    """Fill ``out`` with ``hours`` of speech by the synthesiser in ``folder`` and list it in ``SPOKEN``.

    Raises UserError when ``folder`` holds no Kokoro, or WordNet or espeak-ng is missing. A Pool, since the executor of
    Python 3.11 stops for ever when all its processes end at once (cpython issue 115634).
    """
    out.mkdir(parents=True, exist_ok=True)
    _loaded(folder).voices(held_out)
    next(kokoro_texts.endless(Random(0), frozenset(_loaded(folder).vocabulary)))
    seconds, i = 0.0, 0
    with get_context("spawn").Pool(maxtasksperchild=_BEFORE_AFRESH) as pool:
        while seconds < hours * 3600:
            waiting = [
                None if (out / f"{n:06}.json").exists()
                else pool.apply_async(utterance, (folder, out, seed, held_out, n)) for n in range(i, i + _AT_A_TIME)
            ]  # fmt: skip
            for n, job in enumerate(waiting, i):
                seconds += job.get() if job else soundfile.info(out / f"{n:06}.flac").duration
                report(min(1.0, seconds / (hours * 3600)), f"Kokoro speaks, {seconds / 3600:.2f} h")
            i += _AT_A_TIME
    rows = (path.read_text(encoding="utf-8") for path in islice(sorted(out.glob("*.json")), i))
    with whole_file(out / SPOKEN) as temporary:
        temporary.write_text("\n".join(rows) + "\n", encoding="utf-8")
