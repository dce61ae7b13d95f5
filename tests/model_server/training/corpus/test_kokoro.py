"""What the neural synthesiser reads, who reads it, and what becomes of it."""

import json
from ctypes.util import find_library
from pathlib import Path
from random import Random

import numpy as np
import pytest
import soundfile

from model_server.speech.phones import CLASSES
from model_server.training.alignment import forced_alignment
from model_server.training.corpus import kokoro, kokoro_part, kokoro_texts
from model_server.training.corpus.kokoro import Kokoro
from s2f_blender_addon.core.errors import UserError

LETTERS = {letter: i + 1 for i, letter in enumerate("".join(dict.fromkeys(
    "AIOWYQST ,.!?ˈˌːabcdefhijklmnopqrstuvwxyzɑæʌɔɛɜəɹɪʊθðʃʒʧʤŋɡʰʨꭧɕɻʦɤɥ→↗↓↘ɲɾʁøœʎʋʈɖɽɐ̃"
)))}  # fmt: skip
VOICES = ("af_one", "am_two", "zf_three", "bf_lily")
needs_espeak = pytest.mark.skipif(find_library("espeak-ng") is None, reason="espeak-ng is not installed here")


class Tone(Kokoro):
    """Stands in for the network, whose weights no checkout has: a tone as long as its text."""

    def speak(self, ipa: str, style: kokoro.Array, speed: float) -> kokoro.Array:
        assert set(ipa) <= set(self.vocabulary)
        time = np.arange(int(len(ipa) * 0.08 / speed * kokoro.RATE)) / kokoro.RATE
        return (0.3 * np.sin(2 * np.pi * 200 * time)).astype(np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pytest.importorskip("openvino")
    (tmp_path / "voices").mkdir()
    (tmp_path / "model.onnx").write_bytes(b"")
    (tmp_path / "vocab.json").write_text(json.dumps({"vocab": LETTERS}))
    for i, name in enumerate(VOICES):
        np.full((510, 256), i, "<f4").tofile(tmp_path / "voices" / f"{name}.bin")
    return tmp_path


@pytest.fixture
def sentences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wordnet").mkdir()
    for part in ("noun", "verb", "adj", "adv"):
        (tmp_path / "wordnet" / f"data.{part}").write_text('x | gloss; "the old man put a big map away"; "too few"')
    kokoro_texts.wordnet.cache_clear()
    kept = kokoro_texts.wordnet(tmp_path / "wordnet")
    assert kept == ("the old man put a big map away",)
    monkeypatch.setattr(kokoro_texts, "wordnet", lambda: kept)


def test_english_is_read_and_labelled_by_the_same_pronunciation(sentences: None) -> None:
    random = Random(1)
    said = [kokoro_texts.english(random) for _ in range(40)]
    for read in said:
        assert len(read.ipa.split()) == len(read.phones)
        for spelt, phones in zip(read.ipa.split(), read.phones, strict=True):
            assert sum(spelt.count(letter) for letter in "pbm") == sum(name in ("p", "b", "m") for name in phones)
    assert any("mˈæp" in read.ipa for read in said)


def test_little_words_carry_no_stress(sentences: None) -> None:
    assert "ˈ" not in kokoro_texts._english("the of and", Random(0)).ipa  # type: ignore[union-attr]


def test_a_sentence_with_an_unknown_word_is_not_read() -> None:
    assert kokoro_texts._english("the old xqzzt", Random(0)) is None


def test_mandarin_keeps_a_class_for_every_sound() -> None:
    random = Random(2)
    for _ in range(40):
        read = kokoro_texts.mandarin(random)
        assert len(read.ipa.split()) == len(read.phones)
        assert all(name in CLASSES for way in read.phones for name in way)
        assert sum(read.ipa.count(letter) for letter in "pm") == sum(
            name in ("p", "m") for way in read.phones for name in way
        )


@needs_espeak
@pytest.mark.parametrize("voice", sorted(kokoro_texts.FOREIGN))
def test_other_languages_are_pronounced_by_espeak(voice: str) -> None:
    read = kokoro_texts.foreign(Random(3), voice, frozenset(LETTERS))
    assert len(read.ipa.split()) == len(read.phones)
    assert set(read.ipa) <= set(LETTERS)
    assert all(name in CLASSES for way in read.phones for name in way)


def test_voices_are_held_out_whole(folder: Path) -> None:
    found = Kokoro(folder)
    assert found.voices(True) == ["bf_lily"]
    mixed = {kokoro.somebody(found, Random(i), "ab", False)[0] for i in range(50)}
    assert not any("bf_lily" in name or "zf_three" in name for name in mixed)
    assert {"af_one", "am_two"} <= mixed and any("+" in name for name in mixed)


def test_a_voice_between_two_lies_between_them(folder: Path) -> None:
    name, style = next(
        found for i in range(50) if "+" in (found := kokoro.somebody(Kokoro(folder), Random(i), "abz", False))[0]
    )
    ends = sorted(VOICES.index(voice) for voice in name.split("+"))
    assert style.shape == (510, 256)
    assert ends[0] - 1e-6 <= style.min() and style.max() <= ends[1] + 1e-6


def test_a_folder_without_it_is_named(tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    with pytest.raises(UserError, match=r"model\.onnx"):
        Kokoro(tmp_path)


@needs_espeak
def test_a_recording_and_its_phones_lie_beside_each_other(
    folder: Path, sentences: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kokoro_part, "_loaded", lambda where: Tone(where))
    seconds = [kokoro_part.utterance(folder, folder, 0, False, i) for i in range(3)]
    rows = [(folder / f"{i:06}.json").read_text() for i in range(3)]
    assert seconds[1] == pytest.approx(soundfile.info(folder / "000001.flac").duration)
    (folder / kokoro_part.SPOKEN).write_text("\n".join(rows))
    found = forced_alignment.spoken(folder / kokoro_part.SPOKEN)
    assert [one.path.name for one in found] == ["000000.flac", "000001.flac", "000002.flac"]
    assert all(word.ways[0] and set(word.ways[0]) <= set(CLASSES) for one in found for word in one.words)
    assert kokoro_part.utterance(folder, folder, 0, False, 1) == seconds[1], "a recording depends on its number alone"


def test_processes_that_end_in_between_are_replaced_and_what_is_ready_is_not_made_again() -> None:
    said: list[float] = []
    count = kokoro_part.until(
        1_000_000, float, lambda i: 0.0 if i % 2 == 0 else None, lambda fraction, doing: said.append(fraction)
    )
    assert count == 2048, "odd numbers below 2000 make a million; even ones, made, would have ended it at 1472"
    assert said[-1] == 1.0
