"""``s2f info``: what a file is, what was found in it, and what would be done with it."""

import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from model_server.cancel import silent
from model_server.in_blender.rig_files import SUFFIXES as RIGS
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.flame import EXP, JAW

from .info_files import known
from .transcripts import SUFFIXES as TEXTS

MODEL = ".safetensors"
FPS = 60.0
"""Frames a second of a track that ``s2f infer`` writes when nobody asks for others."""
_MOVING = 0.01
"""A channel that never goes so far counts as still."""

_FLAME = "s2f bake and Import Track play it on a FLAME rig; on another face jaw, eyes and head of it."

Found = dict[str, Any]


def info(
    source: Annotated[
        Path, typer.Argument(metavar="FILE", help="A sound, track, text, rig, model, manifest or other file.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what a file is and what will be done with it."""
    found = {"file": str(source), **described(source)}
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for name, value in found.items():
        told = _told(value)
        if told and name != "notes":
            print(f"{name}: {told}")
    for note in found["notes"]:
        print(f"note: {note}")


def described(path: Path) -> Found:
    """``kind``, ``does`` (what would be done with it), ``notes`` (what was assumed), and what the kind has besides.

    Raises UserError that names the file, for one that is missing or of no use here.
    """
    if not path.exists():
        raise UserError(f"{path}: there is no such file.")
    if path.is_dir():
        raise UserError(f"{path}: this is a folder; s2f infer {path}/ takes its recordings.")
    if describe := known(path):
        return describe(path)
    from model_server.slots.model_file import is_foreign

    suffix = path.suffix.lower()
    if suffix in RIGS:
        return _rig(path)
    if suffix == MODEL or is_foreign(path):
        return _model(path)
    if formats.is_track(path) or suffix in map(str.lower, TEXTS):
        return _track_or_text(path)
    return _sound(path)


def _track_or_text(path: Path) -> Found:
    """Some endings (.txt, .json, .csv) belong to both: what reads as a track is one, and a table of words has times."""
    suffix = path.suffix.lower()
    try:
        return _track(path)
    except UserError as no_track:
        try:
            words = _text(path)
        except UserError as no_text:
            raise no_text if suffix not in formats.READABLE else no_track from None
        if suffix not in map(str.lower, TEXTS) and not words["timed"]:
            raise
        return words


def _sound(path: Path) -> Found:
    from model_server.audio.decode import decode
    from model_server.audio.prosody import prosody

    sound = decode(path)
    spoken = float(prosody(sound.samples, 30.0).speech.mean())
    frames = int(sound.duration * FPS) + 1
    notes = ["Nobody speaks in it, so a face would stay at rest."] if spoken < 0.01 else []
    return {
        "kind": "sound",
        "seconds": round(sound.duration, 3),
        "speech": round(spoken, 3),
        "does": f"s2f infer makes {frames} frames at {FPS:g} a second of it; s2f bake puts them on a face.",
        "notes": [*notes, *sound.notes],
    }


def _track(path: Path) -> Found:
    track = formats.read(path)
    moving = [name for k, name in enumerate(CHANNELS) if np.ptp(track.talk[:, k]) > _MOVING]
    made, flame = track.provenance, bool(len(track.flame))
    face = {
        "moving": len(moving),
        "still": [name for name in CHANNELS if name not in moving],
        "mood": bool(track.mood.any()),
    }
    coefficients = {"expressions": int(track.flame[:, EXP].any(axis=0).sum()), "jaw": bool(track.flame[:, JAW].any())}
    return {
        "kind": "FLAME track" if flame else "track",
        "frames": len(track.talk),
        "fps": round(float(track.fps), 4),
        "seconds": round(track.duration, 3),
        "start": round(track.start, 3),
        **(coefficients if flame else face),
        "head": bool(np.abs(track.head).max() > 1e-4),
        "model": made.model,
        "licence_track": made.licence_track if made.model else "",
        "does": _FLAME if flame else "s2f bake and Import Track put it on a face as it is.",
        "notes": list(made.notes),
    }


def _text(path: Path) -> Found:
    from s2f_blender_addon.core import plain_file, transcript

    said = transcript.from_bytes(plain_file.content(path), str(path))
    return {
        "kind": "words",
        "words": sum(len(cue.text.split()) for cue in said.cues),
        "pieces": len(said.cues),
        "timed": sum(cue.end > 0 for cue in said.cues),
        "language": said.language,
        "does": "--transcript and Words let the lips follow it.",
        "notes": list(said.notes),
    }


def _rig(path: Path) -> Found:
    from model_server.in_blender import BlenderCrash, run_in_blender

    try:
        found = run_in_blender({"do": "look", "rig": str(path.absolute())}, silent)
    except BlenderCrash:
        raise UserError(f"{path}: Blender gave up on this file; open it in Blender to see why.") from None
    does = found["blocked"] or f"s2f bake IN --rig {path} moves {found['coverage']}."
    return {"kind": "rig", **{name: found[name] for name in found if name != "blocked"}, "does": does}


def _model(path: Path) -> Found:
    from model_server.slots.model_file import is_foreign

    if is_foreign(path):
        return _checkpoint(path)
    from model_server.speech.card import Card
    from model_server.speech.weights import read

    weights, notes = read(path)
    card = Card.from_metadata(notes, path)
    return {
        "kind": "model",
        "id": card.id,
        "licence_track": card.licence_track,
        "licence": card.licence,
        "encoder": card.encoder,
        "fusion": card.fusion,
        "parameters": sum(array.size for array in weights.values()),
        "does": f"--model {path} speaks with it.",
        "notes": [],
    }


def _checkpoint(path: Path) -> Found:
    from model_server.foreign import CurveNetwork, open_checkpoint

    net = open_checkpoint(path)
    found = {"kind": "checkpoint", "network": net.name, "licence_track": "research"}
    if not isinstance(net, CurveNetwork):
        flame = f"s2f motion --model {path} makes FLAME tracks with it."
        return {**found, "does": flame, "notes": []}
    levels = {name: i for i, name in enumerate(net.levels)}
    slow = "On a processor it takes about as long as the recording lasts."
    does = f"--model {path} --level N --person N speaks with it."
    return {**found, "levels": levels, "persons": list(net.persons), "does": does, "notes": [slow]}


def _told(value: object) -> str:
    """A value on one line; empty for what says nothing."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else ""
    return str(value)
