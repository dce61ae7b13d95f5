"""What a person names to be read is a plain file of a sensible size, or the system's word why not."""

import os
from pathlib import Path

import pytest

from s2f_blender_addon.core import plain_file


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbfabc")
    assert plain_file.content(tmp_path / "a") == b"\xef\xbb\xbfabc" and plain_file.text(tmp_path / "a") == "abc"
    assert plain_file.content(tmp_path / "a", most=6) == b"\xef\xbb\xbfabc"


def test_what_is_none_or_too_much_says_why(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * 11)
    cases = {"large": "larger than 0 MB", ".": "it is a folder", "none": "No such file", "a\0b": "no file has such"}
    if os.name == "posix":
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "zero").symlink_to("/dev/zero")
        cases |= {"pipe": "a pipe or a device", "zero": "a pipe or a device"}
    for name, why in cases.items():
        with pytest.raises(OSError, match=why):
            plain_file.content(f"{tmp_path}/{name}", most=10)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux has files that hide their size")
def test_a_file_that_says_it_is_empty_is_bounded_too() -> None:
    with pytest.raises(OSError, match="larger than"):
        plain_file.content("/proc/self/status", most=10)
