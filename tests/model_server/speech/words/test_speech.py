"""Words in real and synthesised speech: where they are, whatever the text gets wrong."""

import shutil
from ctypes.util import find_library
from pathlib import Path

import numpy as np
import pytest

from model_server.audio.decode import decode
from model_server.audio.resample import resample
from model_server.evaluation.labels import BILABIAL, events, read_labels
from model_server.evaluation.lips import SLACK
from model_server.sample import SAMPLE
from model_server.speech.closures import Rule, closures
from model_server.speech.phones import CLASS_INDEX
from model_server.speech.words.script import script_of, words_of
from model_server.talk_model import TalkModel

CLIPS = Path(__file__).parents[3] / "data" / "lips"
BROTHER = "My brother bought a big map, but nobody believed him."
WRONG = "My sister bought a big map – oh yes, a map! – but believed him. Good night, and thank you."

needs_espeak = pytest.mark.skipif(
    find_library("espeak-ng") is None or shutil.which("espeak-ng") is None, reason="espeak-ng is not installed"
)


@pytest.fixture(scope="module")
def model() -> TalkModel:
    return TalkModel.load()


def lips_shut(model: TalkModel, samples: np.ndarray, text: str) -> list[tuple[float, float]]:
    """When p, b or m is said, seconds; sound alone where there is no text."""
    phones = model.run(samples, 100.0, words=words_of(script_of(text))).phones
    return closures(phones[:, [CLASS_INDEX[name] for name in ("p", "b", "m")]].sum(1), 100.0, Rule())


@pytest.mark.parametrize(("text", "least"), [(BROTHER, 0.9), (WRONG, 0.75)])
def test_closures_of_a_sentence_are_where_their_labels_are(model: TalkModel, text: str, least: float) -> None:
    samples = decode(CLIPS / "flite-awb-map.flac").samples
    wanted = events(read_labels(CLIPS / "flite-awb-map.phn"), BILABIAL)
    shut = lips_shut(model, samples, text)
    hit = [any(a < end + SLACK and b > start - SLACK for a, b in shut) for start, end in wanted]
    assert np.mean(hit) >= least
    false = [(a, b) for a, b in shut if not any(a < end + SLACK and b > start - SLACK for start, end in wanted)]
    assert len(false) <= (text != BROTHER)


def test_words_of_the_sample_come_in_order_and_without_gaps_where_it_speaks_on(model: TalkModel) -> None:
    text = "Hello! My name is Poppy. Give me a voice, and I move my lips. Oh, wow! What a beautiful morning for a film."
    words = model.find(decode(SAMPLE).samples, words_of(script_of(text)))
    assert all(word.confidence > 0 for word in words)
    assert np.median([word.confidence for word in words]) > 0.8
    assert all(0.015 < word.end - word.start < 1.0 for word in words)
    name = next(i for i, word in enumerate(words) if word.text == "name")
    assert words[name].end == words[name + 1].start


@needs_espeak
@pytest.mark.parametrize(
    ("language", "text", "extra"),
    [
        ("de", "Meine Mutter bringt den Pudel bald nach Bamberg.", "Schmetterling"),
        ("fr", "Mon papa prépare une belle pomme pour maman.", "chaussures"),
        ("es", "Mi madre compra bombones para el bebé.", "zanahorias"),
    ],
)
def test_other_languages_are_found_by_their_sounds(model: TalkModel, language: str, text: str, extra: str) -> None:
    from model_server.training.corpus.espeak import library

    spoken = library().speak(text, language)
    samples = resample(spoken.samples, spoken.rate, 16000).astype(np.float32)
    words = model.find(samples, words_of(script_of(f"{text} {extra}.", language)))
    assert [word.text for word in words if word.confidence > 0.1] == text.split()
    assert words[-1].confidence == 0
