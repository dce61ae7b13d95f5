"""Whether other arithmetic than numpy's gives the same mouth here, how fast, and in how much memory."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model_server.audio.decode import decode
from model_server.audio.sound import SAMPLE_RATE
from model_server.benchmark.figure import Figure
from model_server.benchmark.memory import card_memory, own_peak
from model_server.cancel import Progress
from model_server.hardware import for_a_process
from model_server.talk_model import TalkModel

SENTENCES, SHORTEST, LONGEST = 20, 2.0, 6.0
"""How many pieces of speech, and of how many seconds."""
APART, BEYOND = 0.02, 0.1
"""By which curves may differ in 99 frames of 100, and the percentage of frames that may differ by more: rounding turns
a yes or no, as where a phrase ends, now and then."""
SECONDS = SENTENCES * LONGEST
"""Of speech that is enough for all of them."""


def check(speech: Path, device: str, progress: Progress) -> Iterator[Figure]:
    """``device``, on the library that a process takes for it, against numpy on ``SENTENCES`` pieces of ``speech``.

    Raises UserError for a device that is not here.
    """
    hardware = for_a_process("torch" if device in ("auto", "cpu") else "auto", device)
    label = f"{hardware.library} on {hardware.card or hardware.device}, {hardware.precision} precision"
    theirs = TalkModel.load(None, hardware.library, hardware.device, hardware.precision)
    ours, samples = TalkModel.load(), decode(speech).samples
    lengths = np.linspace(SHORTEST, LONGEST, SENTENCES)
    ends = np.cumsum(lengths)
    theirs.run(samples[: round(LONGEST * SAMPLE_RATE)], 60.0)  # libraries settle in
    spent, reference = 0.0, 0.0
    differences: list[npt.NDArray[np.float32]] = []
    for n, (end, length) in enumerate(zip(ends, lengths, strict=True)):
        progress(n / SENTENCES, f"Sentence {n + 1} of {SENTENCES}")
        piece = samples[round((end - length) * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
        began = time.perf_counter()
        found = theirs.run(piece, 60.0).curves
        spent += time.perf_counter() - began
        began = time.perf_counter()
        differences.append(np.abs(found - ours.run(piece, 60.0).curves).max(1))
        reference += time.perf_counter() - began
        if theirs.notice:
            progress((n + 1) / SENTENCES, theirs.notice)
    apart = np.concatenate(differences)
    yield Figure(f"99 frames of 100 are numpy's within, {label}", float(np.percentile(apart, 99)), "", APART)
    yield Figure(f"frames farther than {APART:g}", 100 * float((apart > APART).mean()), "%", BEYOND)
    yield Figure(f"time of {SENTENCES} sentences over numpy's, {label}", spent / reference, "×", 1.0)
    yield Figure("memory of this process", own_peak(), "MB", 6000 if hardware.device == "cuda" else 1500)
    if hardware.device == "cuda":
        for name, megabytes in card_memory().items():
            yield Figure(f"card memory {name}", megabytes, "MB", 2000 if name == "allocated" else 4000)
