"""Captured performances as teachers of closures: a face shows whether the lips met, whatever language it speaks.

The network so far names the phones of the recording; the capture then overrules it: no bilabial where the captured
lips stand apart, one where they meet in the middle of speech and the network half heard it.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from model_server.cancel import Progress
from model_server.evaluation.head import Floats, LandmarkHead, opening
from model_server.speech.backend import numpy_backend
from model_server.speech.phones import BILABIAL, CLASS_INDEX
from model_server.training.alignment.forced_alignment import Labels, read_sound
from model_server.training.corpus.store import UNKNOWN, CorpusWriter, log_power
from model_server.training.network.acoustic import Network, exported
from model_server.training.network.metrics import clip_posteriors
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.runs import true_runs

HELD_OUT = ("1114_2_05", "1114_3_15")
"""Takes that only measurements see."""
APART_MM, MEET_MM = 2.5, 0.7
CAPTURE_BLUR = 3
"""Frames at 100 Hz within which a capture at 30 fps may have missed the lips meeting."""


def overruled(phones: npt.NDArray[np.float32], gap: Floats) -> Labels:
    """(T,) labels from posteriors (T, K) and the captured lips' opening (T,) in mm, both at 100 Hz."""
    lips = [CLASS_INDEX[name] for name in BILABIAL]
    others = phones.copy()
    others[:, lips] = 0
    label = np.where(phones.max(1) >= 0.5, phones.argmax(1), UNKNOWN).astype(np.uint8)
    near = np.lib.stride_tricks.sliding_window_view(np.pad(gap, CAPTURE_BLUR, mode="edge"), 2 * CAPTURE_BLUR + 1)
    wrong = np.isin(label, lips) & (near.min(1) > APART_MM)
    label[wrong] = np.where(others[wrong].max(1) >= 0.1, others[wrong].argmax(1), UNKNOWN)
    speech = phones[:, CLASS_INDEX["sil"]] < 0.5
    for start, stop in true_runs((gap < MEET_MM) & speech):
        if 3 <= stop - start <= 25:
            heard = phones[start:stop][:, lips]
            label[start:stop] = np.where(heard.sum(1) >= 0.15, np.array(lips)[heard.argmax(1)], UNKNOWN)
    return label


def make(folder: Path, network: Network, out: Path, report: Progress) -> None:
    """Write the takes of ``folder`` (sound beside a track of the same name) that are not held out into ``out``."""
    weights = exported(network)
    backend = numpy_backend(network.shape, weights)
    sounds = [path for path in sorted(folder.glob("*.flac")) if path.stem not in HELD_OUT]
    writer = CorpusWriter()
    for i, path in enumerate(sounds):
        report(i / len(sounds), path.name)
        mel = log_power(read_sound(path))
        phones = clip_posteriors(mel, network.shape, backend, weights["average"])
        track = formats.read(path.with_suffix(".csv"))
        gap = opening(LandmarkHead.load().landmarks(track.talk))
        writer.add(
            mel,
            overruled(phones, np.interp(np.arange(len(mel)) / 100, track.times - track.start, gap)),
            "face",
            path.name,
        )
    writer.save(out)
