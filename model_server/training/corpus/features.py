"""What a model heard in a recording, kept beside it, so that another training does not listen again.

A file of arrays a recording and kind of feature, ``take.wav.heard.safetensors``, whole or not at all. It says which
sound and which maker it is of; of another sound, or by another maker, it is made anew and replaced.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from model_server import VERSION
from s2f_blender_addon.core.whole_file import whole_file

Array = npt.NDArray[np.float32]
Arrays = dict[str, npt.NDArray[np.generic]]


@dataclass
class Features:
    """Where features are kept: beside the recordings where that is wanted and can be, else in the folder ``work``, or
    nowhere without one. found, made: how many there were already and how many are new; barred: how many new ones could
    not be kept beside their recording.
    """

    work: Path | None = None
    beside: bool = True
    found: int = 0
    made: int = 0
    barred: int = 0

    def of(self, sound: Path, samples: Array, kind: str, maker: str, make: Callable[[], Arrays]) -> Arrays:
        """The features ``kind`` of the recording ``sound``, mono 16 kHz ``samples`` (N,), as ``make`` makes them.

        ``maker`` tells whoever hears, so that another one, or this one's next version, counts as another.
        """
        mark = {"sound": hashlib.sha256(samples.tobytes()).hexdigest(), "maker": f"{VERSION} {maker}"}
        places = self._places(sound, kind, mark["sound"])
        for place in places:
            known = _read(place, mark)
            if known is not None:
                self.found += 1
                return known
        arrays = make()
        self.made += 1
        for place in places:
            try:
                with whole_file(place) as temporary:
                    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, temporary, mark)
                break
            except OSError:  # a disk that is full, or a folder that is somebody else's
                self.barred += place.parent == sound.parent
        return arrays

    def _places(self, sound: Path, kind: str, digest: str) -> list[Path]:
        beside = [sound.with_name(f"{sound.name}.{kind}.safetensors")] if self.beside else []
        return [*beside, *([self.work / f"{digest[:32]}.{kind}.safetensors"] if self.work is not None else [])]

    @property
    def told(self) -> str:
        """What became of them, in a sentence; empty where there were none."""
        count = self.found + self.made
        if not count:
            return ""
        were = f"What was heard of {count} recordings was there already for {self.found}"
        if not self.made:
            return were + "."
        elsewhere = f"in {self.work}" if self.work is not None else "nowhere"
        if not self.beside:
            return f"{were}; the rest is kept {elsewhere}."
        if not self.barred:
            return f"{were}; the rest is kept beside them (….safetensors)."
        return f"{were}; {self.barred} could not be kept beside their recordings and are kept {elsewhere}."


def _read(place: Path, mark: dict[str, str]) -> Arrays | None:
    """The arrays in ``place`` where they bear ``mark``; None where they do not, or there are none."""
    try:
        with safe_open(place, "np") as opened:
            if opened.metadata() != mark:
                return None
            return {name: opened.get_tensor(name) for name in opened.keys()}
    except (OSError, SafetensorError):
        return None
