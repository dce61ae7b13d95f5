"""Keyed sliders from a CSV: straight between rows, held outside, and a sentence for what is no such file."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_server.emotion.keys_file import parse_keys, read_keys
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.errors import UserError

HAPPY, SAD = EMOTIONS.index("happy"), EMOTIONS.index("sad")


def test_sliders_go_straight_between_rows_and_hold_outside() -> None:
    sliders = parse_keys("time,happy,sad\n1,0,0.5\n3,1,0.5\n", duration=5, fps=10)
    assert sliders.shape == (51, len(EMOTIONS))
    np.testing.assert_allclose(sliders[[0, 10, 20, 30, 50], HAPPY], [0, 0, 0.5, 1, 1])
    np.testing.assert_allclose(sliders[:, SAD], 0.5)
    assert not np.delete(sliders, [HAPPY, SAD], axis=1).any()


@pytest.mark.parametrize("text", ["time,happy\n0,1", "\ufeffHappy , TIME\r\n1 , 0\r\n\r\n", 'happy,time\n"1",0\n'])
def test_spreadsheets_write_it_in_their_own_way(text: str, tmp_path: Path) -> None:
    path = tmp_path / "keys ä.csv"
    path.write_text(text, "utf-8")
    np.testing.assert_array_equal(read_keys(path, 1, 10)[:, HAPPY], 1)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "line of names"),
        ("time,happy\n", "line of names"),
        ("time,rage\n0,1\n", "'rage'"),
        ("happy\n1\n", "time"),
        ("time,time\n1,1\n", "each once"),
        ("time,happy\n0,lots\n", "Line 2"),
        ("time,happy\n0,1\n1\n", "Line 3"),
        ("time,happy\n0,nan\n", "Line 2"),
        ("time,happy\n0,1\n0,1\n", "line 3"),
        ("time,happy\n0,2\n", "happy"),
    ],
)
def test_what_is_no_such_file_is_named_with_its_line(text: str, named: str, tmp_path: Path) -> None:
    path = tmp_path / "keys.csv"
    path.write_text(text)
    with pytest.raises(UserError, match=named) as caught:
        read_keys(path, 1, 10)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    for name in ("none.csv", "binary.csv"):
        with pytest.raises(UserError, match=name):
            read_keys(tmp_path / name, 1, 10)


@given(st.text(max_size=200))
def test_any_text_is_sliders_or_a_sentence(text: str) -> None:
    try:
        sliders = parse_keys("time,happy\n" + text, 1, 10)
    except UserError:
        return
    assert ((sliders >= 0) & (sliders <= 1)).all()
