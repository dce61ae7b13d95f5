"""Names of mouth shapes and of parts of channels are taken as one set, that which explains a mesh; the lips tell."""

import numpy as np
import pytest

from .heads import (
    CLENCHED,
    FACE,
    KEYS,
    KISS,
    LOOSE,
    MID,
    OPEN,
    ROUND,
    SHUT,
    SPREAD,
    TEETH,
    UPPER,
    head_with,
)  # fmt: skip
from .test_families import ARKIT

pytestmark = pytest.mark.one_blender

AZURE = [
    OPEN, {"jawOpen": 0.6, "mouthLowerDown": 0.2}, ROUND, MID, {"jawOpen": 0.2, "mouthFunnel": 0.3}, SPREAD, KISS,
    ROUND, {"jawOpen": 0.5, "mouthFunnel": 0.3}, ROUND, MID, LOOSE, {"jawOpen": 0.15, "mouthFunnel": 0.35}, LOOSE,
    CLENCHED, {"jawOpen": 0.1, "mouthFunnel": 0.6}, {**LOOSE, "tongueOut": 0.4}, TEETH, LOOSE, {"jawOpen": 0.25}, SHUT,
]  # fmt: skip
"""Poses of 1 … 21 in Microsoft's numbering of mouth shapes."""
OCULUS = [
    SHUT, TEETH, {**LOOSE, "tongueOut": 0.5}, LOOSE, {"jawOpen": 0.28}, {"jawOpen": 0.1, "mouthFunnel": 0.6}, CLENCHED,
    {"jawOpen": 0.15}, {"jawOpen": 0.16, "mouthFunnel": 0.4}, OPEN, MID, SPREAD, ROUND, KISS,
]  # fmt: skip
"""Poses of 1 … 14 in MPEG-4's numbering, which is Oculus's too."""
SOUNDS = {
    "B_M_P": SHUT, "F_V": TEETH, "th": {**LOOSE, "tongueOut": 0.5}, "D_S_T": LOOSE, "K": {"jawOpen": 0.28},
    "ch_J_sh": {"jawOpen": 0.1, "mouthFunnel": 0.6}, "N": {"jawOpen": 0.15}, "R": {"jawOpen": 0.16, "mouthFunnel": 0.4},
    "aah": {"jawOpen": 0.5}, "big_aah": OPEN, "eh": MID, "ee": SPREAD, "i": {"jawOpen": 0.3, "mouthSmile": 0.2},
    "oh": ROUND, "ooh_Q": KISS, "W": {**KISS, "jawOpen": 0.05},
}  # fmt: skip


def numbered(spelling, poses, begin, silence=False):
    shapes = ([{}] if silence else []) + poses
    return {spelling.format(i): pose for i, pose in enumerate(shapes, begin)}


MOUTH_SHAPES = {
    "22, from 1, silence left out": numbered("viseme_{}", AZURE, 1),
    "22, from 0": numbered("Viseme{:02d}", AZURE, 0, silence=True),
    "22, counted from 1": numbered("v_{}", AZURE, 1, silence=True),
    "15, from 0": numbered("AzureViseme {}", OCULUS, 0, silence=True),
    "15, silence left out": numbered("vis_{:02d}", OCULUS, 1),
    "15, counted from 1": numbered("Head_viseme_{}", OCULUS, 1, silence=True),
    "lists of sounds": {f"Phoneme_{name}": pose for name, pose in SOUNDS.items()},
    "lists of sounds, another order": {f"pho_{n.replace('_', '').upper()}": p for n, p in SOUNDS.items()},
    "vowels, ah ih uu ee oh": dict(zip(("ah", "ih", "uu", "ee", "oh"), (OPEN, SPREAD, KISS, MID, ROUND), strict=True)),
    "vowels, aa ii uu ee oo": dict(zip(("oo", "aa", "ii", "uu", "ee"), (ROUND, OPEN, SPREAD, KISS, MID), strict=True)),
    "vowels, A I OO EH O": dict(zip(("A", "I", "OO", "EH", "O"), (OPEN, SPREAD, KISS, MID, ROUND), strict=True)),
}


@pytest.mark.parametrize("kind", MOUTH_SHAPES)
def test_all_mouth_shapes_of_a_set_are_used_and_the_lips_say_what_the_demo_head_says(blender, speak, kind):
    shapes = MOUTH_SHAPES[kind]
    spoken = speak(head_with(blender, shapes))
    assert set(spoken.character.meshes[0].map.keys()) == {name for name, pose in shapes.items() if pose}
    assert spoken.likeness >= 0.95
    assert spoken.stands_open == 0
    assert spoken.width_likeness >= 0.9
    assert not any("Not understood" in note for note in spoken.report.notes)


@pytest.mark.parametrize("last", [9, 17, 30])
def test_numbers_that_end_where_no_numbering_ends_are_not_taken_for_one(load, addon, last):
    keys = [f"viseme_{i}" for i in range(last + 1)]
    assert not load("core.naming.match").match(keys).active


def test_numbers_alone_are_no_mouth_shapes(load, addon):
    for spelling in ("Key {}", "target_{}", "Hat_wind_{}"):
        assert not load("core.naming.match").match([spelling.format(i) for i in range(22)]).active


def test_what_is_not_understood_is_named(load, blender):
    shapes = {f"Phoneme_{name}": pose for name, pose in SOUNDS.items()}
    target = head_with(blender, {**shapes, "Phoneme_xyq": {"jawOpen": 0.2}, "Smirk": {"mouthSmileLeft": 0.5}})
    (note,) = load("rigs").find_character(target).notes
    assert "Phoneme_xyq" in note
    assert "Key Map" in note
    assert "Smirk" not in note


def split(name, part):
    """The share of channel ``name`` that moves the upper or lower, left or right part of the lips."""
    x, z = FACE.vertices[:, 0], FACE.vertices[:, 2] - FACE.vertices[UPPER, 2].mean()
    left = 0.5 + 0.5 * np.clip(x / 6.0, -1, 1)
    upper = np.zeros(len(x))
    upper[z > 0] = 1.0
    share = np.ones(len(x))
    for word in part.lower().split():
        share *= {"upper": upper, "lower": 1 - upper, "left": left, "right": 1 - left}[word]
    return KEYS[name] * share[:, None]


QUARTERS = ["Upper Left", "Upper Right", "Lower Left", "Lower Right"]
SPLITS = {
    "quarters": lambda n: {f"facs_bs_{n[0].upper()}{n[1:]}{q.replace(' ', '')}": split(n, q) for q in QUARTERS},
    "quarters, UL": lambda n: {f"{n}_{q.split()[0][0]}{q.split()[1][0]}": split(n, q) for q in QUARTERS},
    "halves, top and bottom": lambda n: {f"{n}_top": split(n, "upper"), f"{n}_bottom": split(n, "lower")},
    "side first": lambda n: {f"{q[6].lower()}_{q.split()[0].lower()}_{n}": split(n, q) for q in QUARTERS},
}


@pytest.mark.parametrize("way", SPLITS)
def test_parts_of_a_channel_move_together(blender, speak, way):
    shapes = {}
    for name in ARKIT:
        halved = name in ("mouthClose", "mouthFunnel", "mouthPucker", "mouthRollLower", "mouthRollUpper")
        shapes |= SPLITS[way](name) if halved else {name: {name: 1.0}}
    spoken = speak(head_with(blender, shapes))
    assert spoken.character.missing == ()
    assert spoken.likeness >= 0.97
    assert spoken.stands_open == 0
    assert spoken.width_likeness >= 0.97


PARTED = {
    "side, then part": "mouthClose_LU mouthClose_RU mouthClose_LL mouthClose_RL",
    "part, then side": "mouthClose_UL mouthClose_UR mouthClose_LL mouthClose_LR",
    "with the word lip": "mouthClose_upperLip_L mouthClose_upperLip_R mouthClose_lowerLip_L mouthClose_lowerLip_R",
    "in Latin": "mouthCloseSuperiorLeft mouthCloseSuperiorRight mouthCloseInferiorLeft mouthCloseInferiorRight",
    "halves about a middle": "mouthCloseLeft mouthCloseMid mouthCloseRight",
    "halves of a lip": "mouthRollLower_LL mouthRollLower_LR",
    "halves of a lip, said twice": "mouthRollLowerLowerLeft mouthRollLowerLowerRight",
}  # fmt: skip


@pytest.mark.parametrize("way", PARTED)
def test_all_parts_of_a_channel_are_used_and_none_is_taken_for_a_misspelling(load, addon, way):
    keys = PARTED[way].split()
    active = load("core.naming.match").match(["jawOpen", "jawLeft", *keys]).active
    channel = "mouthClose" if "mouthClose" in keys[0] else "mouthRollLower"
    assert {e.key: (e.source, e.weight) for e in active if e.key in keys} == {key: (channel, 1.0) for key in keys}


def test_numbered_keys_are_parts_or_steps_of_something_and_no_misspellings(load, addon):
    match = load("core.naming.match").match
    assert not match([f"mouthClose{n}" for n in (1, 2, 3, 4)]).active
    assert match(["mouthClose1"]).active[0].source == "mouthClose"


def test_a_key_takes_nothing_back_where_others_show_its_channel(load, addon):
    keys = ["jawOpen", "mouthClose", "jawDrop", "jawDropLipTowards", "jawThrust"]
    active = load("core.naming.match").match(keys).active
    assert {e.key for e in active} == {"jawOpen", "mouthClose", "jawThrust"}


@pytest.mark.parametrize("form", ["viseme_{}_mesh", "{:02d}_viseme", "blendShape1.viseme_{}", "viseme_{}"])
def test_a_number_may_stand_anywhere_beside_the_word_that_counts(load, addon, form):
    active = load("core.naming.match").match([form.format(n) for n in range(22)]).active
    assert {e.key: e.source for e in active}[form.format(21)] == "visemes:sapi/p_b_m"


def test_a_sound_may_be_glued_to_the_word_in_front(load, addon):
    sounds = "aah bmp bigaah chjsh dst ee eh fv i k n oh oohq r th w".split()
    active = load("core.naming.match").match([f"phoneme{sound}" for sound in sounds]).active
    assert len({e.source for e in active}) == 16


def test_one_part_alone_is_not_taken_for_the_whole(load, addon):
    active = load("core.naming.match").match(["jawOpen", "mouthPucker_upper_corrective", "mouthClose_upper"]).active
    assert {entry.key for entry in active} == {"jawOpen"}


FACS = {
    "jawDrop": "jawOpen", "jawDropLipTowards": "mouthClose", "jawThrust": "jawForward", "jawSlideLeft": "jawLeft",
    "jawSlideRight": "jawRight", "mouthSlideLeft": "mouthLeft", "mouthSlideRight": "mouthRight",
    "lipCornerPullerL": "mouthSmileLeft", "lipCornerDepressorR": "mouthFrownRight", "pucker": "mouthPucker",
    "funneler": "mouthFunnel", "upperLipRaiserL": "mouthUpperUpLeft", "lowerLipDepressorR": "mouthLowerDownRight",
    "browLowerL": "browDownLeft", "eyesCloseL": "eyeBlinkLeft", "eyesUpperLidRaiserR": "eyeWideRight",
}  # fmt: skip


def test_names_after_muscles_are_channels(load, addon):
    active = load("core.naming.match").match([*FACS, "lipSuck"]).active
    found = {e.key: e.source for e in active if e.weight > 0}
    assert {key: found.get(key) for key in FACS} == FACS
    assert "lipSuck" in found
    taken_back = [(e.key, e.source) for e in active if e.weight < 0]
    assert taken_back == [("jawDrop", "mouthClose")], "lips towards each other drop the jaw themselves"
