"""The corpus: texts, labels on the frame grid, parts on disk, and doubt about alignments."""

from pathlib import Path
from random import Random

import numpy as np
import pytest

from model_server.speech.phones import CLASS_INDEX, CLASSES
from model_server.speech.words.align import Alignment, Phone
from model_server.training.alignment import forced_alignment
from model_server.training.corpus import texts
from model_server.training.corpus.store import UNKNOWN, CorpusPart, CorpusWriter, labels, log_power
from s2f_blender_addon.core.script import SpokenWord


@pytest.mark.parametrize("language", sorted(texts.LANGUAGES))
def test_every_language_has_something_to_say(language: str) -> None:
    said = texts.pseudo(Random(1), texts.LANGUAGES[language], 6)
    assert len(said.split()) >= 6
    assert said == texts.pseudo(Random(1), texts.LANGUAGES[language], 6)


def test_english_has_sentences_remarks_and_word_lists() -> None:
    random = Random(0)
    said = [texts.english(random) for _ in range(200)]
    assert len(set(said)) > 180
    assert any("," in s for s in said)
    assert all(s[-1] in ".?!" for s in said)


def test_a_frame_has_the_class_that_sounds_at_its_centre() -> None:
    found = labels([(0.0, 0.1, "sil"), (0.1, 0.204, "m"), (0.204, 0.3, "a")], 31)
    assert CLASSES[found[9]] == "sil"
    assert CLASSES[found[10]] == "m"
    assert CLASSES[found[20]] == "m"
    assert CLASSES[found[21]] == "a"


def test_a_part_comes_back_as_it_was_written(tmp_path: Path) -> None:
    writer, random = CorpusWriter(), np.random.default_rng(0)
    sounds = [random.normal(size=n).astype(np.float32) for n in (8000, 12000)]
    for i, sound in enumerate(sounds):
        mel = log_power(sound)
        writer.add(mel, np.full(len(mel), i, np.uint8), f"speaker{i}", f"clip{i}")
    writer.save(tmp_path)
    part = CorpusPart(tmp_path)
    second = part.clips[1]
    assert second.name == "clip1"
    assert np.array_equal(part.mel[second.first : second.first + second.frames], log_power(sounds[1]))
    assert (part.label[second.first :] == 1).all()


def test_readers_are_held_out_whole_and_for_ever() -> None:
    a, b = Path("1998-15444-0006.opus"), Path("1998-29454-0001.opus")
    assert forced_alignment.speaker(a) == forced_alignment.speaker(b) == "1998"
    assert forced_alignment.held_out(a) == forced_alignment.held_out(b)
    share = np.mean([forced_alignment.held_out(Path(f"{n}-1-1.opus")) for n in range(2000)])
    assert share == pytest.approx(forced_alignment.HELD_OUT_SHARE, abs=0.03)


def aligned(*words: tuple[str, float, float, float]) -> Alignment:
    """Words of one phone each: (phone, start, end, confidence)."""
    phones = tuple(Phone(name, a, b, i, 0.0) for i, (name, a, b, _) in enumerate(words))
    return Alignment(phones, tuple(SpokenWord(name, a, b, sure) for name, a, b, sure in words))


def test_an_alignment_gives_each_frame_the_class_that_sounds_at_its_centre() -> None:
    found = forced_alignment.labels(aligned(("m", 0.0, 0.095, 0.9), ("a", 0.095, 0.2, 0.8)), 20)
    assert (found[:10] == CLASS_INDEX["m"]).all()
    assert (found[10:] == CLASS_INDEX["a"]).all()


def test_a_word_that_is_not_heard_there_teaches_nothing() -> None:
    found = forced_alignment.labels(aligned(("m", 0.0, 0.1, 0.9), ("a", 0.1, 0.2, 0.01), ("t", 0.2, 0.3, 0.9)), 30)
    assert (found[10:20] == UNKNOWN).all()
    assert (found[20:] == CLASS_INDEX["t"]).all()


def test_a_recording_of_other_words_teaches_nothing_at_all() -> None:
    found = forced_alignment.labels(aligned(("m", 0.0, 0.1, 0.9), ("a", 0.1, 0.2, 0.01), ("t", 0.2, 0.3, 0.02)), 30)
    assert (found == UNKNOWN).all()
