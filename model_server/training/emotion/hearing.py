"""What the layers hear in every clip, kept in a work folder so that an interrupted training goes on."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model_server.audio.decode import decode
from model_server.audio.sound import SAMPLE_RATE
from model_server.cancel import Progress
from model_server.emotion.description import LEVELS, PROSODY, describe
from model_server.emotion.ear import Voice
from model_server.emotion.listener import stretches
from model_server.training.emotion.corpora import EmotionClip
from model_server.training.emotion.elsewhere import LONGEST, elsewhere
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.whole_file import whole_file

Floats = npt.NDArray[np.float32]

_SAVE_EVERY = 100
_LONGEST = 15.0
"""Seconds of a recording that are heard."""
_SHORTEST = 0.2
MOVED = 1000
"""Clips that are heard through other microphones as well."""


@dataclass(frozen=True)
class DescribedClips:
    """descriptions (n, D) of stretches, with the original's level, and the clip of each.

    elsewhere: (n, D) the same stretches through other microphones, not a number where nobody heard them so.
    """

    descriptions: Floats
    clips: list[EmotionClip]
    elsewhere: Floats | None = None

    def __len__(self) -> int:
        return len(self.clips)

    def where(self, chosen: npt.NDArray[np.bool_]) -> "DescribedClips":
        clips = [clip for clip, c in zip(self.clips, chosen, strict=True) if c]
        return DescribedClips(
            self.descriptions[chosen], clips, None if self.elsewhere is None else self.elsewhere[chosen]
        )

    def thinned(self, most: int) -> "DescribedClips":
        """With no more than ``most`` stretches of a recording, evenly over it: windows that overlap say little more."""
        of = np.unique([clip.path for clip in self.clips], return_inverse=True)[1]
        chosen = np.zeros(len(self), bool)
        for recording in range(of.max(initial=-1) + 1):
            places = np.flatnonzero(of == recording)
            chosen[places[np.unique(np.linspace(0, len(places) - 1, most).round().astype(int))]] = True
        return self.where(chosen)

    @property
    def is_moved(self) -> npt.NDArray[np.bool_]:
        """(n,) which were heard through other microphones as well."""
        if self.elsewhere is None:
            return np.zeros(len(self), bool)
        return np.asarray(np.isfinite(self.elsewhere).any(1))

    def moved(self) -> "DescribedClips":
        """Those clips, as they were heard through other microphones."""
        found = self.where(self.is_moved)
        return found if found.elsewhere is None else DescribedClips(found.elsewhere, found.clips)

    @property
    def speakers(self) -> npt.NDArray[np.str_]:
        return np.array([clip.speaker for clip in self.clips])

    @property
    def ordinary(self) -> npt.NDArray[np.bool_]:
        return np.array([clip.ordinary for clip in self.clips])

    def shares(self, classes: Sequence[str]) -> Floats:
        """(n, K) of what was heard."""
        rows = [[clip.heard.get(name, 0.0) for name in classes] for clip in self.clips]
        return np.array(rows, np.float32).reshape(-1, len(classes))


def told(
    name: str, clips: Iterator[EmotionClip], listen: Callable[[Floats], Voice], work: Path, share: float,
    progress: Progress,
) -> DescribedClips:  # fmt: skip
    """Hears ``share`` of ``clips``, in an order that is drawn once, and keeps what it heard in ``work``/NAME.npz."""
    every = list(clips)
    order = np.random.default_rng(1).permutation(len(every))[: max(1, round(share * len(every)))]

    def described(k: int) -> Iterator[Floats]:
        return _described(every[k], lambda samples: listen(samples[: int(_LONGEST * SAMPLE_RATE)]))

    return _heard(name, every, order, described, work, progress)


def with_elsewhere(
    told: DescribedClips, clips: Iterator[EmotionClip], listen: Callable[[Floats], Voice], work: Path, share: float,
    progress: Progress,
) -> DescribedClips:  # fmt: skip
    """``told`` of ``clips``, some of which are heard again as other microphones would have recorded them."""
    every = list(clips)
    order = np.random.default_rng(7).permutation(len(every))[: max(1, round(share * MOVED))]

    def described(k: int) -> Iterator[Floats]:
        random = np.random.default_rng((11, k))
        return _described(every[k], lambda samples: listen(elsewhere(samples[: int(LONGEST * SAMPLE_RATE)], random)))

    moved = _heard("elsewhere", every, order, described, work, progress)
    place = {Path(clip.path).name: k for k, clip in enumerate(told.clips)}
    found = np.full_like(told.descriptions, np.nan)
    for description, clip in zip(moved.descriptions, moved.clips, strict=True):
        if Path(clip.path).name in place:
            found[place[Path(clip.path).name]] = description
    return DescribedClips(told.descriptions, told.clips, found)


def _heard(
    name: str, every: Sequence[EmotionClip], order: npt.NDArray[np.int64],
    described: Callable[[int], Iterator[Floats]], work: Path, progress: Progress,
) -> DescribedClips:  # fmt: skip
    """What is ``described`` of the clips at ``order``, kept in ``work``/NAME.npz."""
    path = work / f"{name}.npz"
    done, rows, found = _kept(path)
    for i in range(done, len(order)):
        progress(i / len(order), f"listening to {name}, {i + 1} of {len(order)}")
        for description in described(int(order[i])):
            found.append(description)
            rows.append(every[order[i]].to_json())
        if (i + 1) % _SAVE_EVERY == 0 or i + 1 == len(order):
            with whole_file(path) as temporary, temporary.open("wb") as file:
                np.savez(file, descriptions=np.array(found), clips=np.array(rows), done=i + 1)
    return DescribedClips(np.array(found, np.float32), [EmotionClip(**json.loads(row)) for row in rows])


def _described(clip: EmotionClip, listen: Callable[[Floats], Voice]) -> Iterator[Floats]:
    try:
        samples = decode(clip.path).samples
    except UserError:  # a set of thousands may hold a file that is none
        return
    if len(samples) < _SHORTEST * SAMPLE_RATE:
        return
    voice = listen(samples)
    for first, last in stretches(voice):
        description = describe(voice, first, last)
        description[len(description) - len(PROSODY) + np.array(LEVELS)] -= clip.raised_db
        yield description


def _kept(path: Path) -> tuple[int, list[str], list[Floats]]:
    if not path.is_file():
        return 0, [], []
    with np.load(path) as kept:
        return int(kept["done"]), [str(row) for row in kept["clips"]], list(kept["descriptions"])
