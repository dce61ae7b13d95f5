"""A model on another machine, which runs ``s2f serve``: its address, and what to say when it cannot be reached."""

import http.client
import importlib.util
import ipaddress
import json
import secrets
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ..core import wire
from ..core.errors import UserError

Body = bytes | Iterable[bytes] | None
"""Of a request: whole, in blocks, or none."""

PORT = 8765
"""Where ``s2f serve`` listens unless it is told otherwise."""

CONNECT = 10.0
"""Seconds within which a machine that is there takes a connection."""

SILENCE = 30.0
"""Seconds without a byte after which a connection counts as lost; a server that works sends one every ten."""


@dataclass(frozen=True)
class ServerAddress:
    """``base`` is what comes before the routes where the server stands behind another one, mostly empty."""

    scheme: str
    host: str
    port: int
    token: str = field(repr=False)
    base: str = ""

    @staticmethod
    def at(address: str, token: str) -> "ServerAddress":
        """The server at ``address``: a name or number, with or without http(s):// and :PORT. Raises UserError."""
        address = address.strip()
        if not address:
            raise UserError("The server has no address yet; enter the one that s2f serve printed.")
        try:
            parts = urlsplit(address if "://" in address else f"http://{address}")
            host, port = parts.hostname or "", parts.port
        except ValueError:
            host, port, parts = "", None, urlsplit("")
        if not host or parts.scheme not in ("http", "https") or parts.username or any(c.isspace() for c in address):
            shown = "".join(letter for letter in address if letter.isprintable())[:80]
            raise UserError(f"{shown} is no address of a server; it looks like 10.0.0.5 or https://studio:8765.")
        if not token.strip():
            raise UserError("The server wants a token; enter the one that s2f serve printed.")
        if not token.strip().isascii():
            raise UserError("A token has no letters outside A to Z; enter the one that s2f serve printed.")
        standard = 443 if parts.scheme == "https" else PORT
        return ServerAddress(parts.scheme, host, port or standard, token.strip(), parts.path.rstrip("/"))

    @property
    def title(self) -> str:
        """The machine, as the user knows it."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return shown if self.port in (PORT, 443) else f"{shown}:{self.port}"

    @property
    def is_here(self) -> bool:
        """Whether it is this computer, which is reached without a network."""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def open(self) -> http.client.HTTPConnection:
        """A connection that is made at its first request."""
        if self.scheme == "https":
            return http.client.HTTPSConnection(
                self.host, self.port, timeout=CONNECT, context=trust(), blocksize=1 << 17
            )
        return http.client.HTTPConnection(self.host, self.port, timeout=CONNECT, blocksize=1 << 17)

    def ask(
        self, link: http.client.HTTPConnection, method: str, path: str, body: Body = None, size: int | None = None
    ) -> http.client.HTTPResponse:
        """The answer to the one request on ``link``, its body unread. ``size`` is the length of a ``body`` in blocks.

        Raises Refused for any status that is no success, OSError and HTTPException for what happens on the way.
        """
        headers = {
            "Authorization": f"Bearer {self.token}", "Content-Type": "application/octet-stream", "S2F-Client": CLIENT,
        }  # fmt: skip
        if size is not None:
            headers["Content-Length"] = str(size)
        link.connect()
        link.sock.settimeout(SILENCE)
        try:
            link.request(method, self.base + path, body, headers)
        except (BrokenPipeError, ConnectionResetError):
            if size is None:
                raise  # else it may have refused the body before all of it was there
        answer = link.getresponse()
        if not 200 <= answer.status < 300:
            raise Refused(answer.status, _detail(answer))
        return answer


CLIENT = secrets.token_hex(8)
"""This Blender, by a name that says nothing: clients of a server take turns, and several may share a machine."""

MOST = 512 << 20
"""Bytes of an answer that are believed: five hours of a face at 60 frames a second."""

MOST_WORDS = 1 << 20
"""Bytes of an answer in JSON that are believed."""

STOPPING = 410
"""The status that stands for a server that cancels jobs by itself."""


def whole(answer: http.client.HTTPResponse, most: int) -> bytes:
    """The body of ``answer``. Raises WireError where it has more than ``most`` bytes."""
    body = answer.read(most + 1)
    if len(body) > most:
        raise wire.WireError(f"an answer of more than {most >> 20} MB")
    return body


class Refused(Exception):
    """The server said no. ``detail`` is its sentence, empty where it gave none."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status} {detail}")
        self.status, self.detail = status, detail


def _detail(answer: http.client.HTTPResponse) -> str:
    try:
        said = json.loads(answer.read(1 << 16))["detail"]
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return ""
    return said if isinstance(said, str) else json.dumps(said)


def sentence(error: Exception, server: ServerAddress) -> str:
    """What to tell the user about ``error``, met on the way to ``server``."""
    at = f"The server {server.title}"
    if isinstance(error, Refused):
        return _refusal(error, at)
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"{at} shows a certificate that this computer does not trust ({error.verify_message}); "
            "let its administrator name the certificate in SSL_CERT_FILE."
        )
    if isinstance(error, ssl.SSLError):
        return f"{at} does not speak TLS; write http:// in its address, or let it stand behind a TLS proxy."
    if isinstance(error, socket.gaierror):
        return f"There is no machine called {server.host} in this network; correct the address in the preferences."
    if isinstance(error, ConnectionRefusedError):
        return f"Nothing listens on {server.host}:{server.port}; start s2f serve there, or correct the address."
    if isinstance(error, TimeoutError):
        return f"{at} does not answer; see whether it is on and whether a firewall keeps port {server.port} shut."
    if isinstance(error, http.client.RemoteDisconnected | ConnectionError):
        return f"The connection to the server {server.title} broke; see whether it still runs and try again."
    if isinstance(error, http.client.HTTPException | wire.WireError | ValueError | KeyError | TypeError):
        return f"What answers at {server.host}:{server.port} is not Speech2Face; correct the address."
    return f"{at} cannot be reached ({getattr(error, 'strerror', None) or error}); see whether the network is there."


def _refusal(error: Refused, at: str) -> str:
    if error.status in (401, 403):
        return f"{at} does not accept the token; enter the one that s2f serve printed."
    if error.status == 404:
        return f"{at} knows nothing of this; it was started anew, or another program answers there: try again."
    if error.status == STOPPING:
        return f"{at} is stopping and dropped the job; start it again, or work on this computer."
    if error.status == 429:
        return f"{at} is busy: {error.detail or 'its queue is full; try again in a minute.'}"
    return f"{at} refused: {error.detail or f'HTTP status {error.status}; try again.'}"


def trust() -> ssl.SSLContext:
    """The system's certificates; those that Blender brings along where Blender's Python does not find any."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not context.cert_store_stats()["x509_ca"] and not (paths.cafile or paths.capath):
        found = importlib.util.find_spec("certifi")
        if found is not None and found.origin:
            context.load_verify_locations(str(Path(found.origin).with_name("cacert.pem")))
    return context
