"""The engine: the same request gives the same bytes, sliders reuse what the voice gave, bad requests get sentences."""

import time
from pathlib import Path

import numpy as np
import pytest

from model_server.audio import features
from model_server.audio.decode import decode
from model_server.audio.sound import Sound
from model_server.cancel import JobCancelled, Progress, beside
from model_server.engine import Engine
from model_server.speech import acoustics
from model_server.speech.words.script import script_of
from model_server.talk_model import TalkModel
from s2f_blender_addon.core.blend import Mix, mixed
from s2f_blender_addon.core.channels import EMOTIONS, INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.liveliness import PARTS, Liveliness
from s2f_blender_addon.core.request import Request

SAMPLE = Path(__file__).parents[2] / "model_server" / "sample" / "hello.wav"


@pytest.fixture(scope="module")
def model() -> TalkModel:
    return TalkModel.load()


@pytest.fixture
def engine(model: TalkModel) -> Engine:
    return Engine(model)


@pytest.fixture(scope="module")
def hello() -> Sound:
    return decode(SAMPLE)


def test_the_same_request_gives_the_same_bytes(model: TalkModel, hello: Sound) -> None:
    one, other = (Engine(model).infer(hello, Request(emotion={"angry": 0.7}, seed=4)) for _ in range(2))
    for layer in ("talk", "mood", "head"):
        assert getattr(one, layer).tobytes() == getattr(other, layer).tobytes()
    assert one.provenance == other.provenance


def test_what_is_remembered_is_what_would_be_computed(engine: Engine, model: TalkModel, hello: Sound) -> None:
    engine.infer(hello, Request(emotion={"happy": 1.0}, seed=1))
    engine.infer(hello, Request(seed=2))
    again = engine.infer(hello, Request(emotion={"sad": 0.4}, seed=1))
    fresh = Engine(model).infer(hello, Request(emotion={"sad": 0.4}, seed=1))
    assert again.talk.tobytes() == fresh.talk.tobytes()
    assert again.mood.tobytes() == fresh.mood.tobytes()


def test_a_slider_changes_the_mood_and_never_the_talk(engine: Engine, hello: Sound) -> None:
    neutral, angry = engine.infer(hello, Request()), engine.infer(hello, Request(emotion={"angry": 1.0}))
    assert neutral.talk.tobytes() == angry.talk.tobytes()
    assert not neutral.mood.any()
    assert angry.mood.any()


def test_intensity_0_is_the_neutral_track_to_the_bit(engine: Engine, hello: Sound) -> None:
    neutral, angry = engine.infer(hello, Request()), engine.infer(hello, Request(emotion={"angry": 1.0}))
    assert mixed(angry, Mix(intensity=0)).tobytes() == mixed(neutral, Mix()).tobytes()


def test_a_seed_changes_eyes_and_leaves_the_mouth(engine: Engine, hello: Sound) -> None:
    from s2f_blender_addon.core.channels import INDEX

    one, other = engine.infer(hello, Request(seed=1)), engine.infer(hello, Request(seed=2))
    assert (one.talk[:, INDEX["eyeBlinkLeft"]] != other.talk[:, INDEX["eyeBlinkLeft"]]).any()
    np.testing.assert_array_equal(one.talk[:, INDEX["jawOpen"]], other.talk[:, INDEX["jawOpen"]])


def test_a_face_without_liveliness_is_articulation_alone(engine: Engine, hello: Sound) -> None:
    still = Liveliness(**dict.fromkeys(PARTS, 0.0))
    track = engine.infer(hello, Request(liveliness=still))
    np.testing.assert_array_equal(track.talk, np.clip(engine.model.run(hello.samples, 60.0).curves, 0, 1))
    assert not track.head.any()
    lively = engine.infer(hello, Request())
    assert lively.head.any(), "what is remembered of the still face is not given to a lively one"


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("strength", [0.0, 2.0])
def test_no_part_of_liveliness_is_a_slider_that_does_nothing(
    part: str, strength: float, engine: Engine, hello: Sound
) -> None:
    """The speaker is louder here than usual, so that there is effort to be seen."""
    human, other = (
        engine.infer(hello, Request(ordinary_db=-40.0, liveliness=Liveliness(**{part: s}))) for s in (1.0, strength)
    )
    assert np.abs(np.hstack([human.talk - other.talk, human.head - other.head])).max() > 0.02


def test_a_mood_knows_how_lively_the_neutral_face_is(engine: Engine, hello: Sound) -> None:
    """Anger stares: it takes from the wandering of the eyes, and there must be something to take."""
    from s2f_blender_addon.core.channels import INDEX

    track = engine.infer(hello, Request(emotion={"angry": 1.0}, liveliness=Liveliness(gaze=0, head=0)))
    sideways = [INDEX[f"eyeLook{way}{eye}"] for way in ("In", "Out") for eye in ("Left", "Right")]
    assert np.ptp(mixed(track, Mix())[:, sideways], axis=0).max() < 0.02


def test_a_slider_change_on_a_known_recording_is_quick(engine: Engine, hello: Sound) -> None:
    ten_seconds = Sound(np.resize(hello.samples, 160_000))
    engine.infer(ten_seconds, Request(emotion={"happy": 0.1}))
    times = []
    for value in (0.2, 0.4, 0.6, 0.8, 1.0):
        start = time.perf_counter()
        engine.infer(ten_seconds, Request(emotion={"happy": value}))
        times.append(time.perf_counter() - start)
    assert min(times) < 0.1


@pytest.mark.parametrize("fps", [12, 23.976, 24, 25, 30000 / 1001, 60, 120])
def test_frames_are_a_grid_from_0_to_the_end_of_the_sound(fps: float, engine: Engine, hello: Sound) -> None:
    track = engine.infer(hello, Request(emotion={"happy": 1.0}, fps=fps))
    assert track.fps == fps
    assert len(track.talk) == int(hello.duration * fps) + 1


@pytest.mark.parametrize("count", [1, 4, 100, 16000])
@pytest.mark.parametrize("level", [0.0, 1.0])
def test_any_length_and_silence_give_a_track(count: int, level: float, engine: Engine) -> None:
    track = engine.infer(Sound(np.full(count, level, np.float32)), Request(emotion=dict.fromkeys(EMOTIONS, 1.0)))
    assert len(track.talk) == int(count / 16000 * 60) + 1


def test_emotion_over_time_is_the_constant_where_it_is_constant(engine: Engine, hello: Sound) -> None:
    keyed = np.zeros((1, len(EMOTIONS)), np.float32)
    keyed[0, EMOTIONS.index("fear")] = 0.5
    constant = engine.infer(hello, Request(emotion={"fear": 0.5}))
    np.testing.assert_array_equal(engine.infer(hello, Request(emotion_track=keyed)).mood, constant.mood)


def test_emotion_over_time_is_felt_where_it_is_keyed(engine: Engine, hello: Sound) -> None:
    keyed = np.zeros((int(hello.duration * 60) + 1, len(EMOTIONS)), np.float32)
    keyed[300:, EMOTIONS.index("happy")] = 1.0
    moved = np.abs(engine.infer(hello, Request(emotion_track=keyed)).mood).sum(axis=1)
    assert moved[:200].max() < 0.01 * moved[360:].max()


def test_everything_is_remembered_about_how_a_track_was_made(engine: Engine, hello: Sound) -> None:
    made_by = engine.infer(hello, Request(emotion={"happy": 0.5, "sad": 0.0}, seed=9)).provenance
    assert made_by.model == engine.model.card.id
    assert made_by.licence_track == "product"
    assert made_by.audio_sha256 == hello.sha256
    assert made_by.emotion == {"happy": 0.5}
    assert made_by.seed == 9


@pytest.mark.parametrize(
    ("emotion", "fps", "named"),
    [
        ({"rage": 1.0}, 60.0, "rage"),
        ({"happy": 1.01}, 60.0, "0 to 1"),
        ({"happy": float("nan")}, 60.0, "0 to 1"),
        (np.zeros((5, 2), np.float32), 60.0, f"{len(EMOTIONS)} sliders"),
        ({}, 0.0, "frames a second"),
        ({}, float("nan"), "frames a second"),
    ],
)
def test_a_request_that_makes_no_sense_is_a_sentence(emotion: object, fps: float, named: str) -> None:
    with pytest.raises(UserError, match=named):
        Request(**{"emotion_track" if isinstance(emotion, np.ndarray) else "emotion": emotion}, fps=fps)  # type: ignore[arg-type]


def test_progress_rises_to_1_and_says_what_is_going_on(engine: Engine, hello: Sound) -> None:
    told: list[tuple[float, str]] = []
    engine.infer(hello, Request(emotion={"happy": 1.0}), lambda fraction, doing: told.append((fraction, doing)))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[0] < 0.1
    assert fractions[-1] == 1
    assert all(doing for _, doing in told)


def test_progress_comes_every_100_ms_of_a_long_recording(engine: Engine, model: TalkModel, hello: Sound) -> None:
    """Of work, not of waiting: what else a busy machine does is not held against it.

    Where the network alone takes longer for one piece, as on processors that numpy's OpenBLAS does not know, after
    every piece.
    """
    told = [time.thread_time()]
    engine.infer(
        Sound(np.resize(hello.samples, 16000 * 200)),
        Request(emotion=dict.fromkeys(EMOTIONS, 0.3)),
        lambda fraction, doing: told.append(time.thread_time()),
    )
    gaps = np.diff(told)
    assert np.percentile(gaps, 95) < max(0.1, 1.5 * seconds_of_a_piece(model))


def seconds_of_a_piece(model: TalkModel) -> float:
    """What the network takes for one window with its margins."""
    piece = np.zeros((acoustics.FRAMES + 4 * model.card.shape.context, features.BANDS), np.float32)
    model._backend(piece)
    began = time.thread_time()
    for _ in range(4):
        model._backend(piece)
    return (time.thread_time() - began) / 4


def test_the_voice_that_is_measured_beside_a_job_ends_with_it() -> None:
    heard: list[float] = []

    def measuring(progress: Progress) -> None:
        for n in range(1000):
            progress(n / 1000, "measuring")
            heard.append(n)
            time.sleep(0.005)

    def cancelled() -> None:
        with beside(measuring):
            time.sleep(0.02)
            raise JobCancelled

    with pytest.raises(JobCancelled):
        cancelled()
    assert 0 < len(heard) < 500


def test_a_cancelled_job_leaves_nothing_half_remembered(engine: Engine, model: TalkModel, hello: Sound) -> None:
    def cancel_at(limit: float) -> None:
        def progress(fraction: float, doing: str) -> None:
            if fraction > limit:
                raise JobCancelled

        with pytest.raises(JobCancelled):
            engine.infer(hello, Request(emotion={"happy": 1.0}), progress)

    for limit in (0.0, 0.3, 0.6, 0.85, 0.95):
        cancel_at(limit)
    happy = Request(emotion={"happy": 1.0})
    after, fresh = engine.infer(hello, happy), Engine(model).infer(hello, happy)
    assert after.talk.tobytes() == fresh.talk.tobytes()
    assert after.mood.tobytes() == fresh.mood.tobytes()


def test_both_backends_give_the_same_curves(model: TalkModel, hello: Sound) -> None:
    emotion = {"happy": 0.6, "surprise": 0.3}
    on_numpy = Engine(model).infer(hello, Request(emotion=emotion))
    on_torch = Engine(TalkModel.load(None, "torch", "cpu")).infer(hello, Request(emotion=emotion))
    for layer in ("talk", "mood", "head"):
        np.testing.assert_allclose(getattr(on_torch, layer), getattr(on_numpy, layer), atol=1e-4)


SAID = script_of("Hello! My name is Poppy.")


def test_what_is_remembered_is_remembered_with_its_words(engine: Engine, model: TalkModel, hello: Sound) -> None:
    plain, worded = engine.infer(hello, Request()), engine.infer(hello, Request(words=SAID.cues))
    assert plain.talk.tobytes() != worded.talk.tobytes()
    assert engine.infer(hello, Request()).talk.tobytes() == plain.talk.tobytes()
    assert Engine(model).infer(hello, Request(words=SAID.cues)).talk.tobytes() == worded.talk.tobytes()


def test_words_are_found_with_and_without_a_face(engine: Engine, hello: Sound) -> None:
    alone = engine.find(hello, Request(words=SAID.cues))
    engine.infer(hello, Request(words=SAID.cues))
    assert engine.find(hello, Request(words=SAID.cues)) == alone
    assert [word.text for word in alone if word.confidence > 0.3] == SAID.text.split()
    assert engine.find(hello, Request()) == ()


def test_a_text_of_something_else_leaves_the_lips_to_the_sound(engine: Engine, hello: Sound) -> None:
    plain = engine.infer(hello, Request())
    something_else = script_of("Yesterday thirty grey dogs chased squirrels through the garage.")
    other = engine.infer(hello, Request(words=something_else.cues))
    close = INDEX["mouthClose"]
    shut, other_shut = plain.talk[:, close] > 0.03, other.talk[:, close] > 0.03
    assert (shut == other_shut).mean() > 0.93
