"""Recordings that Kokoro makes: sound files and, beside them, what is said in each to the phone.

Utterance i depends on the seed and i alone, so all processors share the work and an interrupted run goes on.
"""

import json
from collections.abc import Callable
from functools import lru_cache, partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from random import Random

import soundfile

from model_server.cancel import Progress
from model_server.training.corpus import kokoro, kokoro_texts
from model_server.training.corpus.kokoro import Kokoro
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

    Raises UserError when ``folder`` holds no Kokoro, or WordNet or espeak-ng is missing.
    """
    out.mkdir(parents=True, exist_ok=True)
    _loaded(folder).voices(held_out)
    next(kokoro_texts.endless(Random(0), frozenset(_loaded(folder).vocabulary)))

    def ready(i: int) -> float | None:
        return soundfile.info(out / f"{i:06}.flac").duration if (out / f"{i:06}.json").exists() else None

    count = until(hours * 3600, partial(utterance, folder, out, seed, held_out), ready, report)
    rows = (path.read_text(encoding="utf-8") for path in islice(sorted(out.glob("*.json")), count))
    with whole_file(out / SPOKEN) as temporary:
        temporary.write_text("\n".join(rows) + "\n", encoding="utf-8")


def until(wanted: float, speak: Callable[[int], float], ready: Callable[[int], float | None], report: Progress) -> int:
    """How many recordings, from number 0 on, last ``wanted`` seconds together.

    ``speak`` (i) makes those that are not ``ready`` (i), on all processors, and tells how long they are. A Pool, since
    an executor of Python 3.11 whose processes all end at once stops for ever (cpython issue 115634).
    """
    seconds, count = 0.0, 0
    with get_context("spawn").Pool(maxtasksperchild=_BEFORE_AFRESH) as pool:
        while seconds < wanted:
            numbers = range(count, count + _AT_A_TIME)
            known = [ready(i) for i in numbers]
            waiting = [pool.apply_async(speak, (i,)) if known[i - count] is None else None for i in numbers]
            for length, job in zip(known, waiting, strict=True):
                seconds += job.get() if job else length or 0.0
                report(min(1.0, seconds / wanted), f"Kokoro speaks, {seconds / 3600:.2f} h")
            count += _AT_A_TIME
    return count
