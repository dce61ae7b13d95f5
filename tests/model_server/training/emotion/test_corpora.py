"""The sets as they lie in the data folder, small and made here; what is not there gets a sentence."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from model_server.emotion.listener import bundled
from model_server.training.emotion.corpora import crema_d, ordinary
from model_server.training.emotion.hearing import told
from model_server.training.emotion.labelled_texts import goemotions
from model_server.training.emotion.phrases import phrases, sentences
from model_server.training.emotion.short_phrases import NEUTRAL, cries, of_dictionary, plain
from s2f_blender_addon.core.errors import UserError

HEADER = "file,actor,emotion,voice_A,voice_D,voice_F,voice_H,voice_N,voice_S,peak_of_wav"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "emotional" / "crema-d"
    (folder / "audio").mkdir(parents=True)
    rows = [HEADER, "1001_a.wav,1001,angry,6,2,0,0,2,0,0.4", "1001_b.wav,1001,neutral,0,0,0,0,5,0,0.8"]
    (folder / "labels.csv").write_text("\n".join(rows))
    t = np.arange(24000) / 16000
    for name in ("1001_a.wav", "1001_b.wav"):
        wave = 0.3 * np.sin(2 * np.pi * 140 * t) * np.clip(np.sin(2 * np.pi * 3 * t), 0, 1)
        soundfile.write(folder / "audio" / name, wave, 16000)
    return tmp_path


def test_votes_teach_and_the_level_of_the_original_is_kept(data: Path) -> None:
    angry, neutral = crema_d(data)
    assert angry.heard == pytest.approx({"angry": 0.6, "disgust": 0.2, "neutral": 0.2})
    assert angry.raised_db == pytest.approx(6.02, abs=0.01) and neutral.raised_db == pytest.approx(0)
    assert neutral.ordinary and not angry.ordinary


def test_what_was_heard_is_kept_and_gone_on_with(data: Path, tmp_path: Path) -> None:
    listened = []

    def listen(samples: np.ndarray) -> object:
        listened.append(1)
        return bundled().listen(samples)

    first = told("crema", crema_d(data), listen, tmp_path, 1.0, lambda fraction, doing: None)
    again = told("crema", crema_d(data), listen, tmp_path, 1.0, lambda fraction, doing: None)
    assert len(listened) == 2 and len(first) == 2
    assert np.array_equal(first.descriptions, again.descriptions, equal_nan=True) and first.clips == again.clips


def test_missing_sets_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"crema-d.*emotional"):
        list(crema_d(tmp_path))
    with pytest.raises(UserError, match="librispeech"):
        list(ordinary(tmp_path))
    with pytest.raises(UserError, match="goemotions"):
        goemotions(tmp_path / "goemotions", "train")


def test_phrases_make_the_same_sentences_for_the_same_seed_and_shares_sum_to_one() -> None:
    assert sentences(3) == sentences(3) != sentences(4)
    assert all(sum(shares.values()) == pytest.approx(1) for _, shares in sentences(0))
    assert len(phrases()["annoyances"]) >= 50


def test_short_phrases_are_neutral_but_for_the_cries() -> None:
    assert plain(1) == plain(1) != plain(2)
    assert all(shares == NEUTRAL for _, shares in plain(0))
    assert all("neutral" not in shares and sum(shares.values()) == 1 for _, shares in cries())


def test_words_that_lines_are_felt_with_are_in_no_neutral_phrase() -> None:
    neutral, angry = np.eye(9, dtype=np.float32)[[0, 3]]
    lines = [(f"the table is here {i}", neutral) for i in range(60)] + [("you scoundrel", angry)] * 60
    made = of_dictionary(lines, 0)
    said = " ".join(text.lower() for text, _ in made)
    assert "table" in said and "scoundrel" not in said
    assert all(shares == NEUTRAL for _, shares in made)
