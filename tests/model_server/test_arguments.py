"""Whatever is given to the Python API in place of what a parameter is, the answer is one sentence that names it."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from model_server.answers import listen, speak
from model_server.audio.decode import decode
from model_server.engine import Engine
from model_server.motion_model import MotionOptions
from model_server.sample import SAMPLE
from model_server.talk_model import TalkModel
from s2f_blender_addon.core import formats
from s2f_blender_addon.core.acting import Acting
from s2f_blender_addon.core.blend import Mix
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.liveliness import Liveliness
from s2f_blender_addon.core.request import Hearing, Request
from s2f_blender_addon.core.track import FaceTrack

NAN, INF = float("nan"), float("inf")
STRANGE = ["a", b"a", "", b"", NAN, INF, -INF, 10**400, -1, 1.5, None, object(), [], {}, [NAN], (1, "x"), {1: 2}, 1j]
"""Values of every kind; none of them is right everywhere."""


def sentence(error: UserError, name: str) -> None:
    said = str(error)
    assert "\n" not in said and len(said) < 400 and "Traceback" not in said
    assert said.endswith("."), said


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(TalkModel.load())


@pytest.fixture(scope="module")
def track() -> FaceTrack:
    return FaceTrack(np.zeros((3, 52), np.float32), np.zeros((3, 52), np.float32), 60.0)


RECORDS = [
    (kind, name)
    for kind, names in (
        (Request, ("audio", "emotion", "seed", "fps", "start", "end", "words", "language", "emotion_track", "ear",
                   "turns", "custom_emotions", "contempt_side", "liveliness", "ordinary_db", "hear", "events", "name",
                   "take", "model", "acting", "style")),
        (Hearing, ("voice", "contrast", "most", "voice_model", "references")),
        (Acting, ("level", "person", "identity", "closures", "smoothing")),
        (Liveliness, ("blinks", "gaze")),
        (MotionOptions, ("person", "emotion", "intensity", "shape")),
    )
    for name in names
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name"), RECORDS, ids=lambda one: getattr(one, "__name__", one))
def test_a_record_takes_a_field_or_says_what_it_is(kind: type, name: str) -> None:
    refused = 0
    for value in STRANGE:
        try:
            kind(**{name: value})
        except UserError as error:
            sentence(error, name)
            refused += 1
    assert refused > len(STRANGE) / 2


@pytest.mark.parametrize("value", STRANGE, ids=[type(value).__name__ + str(k) for k, value in enumerate(STRANGE)])
def test_functions_refuse_what_they_cannot_take(
    value: object, engine: Engine, track: FaceTrack, tmp_path: Path
) -> None:  # fmt: skip
    sound = SimpleNamespace(samples=np.zeros(16000, np.float32))
    calls = {
        "path": [lambda: decode(value), lambda: formats.read(value), lambda: formats.write(value, track)],
        "fps": [lambda: formats.read(tmp_path / "x.csv", value) if value is not None else decode(None)],
        "track": [lambda: formats.write(tmp_path / "x.csv", value)],
        "mix": [lambda: formats.write(tmp_path / "x.csv", track, value) if value is not None else decode(None)],
        "sound": [lambda: engine.infer(value, Request()), lambda: speak(engine, value, Request()),
                  lambda: listen(engine, sound, Request()), lambda: engine.find(value, Request())],
        "request": [lambda: engine.infer(decode(SAMPLE), value)],
        "ear": [lambda: decode(SAMPLE, ear=value)],
        "backend": [lambda: TalkModel.load(None, value)],
        "samples": [lambda: engine.model.run(value, 60.0)] if value != [] else [],  # a sound without a sample is one
        "name": [lambda: engine.with_model(value)],
    }  # fmt: skip
    for name, each in calls.items():
        for call in each:
            with pytest.raises(UserError) as caught:
                call()
            sentence(caught.value, name)
    assert not list(tmp_path.iterdir())


def test_what_is_right_in_another_guise_is_taken(track: FaceTrack, tmp_path: Path) -> None:
    MotionOptions(emotion={"happy": 0.5})
    Request(str(SAMPLE), seed=np.int64(3), fps=np.float32(30), emotion={"happy": 1})
    formats.write(str(tmp_path / "x.csv"), track, Mix(intensity=np.float64(1)))
    assert formats.read(str(tmp_path / "x.csv"), 60).fps == 60
    assert decode(str(SAMPLE)).duration == decode(SAMPLE).duration


def test_networks_of_others_refuse_it_too() -> None:
    torch = pytest.importorskip("torch")
    from model_server.foreign import open_checkpoint
    from model_server.foreign.checkpoint import CurveNetwork

    net = SimpleNamespace(name="EmoTalk", level_names=("weak", "strong"), levels=2, persons_of_corpus=(1, 2),
                          heard=lambda x: (torch.zeros(9, 4), torch.zeros(9, 4)), rate=lambda n, t: 30.0,
                          spoken=lambda heard, levels, person: torch.zeros(9, 52))  # fmt: skip
    network = CurveNetwork(net, "cpu")  # type: ignore[arg-type]
    sound = np.zeros(16000, np.float32)
    assert network.curves(sound).shape == network.curves(list(sound), [0.5, 0.5], np.int64(1)).shape == (9, 52)
    for value in STRANGE:
        for call in (
            lambda v=value: network.curves(sound, person=v), lambda v=value: network.curves(sound, level=v),
            lambda v=value: network.curves(v), lambda v=value: network.check(0, v), lambda v=value: open_checkpoint(v),
        ):  # fmt: skip
            with pytest.raises(UserError) as caught:
                call()
            sentence(caught.value, "")
