"""The log of an installation: on disk, without credentials, and as a report that a user can send."""

import os
import platform
import re
import sys
import time
from pathlib import Path
from urllib.request import getproxies

from ..core.no_link import open_plain

NAME = "install.log"
KEPT = 512 << 10
"""Bytes of earlier logs that are kept."""

TAIL = 200
"""Lines of the log in a report."""

_SECRETS = (
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@]+@"), r"\1…@"),
    (re.compile(r"(?i)\b(authorization|proxy-authorization|cookie)\s*[:=]\s*.+"), r"\1: …"),
    (re.compile(r"(?i)\b([\w-]*(?:token|passw(?:or)?d|secret|api[_-]?key))(\s*[=:]\s*)['\"]?[^\s'\"&]+"), r"\1\2…"),
    (re.compile(r"(?i)([?&](?:[\w-]*signature|x-amz-[\w-]+|sig|key)=)[^&\s]+"), r"\1…"),
)


def scrubbed(text: str) -> str:
    """``text`` without passwords, tokens and signatures, and with the home folder as ``~``."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 3 else text


class Journal:
    """Appends lines to ``folder``/install.log. A log that cannot be written never stops the work."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._began = time.monotonic()
        try:
            if self.path.exists() and self.path.stat().st_size > KEPT:
                kept = self.path.read_bytes()[-KEPT // 2 :]
                with os.fdopen(open_plain(self.path, os.O_WRONLY | os.O_TRUNC), "wb") as stream:
                    stream.write(kept)
        except OSError:
            pass

    def write(self, text: str) -> None:
        """Add ``text``, scrubbed, with the seconds since the beginning."""
        lines = [f"{time.monotonic() - self._began:8.1f}  {line}" for line in scrubbed(text).splitlines()]
        try:
            handle = open_plain(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            with os.fdopen(handle, "a", encoding="utf-8", newline="\n") as stream:
                stream.write("".join(f"{line}\n" for line in lines))
        except OSError:
            pass


def report(folder: Path, headline: str = "") -> str:
    """What a user sends: the machine, whether a proxy is in use, and the end of the log."""
    try:
        log = (folder / NAME).read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL:]
    except OSError:
        log = ["(there is no log)"]
    head = [
        headline,
        f"{platform.platform()}, {platform.machine()}, Python {platform.python_version()} ({sys.executable})",
        f"folder {folder}, proxies {', '.join(sorted(getproxies())) or 'none'}",
        "",
    ]
    return scrubbed("\n".join([*head, *log]).strip())
