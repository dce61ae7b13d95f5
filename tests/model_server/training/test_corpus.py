"""The corpus: texts, labels on the frame grid, parts on disk, and doubt about labels."""

from pathlib import Path
from random import Random

import numpy as np
import pytest

from model_server.speech.phones import CLASS_INDEX, CLASSES
from model_server.training import coffee_orders, real, texts
from model_server.training.store import UNKNOWN, Part, Writer, labels, log_power


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
    writer, random = Writer(), np.random.default_rng(0)
    sounds = [random.normal(size=n).astype(np.float32) for n in (8000, 12000)]
    for i, sound in enumerate(sounds):
        mel = log_power(sound)
        writer.add(mel, np.full(len(mel), i, np.uint8), f"speaker{i}", f"clip{i}")
    writer.save(tmp_path)
    part = Part(tmp_path)
    second = part.clips[1]
    assert second.name == "clip1"
    assert np.array_equal(part.mel[second.first : second.first + second.frames], log_power(sounds[1]))
    assert (part.label[second.first :] == 1).all()


def test_a_coffee_order_is_in_its_language_model(tmp_path: Path) -> None:
    coffee_orders.write_language_model(tmp_path / "coffee.lm", 500)
    lines = (tmp_path / "coffee.lm").read_text().splitlines()
    assert lines[0] == "\\data\\"
    assert lines[-1] == "\\end\\"
    words = {line.split()[1] for line in lines[lines.index("\\1-grams:") + 1 :] if len(line.split()) == 3}
    assert {"<s>", "</s>", "coffee", "espresso", "milk"} <= words


def test_readers_are_held_out_whole_and_for_ever() -> None:
    a, b = Path("1998-15444-0006.opus"), Path("1998-29454-0001.opus")
    assert real.speaker(a) == real.speaker(b) == "1998"
    assert real.held_out(a) == real.held_out(b)
    share = np.mean([real.held_out(Path(f"{n}-1-1.opus")) for n in range(2000)])
    assert share == pytest.approx(real.HELD_OUT_SHARE, abs=0.03)


def test_a_diphthong_of_an_alignment_is_two_classes() -> None:
    assert real.segments([(0.0, 0.2, "AY"), (0.2, 0.3, "N")]) == [(0.0, 0.1, "a"), (0.1, 0.2, "ih"), (0.2, 0.3, "n")]


def test_an_aligned_bilabial_begins_a_little_later_than_pocketsphinx_says() -> None:
    found = real.segments([(0.0, 0.2, "AA"), (0.2, 0.3, "M"), (0.3, 0.4, "AA")])
    assert [name for _, _, name in found] == ["aa", "m", "aa"]
    assert found[0][1] == found[1][0] == pytest.approx(0.21)
    assert found[1][1] == 0.3


def posterior(*pairs: tuple[str, float]) -> np.ndarray:
    rows = np.full((len(pairs), len(CLASSES)), 1e-4, np.float32)
    for i, (name, share) in enumerate(pairs):
        rows[i] = (1 - share) / (len(CLASSES) - 1)
        rows[i, CLASS_INDEX[name]] = share
    return rows


def test_doubt_forgets_labels_and_certainty_replaces_them() -> None:
    m, n = CLASS_INDEX["m"], CLASS_INDEX["n"]
    label = np.array([n, n, n, UNKNOWN, UNKNOWN, m], np.uint8)
    heard = posterior(("n", 0.9), ("m", 0.7), ("m", 0.97), ("m", 0.9), ("m", 0.5), ("b", 0.97))
    assert real.revised(label, heard).tolist() == [n, UNKNOWN, m, m, UNKNOWN, m]
