"""A map file from anywhere gives a map or one sentence that names it."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.naming.keymap import KeyMap


def text(**entry: Any) -> str:
    given_entry = {"key": "k", "source": "jawOpen", "weight": 1.0, **entry}
    return json.dumps({"format": "s2f.map", "version": 1, "entries": [given_entry]})


@pytest.mark.parametrize("weight", ["1", None, "yes", float("nan"), float("inf"), -1e308, 10**400])
def test_a_weight_is_a_number_of_sensible_size(weight: object) -> None:
    with pytest.raises(UserError, match="hero.json gives k a weight"):
        KeyMap.from_text(text(weight=weight), "hero.json")


@pytest.mark.parametrize("score", ["high", float("nan"), 10**400, -1, 7])
def test_a_score_that_is_none_counts_as_sure(score: object) -> None:
    assert KeyMap.from_text(text(score=score), "hero.json").entries[0].score == 1.0


@pytest.mark.parametrize(
    "damaged",
    ["", "{", "[" * 100_000, "[]", "null", '{"format": "s2f.map", "version": 1, "entries": {"a": 1}}', " " * (1 << 25)],
)
def test_what_is_no_map_is_said_by_its_name(damaged: str) -> None:
    with pytest.raises(UserError, match="hero.json"):
        KeyMap.from_text(damaged, "hero.json")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from(["key", "source", "weight", "score", "reason", "family", "on"]), JSON))
def test_any_entry_at_all_gives_a_map_or_a_sentence(entry: dict[str, Any]) -> None:
    document = {"format": "s2f.map", "version": 1, "entries": [entry]}
    try:
        keymap = KeyMap.from_json(document, "hero.json")
    except UserError as error:
        assert "hero.json" in str(error)
    else:
        assert all(abs(one.weight) <= 1000 and 0 <= one.score <= 1 for one in keymap.entries)
