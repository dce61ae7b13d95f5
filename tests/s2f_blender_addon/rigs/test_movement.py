"""Keys whose names tell nothing are judged by what they move, and the character speaks all the same."""

import random

import numpy as np
import pytest

from .heads import KISS, MID, OPEN, ROUND, SPREAD, head_with
from .test_families import ARKIT
from .test_name_sets import QUARTERS, split

pytestmark = pytest.mark.one_blender


def nonsense(count):
    """Names of no language."""
    chance = random.Random(7)
    syllables = [a + b for a in "bcdfgkmprtvz" for b in "aeiou"]
    return sorted({"".join(chance.sample(syllables, 4)) for _ in range(3 * count)})[:count]


def quarters():
    shapes = []
    for name in ARKIT:
        halved = name in ("mouthClose", "mouthFunnel", "mouthPucker")
        shapes += [split(name, part) for part in QUARTERS] if halved else [{name: 1.0}]
    return shapes


HEADS = {"one key a channel": [{name: 1.0} for name in ARKIT], "lips in quarters": quarters()}


@pytest.mark.parametrize("kind", HEADS)
def test_keys_without_a_name_speak(blender, speak, kind):
    shapes = HEADS[kind]
    names = nonsense(len(shapes))
    spoken = speak(head_with(blender, dict(zip(names, shapes, strict=True))))
    missing = {name for name in spoken.character.missing if not name.startswith("eyeLook")}
    assert missing <= {"tongueOut"}, "skin hardly shows a glance, and no tongue"
    assert all("move" in e.reason for e in spoken.character.meshes[0].map.active)
    assert spoken.likeness >= 0.97
    assert spoken.stands_open == 0
    assert spoken.width_likeness >= 0.97
    assert 0.9 <= spoken.size <= 1.1


def test_left_is_never_right(load, blender):
    shapes = [{name: 1.0} for name in ARKIT]
    names = nonsense(len(shapes))
    meant = dict(zip(names, ARKIT, strict=True))
    character = load("rigs").find_character(head_with(blender, dict(zip(names, shapes, strict=True))))
    assert {e.key: e.source for e in character.meshes[0].map.active}.items() <= meant.items()


def test_mouth_shapes_without_a_name_are_measured(blender, speak):
    shapes = dict(zip(nonsense(5), [OPEN, SPREAD, KISS, MID, ROUND], strict=True))
    blinks = {"Wink_L": {"eyeBlinkLeft": 1.0}, "Wink_R": {"eyeBlinkRight": 1.0}}
    spoken = speak(head_with(blender, {**shapes, **blinks}))
    assert "5 mouth shapes" in spoken.character.coverage
    assert spoken.likeness >= 0.95
    assert spoken.stands_open == 0
    assert {"eyeBlinkLeft", "eyeBlinkRight"} <= spoken.character.channels


def test_names_that_are_known_decide_and_movement_only_adds(load, blender):
    shapes = {name: {name: 1.0} for name in ARKIT if not name.startswith("mouthSmile")}
    target = head_with(blender, {**shapes, "Grin li": {"mouthSmileLeft": 1.0}, "Grin re": {"mouthSmileRight": 1.0}})
    active = load("rigs").find_character(target).meshes[0].map.active
    assert {e.key: e.source for e in active if e.key not in shapes} == {
        "Grin li": "mouthSmileLeft", "Grin re": "mouthSmileRight",
    }  # fmt: skip


def test_keys_of_the_body_are_left_alone(load, blender):
    from .heads import FACE

    fat = FACE.vertices * 0.1
    wind = np.zeros_like(FACE.vertices)
    wind[FACE.vertices[:, 2] > 60] = (4.0, 0.0, 0.0)
    shapes = {name: {name: 1.0} for name in ARKIT if name not in ("cheekPuff", "mouthLeft")}
    active = load("rigs").find_character(head_with(blender, {**shapes, "Fat": fat, "Hair": wind})).meshes[0].map.active
    assert {"Fat", "Hair"}.isdisjoint(e.key for e in active)


def test_what_moves_nothing_is_no_channel(load, blender):
    shapes = {name: {name: 1.0 if name != "mouthPucker" else 0.0} for name in ARKIT}
    character = load("rigs").find_character(head_with(blender, shapes))
    assert "mouthPucker" not in character.channels - character.approximated
