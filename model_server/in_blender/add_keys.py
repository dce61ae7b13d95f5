"""Open a head without keys, make all 52 on it, save."""

import os
from typing import Any

import bpy

from model_server.cancel import Progress
from s2f_blender_addon.carry import carry, placed
from s2f_blender_addon.carry.objects import gathered, write
from s2f_blender_addon.carry.propose import propose
from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.rigs import find_character
from s2f_blender_addon.rigs.bare import lacking, notes_on, why_no_keys
from s2f_blender_addon.rigs.face_objects import has_shapes

from .bake import save
from .rig import open_file


def add_keys(progress: Progress, rig: str, out: str, landmarks: str, missing_only: bool) -> dict[str, Any]:
    """Add the 52 keys to the head in ``rig`` and save to ``out``; ``landmarks``: a JSON file, or '' to find them.

    Returns ``added``: mesh -> number of keys, ``face``, ``coverage``, ``proposed``: landmarks that were found and that
    were guessed, and ``notes``.
    """
    progress(0.0, f"opening {os.path.basename(rig)}")
    open_file(rig)
    meshes = [o for o in bpy.context.scene.objects if o.type == "MESH" and len(o.data.polygons)]
    if not meshes:
        raise UserError(f"{rig}: there is no mesh in it.")
    progress(0.1, "looking for the face")
    places, found, guessed = _places(rig, meshes, landmarks)
    head = gathered(meshes)
    face = head.face(places)
    reason = next((reason for o in [face, *meshes] if (reason := why_no_keys(o))), "")
    if reason:
        raise UserError(f"{rig}: {reason}")
    channels = _wanted(rig, face, missing_only)
    done = carry(head.points, head.triangles, places, lambda part, doing: progress(0.2 + 0.7 * part, doing))
    added, notes = write(head, face, done.fields, channels)
    placed.store(face, places, seen=bool(landmarks))
    progress(0.95, "saving")
    save(out, set())
    said = [*done.notes, *notes, *(note for o in meshes for note in notes_on(o))]
    coverage = find_character(face).coverage
    return {"added": added, "face": face.name, "coverage": coverage, "found": found, "guessed": guessed, "notes": said}


def _places(rig: str, meshes: list[Any], landmarks: str) -> tuple[placed.Places, int, list[str]]:
    """The landmarks in the world, how many were found and which of them were guessed."""
    head = gathered(meshes)
    if not landmarks:
        try:
            proposal = propose(head.points, head.triangles)
        except UserError as error:
            raise UserError(f"{rig}: {error} Give their places with --landmarks FILE.json.") from error
        guessed = [name for name in proposal.landmarks if name not in proposal.found]
        return proposal.landmarks, len(proposal.found), guessed
    face = max(meshes, key=lambda o: len(o.data.vertices))
    return placed.read(landmarks, gathered([face]).points), 0, []


def _wanted(rig: str, face: Any, missing_only: bool) -> list[str]:
    """The channels to add. Raises UserError where the face has keys and nobody asked for the missing ones only."""
    missing = list(lacking(face))
    if not has_shapes(face):
        return missing
    if not missing_only:
        have = f"{len(CHANNELS) - len(missing)} of {len(CHANNELS)} channels"
        raise UserError(f"{rig}: {face.name} has shape keys already ({have}); add only what it lacks with --missing.")
    if not missing:
        raise UserError(f"{rig}: {face.name} has keys for all {len(CHANNELS)} channels; there is nothing to add.")
    return missing

