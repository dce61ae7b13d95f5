"""Eight sliders on a speaking face: present, distinct, alive, mixed plausibly, while the lips speak on."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_server.face.envelope import settle
from model_server.face.expressions import HIGHEST, load_expressions
from model_server.face.life import live
from model_server.face.mood import mixture, mood, shared
from s2f_blender_addon.core.blend import blend, lip_gap
from s2f_blender_addon.core.channels import CHANNELS, EMOTIONS, INDEX
from s2f_blender_addon.core.emotions import FILE
from s2f_blender_addon.core.errors import UserError

from .conftest import FPS, Shot, make_shot


def sliders(count: int, **values: float) -> np.ndarray:
    emotion = np.zeros((count, len(EMOTIONS)), np.float32)
    for name, value in values.items():
        emotion[:, EMOTIONS.index(name)] = value
    return emotion


def layers(shot: Shot, seed: int = 0, **values: float) -> tuple[np.ndarray, np.ndarray]:
    performance = live(shot.talk, shot.prosody, seed)
    return performance.face, mood(sliders(len(performance.face), **values), performance)


def mean(shot: Shot, name: str, **values: float) -> float:
    return float(blend(*layers(shot, **values))[:, INDEX[name]].mean())


PRESENT = {
    "happy": ("mouthSmileLeft", "mouthSmileRight", "cheekSquintLeft", "cheekSquintRight"),
    "sad": ("browInnerUp", "mouthFrownLeft", "mouthFrownRight"),
    "angry": ("browDownLeft", "browDownRight", "eyeSquintLeft", "eyeSquintRight"),
    "fear": ("browInnerUp", "eyeWideLeft", "eyeWideRight"),
    "disgust": ("noseSneerLeft", "noseSneerRight", "mouthUpperUpLeft", "mouthUpperUpRight"),
    "surprise": ("browOuterUpLeft", "browOuterUpRight", "eyeWideLeft", "eyeWideRight", "jawOpen"),
    "contempt": ("mouthSmileLeft", "mouthDimpleLeft"),
    "calm": (),
}


@pytest.mark.parametrize("name", PRESENT)
def test_the_action_units_of_each_emotion_are_there_on_average(shot: Shot, name: str) -> None:
    talk, added = layers(shot, **{name: 1.0})
    risen = (blend(talk, added) - talk).mean(0)
    for channel in PRESENT[name]:
        assert risen[INDEX[channel]] >= 0.15, channel


def test_zero_sliders_and_zero_intensity_are_neutral(shot: Shot) -> None:
    talk, added = layers(shot)
    assert not added.any()
    talk, added = layers(shot, angry=1.0)
    assert np.array_equal(blend(talk, added, 0.0), talk)


@pytest.mark.parametrize("name", EMOTIONS)
def test_more_intensity_is_more_face(shot: Shot, name: str) -> None:
    talk, added = layers(shot, **{name: 1.0})
    distance = [np.abs(blend(talk, added, k) - talk).mean() for k in (0.25, 0.5, 0.75, 1.0, 1.25, 1.5)]
    assert np.diff(distance).min() > 0.02 * distance[-1]


@pytest.mark.parametrize("name", EMOTIONS)
def test_a_higher_slider_is_more_face_and_other_channels_join_in(shot: Shot, name: str) -> None:
    steps = [np.abs(layers(shot, **{name: value})[1]).mean() for value in (0.25, 0.5, 0.75, 1.0)]
    assert np.diff(steps).min() > 0


def test_a_smile_reaches_the_eyes_only_when_it_is_strong() -> None:
    happy = load_expressions()["happy"].steps
    ratio = happy[1:, INDEX["cheekSquintLeft"]] / happy[1:, INDEX["mouthSmileLeft"]]
    assert ratio[0] < 0.2 < ratio[1] < ratio[2]


def test_nine_classes_lie_apart() -> None:
    """Nearest centroid over files: centroids from some shots, tested on others with other seeds."""
    shots = [make_shot(seconds) for seconds in (6.0, 8.0, 9.0, 11.0, 13.0, 14.0)]
    names = ("neutral", *EMOTIONS)

    def face(shot: Shot, name: str, seed: int) -> np.ndarray:
        values = {} if name == "neutral" else {name: 1.0}
        return blend(*layers(shot, seed, **values)).mean(0)

    centroids = {n: np.mean([face(s, n, i) for i, s in enumerate(shots[:3])], axis=0) for n in names}
    right = [
        min(names, key=lambda c: float(np.linalg.norm(face(s, n, 50 + i) - centroids[c]))) == n
        for n in names
        for i, s in enumerate(shots[3:])
    ]
    assert np.mean(right) >= 0.98


@pytest.mark.parametrize("name", EMOTIONS)
def test_sealed_lips_meet_and_lips_apart_stay_apart(shot: Shot, name: str) -> None:
    talk, added = layers(shot, **{name: 1.0})
    with_mood, without = lip_gap(blend(talk, added)), lip_gap(talk)
    shut = shot.talk.seal > 0.99
    assert with_mood[shut].max() <= 0.5
    spoken_open = (shot.talk.speech > 0.9) & (without > 1.5)
    assert with_mood[spoken_open].min() > 0.8
    vowels = without >= 4.5
    assert (with_mood[vowels] >= 4.0).all()


@pytest.mark.parametrize("name", EMOTIONS)
def test_no_muscle_flickers_with_the_lips(long_shot: Shot, name: str) -> None:
    """No channel goes back and forth by over 0.05 more than three times a second; eyes have a life of their own."""
    added = layers(long_shot, **{name: 1.0})[1]
    own = ("eye", "mouthPucker", "jawOpen")  # eyes look about, and these two are the lips' counter-movement
    for channel in (c for c in CHANNELS if not c.startswith(own)):
        assert reversals(added[:, INDEX[channel]], 0.05) <= 3 * len(added) / FPS, channel


@pytest.mark.parametrize("name", PRESENT)
def test_muscles_stay_on_through_closures(shot: Shot, name: str) -> None:
    talk, added = layers(shot, **{name: 1.0})
    shown = blend(talk, added) - talk
    spoken = shot.talk.speech > 0.9
    shut, free = spoken & (shot.talk.seal > 0.9), spoken & (shot.talk.seal < 0.1)
    carrying = [c for c in PRESENT[name] if not c.startswith("jaw")]
    for channel in carrying:
        assert shown[shut, INDEX[channel]].mean() > 0.8 * shown[free, INDEX[channel]].mean(), channel


CARRIES = {
    "happy": "cheekSquintLeft", "sad": "browInnerUp", "angry": "browDownLeft", "fear": "browInnerUp",
    "disgust": "noseSneerLeft", "surprise": "browOuterUpLeft", "contempt": "browOuterUpLeft",
}  # fmt: skip


@pytest.mark.parametrize(("name", "channel"), CARRIES.items())
def test_the_upper_face_pulses_with_the_sentence(long_shot: Shot, name: str, channel: str) -> None:
    added = layers(long_shot, **{name: 1.0})[1]
    spoken = long_shot.talk.speech > 0.5
    assert added[spoken, INDEX[channel]].std() >= 0.05


def test_rounded_sounds_take_back_what_a_smile_widens(shot: Shot) -> None:
    pucker = layers(shot, happy=1.0)[1][:, INDEX["mouthPucker"]]
    speaking = shot.talk.speech > 0.5
    assert pucker[speaking & (shot.talk.round > 0.8)].mean() > 0.2
    assert pucker[speaking & (shot.talk.round < 0.1)].mean() < 0.05


@pytest.mark.parametrize("name", EMOTIONS)
def test_nobody_falls_asleep(long_shot: Shot, name: str) -> None:
    talk, added = layers(long_shot, **{name: 1.0})
    lids = blend(talk, added, 1.5)[:, INDEX["eyeBlinkLeft"]]
    neutral = talk[:, INDEX["eyeBlinkLeft"]]
    assert np.median(lids[neutral < 0.1]) < 0.36


def test_anger_presses_its_lips_in_silence_and_squares_them_in_speech(shot: Shot) -> None:
    added = layers(shot, angry=1.0)[1]
    quiet, spoken = shot.prosody.speech < 0.05, shot.talk.speech > 0.9
    assert added[quiet, INDEX["mouthPressLeft"]].mean() > 3 * added[spoken, INDEX["mouthPressLeft"]].mean()
    assert added[spoken, INDEX["mouthLowerDownLeft"]].mean() > 0.2


def reversals(values: np.ndarray, least: float) -> int:
    """How often ``values`` turn round after having moved by ``least``."""
    turns, extreme, way = 0, values[0], 0
    for value in values.tolist():
        if (way >= 0 and value > extreme) or (way <= 0 and value < extreme):
            way = way or (1 if value > extreme else -1)
            extreme = value
        elif abs(value - extreme) > least:
            turns, way, extreme = turns + 1, -way, value
    return turns


def test_the_mood_lives_on_before_after_and_between_phrases(shot: Shot) -> None:
    added = layers(shot, sad=1.0)[1]
    quiet = shot.prosody.speech < 0.05
    assert quiet.any()
    assert added[quiet][:, INDEX["browInnerUp"]].min() > 0.35
    assert added[0, INDEX["browInnerUp"]] > 0.35
    assert added[-1, INDEX["browInnerUp"]] > 0.35


def test_anger_bites_on_stressed_syllables(long_shot: Shot) -> None:
    brow = layers(long_shot, angry=1.0)[1][:, INDEX["browDownLeft"]]
    frames = [(round(t * FPS), stressed) for t, stressed in long_shot.syllables]
    stressed = np.mean([brow[f] for f, s in frames if s])
    plain = np.mean([brow[f] for f, s in frames if not s])
    assert stressed > plain + 0.02


def test_surprise_peaks_as_a_phrase_begins(long_shot: Shot) -> None:
    brow = layers(long_shot, surprise=1.0)[1][:, INDEX["browOuterUpLeft"]]
    begins = [begin for begin, end in long_shot.prosody.phrases if end - begin > 1.5 and begin > 1]
    early = np.mean([brow[round((b + 0.2) * FPS)] for b in begins])
    before = np.mean([brow[round((b - 0.5) * FPS)] for b in begins])
    assert early > before + 0.05


def test_contempt_shows_on_one_side_and_the_side_can_be_chosen(shot: Shot) -> None:
    emotion = sliders(len(shot.talk.curves), contempt=1.0)
    left = mood(emotion, live(shot.talk, shot.prosody, 0), side="left").mean(0)
    right = mood(emotion, live(shot.talk, shot.prosody, 0), side="right").mean(0)
    for stem in ("mouthSmile", "mouthDimple"):
        assert left[INDEX[stem + "Left"]] > 0.15 + left[INDEX[stem + "Right"]]
        assert right[INDEX[stem + "Right"]] > 0.15 + right[INDEX[stem + "Left"]]


def test_faces_are_a_little_uneven_and_seeds_differ(shot: Shot) -> None:
    one, other = layers(shot, 0, angry=1.0)[1], layers(shot, 1, angry=1.0)[1]
    left, right = one[:, INDEX["browDownLeft"]], one[:, INDEX["browDownRight"]]
    assert 0.002 < abs(left.mean() - right.mean()) < 0.15
    assert not np.allclose(one, other)
    again = layers(shot, 0, angry=1.0)[1]
    assert one.tobytes() == again.tobytes()


def test_sliders_move_no_neutral_blink_and_no_saccade(shot: Shot) -> None:
    """The talk layer does not know the sliders; the mood adds to it, and never opens lids that blink."""
    talk, added = layers(shot, fear=1.0)
    shut = talk[:, INDEX["eyeBlinkLeft"]] > 0.8
    assert shut.any()
    assert blend(talk, added)[shut, INDEX["eyeBlinkLeft"]].min() > 0.79
    assert blend(talk, added)[shut, INDEX["eyeWideLeft"]].max() < 0.2


def test_eyes_with_a_mood_still_never_look_both_ways(shot: Shot) -> None:
    for name in EMOTIONS:
        values = blend(*layers(shot, **{name: 1.0}))
        for a, b in (("In", "Out"), ("Up", "Down")):
            for eye in ("Left", "Right"):
                both = np.minimum(values[:, INDEX[f"eyeLook{a}{eye}"]], values[:, INDEX[f"eyeLook{b}{eye}"]])
                assert both.max() < 1e-5, (name, a, eye)


def test_habits_of_the_eyes(long_shot: Shot) -> None:
    neutral, _ = layers(long_shot)

    def eyes(name: str, channel: str) -> np.ndarray:
        return blend(*layers(long_shot, **{name: 1.0}))[:, INDEX[channel]]

    assert eyes("sad", "eyeLookDownLeft").mean() > neutral[:, INDEX["eyeLookDownLeft"]].mean() + 0.1
    wandering = neutral[:, INDEX["eyeLookOutLeft"]].std()
    assert eyes("angry", "eyeLookOutLeft").std() < 0.75 * wandering
    assert eyes("fear", "eyeLookOutLeft").std() > 1.1 * wandering
    blinks = (np.diff((neutral[:, INDEX["eyeBlinkLeft"]] > 0.6).astype(int)) == 1).sum()
    fearful = (np.diff((eyes("fear", "eyeBlinkLeft") > 0.6).astype(int)) == 1).sum()
    assert fearful > 1.15 * blinks


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 1, width=32), min_size=len(EMOTIONS), max_size=len(EMOTIONS)))
def test_any_mixture_is_plausible(values: list[float]) -> None:
    shot = make_shot(3.0)
    added = mood(np.tile(np.array(values, np.float32), (181, 1)), live(shot.talk, shot.prosody, 0))
    assert np.isfinite(added).all()
    assert added.max() <= 1.0
    for one, other in (("mouthSmile", "mouthFrown"), ("eyeWide", "eyeBlink")):
        pair = np.minimum(added[:, INDEX[one + "Left"]], added[:, INDEX[other + "Left"]])
        if one == "mouthSmile":
            assert pair.max() < 0.45


def test_opposites_give_way_to_the_stronger() -> None:
    table = load_expressions()
    still = np.zeros(1, np.float32)
    joy, grief = table["happy"].at(still + 1, still), table["sad"].at(still + 0.3, still)
    both = mixture([joy, grief])[0]
    assert both[INDEX["mouthSmileLeft"]] > 0.45
    assert both[INDEX["mouthFrownLeft"]] < 0.06


def test_one_expression_alone_is_its_own_mixture() -> None:
    fear = load_expressions()["fear"].at(np.ones(3, np.float32), np.zeros(3, np.float32))
    assert np.array_equal(mixture([fear]), fear)
    nothing = np.zeros_like(fear)
    assert mixture([fear, nothing]) == pytest.approx(fear, abs=1e-6)


def test_sliders_share_one_face() -> None:
    assert np.linalg.norm(shared(np.ones((4, len(EMOTIONS)), np.float32)), axis=1) == pytest.approx(1)
    alone = sliders(4, happy=0.7)
    assert np.array_equal(shared(alone), alone)


def test_a_step_becomes_an_onset_and_a_release_but_slow_keys_stay() -> None:
    table = load_expressions()
    step = sliders(600, happy=0.0)
    step[60:300, 0] = 1.0
    eased = settle(step, FPS, list(table.values()))
    timing = table["happy"].timing
    assert eased[60 + round(timing.onset * FPS / 2), 0] == pytest.approx(0.5, abs=0.05)
    assert eased[60 + round(timing.onset * FPS) + 1, 0] == pytest.approx(1.0)
    assert eased[300 + round(timing.release * FPS / 2), 0] == pytest.approx(0.5, abs=0.05)
    slow = sliders(600, happy=0.0)
    slow[:, 0] = 0.5 - 0.5 * np.cos(np.arange(600) / 600 * 2 * np.pi)
    assert settle(slow, FPS, list(table.values())) == pytest.approx(slow, abs=1e-5)


def test_the_mood_may_change_over_the_shot(shot: Shot) -> None:
    emotion = sliders(len(shot.talk.curves), happy=1.0)
    half = len(emotion) // 2
    emotion[half:] = sliders(len(emotion) - half, angry=1.0)
    added = mood(emotion, live(shot.talk, shot.prosody, 0))
    assert added[: half - 60, INDEX["mouthSmileLeft"]].mean() > 0.3
    assert added[half + 120 :, INDEX["mouthSmileLeft"]].max() < 0.01
    assert added[half + 120 :, INDEX["browDownLeft"]].mean() > 0.4


class TestTheTable:
    def test_every_emotion_cites_its_action_units_and_leaves_headroom(self) -> None:
        for row in load_expressions().values():
            assert "AU" in row.action_units
            assert row.source
            assert row.steps.max() <= HIGHEST + 1e-6

    def test_a_director_may_give_another(self, tmp_path: Path) -> None:
        table = json.loads(FILE.read_text("utf-8"))
        table["happy"]["channels"] = {"tongueOut": [0.1, 0.2, 0.3]}
        path = tmp_path / "mine.json"
        path.write_text(json.dumps(table), "utf-8")
        row = load_expressions(path)["happy"]
        assert np.flatnonzero(row.steps.any(0)).tolist() == [INDEX["tongueOut"]]

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"channels": {"mouthGrin": [0.1, 0.2, 0.3]}}, "mouthGrin"),
            ({"channels": {"mouthSmile": [0.3, 0.2, 0.1]}}, "rise"),
            ({"channels": {"mouthSmile": [0.3, 0.4, 0.9]}}, str(HIGHEST)),
            ({"channels": {"mouthSmile": [0.3]}}, "happy"),
            ({"time": {}}, "happy"),
        ],
    )
    def test_a_fault_is_named(self, tmp_path: Path, change: dict[str, object], said: str) -> None:
        table = json.loads(FILE.read_text("utf-8"))
        table["happy"] |= change
        path = tmp_path / "wrong.json"
        path.write_text(json.dumps(table), "utf-8")
        with pytest.raises(UserError, match=said):
            load_expressions(path)

    def test_a_file_that_is_none_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match=r"missing\.json"):
            load_expressions(tmp_path / "missing.json")
