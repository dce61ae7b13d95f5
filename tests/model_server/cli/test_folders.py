"""Folders as studios have them: links, names that differ by little, parts that cannot be read, a full disk."""

import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
import soundfile

from model_server.cli.sources import plan, recordings

from .conftest import ROOT


def touched(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def named(folder: Path) -> list[str]:
    return [str(below) for _, below in recordings([str(folder)])]


def test_links_to_folders_are_followed_once_and_never_in_a_circle(tmp_path: Path) -> None:
    shot = touched(tmp_path / "shot", "a.wav", "deep/b.wav")
    touched(tmp_path / "library", "c.wav")
    (shot / "lib").symlink_to(tmp_path / "library")
    (shot / "deep" / "up").symlink_to(shot)
    (shot / "self").symlink_to(shot / "self")
    (tmp_path / "library" / "back").symlink_to(shot)
    assert named(shot) == ["a.wav", "deep/b.wav", "lib/c.wav"]


def test_a_folder_that_cannot_be_read_is_told_and_the_rest_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shot, scan = touched(tmp_path / "shot", "a.wav", "locked/b.wav", "open/c.wav"), os.scandir

    def refusing(path: Path) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert named(shot) == ["a.wav", "open/c.wav"]
    (said,) = capsys.readouterr().err.splitlines()
    assert "locked: this folder cannot be read (Permission denied)" in said


@pytest.mark.parametrize(
    ("names", "outputs"),
    [
        (["a.mp3", "a.wav"], ["a.mp3.csv", "a.wav.csv"]),
        (["A.wav", "a.wav"], ["A.wav.csv", "a-2.wav.csv"]),
        (["A.WAV", "a.flac", "b.wav"], ["A.WAV.csv", "a.flac.csv", "b.csv"]),
        ([unicodedata.normalize(form, "é.wav") for form in ("NFD", "NFC")], None),
        (["-v.wav", "a\nb.wav", "x\u202ey.wav", "😀.wav", "n" * 250 + ".wav", "v1.2.wav", "v1.3.wav"], None),
    ],
)
def test_every_recording_has_an_output_of_its_own(names: list[str], outputs: list[str] | None, tmp_path: Path) -> None:
    folder = touched(tmp_path / "in", *names)
    found = [path.name for path in plan(recordings([str(folder)]), f"{tmp_path}/out/")]
    assert len({unicodedata.normalize("NFC", name).casefold() for name in found}) == len(names)
    assert outputs is None or found == outputs


def test_a_hundred_thousand_recordings_are_planned_in_a_blink(tmp_path: Path) -> None:
    sources = [(Path(f"in/{k}.wav"), Path(f"{k}.wav")) for k in range(100_000)]
    began = os.times()
    assert len(plan(sources, "out/")) == len(sources)
    assert os.times().user - began.user < 10


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a process's files")
def test_where_one_output_does_not_fit_the_others_are_written_and_it_is_named(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 16000 * 4).astype(np.float32)
    for name, seconds in (("a.wav", 0.1), ("b.wav", 4.0), ("c.wav", 0.1)):
        soundfile.write(tmp_path / name, noise[: int(16000 * seconds)], 16000)
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (40960, 40960)); "
        "from model_server.cli.main import main; sys.exit(main())"
    )
    command = [sys.executable, "-c", code, "infer", str(tmp_path), "-o", f"{tmp_path}/out/"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    (said,) = done.stderr.splitlines()
    assert "out/b.csv" in said and "1 of 3 recordings failed" in done.stdout
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.csv", "c.csv"]
