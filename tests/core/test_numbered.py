"""FLAME's numbered keys are found however they are spelled, and nobody else's are taken for them."""

import pytest

from s2f_blender_addon.core.naming.numbered import runs

SPELLINGS = ["Exp{}", "exp_{:03}", "expr_{}", "expression_{:02}", "expression{}", "Expression {}", "FLAME.Exp{}"]


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_expressions_are_counted_from_the_first_in_any_spelling(spelling: str, first: int) -> None:
    names = [spelling.format(number) for number in range(first, first + 50)]
    assert runs(["Basis", *reversed(names)]).exp == dict(enumerate(names))


def test_identity_expressions_and_correctives_are_told_apart() -> None:
    shape, exp, pose = ([f"{word}{i + 1}" for i in range(12)] for word in ("Shape", "Exp", "Pose"))
    found = runs([*shape, *exp, *pose])
    assert (found.shape[11], found.exp[11], found.pose[11]) == ("Shape12", "Exp12", "Pose12")
    assert found.keys() == {*shape, *exp, *pose}


def test_a_key_that_is_gone_leaves_its_number_empty() -> None:
    names = [f"exp_{i:03}" for i in range(20) if i != 15]
    assert 15 not in runs(names).exp
    assert runs(names).exp[16] == "exp_016"


@pytest.mark.parametrize(
    "names",
    [
        [f"Exp{i}" for i in range(5)],  # too few
        [f"Exp{i}" for i in range(3, 40)],  # no beginning
        [f"viseme_{i}" for i in range(22)],
        [f"key {i}" for i in range(30)],
        ["jawOpen", "Exp", "Expression", "1", ""],
    ],
)
def test_what_is_no_run_is_none(names: list[str]) -> None:
    assert runs(names).exp == {}
