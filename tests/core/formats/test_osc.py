"""OSC with the addresses of VMC: what is written comes back, and others can read it by OSC's own rules."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.channels import CHANNELS
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.formats import osc

from .conftest import track_of


@settings(max_examples=25, deadline=None)
@given(frames=st.integers(2, 20), fps=st.sampled_from([24.0, 30.0, 59.94, 60.0, 120.0]), seed=st.integers(0, 99))
def test_values_and_rate_come_back(frames: int, fps: float, seed: int) -> None:
    track = track_of(frames, fps, seed)
    back = osc.parse(b"".join(osc.dump(track, Mix(1.3))), "a.osc")
    np.testing.assert_array_equal(back.talk, mixed(track, Mix(1.3)))
    assert back.fps == pytest.approx(fps, rel=1e-4)


def test_a_bundle_is_one_by_the_rules_of_osc() -> None:
    track = track_of(1, 60.0)
    ((time, first), *_, (_, last)) = list(osc.bundles(track, Mix()))
    value = struct.pack(">f", mixed(track, Mix())[0, 0])
    message = b"/VMC/Ext/Blend/Val\0\0" + b",sf\0" + b"eyeBlinkLeft\0\0\0\0" + value
    assert time == 0.0
    assert first.startswith(b"#bundle\0" + struct.pack(">Q", 0) + struct.pack(">i", len(message)) + message)
    assert last.endswith(struct.pack(">i", 28) + b"/VMC/Ext/Blend/Apply\0\0\0\0" + b",\0\0\0")


def test_every_datagram_passes_a_network_whole_and_a_frame_has_every_channel_once() -> None:
    bundles = list(osc.bundles(track_of(2, 60.0), Mix()))
    assert max(len(bundle) for _, bundle in bundles) <= osc.DATAGRAM
    first = b"".join(bundle for time, bundle in bundles if time == 0)
    assert first.count(b"/VMC/Ext/Blend/Val") == len(CHANNELS) and first.count(b"Apply") == 1


@pytest.mark.parametrize("spoil", [lambda d: d[:-3], lambda d: b"\0\0\0\x08#bundle!" + d, lambda d: b"x" * 40])
def test_a_damaged_file_is_refused(spoil: object) -> None:
    data = b"".join(osc.dump(track_of(3, 60.0), Mix()))
    with pytest.raises(UserError, match="OSC"):
        osc.parse(spoil(data), "a.osc")  # type: ignore[operator]
