"""One file from the network: whole, with the right hash, resumed where it was cut.

While it arrives it is called ``NAME.part`` and stays there through a cut or a cancel. Proxies and certificates are
those of the system.
"""

import hashlib
import http.client
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from ..core import patient
from ..process.server import trust
from .failures import of_error, sentence
from .pylock import Wheel

STALL = 30.0
"""Seconds of silence after which the connection counts as cut. There is no limit on the whole."""

PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds between attempts, counted anew whenever bytes have arrived."""

BLOCK = 1 << 18

Tick = Callable[[int], None]
"""Called with the bytes of the file that are there, at least every BLOCK; may raise to abandon the work."""


def fetch(wheel: Wheel, folder: Path, tick: Tick, stall: float = STALL, pauses: tuple[float, ...] = PAUSES) -> Path:
    """``folder``/NAME of ``wheel``, fetched unless it is there. Raises UserError, and what ``tick`` raises."""
    target = folder / wheel.name
    doing = f"Fetching {wheel.title}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if is_whole(target, wheel, tick):
            return target
        part = folder / f"{wheel.name}.part"
        _receive(wheel, part, tick, stall, pauses)
        if not is_whole(part, wheel, tick):
            patient.delete(part, patient.PAUSES)
            raise sentence("hash", folder, doing)
        patient.replace(part, target)
    except OSError as error:
        raise of_error(error, folder, doing) from error
    return target


def is_whole(path: Path, wheel: Wheel, tick: Tick) -> bool:
    """Whether the file at ``path`` is ``wheel``, byte for byte."""
    if not path.is_file() or path.stat().st_size != wheel.size:
        return False
    sha256 = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK * 4):
            sha256.update(block)
            tick(wheel.size)
    return sha256.hexdigest() == wheel.sha256


def _receive(wheel: Wheel, part: Path, tick: Tick, stall: float, pauses: tuple[float, ...]) -> None:
    """Bring ``part`` to the length of ``wheel``, in as many connections as it takes."""
    failed = 0
    while (have := part.stat().st_size if part.exists() else 0) != wheel.size:
        if have > wheel.size:
            patient.delete(part, patient.PAUSES)
            have = 0
        try:
            _connect(wheel, part, have, tick, stall)
            if part.stat().st_size <= have:
                raise EOFError("the server closed the connection")
            failed = 0
        except (OSError, http.client.HTTPException, EOFError) as error:
            if not _worth_another(error) or failed == len(pauses):
                raise of_error(error, part.parent, f"Fetching {wheel.title}") from error
            if isinstance(error, urllib.error.HTTPError) and error.code == 416:
                patient.delete(part, patient.PAUSES)  # the server knows nothing that follows what is here
            grown = part.exists() and part.stat().st_size > have
            failed = 0 if grown else failed + 1
            _wait(pauses[max(failed - 1, 0)] if pauses else 0.0, tick, have)


def _worth_another(error: Exception) -> bool:
    """Whether the same request may work in a moment: the network's fault, and not the disk's or a refusal."""
    if isinstance(error, urllib.error.HTTPError):
        return error.code >= 500 or error.code in (408, 416, 429)
    if isinstance(error, urllib.error.URLError):
        return not isinstance(error.reason, ssl.SSLCertVerificationError) and "407" not in str(error.reason)
    return isinstance(error, TimeoutError | ConnectionError | http.client.HTTPException | ssl.SSLError | EOFError)


def _connect(wheel: Wheel, part: Path, have: int, tick: Tick, stall: float) -> None:
    """One connection: append what the server sends from byte ``have`` on."""
    headers = {"User-Agent": "Speech2Face", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    request = urllib.request.Request(wheel.url, headers=headers)
    with urllib.request.urlopen(request, timeout=stall, context=trust()) as answer:
        resumes = answer.status == 206 and f"bytes {have}-" in answer.headers.get("Content-Range", "")
        with part.open("ab" if resumes else "wb") as stream:
            _copy(answer, stream, have if resumes else 0, wheel.size, tick)


def _copy(answer: http.client.HTTPResponse, stream: BinaryIO, have: int, size: int, tick: Tick) -> None:
    while block := answer.read1(BLOCK):
        stream.write(block)
        have += len(block)
        if have > size:
            return  # more than was promised: no need to read on, the hash will not match
        tick(have)


def _wait(seconds: float, tick: Tick, have: int) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        tick(have)
        time.sleep(0.1)
