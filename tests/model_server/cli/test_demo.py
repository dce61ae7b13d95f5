"""The first thing that a newcomer runs."""

from pathlib import Path

import numpy as np

from model_server.cli.demo import make_demo
from model_server.cli.progress import Report
from model_server.cli.speak import spoken
from model_server.sample import SAMPLE
from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.request import Request


def test_it_makes_a_blend_a_video_with_sound_and_a_picture(tmp_path: Path) -> None:
    fractions: list[float] = []
    make_demo(tmp_path / "demo", 64, Report(lambda fraction, doing, left: fractions.append(fraction)))
    files = {path.suffix: path.read_bytes() for path in (tmp_path / "demo").iterdir()}
    assert set(files) == {".blend", ".mp4", ".png"}
    assert files[".png"].startswith(b"\x89PNG")
    assert b"avc1" in files[".mp4"], "no H.264 picture"
    assert b"mp4a" in files[".mp4"], "no AAC sound"
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_the_whole_face_takes_part() -> None:
    track = spoken(SAMPLE, Request(), "", "cpu", lambda fraction, doing: None).track
    assert (np.ptp(mixed(track, Mix()), axis=0) > 0.01).sum() >= 38
