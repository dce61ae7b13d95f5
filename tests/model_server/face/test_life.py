"""A neutral face that speaks: it blinks, looks, nods and is never frozen, and never twitches."""

from dataclasses import replace

import numpy as np
import pytest

from model_server.face.blinks import draw_blinks, plan_blinks
from model_server.face.life import eye_motion, live
from s2f_blender_addon.core.blend import lip_gap
from s2f_blender_addon.core.channels import CHANNELS, INDEX
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.liveliness import PARTS, Liveliness
from s2f_blender_addon.core.runs import true_runs

from .conftest import FPS, Shot, make_shot


def column(values: np.ndarray, name: str) -> np.ndarray:
    return values[:, INDEX[name]]


def blinks(shot: Shot, seed: int) -> list[tuple[int, int]]:
    return true_runs(column(live(shot.talk, shot.prosody, seed).curves, "eyeBlinkLeft") > 0.5)


def test_blinks_come_fifteen_to_twenty_times_a_minute(long_shot: Shot) -> None:
    minutes = len(long_shot.prosody.times) / FPS / 60
    assert 15 <= np.mean([len(blinks(long_shot, seed)) for seed in range(12)]) / minutes <= 20


def test_a_blink_takes_150_to_300_ms_and_shuts_faster_than_it_opens(long_shot: Shot) -> None:
    lengths, shares = [], []
    for seed in range(6):
        for blink in plan_blinks(long_shot.prosody, np.zeros(0), seed):
            times = np.arange(0, 0.6, 0.001) + blink.start
            left, _ = draw_blinks([blink], times, 1000.0)
            moving = np.flatnonzero(left > 0.05 * left.max())
            lengths.append(len(moving) / 1000)
            shares.append((left.argmax() - moving[0]) / (moving[-1] - left.argmax()))
    assert min(lengths) >= 0.15
    assert max(lengths) <= 0.30
    assert max(shares) < 0.8


@pytest.mark.parametrize("fps", [24.0, 25.0, 29.97, 60.0])
def test_lids_are_shut_on_at_least_one_frame_at_any_rate(fps: float) -> None:
    shot = make_shot(30.0, fps)
    planned = [b for b in plan_blinks(shot.prosody, np.zeros(0), 3) if b.depth > 0.9]
    assert planned
    for blink in planned:
        left, _ = draw_blinks([blink], shot.prosody.times, fps)
        assert left.max() > 0.89


def test_eyes_rest_after_a_blink(long_shot: Shot) -> None:
    for seed in range(6):
        starts = [start / FPS for start, _ in blinks(long_shot, seed)]
        assert np.diff(starts).min() > 0.8


def test_nobody_waits_long_for_a_blink(long_shot: Shot) -> None:
    """Longer than six seconds between two, or before the first, looks like a doll; evenly spaced ones like a lamp."""
    gaps = []
    for seed in range(20):
        starts = [blink.start for blink in plan_blinks(long_shot.prosody, np.zeros(0), seed)]
        gaps += np.diff([0.0, *starts]).tolist()
    assert max(gaps) <= 6.1
    assert np.std(gaps) > 1.0


def test_blinks_gather_at_phrase_ends(long_shot: Shot) -> None:
    near, window = 0, 0.5
    total = 0
    ends = long_shot.prosody.phrases[:, 1]
    for seed in range(12):
        starts = np.array([start / FPS for start, _ in blinks(long_shot, seed)])
        total += len(starts)
        near += sum(((starts > end - 0.1) & (starts < end - 0.1 + window)).any() for end in ends)
    by_chance = len(ends) * window / (len(long_shot.prosody.times) / FPS)
    assert near / total > 2 * by_chance


def test_same_seed_same_bytes_and_another_seed_another_life(shot: Shot) -> None:
    one, again, other = (live(shot.talk, shot.prosody, seed) for seed in (7, 7, 8))
    assert one.curves.tobytes() == again.curves.tobytes()
    assert one.head.tobytes() == again.head.tobytes()
    assert not np.allclose(one.curves, other.curves)


def test_eyes_move_together_and_never_both_ways(shot: Shot) -> None:
    curves = live(shot.talk, shot.prosody, 1).curves
    for a, b in (("In", "Out"), ("Up", "Down")):
        for eye in ("Left", "Right"):
            assert not (column(curves, f"eyeLook{a}{eye}") * column(curves, f"eyeLook{b}{eye}")).any()
    assert np.array_equal(column(curves, "eyeLookOutLeft"), column(curves, "eyeLookInRight"))
    assert np.array_equal(column(curves, "eyeLookUpLeft"), column(curves, "eyeLookUpRight"))


def test_saccades_are_as_short_as_the_main_sequence_says(shot: Shot) -> None:
    """Between fixations of some tenths of a second to seconds, the eyes move for 20 to 60 ms."""
    fps = 1000.0
    fine = make_shot(12.0, fps)
    motion = eye_motion(fine.talk, fine.prosody, 2, Liveliness(head=0)).degrees
    speed = np.hypot(*np.diff(motion, axis=0).T) * fps
    moves = [(b - a) / fps for a, b in true_runs(speed > 15)]
    assert len(moves) >= 5
    assert min(moves) >= 0.01
    assert max(moves) <= 0.06
    assert (speed > 15).mean() < 0.1


def test_upper_lids_follow_the_gaze_down(shot: Shot) -> None:
    curves = live(shot.talk, shot.prosody, 4).curves
    down = column(curves, "eyeLookDownLeft")
    assert (column(curves, "eyeBlinkLeft")[down > 0.03] >= 0.3 * down[down > 0.03]).all()
    assert (down > 0.03).any()


def test_brows_and_head_answer_accents(long_shot: Shot) -> None:
    accents = long_shot.prosody.accents
    strong = accents[accents[:, 1] >= np.median(accents[:, 1]), 0]
    lift, nod = [], []
    for seed in range(4):
        alive = live(long_shot.talk, long_shot.prosody, seed)
        inner, pitch = column(alive.curves, "browInnerUp"), np.degrees(alive.head[:, 1])
        frames = (strong * FPS).astype(int)
        frames = frames[(frames > 30) & (frames < len(inner) - 30)]
        lift.append(np.mean(inner[frames] - inner[frames - 18]))
        nod.append(np.mean(pitch[frames + 2] - pitch[frames - 12]))
    assert np.mean(lift) > 0.04
    assert np.mean(nod) > 0.4


def test_sizes_are_those_of_actors(long_shot: Shot) -> None:
    """Within a factor two of the standard deviations of BEAT's actors: browInnerUp 0.10, eyeBlink 0.22."""
    curves = live(long_shot.talk, long_shot.prosody, 0).curves
    assert 0.05 <= column(curves, "browInnerUp").std() <= 0.2
    assert 0.11 <= column(curves, "eyeBlinkLeft").std() <= 0.3


def test_nothing_is_frozen(shot: Shot) -> None:
    """In any three seconds, silent ones too, gaze, lids, brows and head change."""
    alive = live(shot.talk, shot.prosody, 0)
    for start in range(0, len(alive.curves) - 180, 60):
        part = alive.curves[start : start + 180]
        moving = (np.ptp(part, axis=0) > 0.002).sum()
        assert moving >= 8
        assert np.ptp(np.degrees(alive.head[start : start + 180]), axis=0).min() > 0.1


def test_nothing_twitches(long_shot: Shot) -> None:
    """Only lids and eyes may move fast; cheeks and head take their time."""
    alive = live(long_shot.talk, long_shot.prosody, 0)
    slow = [INDEX[n] for n in CHANNELS if not n.startswith(("eyeBlink", "eyeLook", "eyeWide", "eyeSquint"))]
    assert np.abs(np.diff(alive.curves[:, slow], axis=0)).max() * FPS < 5.0
    assert np.abs(np.diff(np.degrees(alive.head), axis=0)).max() * FPS < 60.0


def test_at_least_38_channels_move_in_ten_seconds() -> None:
    shot = make_shot(10.0)
    for seed in range(4):
        values = np.clip(shot.talk.curves + live(shot.talk, shot.prosody, seed).curves, 0, 1)
        talking = (np.ptp(shot.talk.curves, axis=0) > 0.01).sum()
        moving = np.ptp(values, axis=0) > 0.01
        # The talk of this shot moves 8 channels, the bundled model's about 20 mouth channels.
        assert moving.sum() - talking >= 28


def test_lips_that_are_sealed_stay_sealed(shot: Shot) -> None:
    alive = live(shot.talk, shot.prosody, 0)
    shut = shot.talk.seal > 0.99
    before, after = lip_gap(shot.talk.curves), lip_gap(shot.talk.curves + alive.curves)
    assert (after - before)[shut].max() < 0.05
    assert np.abs(after - before).max() < 1.0


def test_silence_is_alive_but_says_nothing(silence: Shot) -> None:
    alive = live(silence.talk, silence.prosody, 0)
    assert np.abs(lip_gap(alive.curves)).max() < 0.3
    assert np.ptp(alive.head) > 0


def test_lips_at_rest_are_never_quite_still_nor_visibly_open(shot: Shot) -> None:
    """A jaw that is exactly 0 for seconds is a puppet's; with breath at 0 it is."""
    still = np.zeros_like(shot.talk.curves)
    quiet = replace(shot.talk, curves=still, speech=still[:, 0], seal=still[:, 0])
    jaw = column(live(quiet, shot.prosody, 0).curves, "jawOpen")
    assert jaw.min() > 0 and np.ptp(jaw) > 0.002
    assert jaw.max() < 0.015
    assert not column(live(quiet, shot.prosody, 0, Liveliness(breath=0)).curves, "jawOpen").any()


def test_breath_does_not_open_lips_further_that_have_parted_for_the_phrase(shot: Shot) -> None:
    parted = np.zeros_like(shot.talk.curves)
    parted[:, INDEX["jawOpen"]] = 0.03
    waiting = replace(shot.talk, curves=parted, speech=0 * parted[:, 0], seal=0 * parted[:, 0])
    assert not column(live(waiting, shot.prosody, 0).curves, "jawOpen").any()


MOVES = {
    "blinks": ("eyeBlink", "eyeWide", "eyeSquint"),
    "gaze": ("eye",),
    "brows": ("brow",),
    "breath": ("jaw", "mouth", "cheek", "nose"),
    "head": ("eye",),  # eyes make up for head turns
}
"""Which channels each part may move, and no others; effort moves nothing by itself (see test_effort)."""


@pytest.mark.parametrize("strength", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("part", MOVES)
def test_each_part_has_a_strength_that_moves_none_of_the_others(shot: Shot, part: str, strength: float) -> None:
    full = live(shot.talk, shot.prosody, 0)
    less = live(shot.talk, shot.prosody, 0, Liveliness(**{part: strength}))
    for name in CHANNELS:
        if not name.startswith(MOVES[part]):
            assert np.array_equal(column(full.curves, name), column(less.curves, name)), name
    if part == "head":
        np.testing.assert_allclose(less.head, strength * full.head, atol=1e-6)
    else:
        assert np.array_equal(full.head, less.head)
    assert not np.array_equal(full.curves, less.curves)


@pytest.mark.parametrize("part", MOVES)
def test_a_part_that_is_switched_off_is_gone(shot: Shot, part: str) -> None:
    others = {name: 0.0 for name in PARTS if name != part}
    assert live(shot.talk, shot.prosody, 0, Liveliness(**others)).curves.any() or part == "head"
    gone = live(shot.talk, shot.prosody, 0, Liveliness(**others, **{part: 0.0}))
    assert not gone.curves.any()
    assert not gone.head.any()


def test_a_strength_of_one_changes_no_byte(shot: Shot) -> None:
    plain = live(shot.talk, shot.prosody, 0)
    named = live(shot.talk, shot.prosody, 0, Liveliness(**dict.fromkeys(PARTS, 1.0)))
    assert plain.curves.tobytes() == named.curves.tobytes()
    assert plain.head.tobytes() == named.head.tobytes()


@pytest.mark.parametrize("strength", [0.5, 1.0, 2.0])
def test_the_strength_of_blinks_is_how_many_there_are(long_shot: Shot, strength: float) -> None:
    minutes = float(long_shot.prosody.times[-1]) / 60
    counts = [len(plan_blinks(long_shot.prosody, np.zeros(0), seed, strength)) for seed in range(12)]
    assert 15 * strength <= np.mean(counts) / minutes <= 20 * strength


@pytest.mark.parametrize(
    ("part", "name"), [("gaze", "eyeLookOutLeft"), ("brows", "browInnerUp"), ("breath", "cheekPuff")]
)
def test_the_strength_of_the_others_is_how_far_they_go(shot: Shot, part: str, name: str) -> None:
    sizes = [
        column(live(shot.talk, shot.prosody, 0, Liveliness(head=0, **{part: s})).curves, name).std()
        for s in (0.5, 1.0, 2.0)
    ]
    assert sizes[0] == pytest.approx(sizes[1] / 2, rel=0.02)
    assert sizes[2] == pytest.approx(sizes[1] * 2, rel=0.02)


@pytest.mark.parametrize("strengths", [{"blinks": 2.1}, {"blinks": -0.1}, {"gaze": float("nan")}])
def test_strengths_that_do_not_exist_get_a_sentence(strengths: dict[str, float]) -> None:
    with pytest.raises(UserError, match="Liveliness goes from 0 to 2"):
        Liveliness(**strengths)


def test_one_frame_is_enough() -> None:
    tiny = make_shot(0.0)
    assert live(tiny.talk, tiny.prosody, 0).curves.shape == (1, 52)
