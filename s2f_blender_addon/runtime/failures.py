"""One sentence for everything that is known to go wrong while a runtime is set up.

``of_error`` knows exceptions of Python's own, ``of_output`` what uv, pip and torch print before they give up.
"""

import errno
import http.client
import re
import socket
import ssl
import urllib.error
from pathlib import Path

from ..core.errors import UserError

KEPT = "what has arrived is kept"

_WINDOWS_ERRORS = {
    5: "denied", 32: "denied", 33: "denied", 112: "full", 39: "full", 206: "long", 225: "virus", 226: "virus",
    1260: "policy",
}  # fmt: skip
"""WinError codes: access, sharing and lock violations, disk full, name too long, virus found, blocked by policy."""

_ERRNOS = {
    errno.ENOSPC: "full", errno.EDQUOT: "full", errno.EACCES: "denied", errno.EPERM: "denied", errno.EROFS: "denied",
    errno.EBUSY: "denied", errno.ENAMETOOLONG: "long", errno.EIO: "disk", errno.ENOEXEC: "policy",
}  # fmt: skip

_HTTP = {401: "refused", 403: "refused", 404: "gone", 407: "proxy", 410: "gone"}

_OUTPUT = (
    (r"no space left|not enough space|WinError 112|os error (28|112)\b", "full"),
    (r"virus|WinError 225|os error 225\b|cannot start: .*(No such file|WinError 2\b)", "virus"),
    (r"blocked by (group|your).{0,20}(policy|administrator)|WinError 1260|os error (1260|4551)\b", "policy"),
    (r"file ?name.{0,12}too long|WinError 206|os error (36|206)\b", "long"),
    (r"access is denied|permission denied|WinError (5|32)\b|os error (5|13|32)\b", "denied"),
    (r"407 |proxy authentication", "proxy"),
    (r"certificate|self.signed|UnknownIssuer", "certificate"),
    (r"do not match the hashes|hash mismatch|HashMismatch", "hash"),
    (r"WinError (126|1114)\b|c10\.dll|vcruntime|msvcp140", "runtime library"),
    (r"no kernel image is available|not compatible with the current PyTorch", "card"),
    (r"driver.{0,40}(too old|insufficient)|CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "driver"),
    (r"CUDA out of memory|CUDA error: out of memory|OutOfMemoryError", "card memory"),
    (r"found no NVIDIA driver|no CUDA-capable device|no NVIDIA GPU|CUDA unknown error", "no card"),
    (r"MemoryError|Cannot allocate memory|paging file is too small|WinError 1455", "memory"),
    (r"dns error|name resolution|connect error|network is unreachable|connection refused", "offline"),
    (r"timed? ?out", "slow"),
    (r"No module named '?(venv|ensurepip|pip)|ensurepip is not available", "no pip"),
)


def of_error(error: BaseException, folder: Path, doing: str = "") -> UserError:
    """What to tell the user about ``error``, met in ``folder`` while ``doing`` ("Fetching torch 2.13.0")."""
    if isinstance(error, UserError):
        return error
    kind = _kind(error)
    if kind:
        return sentence(kind, folder, doing)
    reason = str(error) or type(error).__name__
    return UserError(f"{doing or 'Setting up the GPU runtime'} failed ({reason}); copy the report and try again.")


def of_output(output: str, folder: Path, doing: str) -> UserError:
    """What to tell the user about a program that failed while ``doing`` and printed ``output``."""
    for pattern, kind in _OUTPUT:
        if re.search(pattern, output, re.IGNORECASE):
            return sentence(kind, folder, doing)
    last = next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "it said nothing")
    return UserError(f"{doing} failed ({last[:160]}); copy the report and try again.")


def sentence(kind: str, folder: Path, doing: str = "") -> UserError:
    """The sentence for one of the ``kind`` words of this file."""
    during = f" while {doing[0].lower()}{doing[1:]}" if doing else ""
    return UserError({
        "full": f"The disk of {folder} became full{during}; make room or choose a folder on another disk, "
        f"then go on: {KEPT}.",
        "disk": f"The disk of {folder} reported an error{during}; check it or choose a folder on another disk.",
        "denied": f"A file in {folder} is locked or may not be written{during}; most often a virus scanner holds it: "
        "exclude this folder from scanning or choose one that you own, then try again.",
        "virus": f"The virus scanner took away a file in {folder}{during}; exclude this folder from scanning, "
        "then try again.",
        "policy": f"This computer's administrator forbids programs in {folder}; ask for an exception for this folder "
        "or choose another one.",
        "long": f"A path below {folder} became too long{during}; choose a folder with a short path, such as "
        "C:\\Speech2Face.",
        "proxy": f"The network's proxy wants a name and password{during}; set HTTPS_PROXY with them before Blender "
        "starts, or install from a folder of wheels.",
        "refused": f"The server or a firewall refused a file{during}; allow pypi.org, files.pythonhosted.org and "
        "download.pytorch.org, or install from a folder of wheels.",
        "gone": f"A file is not on its server any more{during}; install the newest version of Speech2Face.",
        "certificate": f"The connection is not trusted{during}: a firewall may be reading along; let the administrator "
        "name its certificate in SSL_CERT_FILE, or install from a folder of wheels.",
        "hash": f"A file is not the one that this version expects{during}, so it was thrown away; try again, and "
        "if it happens twice tell us.",
        "offline": f"The network does not answer{during}; check the connection, then go on: {KEPT}.",
        "slow": f"The network stopped answering{during}; go on when it is better: {KEPT}.",
        "cut": f"The connection broke several times{during}; go on when it is better: {KEPT}.",
        "runtime library": "Windows lacks the Microsoft Visual C++ runtime that torch needs; install "
        "https://aka.ms/vs/17/release/vc_redist.x64.exe and try again.",
        "card": "This card is not one that the installed torch can use; remove the runtime: Speech2Face runs on the "
        "CPU, for which nothing has to be set up.",
        "driver": "The NVIDIA driver is too old for the installed torch; install the newest one from NVIDIA and "
        "try again.",
        "card memory": "The card's memory is full; close other programs that use it (a render, a game) and try again.",
        "no card": "torch finds no NVIDIA card or driver; install the newest driver from NVIDIA, restart, and try "
        "again.",
        "memory": f"The computer ran out of memory{during}; close other programs and try again.",
        "no pip": "Blender's Python comes without pip and venv here, and uv could not be fetched; put uv "
        "(https://docs.astral.sh/uv) on this computer and try again.",
    }[kind])  # fmt: skip


def _kind(error: BaseException) -> str:
    """The kind of an exception, following its causes; empty when it is not known."""
    if isinstance(error, urllib.error.HTTPError):
        return _HTTP.get(error.code, "cut" if error.code >= 500 else "")
    if isinstance(error, urllib.error.URLError) and isinstance(error.reason, BaseException):
        return _kind(error.reason)
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate"
    if isinstance(error, TimeoutError):
        return "slow"
    if isinstance(error, socket.gaierror | ConnectionRefusedError):
        return "offline"
    if isinstance(error, ConnectionError | http.client.HTTPException | ssl.SSLError | EOFError):
        return "cut"
    if isinstance(error, MemoryError):
        return "memory"
    if isinstance(error, OSError):
        if "407" in str(error):
            return "proxy"
        if error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
            return "offline"
        return _WINDOWS_ERRORS.get(getattr(error, "winerror", 0) or 0) or _ERRNOS.get(error.errno or 0, "")
    return ""
