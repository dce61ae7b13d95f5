"""Curves over the waveform, as a picture."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.track import FaceTrack
from s2f_blender_addon.core.whole_file import whole_file

ROWS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("jaw and closure", ("jawOpen", "mouthClose", "mouthPressLeft", "mouthRollLower")),
    ("rounding and spreading", ("mouthFunnel", "mouthPucker", "mouthStretchLeft", "mouthSmileLeft")),
    ("lips and tongue", ("mouthUpperUpLeft", "mouthLowerDownLeft", "mouthShrugUpper", "tongueOut")),
    ("eyes", ("eyeBlinkLeft", "eyeLookOutLeft", "eyeLookInLeft", "eyeLookDownLeft")),
    ("brows", ("browInnerUp", "browOuterUpLeft", "browDownLeft")),
)
"""Panels below the waveform; one side of the face stands for both."""

INK, PAPER, SOUND = "#2b2f36", "#fbfbf9", "#9aa4b2"
COLOURS = ("#d1495b", "#00798c", "#edae49", "#66a182")


def plot(track: FaceTrack, samples: npt.NDArray[np.float32], rate: int, title: str, out: Path) -> None:
    """Write ``out`` (.png): the waveform of ``samples`` at ``rate`` Hz, and ROWS of curves on the same time axis."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    values, times = mixed(track, Mix()), track.times
    figure, axes = pyplot.subplots(
        len(ROWS) + 1, 1, sharex=True, figsize=(14, 10), facecolor=PAPER, gridspec_kw={"hspace": 0.34}
    )
    axes[0].fill_between(*waveform(samples, rate), color=SOUND, linewidth=0)
    axes[0].set_title(title, loc="left", color=INK, fontsize=13, pad=10)
    axes[0].set_yticks([])
    for axis, (label, names) in zip(axes[1:], ROWS, strict=True):
        for name, colour in zip(names, COLOURS, strict=False):
            axis.plot(times, values[:, INDEX[name]], label=name, color=colour, linewidth=1.4)
        axis.set_ylim(-0.02, max(0.3, float(values[:, [INDEX[n] for n in names]].max()) * 1.1))
        axis.set_title(label, loc="left", color=INK, fontsize=10, pad=4)
        axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, labelcolor=INK, fontsize=9)
    for axis in axes:
        axis.set_facecolor(PAPER)
        axis.grid(axis="x", color=INK, alpha=0.08)
        axis.spines[["top", "right", "bottom"]].set_visible(False)
        axis.tick_params(colors=INK, length=0)
    axes[-1].set_xlabel("seconds", color=INK)
    axes[-1].set_xlim(0, max(float(times[-1]), len(samples) / rate))
    with whole_file(out) as temporary:
        figure.savefig(temporary, dpi=110, bbox_inches="tight", facecolor=PAPER)
    pyplot.close(figure)


def waveform(
    samples: npt.NDArray[np.float32], rate: int, points: int = 2000
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """(seconds, lowest, highest) of at most ``points`` stretches of the sound."""
    starts = np.linspace(0, len(samples), min(points, len(samples)), endpoint=False).astype(np.int64)
    return starts / rate, np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)
