"""``s2f bake``: from a recording to a speaking character in a .blend file, without a window."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from model_server.cancel import Progress
from model_server.in_blender import BlenderCrash, run_in_blender
from model_server.in_blender.rig_files import DEMO, check_rig
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.formats.columns import channel
from s2f_blender_addon.core.track import FaceTrack
from s2f_blender_addon.core.whole_file import whole_file

from .options import (
    Device,
    Emotion,
    Identity,
    Intensity,
    Language,
    Level,
    Life,
    Model,
    OwnClosures,
    PastedBlinks,
    Person,
    Savgol,
    SceneFps,
    Seed,
    Transcript,
    acting_of,
    request_of,
)
from .progress import JsonProgress, Report, reporting
from .speak import spoken
from .transcripts import scripts, tell_words

TRACK_FPS = 60.0
"""Rate of the track between model and bake, which reads it at the scene's own frames."""

PREVIEW_SIZE = 480
"""Pixels of the longer side of a preview."""

ENGINES = {"BLENDER_WORKBENCH": 4096, "CYCLES": 320}
"""Engines and the largest preview each is used for. Workbench is several times faster but needs a graphics driver, if
only a software one; Cycles needs nothing."""


def bake(
    source: Annotated[Path, typer.Argument(metavar="IN", help="A recording, or a .csv, .json or .s2f track.")],
    rig: Annotated[str, typer.Option(help=f"A .blend, .glb, .gltf, .vrm or .fbx file, or {DEMO}.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="OUT.blend", help="The file to save.")],
    render: Annotated[Path | None, typer.Option(metavar="OUT.mp4", help="Also render a preview with sound.")] = None,
    fps: SceneFps = None,
    emotion: Emotion = "",
    intensity: Intensity = 1.0,
    transcript: Transcript = "",
    language: Language = "en",
    seed: Seed = 0,
    life: Life = "",
    model: Model = "",
    level: Level = None,
    person: Person = 0,
    identity: Identity = "",
    closures: OwnClosures = True,
    savgol: Savgol = False,
    pasted_blinks: PastedBlinks = False,
    device: Device = "auto",
    track_fps: Annotated[
        float | None,
        typer.Option(
            help="Frames a second of a track that does not tell them.", show_default="the file's", min=1, max=1000
        ),
    ] = None,
    json_progress: JsonProgress = False,
) -> None:
    """Bake speech onto every matching mesh of a rig, put the sound in and save."""
    check_rig(rig)
    check_suffix(out, ".blend")
    if render is not None:
        check_suffix(render, ".mp4")
    request = request_of(emotion, seed, life, TRACK_FPS)
    request = replace(request, acting=acting_of(level, person, identity, closures, savgol, pasted_blinks))
    with reporting(json_progress) as report:
        script = scripts(transcript, [(source, Path(source.name))], language)[0]
        request = replace(request, said=script.cues, language=script.language)
        said = spoken(source, request, model, device, report.part(0.0, 0.3), track_fps)
        if script:
            tell_words(report, said.words)
        sound = None if formats.is_track(source) else source
        done = bake_track(
            said.track, rig, out, sound, source.stem, intensity, fps or 0.0, report.part(0.3, 0.5 if render else 1.0)
        )
        tell_matches(report, done)
        report.wrote(out)
        if render is not None:
            preview(out, render, round(done["first"]), round(done["last"]), PREVIEW_SIZE, report.part(0.5, 1.0))
            report.wrote(render)


def check_suffix(path: Path, suffix: str) -> None:
    """Raises UserError when ``path`` cannot become a file of that kind."""
    if path.suffix.lower() != suffix:
        raise UserError(f"{path}: the name of this output ends in {suffix}.")
    if path.is_dir():
        raise UserError(f"{path}: there is a folder of this name.")


def bake_track(
    track: FaceTrack, rig: str, out: Path, sound: Path | None, name: str, intensity: float, fps: float,
    progress: Progress,
) -> dict[str, Any]:  # fmt: skip
    """Bake ``track`` onto ``rig`` into the file ``out``, whole or not at all; see ``in_blender.bake.bake_file``."""
    with tempfile.TemporaryDirectory() as folder, whole_file(out) as temporary:
        handed_over = Path(folder) / "track.s2f"
        formats.write(handed_over, track)
        job = {
            "do": "bake",
            "track": str(handed_over),
            "rig": rig if rig == DEMO else str(Path(rig).absolute()),
            "out": str(temporary.absolute()),
            "sound": str(sound.absolute()) if sound else "",
            "name": name,
            "intensity": intensity,
            "fps": fps,
        }
        try:
            return run_in_blender(job, progress)
        except BlenderCrash as crash:
            raise UserError(f"{rig}: Blender gave up on this file ({_last_line(crash)}).") from crash


def preview(blend: Path, out: Path, first: int, last: int, size: int, progress: Progress) -> None:
    """Render frames ``first`` … ``last`` of ``blend`` to ``out`` with the fastest engine that works here."""
    reason = ""
    for engine, largest in ENGINES.items():
        try:
            with whole_file(out) as temporary:
                job = {
                    "do": "render",
                    "blend": str(blend.absolute()),
                    "out": str(temporary.absolute()),
                    "engine": engine,
                    "first": first,
                    "last": last,
                    "size": min(size, largest),
                }
                run_in_blender(job, progress)
            return
        except BlenderCrash as crash:
            reason = _last_line(crash)
    raise UserError(f"{out}: Blender cannot render here ({reason}).")


def tell_matches(report: Report, done: dict[str, Any]) -> None:
    """Which channels move which mesh, and what the user should know besides."""
    matched: dict[str, dict[str, list[str]]] = done["matched"]
    missing = done["missing"]
    rows = [
        (mesh, str(len(channels)), ", ".join(_arrow(source, keys) for source, keys in channels.items()))
        for mesh, channels in matched.items()
    ]
    report.table(("mesh", "", "channels, → keys where names differ"), rows, matched=matched, missing=missing)
    report.note(done["coverage"] + (f"; missing: {', '.join(missing)}" if missing else ""))
    for note in done["notes"]:
        report.note(note)


def _arrow(source: str, keys: list[str]) -> str:
    """``jawOpen``, or ``browInnerUp → brow_up_L + brow_up_R`` where the keys have more than another spelling."""
    same = len(keys) == 1 and channel(keys[0]) == INDEX.get(source)
    return source if same else f"{source} → {' + '.join(keys)}"


def _last_line(crash: BlenderCrash) -> str:
    return (str(crash).strip().splitlines() or ["without a word"])[-1].strip().rstrip(".")
