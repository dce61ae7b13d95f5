"""Rigs that nobody here has: ARKit's names in the hands of any studio, exporter and taste, among keys of the body."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2f_blender_addon.core.naming.match import match

from .test_families import ARKIT

pytestmark = pytest.mark.one_blender

WORDS = {name: re.findall("[A-Z]?[a-z]+", name) for name in ARKIT}

CASES = {
    "camelCase": lambda words: words[0].lower() + "".join(word.capitalize() for word in words[1:]),
    "PascalCase": lambda words: "".join(word.capitalize() for word in words),
    "snake_case": lambda words: "_".join(words).lower(),
    "SNAKE_CASE": lambda words: "_".join(words).upper(),
    "Title_Case": lambda words: "_".join(word.capitalize() for word in words),
    "kebab-case": lambda words: "-".join(words).lower(),
    "with spaces": lambda words: " ".join(word.capitalize() for word in words),
    "together": lambda words: "".join(words).lower(),
    "dotted": lambda words: ".".join(words).lower(),
}
SIDES = {
    "as a word": lambda stem, case, side: case([*stem, side]),
    "_L": lambda stem, case, side: f"{case(stem)}_{side[0]}",
    ".L": lambda stem, case, side: f"{case(stem)}.{side[0]}",
    "-l": lambda stem, case, side: f"{case(stem)}-{side[0].lower()}",
    "_lf": lambda stem, case, side: f"{case(stem)}_{'lf' if side == 'Left' else 'rt'}",
    " (L)": lambda stem, case, side: f"{case(stem)} ({side[0]})",
    "L": lambda stem, case, side: f"{case(stem)}{'_' if case(stem).isupper() else ''}{side[0]}",
    "L_ in front": lambda stem, case, side: f"{side[0]}_{case(stem)}",
    "left_ in front": lambda stem, case, side: f"{side.lower()}_{case(stem)}",
    "in the middle": lambda stem, case, side: case([stem[0], side, *stem[1:]]),
}
FRONT = [
    "", "Head_", "head_geo.", "blendShape1.", "BS_", "bs.", "CTRL_", "Morpher:", "Face:", "Mesh.", "Character_Head_",
    "facs_bs_", "Alice ", "AliceV2_", "Hero01:", "shape_", "KEY_", "m_head_", "CC_Base_Body.", "Wolf3D_Head_", "头_",
    "Größe_",
]  # fmt: skip
BEHIND = ["", "_bs", "_shape", "Shape", "_geo", "_morph", "_target", "_key", ".001", "_ncl1_1", "_v2_final", "_Mesh"]
BODY = (
    "Fat Thin Muscular Breathe Belly_In HandFist_L HandFist_R Thumb_Bend_R Foot_Up_L Chest_Expand bicep_flex_left "
    "Shirt_Fix Hair_Wind Ear_Wiggle_L Ear_Wiggle_R Knee_90_corrective shoulder_up_R Tail_Curl Skirt_L Heel_On Basis2"
).split()


@st.composite
def rigs(draw):
    """{key: the channel that it is, or nothing}."""
    case, side = CASES[draw(st.sampled_from(sorted(CASES)))], SIDES[draw(st.sampled_from(sorted(SIDES)))]
    front, behind = draw(st.sampled_from(FRONT)), draw(st.sampled_from(BEHIND))
    numbered = draw(st.booleans())
    names = draw(st.lists(st.sampled_from(ARKIT), min_size=12, unique=True))
    keys = {}
    for i, name in enumerate(names, 1):
        words = WORDS[name]
        one_of_two = words[-1] in ("Left", "Right")
        written = side(words[:-1], case, words[-1]) if one_of_two else case(words)
        keys[f"{f'{i:02d}_' if numbered else ''}{front}{written}{behind}"] = name
    for name in draw(st.lists(st.sampled_from(BODY), max_size=8, unique=True)):
        keys[f"{front}{name}{behind}"] = None
    return dict(draw(st.permutations(list(keys.items()))))


@settings(max_examples=100, deadline=None)
@given(rigs())
def test_a_key_follows_its_own_channel_or_none(rig):
    """Never left for right, never one channel for two keys, never a key of the body."""
    active = match(tuple(rig)).active
    wrong = {entry.key: entry.source for entry in active if entry.source != rig[entry.key]}
    assert not wrong
    assert len({entry.source for entry in active}) == len(active)


@settings(max_examples=100, deadline=None)
@given(rigs())
def test_nearly_all_are_found(rig):
    meant = {key for key, channel in rig.items() if channel}
    found = {entry.key for entry in match(tuple(rig)).active}
    assert len(found) >= 0.95 * len(meant), sorted(meant - found)


LETTERS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=24)


@settings(max_examples=200, deadline=None)
@given(st.lists(LETTERS, max_size=40, unique=True))
def test_any_names_at_all_are_read_without_a_mistake(names):
    keymap = match(tuple(names))
    assert {entry.key for entry in keymap.entries} <= set(names)
    assert all(0 < entry.score <= 1 for entry in keymap.entries)
