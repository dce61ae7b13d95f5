"""Stretches of a mask."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from s2f_blender_addon.core.runs import true_runs


@given(st.lists(st.booleans(), max_size=30))
def test_they_are_all_that_is_true_and_never_touch(values: list[bool]) -> None:
    found, mask = true_runs(np.array(values, bool)), np.zeros(len(values), bool)
    for first, stop in found:
        assert first < stop
        mask[first:stop] = True
    assert mask.tolist() == values
    assert all(stop < first for (_, stop), (first, _) in pairwise(found))
