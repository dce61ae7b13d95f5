"""A style is learned from a capture: an invented actor's amplitudes, asymmetry and habits come back."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from model_server.audio.decode import decode
from model_server.engine import Engine
from model_server.talk_model import TalkModel
from model_server.training.actor.style import Compared, cut, fitted, habits
from s2f_blender_addon.core.blend import lip_gap, sealed
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.formats import read, write
from s2f_blender_addon.core.request import Request
from s2f_blender_addon.core.style import MOUTH
from s2f_blender_addon.core.track import FaceTrack

ROOT = Path(__file__).parents[4]
HELLO = ROOT / "model_server" / "sample" / "hello.wav"
JAW, LEFT, RIGHT = INDEX["jawOpen"], INDEX["mouthLowerDownLeft"], INDEX["mouthLowerDownRight"]


@pytest.fixture(scope="module")
def seen() -> Compared:
    """Ours of three times the sample, and an actor with half our jaw, a lower lip that goes left, and few blinks."""
    engine, sound = Engine(TalkModel.load()), decode(HELLO)
    ours = np.concatenate([engine.performance(sound, Request()).talk.curves] * 4)
    face = np.concatenate([engine.infer(sound, Request()).talk] * 4)
    theirs = face.copy()
    theirs[:, JAW] = 0.5 * ours[:, JAW]
    theirs[:, LEFT], theirs[:, RIGHT] = 2 * ours[:, LEFT], 0.3 * ours[:, RIGHT]
    theirs[: len(theirs) // 2, [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]] = 0
    return Compared(ours, face, theirs, np.zeros((len(face), 3), np.float32), np.zeros((len(face), 3), np.float32))


def test_amplitudes_and_asymmetry_come_back(seen: Compared) -> None:
    style = fitted([seen], "Ann", "product")
    spoken = style.spoken(seen.ours)
    for channel in (JAW, LEFT, RIGHT):
        assert np.abs(spoken[:, channel] - seen.theirs[:, channel]).mean() < 0.25 * np.abs(
            seen.ours[:, channel] - seen.theirs[:, channel]
        ).mean()
    assert style.blinks < 0.8
    assert style.brows == pytest.approx(1.0, abs=0.05)


def test_channels_that_were_not_captured_stay_ours(seen: Compared) -> None:
    still = seen.theirs.copy()
    still[:, INDEX["mouthPucker"]] = 0
    found = fitted([Compared(seen.ours, seen.face, still, seen.our_head, seen.their_head)], "Ann", "product")
    column = found.mouth[:, MOUTH.index("mouthPucker")]
    assert column[MOUTH.index("mouthPucker")] == 1 and np.count_nonzero(column) == 1


def test_an_upper_face_that_was_not_captured_changes_no_habit(seen: Compared) -> None:
    lower = np.zeros_like(seen.theirs)
    lower[:, JAW] = seen.theirs[:, JAW]
    assert habits([Compared(seen.ours, seen.face, lower, seen.our_head, seen.their_head)]) == (1.0, 1.0, 1.0)


def test_too_little_and_a_still_mouth_are_refused(seen: Compared) -> None:
    with pytest.raises(UserError, match="too little"):
        fitted(cut([seen], 5), "Ann", "product")
    still = Compared(seen.ours, seen.face, np.zeros_like(seen.theirs), seen.our_head, seen.their_head)
    with pytest.raises(UserError, match="never moves"):
        fitted([still], "Ann", "product")


def test_the_middle_of_each_is_taken_evenly(seen: Compared) -> None:
    short = cut([seen], 2)[0]
    pieces = cut([seen, short], 6)
    assert sorted(len(piece.ours) for piece in pieces) == [120, 240]
    assert np.array_equal(short.ours[0], seen.ours[(len(seen.ours) - 120) // 2])


def test_from_the_terminal_to_a_track_in_that_style(tmp_path: Path) -> None:
    folder = tmp_path / "takes"
    folder.mkdir()
    sound, engine = decode(HELLO), Engine(TalkModel.load())
    plain = engine.infer(sound, Request())
    theirs = plain.talk.copy()
    theirs[:, JAW] *= 0.5
    for name in "abcd":
        shutil.copy(HELLO, folder / f"{name}.wav")
        write(folder / f"{name}.csv", FaceTrack.captured(theirs, plain.fps))
    out = tmp_path / "ann.json"
    done = s2f("train", "style", "--data", folder, "-o", out, "--name", "Ann", "--research", "--leave-out", "d")
    assert done.returncode == 0, done.stderr
    assert json.loads(out.read_text())["made"]["recordings"] == ["a.wav", "b.wav", "c.wav"]
    track = tmp_path / "a.s2f"
    assert s2f("infer", HELLO, "-o", track, "--style", out).returncode == 0
    made = read(track)
    assert made.provenance.licence_track == "research" and made.provenance.model.endswith("Ann")
    assert made.talk[:, JAW].std() == pytest.approx(0.5 * plain.talk[:, JAW].std(), rel=0.2)
    shut = sealed(plain.talk) > 0.99
    assert lip_gap(made.talk)[shut].max() < 0.5


def s2f(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "model_server", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
