"""The corpus on disk: one folder a part, with all its frames end to end and an index.

``mel.npy`` (N, 80) float16 natural log of band power over the recording's level, ``label.npy`` (N,) uint8 class
(255: unknown), ``index.json`` {"clips": [[first frame, frames, speaker, name], ...]}. Memory-mapped, no pickle.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model_server.audio import echo, features
from model_server.speech.phones import CLASS_INDEX
from s2f_blender_addon.core.whole_file import whole_file

UNKNOWN = 255
_QUIET = 1e-8


def log_power(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float16]:
    """(T, 80) log of band power over the recording's level, floored at -80 dB, of 16 kHz samples without their echo."""
    return levelled(echo.power(samples))


def levelled(power: npt.NDArray[np.float32]) -> npt.NDArray[np.float16]:
    """(T, 80) log of a recording's band ``power`` (T, 80) over its level, floored at -80 dB."""
    found: npt.NDArray[np.float16] = np.log(power / features.level(power) + _QUIET).astype(np.float16)
    return found


def labels(segments: list[tuple[float, float, str]], frames: int, between: int = 0) -> npt.NDArray[np.uint8]:
    """(frames,) class of each feature frame from segments (start s, end s, class); ``between`` them silence (0)."""
    found = np.full(frames, between, np.uint8)
    for start, end, name in segments:
        found[int(np.ceil(start * features.RATE - 1e-6)) : int(np.ceil(end * features.RATE - 1e-6))] = CLASS_INDEX[name]
    return found


@dataclass(frozen=True)
class StoredUtterance:
    """One utterance: where its frames lie, who speaks."""

    first: int
    frames: int
    speaker: str
    name: str


class CorpusPart:
    """One part of the corpus, opened for reading."""

    def __init__(self, folder: Path) -> None:
        self.mel = np.load(folder / "mel.npy", mmap_mode="r", allow_pickle=False)
        self.label = np.load(folder / "label.npy", mmap_mode="r", allow_pickle=False)
        rows = json.loads((folder / "index.json").read_text(encoding="utf-8"))["clips"]
        self.clips = [StoredUtterance(*row) for row in rows]

    @property
    def hours(self) -> float:
        return len(self.mel) / features.RATE / 3600


class CorpusWriter:
    """Collects utterances and writes a part whole."""

    def __init__(self) -> None:
        self._mel: list[npt.NDArray[np.float16]] = []
        self._label: list[npt.NDArray[np.uint8]] = []
        self._clips: list[list[int | str]] = []
        self.frames = 0

    @property
    def clips(self) -> int:
        return len(self._clips)

    def add(self, mel: npt.NDArray[np.float16], label: npt.NDArray[np.uint8], speaker: str, name: str) -> None:
        self._clips.append([self.frames, len(mel), speaker, name])
        self._mel.append(mel)
        self._label.append(label)
        self.frames += len(mel)

    def save(self, folder: Path) -> None:
        for name, pieces in (("mel.npy", self._mel), ("label.npy", self._label)):
            with whole_file(folder / name) as temporary:
                np.save(temporary, np.concatenate(pieces), allow_pickle=False)
        with whole_file(folder / "index.json") as temporary:
            temporary.write_text(json.dumps({"clips": self._clips}), encoding="utf-8")
