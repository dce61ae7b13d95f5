"""Names that are bytes and no text, as Linux allows, are files like others in the terminal."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT, S2F, complaint

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="names that are no text exist on Linux alone")


def test_a_recording_whose_name_is_no_text_is_inferred_in_a_folder_too(tmp_path: Path) -> None:
    strange = os.path.join(os.fsencode(tmp_path), b"in", b"stimme\xff.wav")
    os.mkdir(tmp_path / "in")
    shutil.copy(ROOT / "model_server/sample/hello.wav", strange)
    command = [sys.executable, "-m", "model_server", "infer", str(tmp_path / "in"), "-o", f"{tmp_path / 'out'}/"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert os.listdir(os.fsencode(tmp_path / "out")) == [b"stimme\xff.csv"]


def test_no_name_steers_the_terminal_or_breaks_the_line(s2f: S2F) -> None:
    said = complaint(s2f("infer", "a\nb\x1b[2J\u202ec.wav", "-o", "x.csv"))
    assert said.startswith("s2f: ") and "\x1b" not in said and "\u202e" not in said
    assert r"a b\x1b[2J\u202ec.wav" in said


def test_a_terminal_without_the_letters_of_a_name_gets_them_written_out(s2f: S2F, tmp_path: Path) -> None:
    shutil.copy(ROOT / "model_server/sample/hello.wav", tmp_path / "声 😀.wav")
    done = s2f("infer", tmp_path, "-o", f"{tmp_path}/out/", PYTHONUTF8="0", PYTHONIOENCODING="cp1252")
    assert (done.returncode, done.stderr) == (0, "")
    assert r"\u58f0 \U0001f600.csv" in done.stdout
