"""Phones to mouth shapes: dominance, seals and rest."""

import numpy as np

from model_server.speech import coarticulation
from model_server.speech.phones import CLASS_INDEX, CLASSES
from model_server.speech.talk import talk_of
from model_server.speech.visemes import visemes
from s2f_blender_addon.core.blend import SEAL_MARK, lip_gap, sealed
from s2f_blender_addon.core.channels import CHANNELS, INDEX, mirrored


def spoken(*phones: str, frames: int = 12) -> np.ndarray:
    posterior = np.zeros((len(phones) * frames, len(CLASSES)), np.float32)
    for i, name in enumerate(phones):
        posterior[i * frames : (i + 1) * frames, CLASS_INDEX[name]] = 1
    return posterior


def value(shapes: np.ndarray, channel: str, phone: int, frames: int = 12) -> float:
    return float(shapes[int((phone + 0.5) * frames), INDEX[channel]])


def test_an_open_vowel_opens_the_jaw_further_than_a_close_one() -> None:
    shapes = coarticulation.targets(spoken("t", "aa", "t", "i", "t"), 100.0)
    assert value(shapes, "jawOpen", 1) > 1.5 * value(shapes, "jawOpen", 3)


def test_rounding_spreads_to_the_consonant_before_it() -> None:
    rounded = coarticulation.targets(spoken("i", "t", "u"), 100.0)
    spread = coarticulation.targets(spoken("i", "t", "i"), 100.0)
    assert value(rounded, "mouthPucker", 1) > value(spread, "mouthPucker", 1) + 0.1


def test_both_sides_of_the_mouth_do_the_same() -> None:
    shapes = coarticulation.targets(spoken("f", "ae", "s", "w"), 100.0)
    for name in CHANNELS:
        assert np.array_equal(shapes[:, INDEX[name]], shapes[:, INDEX[mirrored(name)]])


def test_sealed_lips_meet_and_say_so() -> None:
    shapes = coarticulation.targets(spoken("aa", "aa", "aa"), 100.0)
    seal = np.zeros(36, np.float32)
    seal[12:24] = 1
    curves = coarticulation.mouth(shapes, seal, np.ones(36, np.float32), np.ones(36, np.float32))
    assert np.abs(lip_gap(curves[12:24])).max() < 0.1
    assert (curves[12:24, INDEX["mouthClose"]] >= SEAL_MARK).all()
    assert (curves[12:24, INDEX["mouthClose"]] <= curves[12:24, INDEX["jawOpen"]] + 1e-6).all()
    assert (sealed(curves)[12:24] == 1).all()
    assert not curves[:12, INDEX["mouthClose"]].any()


def test_lips_never_touch_while_speaking_without_a_seal() -> None:
    for phones in (("s", "z", "s"), ("f", "v", "f"), ("w", "u", "w"), ("t", "sil", "t")):
        shapes = coarticulation.targets(spoken(*phones), 100.0)
        curves = coarticulation.mouth(shapes, np.zeros(36, np.float32), *np.ones((2, 36), np.float32))
        assert lip_gap(curves).min() > 1.5


def test_the_mouth_is_at_rest_where_nobody_speaks() -> None:
    shapes = coarticulation.targets(spoken("aa", "m", "o"), 100.0)
    assert not coarticulation.mouth(shapes, *np.zeros((3, 36), np.float32)).any()


def test_lips_part_before_a_phrase_and_close_slowly_after_it() -> None:
    """With the breath: 100 ms before the first sound and for 200 ms after the last the jaw hangs by as much as captures
    do (.02), which is less than a millimetre; half a second later lips are shut."""
    phones = spoken(*["sil"] * 4, "aa", "t", "aa", *["sil"] * 7)
    curves = talk_of(phones, np.zeros(len(phones), np.float32), len(phones) / 100, 100.0).curves
    jaw, gap = curves[:, INDEX["jawOpen"]], lip_gap(curves)
    before, after = slice(48 - 10, 48 - 7), slice(48 + 36 + 10, 48 + 36 + 20)
    assert jaw[before].min() > 0.015 and jaw[after].min() > 0.018
    assert max(gap[before].max(), gap[after].max()) < 1.0
    assert gap[20] == 0 and gap[-10] == 0


def test_a_ceiling_holds_whatever_stands_beside_it() -> None:
    """Between two shouted vowels the teeth still nearly meet for s, and the jaw opens hardly at all for sh and w."""
    for name in ("s", "sh", "w", "f"):
        phones = spoken("aa", name, "aa")
        jaw = coarticulation.neutral(phones, np.full(36, 1.5, np.float32), 100.0)[:, INDEX["jawOpen"]]
        limit = visemes().ceilings[CLASS_INDEX[name]]
        assert jaw[15:21].min() < limit + 0.015 < jaw[6] and jaw[6] > 0.3


def test_the_jaw_goes_on_behind_closed_lips() -> None:
    """Lips close, not the jaw: between open vowels it stays lower than between close ones; lips meet in both."""
    found = []
    for vowel in ("aa", "i"):
        phones = spoken(vowel, "m", vowel)
        curves = talk_of(phones, np.zeros(36, np.float32), 0.36, 100.0).curves
        assert abs(lip_gap(curves)[19]) < 0.3 and curves[19, INDEX["mouthClose"]] >= SEAL_MARK
        found.append(curves[19, INDEX["jawOpen"]])
    assert found[0] > found[1]


def test_a_jaw_does_not_chatter() -> None:
    """Syllables at a brisk pace: of the power of the jaw's speed hardly anything lies above 9 Hz."""
    phones = spoken(*["t", "aa", "s", "i", "n", "eh"] * 10, frames=8)
    speed = np.diff(coarticulation.neutral(phones, np.zeros(len(phones), np.float32), 100.0)[:, INDEX["jawOpen"]])
    power = np.abs(np.fft.rfft(speed * np.hanning(len(speed)))) ** 2
    assert power[np.fft.rfftfreq(len(speed), 0.01) > 9].sum() < 0.1 * power.sum()


def test_the_table_has_a_row_for_every_class_and_keeps_to_0_1() -> None:
    table = visemes()
    assert table.targets.shape == (len(CLASSES), 52)
    assert table.targets.min() >= 0
    assert table.targets.max() <= 1
    assert (table.dominance > 0).all()


def test_the_tongue_shows_for_th() -> None:
    assert visemes().targets[CLASS_INDEX["th"], INDEX["tongueOut"]] > 0.1


def test_a_loud_syllable_opens_the_jaw_further_than_a_weak_one() -> None:
    shapes = coarticulation.targets(spoken("aa", "aa", "aa"), 100.0)
    jaw = [
        coarticulation.louder(shapes, np.full(36, level, np.float32), 100.0)[:, INDEX["jawOpen"]] for level in (-3, 0)
    ]
    assert (jaw[1] > 1.3 * jaw[0]).all()


def test_the_jaw_opens_late_and_closes_late() -> None:
    shapes = coarticulation.targets(spoken(*["ax"] * 9), 100.0)
    swell = -4 + 4 * np.hanning(len(shapes)).astype(np.float32)
    jaw = coarticulation.louder(shapes, swell, 100.0)[:, INDEX["jawOpen"]]
    before, after = np.split(jaw, 2)
    assert (after[::-1][10:-10] > before[10:-10]).all()
