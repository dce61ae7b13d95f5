"""Festival as a teacher: its times are true of its sound, and its missing is a sentence."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from model_server.training import festival, synthesis
from model_server.training.espeak import Spoken
from model_server.training.store import Part
from s2f_blender_addon.core.errors import UserError

needs_festival = pytest.mark.skipif(
    shutil.which("festival") is None or not Path("/usr/share/festival/voices/english/kal_diphone").exists(),
    reason="festival with festvox-kallpc16k is not installed on this machine",
)


def loudness(spoken: Spoken, start: float, end: float) -> float:
    piece = spoken.samples[int(start * spoken.rate) : int(end * spoken.rate)]
    return float(np.sqrt(np.mean(piece**2)))


@needs_festival
def test_phones_follow_each_other_and_a_closed_stop_is_quieter_than_its_vowel() -> None:
    spoken = festival.speak('A "papa" came.', "kal_diphone")
    assert spoken.segments[0][0] == 0
    assert all(abs(a[1] - b[0]) < 1e-6 for a, b in zip(spoken.segments, spoken.segments[1:], strict=False))
    assert spoken.segments[-1][1] == pytest.approx(len(spoken.samples) / spoken.rate, abs=0.1)
    stops = [(a, b) for a, b, name in spoken.segments if name == "p"]
    vowels = [(a, b) for a, b, name in spoken.segments if name in ("aa", "ax", "ah")]
    assert len(stops) == 2
    closed = np.mean([loudness(spoken, a + (b - a) / 3, a + (b - a) * 2 / 3) for a, b in stops])
    assert closed < 0.1 * np.mean([loudness(spoken, a, b) for a, b in vowels])


@needs_festival
def test_it_speaks_slower_when_told() -> None:
    slow, fast = (festival.speak("My mother went home.", "kal_diphone", s) for s in (1.3, 0.8))
    assert len(slow.samples) > 1.4 * len(fast.samples)


@needs_festival
def test_a_part_of_the_corpus_is_made_and_seeded(tmp_path: Path) -> None:
    for name in ("one", "other"):
        synthesis.make(tmp_path / name, "festival", 0.001, 7, False, lambda fraction, doing: None)
    one, other = Part(tmp_path / "one"), Part(tmp_path / "other")
    assert np.array_equal(one.label, other.label)
    assert one.clips[0].speaker == "kal_diphone"
    assert len(np.unique(one.label)) > 10


@needs_festival
def test_a_voice_that_is_not_there_gets_a_sentence() -> None:
    with pytest.raises(UserError, match="could not speak with nobody"):
        festival.speak("Hello.", "nobody")


def test_without_festival_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UserError, match="festvox-kallpc16k"):
        festival.speak("Hello.", "kal_diphone")


def test_labels_are_read_behind_the_header() -> None:
    rows = ["#", "0.2000 100 pau", "0.3000 100 p", "0.5000 100 ay"]
    assert festival.phones(rows) == [
        (0.0, 0.2, "sil"),
        (0.2, 0.3, "p"),
        (0.3, 0.4, "a"),
        (0.4, 0.5, "ih"),
    ]
