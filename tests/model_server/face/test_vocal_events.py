"""Laughs, sighs, gasps and sobs on a face: there when they are heard, gone after, told apart at a glance."""

import numpy as np
import pytest

from model_server.emotion.perceived import perceive
from model_server.face.vocal_events import ACTS, acted
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.vocal_events import KINDS, VocalEvent

FPS = 60.0


def face(*events: VocalEvent, seconds: float = 6.0, start: float = 0.0) -> np.ndarray:
    return acted(events, round(seconds * FPS), FPS, start)


@pytest.mark.parametrize("kind", KINDS)
def test_it_comes_with_the_sound_and_goes_after_it(kind: str) -> None:
    shown = face(VocalEvent(kind, 2.0, 3.0)).max(1)
    act = ACTS[kind]
    before, after = round((2 - act.onset) * FPS), round((3 + act.release) * FPS) + 1
    assert not shown[:before].any() and not shown[after:].any()
    assert shown[round(2.1 * FPS) : round(2.9 * FPS)].min() > 0.15
    assert np.abs(np.diff(shown)).max() < 0.15, "nothing snaps"
    assert face(VocalEvent(kind, 2.0, 3.0)).max() <= 1


def test_a_laugh_beats_and_reads_as_joy_a_sob_as_grief() -> None:
    laugh = face(VocalEvent("laugh", 1.0, 4.0))
    jaw = laugh[round(1.2 * FPS) : round(3.8 * FPS), INDEX["jawOpen"]]
    peaks = ((jaw[1:-1] > jaw[:-2]) & (jaw[1:-1] >= jaw[2:])).sum()
    assert 4 <= peaks / 2.6 <= 5.5, "times a second"
    heard = slice(round(1.2 * FPS), round(3.8 * FPS))
    assert perceive(laugh[heard], FPS).emotion == "happy"
    assert perceive(face(VocalEvent("sob", 1.0, 4.0))[heard], FPS).emotion == "sad"


def test_times_are_those_of_the_recording_and_outside_nothing_is_acted() -> None:
    late = face(VocalEvent("gasp", 12.0, 12.4), start=10.0)
    np.testing.assert_allclose(late, face(VocalEvent("gasp", 2.0, 2.4)), atol=1e-6)
    assert not face(VocalEvent("gasp", 60.0, 61.0)).any()
    assert face(seconds=0.1).shape == (6, 52)


def test_what_is_no_event_is_refused() -> None:
    with pytest.raises(UserError, match="laugh, sigh, gasp, sob"):
        VocalEvent("cough", 0.0, 1.0)  # type: ignore[arg-type]
    with pytest.raises(UserError, match="time"):
        VocalEvent("laugh", -1.0, 1.0)
