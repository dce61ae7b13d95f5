"""Real speech to phones with pocketsphinx: decode the words, then align their phones.

The words are often wrong, yet their phones mostly are near; ``coffee_orders`` narrows the grammar where the domain is
known. Result: one JSON line a file, so that an interrupted run goes on where it stopped.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from model_server.training import coffee_orders

Phone = tuple[float, float, str]
FRAME = 0.01
MARGIN = 0.25
"""Silence put around a recording, in seconds."""
DITHERS = (8.0, 2.0, 30.0)
"""Standard deviations of the noise to try, in steps of 16 bits."""


def decoders(domain: str, folder: Path) -> tuple[Any, Any]:
    """pocketsphinx with its own English models, to find words and to align them; domain: ``coffee`` or ``general``."""
    from pocketsphinx import Decoder

    options: dict[str, Any] = {"samprate": 16000, "loglevel": "FATAL"}
    aligner = Decoder(lm=None, **options)
    if domain == "coffee":
        model = folder / "coffee.lm"
        coffee_orders.write_language_model(model)
        return Decoder(lm=str(model), **options), aligner
    return Decoder(**options), aligner


def _run(found: Any, pcm: bytes) -> None:
    found.start_utt()
    found.process_raw(pcm, full_utt=True)
    found.end_utt()


def align(finder: Any, aligner: Any, samples: npt.NDArray[np.float32]) -> tuple[str, list[Phone], float]:
    """(words, phones as (start s, end s, CMU name), score per frame) of ``samples`` (N,) at 16 kHz.

    Digital silence confuses pocketsphinx, so a little noise is added: more, or less, until it can fit its words.
    No words when it never can.
    """
    for noise in DITHERS:
        try:
            return _align(finder, aligner, _pcm(samples, noise))
        except RuntimeError:
            continue
    return "", [], 0.0


def _pcm(samples: npt.NDArray[np.float32], noise: float) -> bytes:
    loud = float(np.abs(samples).max(initial=1e-6))
    quiet = np.pad(samples * min(0.5 / loud, 20.0), int(MARGIN * 16000)) * 32767
    noisy = quiet + np.random.default_rng(0).normal(size=len(quiet)) * noise
    return bytes(np.clip(noisy, -32767, 32767).astype("<i2").tobytes())


def _align(finder: Any, aligner: Any, pcm: bytes) -> tuple[str, list[Phone], float]:
    _run(finder, pcm)
    words = [s.word.split("(")[0] for s in finder.seg() if s.word[0] not in "<[("] if finder.hyp() else []
    if not words:
        return "", [], 0.0
    aligner.set_align_text(" ".join(words))
    _run(aligner, pcm)
    aligner.set_alignment()
    _run(aligner, pcm)
    phones, score, frames = [], 0.0, 1
    for word in aligner.get_alignment():
        for phone in word:
            start = phone.start * FRAME - MARGIN
            phones.append((max(0.0, round(start, 3)), round(start + phone.duration * FRAME, 3), phone.name))
            score += phone.score
            frames += phone.duration
    return " ".join(words), phones, score / frames


def align_folder(
    files: list[Path], domain: str, out: Path, report: Callable[[float, str], None] = lambda fraction, doing: None
) -> None:
    """Align every file (anything libsndfile reads, 16 kHz mono) into the JSON lines of ``out``."""
    done = {row["file"] for row in rows(out)} if out.exists() else set()
    out.parent.mkdir(parents=True, exist_ok=True)
    finder, aligner = decoders(domain, out.parent)
    with out.open("a", encoding="utf-8") as sink:
        for i, path in enumerate(files):
            report(i / max(1, len(files)), path.name)
            if path.name in done:
                continue
            samples, rate = soundfile.read(path, dtype="float32")
            if rate != 16000 or samples.ndim != 1:
                raise ValueError(f"{path} must be 16 kHz mono")
            words, phones, score = align(finder, aligner, samples)
            row = {"file": path.name, "words": words, "score": score, "phones": phones}
            sink.write(json.dumps(row) + "\n")
            sink.flush()


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON lines of an alignment."""
    with path.open(encoding="utf-8") as source:
        for line in source:
            yield json.loads(line)
