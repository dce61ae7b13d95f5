"""Do the lips meet when a talker's lips were seen to meet? Against faces measured on video.

A folder of them holds ``clips.json`` {clip: {"words": [[start s, end s, word or "sil"], ...], "fps": ...}}, the sounds
``audio/CLIP.*`` and ``tracks.npz``: ``measures`` (names, ``inner_gap`` among them: the gap between the inner lips over
the distance of the outer corners of the eyes), ``m_CLIP`` (T, measures) and, where faces were lost, ``f_CLIP`` (T,).

A closure is a stretch in the words with the lips together, by the measured gap or by the track; longer ones are rest.
A gap does not tell m from f, so words written with f or v are left out on both sides. Where the phones of a clip are
known, ``seen_kinds`` tells closures at p, b and m from those at pauses and from lips that come near for w or r.
"""

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model_server.evaluation.capture import correlation, lagged
from model_server.evaluation.head import Floats, LandmarkHead, on_grid, opening
from model_server.evaluation.labels import Label
from model_server.evaluation.lips import AT_REST_MM, CLOSED_MM, RATE, Interval, intervals, meet, milliseconds, spread
from model_server.evaluation.seen_kinds import KindCount, Lips, count_kinds
from s2f_blender_addon.core.errors import UserError

CLIPS, TRACKS = "clips.json", "tracks.npz"
SHUT = 0.012
"""Measured gap from which on the lips are apart (about 1 mm)."""
REST = 0.4
"""Seconds after which shut lips rest."""
LAG = 0.25
SILENT, LABIODENTAL = ("sil", "sp"), frozenset("fv")


@dataclass(frozen=True)
class SeenClip:
    """One clip. gap (T,) at ``fps``, NaN where no face was found; words (start s, end s, word), silence left out."""

    sound: Path
    gap: Floats
    fps: float
    words: list[tuple[float, float, str]]


@dataclass
class SeenCount:
    """What has been counted over any number of clips."""

    clips: int = 0
    seen: int = 0
    met: int = 0
    made: int = 0
    right: int = 0
    offsets: list[float] = field(default_factory=list)
    gaps: list[tuple[Floats, Floats]] = field(default_factory=list)
    kinds: KindCount = field(default_factory=KindCount)

    def figures(self) -> dict[str, float | int | None]:
        """Shares 0-1, times in ms; a positive lag or offset is a late track."""
        recall, precision = self.met / max(1, self.seen), self.right / max(1, self.made)
        most = round(LAG * RATE)
        by_lag = {k: self._r(k) for k in range(-most, most + 1)}
        return {
            "clips": self.clips,
            "closures_seen": self.seen,
            "closure_recall": round(recall, 3),
            "closure_precision": round(precision, 3),
            "closure_f1": round(2 * recall * precision / max(1e-9, recall + precision), 3),
            "centre_offset_ms": milliseconds(self.offsets),
            "centre_iqr_ms": spread(self.offsets),
            "lip_gap_r": round(by_lag[0], 3),
            "best_lag_ms": round(1000 / RATE * max(by_lag, key=lambda k: by_lag[k]), 1),
            **self.kinds.figures(),
        }

    def _r(self, lag: int) -> float:
        """Mean over the clips, so that no clip's own size counts."""
        return float(np.mean([lagged(seen, made, lag) for seen, made in self.gaps])) if self.gaps else 0.0


def is_seen(folder: Path) -> bool:
    """Whether ``folder`` holds faces measured on video."""
    return (folder / CLIPS).is_file() and (folder / TRACKS).is_file()


def read_seen(folder: Path) -> list[SeenClip]:
    """The clips of ``folder``, in order of their names. Raises UserError where something is missing or broken."""
    try:
        clips = json.loads((folder / CLIPS).read_text(encoding="utf-8"))
        with np.load(folder / TRACKS, allow_pickle=False) as tracks:
            column = [str(name) for name in tracks["measures"]].index("inner_gap")
            found = [_clip(folder, name, clips[name], tracks, column) for name in sorted(clips)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise UserError(
            f"{folder} holds no faces measured on video that can be read: {CLIPS} and {TRACKS} do not fit ({error})."
        ) from None
    if not found:
        raise UserError(f"{folder / CLIPS} lists no clip; choose a folder of faces measured on video.")
    return found


def _clip(folder: Path, name: str, row: dict[str, Any], tracks: Any, column: int) -> SeenClip:
    sounds = sorted((folder / "audio").glob(f"{name}.*"))
    if not sounds:
        raise UserError(f"{folder / 'audio'} holds no sound of {name}; it would be named {name}.opus.")
    gap = tracks[f"m_{name}"][:, column].astype(np.float64)
    if f"f_{name}" in tracks:
        gap = np.where(tracks[f"f_{name}"] > 0, gap, np.nan)
    words = [(float(a), float(b), str(word)) for a, b, word in row["words"] if word not in SILENT]
    return SeenClip(sounds[0], gap, float(row["fps"]), words)


def count(
    total: SeenCount,
    one: SeenClip,
    times: Floats,
    values: npt.NDArray[np.floating[Any]],
    labels: Sequence[Label] = (),
) -> None:
    """Add one clip and its track ``values`` (T, 52) at ``times`` (T,) s; a clip without words or face adds nothing.

    ``labels``: its phones, where they are known.
    """
    known = np.isfinite(one.gap)
    if not one.words or not known.any():
        return
    grid, points = on_grid(times, LandmarkHead.load().landmarks(values), RATE)
    grid = grid[grid <= (len(one.gap) - 1) / one.fps + 1e-9]
    made = opening(points[: len(grid)])
    when = np.arange(len(one.gap)) / one.fps
    seen = np.interp(grid, when[known], one.gap[known])
    total.clips += 1
    if correlation(seen, seen) > 0:
        total.gaps.append((seen, made))
    shown, closed = _closures(grid, seen <= SHUT, one), _closures(grid, made <= CLOSED_MM, one)
    if labels:
        filmed = Lips(_shut(grid, seen <= SHUT, one), seen <= SHUT)
        track = Lips(_shut(grid, made <= CLOSED_MM, one), made <= AT_REST_MM)
        count_kinds(total.kinds, grid, filmed, track, list(labels), 1 / one.fps)
    slack = 1 / one.fps  # a picture may have missed either end
    total.seen += len(shown)
    total.made += len(closed)
    total.right += sum(any(meet(closure, event, slack) for event in shown) for closure in closed)
    for event in shown:
        near = [closure for closure in closed if meet(closure, event, slack)]
        if near:
            total.met += 1
            best = min(near, key=lambda closure: abs(sum(closure) - sum(event)))
            total.offsets.append(sum(best) / 2 - sum(event) / 2)


def _closures(grid: Floats, shut: npt.NDArray[np.bool_], one: SeenClip) -> list[Interval]:
    """Stretches of ``shut`` lips in the words of ``one`` that are neither rest nor in a word with f or v."""
    return [
        (a, b) for a, b in _shut(grid, shut, one)
        if a > grid[0] and b < grid[-1] and b - a <= REST and b >= one.words[0][0] and a <= one.words[-1][1]
    ]  # fmt: skip


def _shut(grid: Floats, shut: npt.NDArray[np.bool_], one: SeenClip) -> list[Interval]:
    """All stretches of ``shut`` lips of ``one`` that are in no word with f or v."""
    left_out = [(a, b) for a, b, word in one.words if LABIODENTAL & set(word.lower())]
    return [(a, b) for a, b in intervals(grid, shut) if not any(start <= (a + b) / 2 <= end for start, end in left_out)]
