"""The words of recordings: asked for once, kept line by line, a missing model is one sentence."""

from pathlib import Path

import pytest

from model_server.training.corpus.transcribe import transcribe, whisper, words
from s2f_blender_addon.core.errors import UserError


def test_what_was_heard_is_not_heard_again(tmp_path: Path) -> None:
    lines, asked = tmp_path / "words.jsonl", []

    def hear(path: Path, about: str) -> str:
        asked.append((path.name, about))
        return f"the words of {path.stem}"

    transcribe([Path("a.flac")], hear, "coffee", lines, lambda fraction, doing: None)
    with lines.open("a") as sink:
        sink.write('{"file": "b.fl')  # the power went
    transcribe([Path("a.flac"), Path("b.flac")], hear, "coffee", lines, lambda fraction, doing: None)
    assert asked == [("a.flac", "coffee"), ("b.flac", "coffee")]
    assert words(lines) == {"a.flac": "the words of a", "b.flac": "the words of b"}


def test_a_folder_without_a_model_is_one_sentence(tmp_path: Path) -> None:
    pytest.importorskip("faster_whisper")
    with pytest.raises(UserError, match="no Whisper model"):
        whisper(tmp_path)


def test_a_damaged_model_is_one_sentence(tmp_path: Path) -> None:
    pytest.importorskip("faster_whisper")
    (tmp_path / "model.bin").write_bytes(b"not a model")
    with pytest.raises(UserError, match="cannot be loaded"):
        whisper(tmp_path)
