"""Recordings through other throats, rooms and codecs keep their length and their times."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from model_server.audio import echo
from model_server.training.alignment.forced_alignment import read_sound
from model_server.training.corpus import offline_augmentation
from model_server.training.corpus.store import CorpusPart, CorpusWriter, log_power

SAMPLE = Path(offline_augmentation.__file__).parents[2] / "sample" / "hello.wav"
STEPS = [step for _, step in offline_augmentation.CHAIN]


@pytest.fixture(scope="module")
def spoken() -> np.ndarray:
    pytest.importorskip("parselmouth")
    pytest.importorskip("pyroomacoustics")
    return read_sound(SAMPLE)[:48000]


def loudness(samples: np.ndarray) -> np.ndarray:
    return np.sqrt(np.convolve(samples.astype(np.float64) ** 2, np.ones(400) / 400, "same")[::160])


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
@pytest.mark.parametrize("seed", range(4))
def test_words_stay_where_they_were(step: Callable[..., np.ndarray], seed: int, spoken: np.ndarray) -> None:
    heard = step(spoken, np.random.default_rng(seed))
    assert heard.shape == spoken.shape
    assert heard.dtype == np.float32
    assert np.isfinite(heard).all()
    before, after = loudness(spoken), loudness(heard)
    match = {lag: np.corrcoef(before[10:-10], np.roll(after, lag)[10:-10])[0, 1] for lag in range(-9, 10)}
    best = max(match, key=lambda lag: match[lag])
    assert abs(best) <= (4 if step is offline_augmentation.room else 1)  # an echo comes after the word
    assert match[best] > 0.7


def test_the_same_seed_spoils_the_same_way(spoken: np.ndarray) -> None:
    one, other = (offline_augmentation.spoilt(spoken, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(one, other)
    assert not np.array_equal(one, offline_augmentation.spoilt(spoken, np.random.default_rng(4)))


def test_spoilt_copies_get_better_labels_without_being_made_again(spoken: np.ndarray, tmp_path: Path) -> None:
    mel = log_power(spoken)
    for label in (1, 2):
        writer = CorpusWriter()
        writer.add(mel, np.full(len(mel), label, np.uint8), "someone", "clip")
        writer.save(tmp_path / "part")
        asked: list[str] = []

        def read(name: str, asked: list[str] = asked) -> np.ndarray:
            asked.append(name)
            return spoken

        offline_augmentation.make(tmp_path / "part", read, tmp_path / "spoilt", (0, 0), lambda fraction, doing: None)
        assert asked == (["clip"] if label == 1 else [])
        assert (np.asarray(CorpusPart(tmp_path / "spoilt").label) == label).all()


@pytest.mark.parametrize("seconds", [0.5, 2.5, 20.0])
@pytest.mark.parametrize("seed", range(3))
def test_pieces_keep_the_number_of_frames_and_where_each_word_is(seconds: float, seed: int, spoken: np.ndarray) -> None:
    samples = np.resize(spoken, int(seconds * 16000))
    whole, pieces = echo.power(samples), offline_augmentation.in_pieces(samples, np.random.default_rng(seed))
    assert pieces.shape == whole.shape
    one, other = np.log(whole.mean(1) + 1e-6), np.log(pieces.mean(1) + 1e-6)
    match = {lag: np.corrcoef(one[4:-4], np.roll(other, lag)[4:-4])[0, 1] for lag in range(-4, 5)}
    assert max(match, key=lambda lag: match[lag]) == 0
    assert match[0] > 0.9
