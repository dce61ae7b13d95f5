"""The same voice through other microphones: as long, as loud, coloured otherwise, and kept where it was heard."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from model_server.audio.decode import decode
from model_server.cancel import silent
from model_server.emotion.description import PROSODY
from model_server.emotion.listener import bundled
from model_server.sample import SAMPLE
from model_server.training.emotion.corpora import EmotionClip
from model_server.training.emotion.elsewhere import elsewhere
from model_server.training.emotion.hearing import told, with_elsewhere


def test_it_is_as_long_and_as_loud_and_coloured_otherwise() -> None:
    pytest.importorskip("pyroomacoustics")
    hello = decode(SAMPLE).samples
    for seed in range(3):
        there = elsewhere(hello, np.random.default_rng(seed))
        assert there.shape == hello.shape and there.dtype == np.float32
        assert np.mean(there**2) == pytest.approx(np.mean(hello**2), rel=0.01)
        power, moved = (np.abs(np.fft.rfft(sound)) ** 2 for sound in (hello, there))
        colours = [np.log10([part.sum() for part in np.array_split(x, 8)]) for x in (power, moved)]
        assert np.abs(colours[0] - colours[1]).max() > 0.2
        assert np.array_equal(there, elsewhere(hello, np.random.default_rng(seed)))


def test_what_was_heard_there_stands_beside_the_clip(tmp_path: Path) -> None:
    pytest.importorskip("pyroomacoustics")
    hello = decode(SAMPLE).samples
    clips = []
    for k in range(3):
        path = tmp_path / f"{k}.wav"
        soundfile.write(path, hello[: 16000 * (2 + k)], 16000)
        clips.append(EmotionClip(str(path), str(k), {"neutral": 1.0}, True))
    here = told("crema", iter(clips), bundled().listen, tmp_path, 1.0, silent)
    both = with_elsewhere(here, iter(clips), bundled().listen, tmp_path, 0.002, silent)
    assert np.array_equal(both.descriptions, here.descriptions)
    assert both.is_moved.sum() == 2 == len(both.moved())
    there, before = both.moved().descriptions, both.descriptions[both.is_moved]
    assert np.abs(there - before)[:, : -len(PROSODY)].max() > 0.1
    again = with_elsewhere(here, iter(clips), lambda _: pytest.fail("heard twice"), tmp_path, 0.002, silent)
    assert np.array_equal(again.elsewhere, both.elsewhere, equal_nan=True)
