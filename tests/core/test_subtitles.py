"""Subtitle files: what is written comes back, and what is damaged gets a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.subtitles import Cue, parse


def clock(seconds: float, mark: str = ",") -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02}{mark}{ms % 1000:03}"


def srt(cues: list[Cue], mark: str = ",", newline: str = "\n") -> str:
    rows = [f"{i}\n{clock(c.start, mark)} --> {clock(c.end, mark)}\n{c.text}\n" for i, c in enumerate(cues, 1)]
    return "\n".join(rows).replace("\n", newline)


said = st.text("abc xyz',.!?äé0123", min_size=1).map(lambda t: " ".join(t.split())).filter(bool)
milliseconds = st.integers(0, 359_999_000)
cues = st.lists(
    st.builds(lambda t, a, n: Cue(t, a / 1000, (a + n) / 1000), said, milliseconds, st.integers(1, 9000)), min_size=1
)


@given(cues, st.sampled_from(",."), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_cues_come_back_as_they_were_written(written: list[Cue], mark: str, newline: str, bom: bool):
    found = parse("\ufeff" * bom + srt(written, mark, newline))
    expected = sorted(written, key=lambda cue: cue.start)
    assert [cue.text for cue in found] == [cue.text for cue in expected]
    for a, b in zip(found, expected, strict=True):
        assert a.start == pytest.approx(b.start) and a.end == pytest.approx(b.end)


@given(st.text(max_size=200) | st.text("0123456789:,.-> \n\ra<>[]{}\\", max_size=200))
def test_any_text_is_cues_or_a_sentence(text: str):
    try:
        found = parse(text)
    except UserError as error:
        assert str(error).startswith("The subtitles")
    else:
        assert all(cue.end > cue.start >= 0 and cue.text.strip() for cue in found)


def test_what_nobody_says_is_left_out():
    text = (
        "1\n00:00:01,000 --> 00:00:02,000 X1:40 X2:600\n{\\an8}<i>Well,</i>\n<font color=red>then.</font>\n\n"
        "2\n00:00:03,000 --> 00:00:04,000\n[door slams] ♪\n\n"
    )
    assert parse(text) == (Cue("Well, then.", 1.0, 2.0),)


def test_webvtt_is_read_too():
    assert parse("WEBVTT\n\nintro\n00:01.500 --> 00:02.250 align:left\nHi there\n") == (Cue("Hi there", 1.5, 2.25),)


def test_a_cue_that_ends_before_it_starts_is_named():
    with pytest.raises(UserError, match=r"film.srt, line 2: this subtitle ends before it starts"):
        parse("1\n00:00:05,000 --> 00:00:04,000\nHi\n", "film.srt")


def test_a_file_without_cues_says_what_one_looks_like():
    with pytest.raises(UserError, match="no subtitle in it"):
        parse("Just a text.")
