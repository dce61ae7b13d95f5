"""``s2f send``: a track to whatever listens to the VMC protocol, at the pace at which it is spoken."""

import socket
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from s2f_blender_addon.core import formats
from s2f_blender_addon.core.blend import Mix
from s2f_blender_addon.core.errors import UserError

from .options import Intensity
from .progress import JsonProgress, reporting

TO = "127.0.0.1:39539"
"""Where programs listen to VMC unless they are told otherwise, on this machine."""


def send(
    source: Annotated[Path, typer.Argument(metavar="TRACK", help="A track, for example of s2f infer.")],
    to: Annotated[str, typer.Option(metavar="HOST:PORT", help="Who listens (OSC over UDP).")] = TO,
    intensity: Intensity = 1.0,
    json_progress: JsonProgress = False,
) -> None:
    """Play a track to an engine by OSC: /VMC/Ext/Blend/Val with each channel's name and value, frame by frame."""
    address = _address(to)
    track = formats.read(source)
    with reporting(json_progress) as report, socket.socket(address[0], socket.SOCK_DGRAM) as out:
        began, count = time.monotonic(), 0
        for at, bundle in formats.osc.bundles(track, Mix(intensity=intensity)):
            time.sleep(max(0.0, began + at - time.monotonic()))
            try:
                out.sendto(bundle, address[1])
            except OSError as error:
                raise UserError(f"--to {to}: it cannot be reached ({error.strerror}).") from error
            count += 1
            report.progress(at / max(track.duration, 1e-9), f"{at:.1f} s")
        report.note(f"Sent {len(track.talk)} frames to {to}.", frames=len(track.talk), datagrams=count)


def _address(to: str) -> tuple[int, Any]:
    """(family, its kind of address) of ``host:port``. Raises UserError."""
    host, _, port = to.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise UserError(f"--to {to}: write the host and the port, for example {TO}.")
    try:
        family, *_, address = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_DGRAM)[0]
    except (OSError, ValueError) as error:  # ValueError: of a name that no host can have
        raise UserError(f"--to {to}: there is no such host.") from error
    return int(family), address
