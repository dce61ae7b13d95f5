"""The work of ``s2f evaluate``: every recording under every condition, counted, compared and drawn."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model_server.cancel import Progress, part
from model_server.emotion.perceived import perceive
from model_server.evaluation import capture, labels, lips
from model_server.evaluation.distort import DISTORTIONS
from model_server.training.actor.captures import captured as captures_of
from model_server.training.actor.captures import read_capture
from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.track import FaceTrack

from .transcripts import beside

SOUNDS = (".wav", ".flac", ".opus", ".ogg", ".mp3")


@dataclass(frozen=True)
class Condition:
    """How recordings are given to the model. through: one of ``DISTORTIONS`` or nothing; words: with their words."""

    through: str = ""
    words: bool = False

    @property
    def name(self) -> str:
        return "lips" + " with words" * self.words + (f" through {self.through}" if self.through else "")


Make = Callable[[Condition, Path, Progress], FaceTrack]


def every_condition(folder: Path) -> list[Condition]:
    """As it is, with the words if every labelled recording has them beside it, and through all distortions."""
    found = [Condition()]
    labelled = pairs(folder, ".phn")
    if labelled and all(beside(sound).exists() for sound, _ in labelled):
        found.append(Condition(words=True))
    return found + [Condition(name) for name in DISTORTIONS]


def measured(
    folder: Path, conditions: list[Condition], make: Make, plots: Path | None, progress: Progress
) -> dict[str, Any]:
    """Figures of the recordings in ``folder``: lips under every condition, captures and what tracks read as under the
    first. Pictures of those, if any, go into ``plots``. Raises UserError when there is nothing to compare with."""
    labelled, captured = pairs(folder, ".phn"), captures_of(folder)
    if not labelled and not captured:
        raise UserError(
            f"{folder} holds no recording beside a .phn file or a capture of the same name; choose such a folder."
        )
    jobs = [(condition, *pair) for condition in conditions for pair in labelled]
    jobs += [(conditions[0], *pair) for pair in captured]
    counts = {condition: lips.LipCount() for condition in conditions}
    captures: dict[str, Any] = {}
    reads: Counter[str] = Counter()
    for i, (condition, sound, reference) in enumerate(jobs):
        track = make(condition, sound, part(progress, i / len(jobs), (i + 1) / len(jobs)))
        values, times = mixed(track, Mix(intensity=0)), track.times - track.start
        picture = plots if condition == conditions[0] else None
        if condition == conditions[0]:
            reads[perceive(mixed(track, Mix()), track.fps).emotion] += 1
        if reference.suffix == ".phn":
            said = labels.read_labels(reference)
            lips.count(counts[condition], times, values, said)
            if picture is not None:
                _draw_lips(track, said, sound, folder, picture)
        else:
            truth = read_capture(reference)
            found = capture.compare(truth.times - truth.start, truth.talk, times, values)
            captures[f"capture {sound.stem}"] = found
            if picture is not None:
                _draw_capture(track, truth, found, sound, folder, picture)
    lip_figures = falls({c: counts[c].figures() for c in conditions}) if labelled else {}
    return {**lip_figures, **captures, "tracks that read as": dict(reads.most_common())}


def in_style(plain: dict[str, Any], styled: dict[str, Any]) -> dict[str, Any]:
    """Figures without and with a style, and how much nearer to captures it came: gain of r, share of LVE and MVE."""
    captures = [name for name in plain if name.startswith("capture ")]
    if not captures:
        raise UserError("--style is measured against captures, and there is none in this folder.")
    nearer = {}
    for name in captures:
        before, after = plain[name], styled[name]
        nearer[f"nearer {name.removeprefix('capture ')}"] = {
            "lip_gap_r_gain": round(after["lip_gap_r"] - before["lip_gap_r"], 3),
            **{k: round(1 - after[k] / max(before[k], 1e-9), 3) for k in ("lve_mm", "mve_mm")},
        }
    return {**plain, **{f"{name} in style": styled[name] for name in captures}, **nearer}


def falls(figures: dict[Condition, dict[str, Any]]) -> dict[str, Any]:
    """Figures by name; what a distortion costs in closures stands beside them. One condition is simply the lips."""
    clean = figures.get(Condition())
    for condition, found in figures.items():
        if condition.through and not condition.words and clean is not None:
            found["closure_f1_fall"] = round(clean["closure_f1"] - found["closure_f1"], 3)
    return {condition.name if len(figures) > 1 else "lips": found for condition, found in figures.items()}


def _draw_lips(track: FaceTrack, said: list[labels.Label], sound: Path, folder: Path, plots: Path) -> None:
    from model_server.audio.decode import decode
    from model_server.audio.sound import SAMPLE_RATE

    from .evaluation_plot import plot_lips

    values, times = mixed(track, Mix(intensity=0)), track.times - track.start
    plot_lips(times, values, said, decode(sound).samples, SAMPLE_RATE, *_picture(sound, folder, plots))


def _draw_capture(
    track: FaceTrack, truth: FaceTrack, figures: dict[str, Any], sound: Path, folder: Path, plots: Path
) -> None:
    from .evaluation_plot import plot_capture

    values, times, captured = mixed(track, Mix(intensity=0)), track.times - track.start, truth.times - truth.start
    plot_capture(times, values, captured, truth.talk, figures, *_picture(sound, folder, plots))


def _picture(sound: Path, folder: Path, plots: Path) -> tuple[str, Path]:
    """Title and file: recordings of one name in several folders keep apart."""
    name = "_".join(sound.relative_to(folder).with_suffix("").parts)
    return name, plots / f"{name}.png"


def pairs(folder: Path, suffix: str) -> list[tuple[Path, Path]]:
    """(recording, reference) below ``folder``: files of one name, the reference ending in ``suffix``."""
    found = []
    for reference in sorted(p for p in folder.rglob("*") if p.suffix.lower() == suffix):
        sounds = [p for p in (reference.with_suffix(s) for s in SOUNDS) if p.exists()]
        found += [(sound, reference) for sound in sounds[:1]]
    return found
