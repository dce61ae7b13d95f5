"""``s2f send``: a track reaches a listener by OSC, frame by frame, at the pace at which it was spoken."""

import socket
import struct
import time
from pathlib import Path

import numpy as np
import pytest

from model_server.cli.send import send
from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.formats import osc


def test_a_listener_gets_every_frame_in_time(jaw_track: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(5)
        began = time.monotonic()
        send(jaw_track, f"127.0.0.1:{listener.getsockname()[1]}")
        took = time.monotonic() - began
        heard = b""
        while heard.count(b"/VMC/Ext/Blend/Apply") < 31:
            datagram = listener.recv(65536)
            heard += struct.pack(">i", len(datagram)) + datagram
    assert 0.5 <= took < 1.5
    assert heard.count(b"/VMC/Ext/Blend/Val") == 31 * len(CHANNELS)
    track = osc.parse(heard, "heard")
    np.testing.assert_allclose(track.talk[:, CHANNELS.index("jawOpen")], np.linspace(0, 1, 31), atol=1e-6)


@pytest.mark.parametrize("to", ["nowhere", "host:", ":39539", "a:99999", "no such host.invalid:1"])
def test_an_address_that_is_none_is_refused(jaw_track: Path, to: str) -> None:
    with pytest.raises(UserError, match="--to"):
        send(jaw_track, to)
