"""What was heard is kept beside a recording: once, whole, and never of another sound or by another maker."""

from pathlib import Path

import numpy as np
import pytest

from model_server.training.corpus import features as kept
from model_server.training.corpus.features import Features

SOUND = np.linspace(-1, 1, 800, dtype=np.float32)
BESIDE = "take.wav.heard.safetensors"


class Maker:
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> kept.Arrays:
        self.asked += 1
        return {"phones": np.full((3, 2), self.asked, np.float32), "states": np.ones(4, np.float16)}


def ask(features: Features, folder: Path, maker: Maker, samples: np.ndarray = SOUND, who: str = "talk-1") -> float:
    found = features.of(folder / "take.wav", samples, "heard", who, maker)
    assert found["states"].dtype == np.float16
    return float(found["phones"][0, 0])


def test_a_second_training_finds_it_beside_the_recording(tmp_path: Path) -> None:
    maker, first, second = Maker(), Features(tmp_path / "work"), Features(tmp_path / "other work")
    assert ask(first, tmp_path, maker) == ask(second, tmp_path, maker) == 1
    assert [path.name for path in tmp_path.iterdir()] == [BESIDE]
    assert (first.made, second.found) == (1, 1)
    assert "0; the rest is kept beside them" in first.told and second.told.endswith("for 1.")


def test_another_sound_or_maker_is_heard_anew_and_replaces_the_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = Maker()
    assert ask(Features(), tmp_path, maker) == 1
    assert ask(Features(), tmp_path, maker, samples=-SOUND) == 2
    assert ask(Features(), tmp_path, maker, samples=-SOUND, who="talk-2") == 3
    monkeypatch.setattr(kept, "VERSION", "99.0")
    assert ask(Features(), tmp_path, maker, samples=-SOUND, who="talk-2") == 4
    assert [path.name for path in tmp_path.iterdir()] == [BESIDE]


@pytest.mark.parametrize("damage", [lambda raw: raw[: len(raw) // 2], lambda raw: b"", lambda raw: b"x" * 100])
def test_a_damaged_file_is_made_anew(damage, tmp_path: Path) -> None:
    maker = Maker()
    ask(Features(), tmp_path, maker)
    path = tmp_path / BESIDE
    path.write_bytes(damage(path.read_bytes()))
    assert ask(Features(), tmp_path, maker) == 2
    assert ask(Features(), tmp_path, maker) == 2


def test_where_nothing_can_be_written_it_is_kept_in_the_work_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_file = kept.whole_file

    def barred(path: Path):
        if path.parent.name == "captures":
            raise PermissionError(13, "Permission denied", str(path))
        return whole_file(path)

    monkeypatch.setattr(kept, "whole_file", barred)
    captures, maker = tmp_path / "captures", Maker()
    captures.mkdir()
    first, again, nowhere = Features(tmp_path / "work"), Features(tmp_path / "work"), Features()
    assert ask(first, captures, maker) == ask(again, captures, maker) == 1
    assert not list(captures.iterdir()) and len(list((tmp_path / "work").iterdir())) == 1
    assert f"1 could not be kept beside their recordings and are kept in {tmp_path / 'work'}" in first.told
    ask(nowhere, captures, maker)
    assert nowhere.told.endswith("are kept nowhere.")


def test_whoever_wants_no_files_beside_recordings_has_none(tmp_path: Path) -> None:
    maker, features = Maker(), Features(tmp_path / "work", beside=False)
    ask(features, tmp_path, maker)
    assert [path.name for path in tmp_path.iterdir()] == ["work"]
    assert "kept in" in features.told and Features().told == ""


def test_a_run_that_is_stopped_leaves_no_half_file(tmp_path: Path) -> None:
    def stopped() -> kept.Arrays:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Features().of(tmp_path / "take.wav", SOUND, "heard", "talk-1", stopped)
    assert not list(tmp_path.iterdir())
