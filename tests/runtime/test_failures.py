"""Everything known to go wrong has one sentence that says what it is and what to do next."""

import errno
import http.client
import ssl
import subprocess
import sys
import time
import urllib.error
from email.message import Message
from pathlib import Path

import pytest

from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.runtime import children, journal
from s2f_blender_addon.runtime.failures import of_error, of_output

HERE = Path("/data/speech2face")


def windows(code: int) -> OSError:
    """An OSError as Windows raises it; elsewhere Python drops the code, so it is set."""
    error = OSError(errno.EACCES if code in (5, 32) else 0, "x")
    error.winerror = code  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "x"), "became full while fetching torch; make room"),
        (OSError(errno.EDQUOT, "x"), "became full"),
        (OSError(errno.EROFS, "x"), "may not be written"),
        (OSError(errno.ENAMETOOLONG, "x"), "too long while fetching torch; choose a folder with a short path"),
        (OSError(errno.EIO, "x"), "reported an error"),
        (PermissionError(errno.EACCES, "x"), "exclude this folder from scanning"),
        (windows(5), "virus scanner holds it"),
        (windows(32), "virus scanner holds it"),
        (windows(112), "became full"),
        (windows(206), "too long"),
        (windows(225), "virus scanner took away a file"),
        (windows(1260), "administrator forbids"),
        (TimeoutError(), "stopped answering"),
        (ConnectionResetError(), "broke several times"),
        (http.client.IncompleteRead(b""), "broke several times"),
        (urllib.error.URLError(ssl.SSLCertVerificationError("x")), "not trusted.*SSL_CERT_FILE"),
        (urllib.error.URLError(OSError("Tunnel connection failed: 407 Proxy Authentication Required")), "HTTPS_PROXY"),
        (urllib.error.HTTPError("u", 403, "m", Message(), None), "firewall refused"),
        (MemoryError(), "ran out of memory"),
        (ValueError("odd"), r"Fetching torch failed \(odd\); copy the report"),
    ],
)
def test_exceptions(error: BaseException, sentence: str) -> None:
    told = of_error(error, HERE, "Fetching torch")
    with pytest.raises(UserError, match=sentence):
        raise told
    assert "\n" not in str(told)


def test_a_sentence_stays_what_it_is() -> None:
    error = UserError("Do this.")
    assert of_error(error, HERE) is error


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("error: failed to write: No space left on device (os error 28)", "became full"),
        ("[WinError 112] There is not enough space on the disk", "became full"),
        ("Caused by: Access is denied. (os error 5)", "virus scanner holds it"),
        ("[WinError 225] Operation did not complete because the file contains a virus", "took away a file"),
        ("uv.exe cannot start: [WinError 2] The system cannot find the file specified", "took away a file"),
        ("This program is blocked by group policy. (os error 1260)", "administrator forbids"),
        ("OSError: [Errno 36] File name too long: '...'", "short path"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "not the one that this version"),
        ("error: Hash mismatch for `torch==2.13.0`", "not the one that this version"),
        ("OSError: [WinError 126] The specified module could not be found. Error loading c10.dll", "vc_redist.x64.exe"),
        ("OSError: [WinError 1114] A dynamic link library (DLL) initialization routine failed", "vc_redist.x64.exe"),
        ("CUDA error: no kernel image is available for execution on the device", "not one that the installed torch"),
        ("CUDA driver version is insufficient for CUDA runtime version", "driver is too old"),
        ("The NVIDIA driver on your system is too old (found version 11040).", "driver is too old"),
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB", "card's memory is full"),
        ("RuntimeError: Found no NVIDIA driver on your system.", "finds no NVIDIA card or driver"),
        ("Error: Unable to create process using 'x': The paging file is too small", "ran out of memory"),
        ("  cause: dns error", "network does not answer"),
        ("407 Proxy Authentication Required", "proxy wants"),
        ("invalid peer certificate: UnknownIssuer", "not trusted"),
        ("/usr/bin/python3: No module named ensurepip", "without pip and venv"),
        ("something new\n\n", r"Installing failed \(something new\); copy the report and try again"),
        ("", "it said nothing"),
    ],
)
def test_what_programs_print(output: str, sentence: str) -> None:
    told = of_output(output, HERE, "Installing")
    with pytest.raises(UserError, match=sentence):
        raise told
    assert "\n" not in str(told)


def test_a_program_ends_with_its_output_and_its_status() -> None:
    logged: list[str] = []
    with pytest.raises(children.Failed) as failed:
        children.run([sys.executable, "-c", "print('why ü'); raise SystemExit(3)"], {"PYTHONUTF8": "1"}, logged.append)
    assert failed.value.output == "why ü"
    assert logged[1:] == ["why ü", "status 3"]


def test_a_cancel_ends_a_program_and_what_it_started(tmp_path: Path) -> None:
    """The grandchild keeps a file growing; it must stop."""
    grow = "import sys, time\nwhile True: open(sys.argv[1], 'a').write('x'); time.sleep(0.02)"
    start = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grow!r}, sys.argv[1]])"
    beat = tmp_path / "beat"

    class Stop(Exception):
        pass

    def tick() -> None:
        if beat.exists():
            raise Stop

    with pytest.raises(Stop):
        children.run([sys.executable, "-c", start, str(beat)], {}, lambda _: None, tick)
    size = beat.stat().st_size
    time.sleep(0.2)
    assert beat.stat().st_size == size


def test_a_program_does_not_outlive_blender(tmp_path: Path) -> None:
    """Blender is killed, and with it goes what it had started and what that had started."""
    grow = "import sys, time\nwhile True: open(sys.argv[1], 'a').write('x'); time.sleep(0.02)"
    start = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grow!r}, sys.argv[1]])"
    blender = (
        "import os, sys; from s2f_blender_addon.runtime import children\n"
        f"children.run([sys.executable, '-c', {start!r}, sys.argv[1]], os.environ, lambda _: None)"
    )
    beat = tmp_path / "beat"
    killed = subprocess.Popen([sys.executable, "-c", blender, str(beat)], cwd=Path(__file__).parents[2])
    end = time.monotonic() + 30
    while not beat.exists() and time.monotonic() < end:
        time.sleep(0.05)
    killed.kill()
    killed.wait()
    time.sleep(0.5)
    size = beat.stat().st_size
    time.sleep(0.3)
    assert beat.stat().st_size == size


def test_a_program_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(children.Failed) as failed:
        children.run([str(tmp_path / "none")], {}, lambda _: None)
    assert "cannot start" in failed.value.output


def test_a_program_that_hangs_is_ended() -> None:
    with pytest.raises(TimeoutError):
        children.run([sys.executable, "-c", "import time; time.sleep(60)"], {}, lambda _: None, limit=0.3)


@pytest.mark.parametrize(
    "secret",
    [
        "https://user:hunter2@proxy.example:8080/simple",
        "Proxy-Authorization: Basic hunter2==",
        "token=hunter2",
        "UV_INDEX_PASSWORD = 'hunter2'",
        "https://bucket.example/x.whl?X-Amz-Signature=hunter2&a=1",
        "api_key: hunter2",
    ],
)
def test_no_secret_reaches_the_log_or_the_report(tmp_path: Path, secret: str) -> None:
    journal.Journal(tmp_path).write(f"Fetching with {secret}\nnext line")
    assert "hunter2" not in (tmp_path / "install.log").read_text()
    assert "next line" in journal.report(tmp_path)
    (tmp_path / "install.log").write_text(secret)
    assert "hunter2" not in journal.report(tmp_path, headline=secret)


def test_the_report_names_the_machine_and_not_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    told = journal.report(tmp_path / "folder", "It failed.")
    assert told.startswith("It failed.\n") and "Python" in told and "(there is no log)" in told
    assert str(tmp_path) not in told


def test_the_log_does_not_grow_for_ever(tmp_path: Path) -> None:
    (tmp_path / "install.log").write_bytes(b"x" * (journal.KEPT + 1))
    journal.Journal(tmp_path).write("new")
    assert (tmp_path / "install.log").stat().st_size < journal.KEPT
