"""Move one channel up and down for a second, so that the user sees what it does."""

import math
import time

import bpy
import numpy as np

from .core.channels import CHANNELS, INDEX
from .core.naming.visemes import pose_of
from .rigs import Character

SECONDS = 1.2
INTERVAL = 1 / 30

_State = list[tuple[int, str, float, float]]
"""(session identity of the object, key, value before, value at the top)."""

_moving: _State = []
_began = 0.0


def start(character: Character, source: str) -> None:
    """Begin to move everything that follows ``source``, a channel or a mouth shape."""
    global _began
    stop()
    pose = _pose(source)
    for mesh in character.meshes:
        names, values = mesh.map.values(pose)
        for name, top in zip(names, values[0], strict=True):
            block = mesh.key.key_blocks.get(name)
            if block is not None and top > 0.01:
                _moving.append((mesh.object.session_uid, name, float(block.value), float(top)))
    _began = time.monotonic()
    if not bpy.app.timers.is_registered(_tick):
        bpy.app.timers.register(_tick)


def step(seconds: float) -> bool:
    """Show the moment ``seconds`` after the start; True when it is over and everything is back."""
    over = seconds >= SECONDS
    up = 0.0 if over else math.sin(math.pi * seconds / SECONDS)
    for mesh, key, before, top in _moving:
        candidate = next((o for o in bpy.data.objects if o.session_uid == mesh), None)
        block = candidate.data.shape_keys.key_blocks.get(key) if candidate is not None else None
        if block is not None:
            block.value = before + up * (top - before)
    if over:
        _moving.clear()
    return over


def stop() -> None:
    """Bring everything back at once."""
    step(SECONDS)


def _tick() -> float | None:
    return None if step(time.monotonic() - _began) else INTERVAL


def _pose(source: str) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    """(1, 52) with the channel, or the channels of the mouth shape, at the top."""
    pose = np.zeros((1, len(CHANNELS)), np.float32)
    for channel, value in (pose_of(source) or {source: 1.0}).items():
        pose[0, INDEX[channel]] = value
    return pose
