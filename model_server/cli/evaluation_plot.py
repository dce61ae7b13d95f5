"""Pictures of an evaluation: lips over phones with closures hit and missed, and a track beside its capture."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from model_server.evaluation.head import Floats, LandmarkHead, on_grid, opening
from model_server.evaluation.labels import BILABIAL, SILENCE, Label
from model_server.evaluation.lips import CLOSED_MM, RATE, marks
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.whole_file import whole_file

from .plot import COLOURS, INK, PAPER, SOUND, waveform

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Curves = npt.NDArray[np.float32]

HIT, MISSED, FALSE = "#2f9e63", "#d1495b", "#e8902e"
ROWS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("jaw and closure", ("jawOpen", "mouthClose", "mouthPressLeft")),
    ("rounding and spreading", ("mouthFunnel", "mouthPucker", "mouthStretchLeft", "mouthSmileLeft")),
)
LINE, LINES = 10.0, 12
"""Seconds of one line of a long recording, and how many lines a picture holds."""
_SECONDS_PER_INCH = 0.28


def plot_lips(
    times: Floats, values: Curves, labels: list[Label], samples: Curves, rate: int, title: str, out: Path
) -> None:
    """Write ``out`` (.png): ``samples`` at ``rate`` Hz and their phones, the lips' opening of the track ``values``
    (T, 52) at ``times`` with every bilabial hit or missed and every false closure, and curves. The first ``LINE``
    seconds."""
    end = min(float(times[-1]), LINE)
    figure, axes = _canvas(2 + len(ROWS), max(9.0, end / _SECONDS_PER_INCH), (1.0, 1.6, 1.0, 1.0))
    _sound(axes[0], samples[: int(end * rate)], rate)
    _phones(axes[0], [(a, min(b, end), phone) for a, b, phone in labels if a < end], end / figure.get_figwidth())
    axes[0].set_title(title, loc="left", color=INK, fontsize=13, pad=34)
    grid, points = on_grid(times, LandmarkHead.load().landmarks(values), RATE)
    _closures(axes[1], grid, opening(points), times, values, labels)
    for axis, (label, names) in zip(axes[2:], ROWS, strict=True):
        for name, colour in zip(names, COLOURS, strict=False):
            axis.plot(times, values[:, INDEX[name]], label=name, color=colour, linewidth=1.4)
        axis.set_ylim(-0.02, max(0.3, float(values[:, [INDEX[n] for n in names]].max()) * 1.1))
        _named(axis, label)
    _finish(figure, axes, end, out)


def _closures(axis: "Axes", grid: Floats, gap: Floats, times: Floats, values: Curves, labels: list[Label]) -> None:
    found = marks(times, values, labels)
    for intervals, colour, name in (
        ([event for event, _ in found.hits], HIT, "bilabial, lips met"),
        (found.missed, MISSED, "bilabial missed"),
        (found.false, FALSE, "closed for nothing"),
    ):
        for i, (start, end) in enumerate(intervals):
            axis.axvspan(
                start, max(end, start + 0.01), color=colour, alpha=0.28, linewidth=0, label="_" * (i > 0) + name
            )
    axis.plot(grid, gap, color=INK, linewidth=1.4, label="opening")
    axis.axhline(CLOSED_MM, color=INK, linewidth=0.8, linestyle=":", label=f"closed below {CLOSED_MM:g} mm")
    axis.set_ylim(min(-1.0, float(gap.min()) - 0.5), max(8.0, float(gap.max()) * 1.1))
    _named(axis, "lips apart (mm)")


def plot_capture(
    times: Floats,
    values: Curves,
    captured_times: Floats,
    captured: Curves,
    figures: dict[str, Any],
    title: str,
    out: Path,
) -> None:
    """Write ``out`` (.png): the lips' opening of the track and of the capture, in lines of ``LINE`` seconds."""
    head = LandmarkHead.load()
    end = min(float(times[-1]), float(captured_times[-1]))
    lines = max(1, min(LINES, int(np.ceil(end / LINE))))
    figure, axes = _canvas(lines, 14.0, (1.0,) * lines, shared=False)
    both = []
    for name, colour, width, t, v in (
        ("captured", SOUND, 2.2, captured_times, captured),
        ("track", COLOURS[0], 1.3, times, values),
    ):
        grid, points = on_grid(t, head.landmarks(v), RATE)
        both.append((name, colour, width, grid, opening(points)))
    highest = max(float(gap.max()) for *_, gap in both)
    for i, axis in enumerate(axes):
        for name, colour, width, grid, gap in both:
            now = (grid >= i * LINE) & (grid <= (i + 1) * LINE)
            axis.plot(grid[now], gap[now], color=colour, label=name, linewidth=width)
        axis.set_xlim(i * LINE, (i + 1) * LINE)
        axis.set_ylim(-1, highest * 1.05)
        axis.axhline(CLOSED_MM, color=INK, linewidth=0.6, linestyle=":")
    shown = "" if end <= LINES * LINE else f", first {LINES * LINE:.0f} s of {end:.0f}"
    said = f"r {figures['lip_gap_r']}, LVE {figures['lve_mm']} mm of {figures['lve_of_mean_face_mm']}, "
    axes[0].set_title(
        f"{title}: lips apart in mm ({said}lag {figures['best_lag_ms']} ms{shown})", loc="left", color=INK
    )
    axes[0].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, labelcolor=INK)
    _finish(figure, axes, None, out)


def _canvas(
    rows: int, width: float, heights: tuple[float, ...], shared: bool = True
) -> tuple["Figure", npt.NDArray[Any]]:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        rows, 1, sharex=shared, squeeze=False, facecolor=PAPER, figsize=(width, 1.2 + 1.7 * sum(heights)),
        gridspec_kw={"hspace": 0.38, "height_ratios": heights},
    )  # fmt: skip
    return figure, axes[:, 0]


def _sound(axis: "Axes", samples: Curves, rate: int) -> None:
    loudest = max(1e-6, float(np.abs(samples).max(initial=0.0)))
    at, low, high = waveform(samples / loudest, rate)
    axis.fill_between(at, low, high, color=SOUND, linewidth=0)
    axis.set_ylim(-1.05, 1.05)
    axis.set_yticks([])


def _phones(axis: "Axes", labels: list[Label], seconds_per_inch: float) -> None:
    """Names above the waveform, a row higher where they would run into each other; bilabials stand out."""
    ends = [-1.0, -1.0]  # of the last name in each row, seconds
    for start, end, phone in labels:
        axis.axvline(start, color=INK, alpha=0.12, linewidth=0.7)
        if phone in SILENCE:
            continue
        lips, centre = phone in BILABIAL, (start + end) / 2
        half = seconds_per_inch * (0.05 * len(phone) + 0.02)
        row = 0 if centre - half >= ends[0] or ends[0] < ends[1] else 1
        ends[row] = centre + half
        axis.text(
            centre, 1.12 + 0.28 * row, phone, ha="center", va="bottom", fontsize=9 if lips else 7.5, clip_on=False,
            color=COLOURS[1] if lips else INK, fontweight="bold" if lips else "normal",
        )  # fmt: skip


def _named(axis: "Axes", label: str) -> None:
    axis.set_title(label, loc="left", color=INK, fontsize=10, pad=4)
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, labelcolor=INK, fontsize=9)


def _finish(figure: "Figure", axes: npt.NDArray[Any], end: float | None, out: Path) -> None:
    from matplotlib import pyplot

    for axis in axes:
        axis.set_facecolor(PAPER)
        axis.grid(axis="x", color=INK, alpha=0.08)
        axis.spines[["top", "right", "bottom"]].set_visible(False)
        axis.tick_params(colors=INK, length=0)
    axes[-1].set_xlabel("seconds", color=INK)
    if end is not None:
        axes[-1].set_xlim(0, end)
    with whole_file(out) as temporary:
        figure.savefig(temporary, dpi=110, bbox_inches="tight", facecolor=PAPER)
    pyplot.close(figure)
