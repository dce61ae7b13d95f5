"""Which rigs ``s2f bake`` opens, and which heads ``s2f add-keys``."""

from pathlib import Path

from s2f_blender_addon.core.errors import UserError

DEMO = "demo"
SUFFIXES = (".blend", ".glb", ".gltf", ".vrm", ".fbx")
BARE = (*SUFFIXES, ".obj")
"""Which heads without keys ``s2f add-keys`` opens."""


def check_rig(rig: str) -> None:
    """Raises UserError when ``rig`` is neither a file with one of SUFFIXES nor ``demo``."""
    if rig == DEMO:
        return
    if Path(rig).suffix.lower() not in SUFFIXES:
        raise UserError(f"{rig}: a rig is a file that ends in {', '.join(SUFFIXES)}, or the word {DEMO}.")
    _check_file(rig)


def check_head(rig: str) -> None:
    """Raises UserError when ``rig`` is no file with one of the endings in BARE."""
    if Path(rig).suffix.lower() not in BARE:
        raise UserError(f"{rig}: a head is a file that ends in {', '.join(BARE)}.")
    _check_file(rig)


def _check_file(rig: str) -> None:
    if not Path(rig).exists():
        raise UserError(f"{rig}: there is no such file.")
    if not Path(rig).is_file():
        raise UserError(f"{rig}: this is a folder; give the rig's file.")
