"""``s2f serve``: the engine for other machines and other programs."""

import json
import os
import secrets
import socket
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from s2f_blender_addon.core.errors import UserError

from .options import Device, Model

if TYPE_CHECKING:
    from fastapi import FastAPI

    from model_server.adapters.http.jobs import JobQueue

TOKEN_VARIABLE = "S2F_TOKEN"
SHORTEST_TOKEN = 16
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; others than loopback are open to the network.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes any free one.", min=0, max=65535)] = 8765,
    name: Annotated[
        list[str] | None, typer.Option(help="Another name for loopback, as a proxy passes it on; repeatable.")
    ] = None,
    queue: Annotated[int, typer.Option(help="How many jobs may wait.", min=1, max=10_000)] = 32,
    workers: Annotated[
        int | None, typer.Option(help="Model processes.", show_default="by processors", min=1, max=64)
    ] = None,
    hours: Annotated[float, typer.Option(help="How long a recording may be, in hours.", min=0.01, max=1000)] = 6.0,
    model: Model = "",
    device: Device = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print address and token as one JSON object.")] = False,
) -> None:
    """Serve over HTTP. The token is in the environment variable S2F_TOKEN, or a new one is printed."""
    token = _token()
    with _listening(host, port) as listener:
        from model_server.adapters.http.app import create
        from model_server.adapters.http.jobs import JobLimits, JobQueue
        from model_server.hardware import for_a_server
        from s2f_blender_addon.core import private_folder

        private_folder.sweep()  # recordings of a server that was killed
        options = ["--backend", for_a_server(device), "--device", device, "--longest", str(hours * 3600)]
        options += ["--model", str(Path(model).absolute())] if model else []
        jobs = JobQueue(options, workers or _workers(), JobLimits(most=queue))
        try:
            hello = replace(jobs.start(), pid=os.getpid())
            app = create(jobs, hello, token, _names(host, name or []))
            _introduce(listener, host, token, as_json)
            _run(app, jobs, listener)
        finally:
            jobs.close()


def _run(app: "FastAPI", jobs: "JobQueue", listener: socket.socket) -> None:
    """Serve until a signal; then everyone who waits is told, before the connections end."""
    import threading

    import uvicorn

    from model_server.adapters.http.connections import BoundedConnection, keep_quiet, raise_limits

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            # in a thread: this may have interrupted whoever holds the jobs' lock
            threading.Thread(target=jobs.end_all, name="stopping", daemon=True).start()
            super().handle_exit(sig, frame)

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            await super().shutdown(sockets)
            self._captured_signals.clear()  # else they are raised again, and nothing could be tidied up

    raise_limits()
    config = uvicorn.Config(
        app, http=BoundedConnection, ws="none", log_level="warning", timeout_graceful_shutdown=3, server_header=False
    )
    keep_quiet()
    Server(config).run(sockets=[listener])


def _workers() -> int:
    """Two, so that a line does not wait for a reel, and more where there are processors for them."""
    return max(2, min(4, (os.cpu_count() or 1) // 2))


def _names(host: str, more: list[str]) -> frozenset[str] | None:
    """The hosts as which the server may be asked; None for any, as in a network whose names nobody knows here."""
    return frozenset(name.lower() for name in (*LOOPBACK, *more)) if host in LOOPBACK else None


def _token() -> str:
    token = os.environ.get(TOKEN_VARIABLE) or secrets.token_urlsafe(32)
    if len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise UserError(f"{TOKEN_VARIABLE}: a token has at least {SHORTEST_TOKEN} letters, digits or signs, no spaces.")
    return token


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise UserError(
            f"{host}:{port}: this address is not free or not ours ({error.strerror}); choose --port 0."
        ) from error


def _introduce(listener: socket.socket, host: str, token: str, as_json: bool) -> None:
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listener.getsockname()[1]}"
    if as_json:
        print(json.dumps({"address": address, "token": token}), flush=True)
        return
    print(f"Serving on {address}; stop with Ctrl-C.\nToken: {token}", flush=True)
    print(f'API: curl -H "Authorization: Bearer {token}" {address}/docs -o api.html', flush=True)
    if host not in LOOPBACK:
        print("The connection is not encrypted; use it in a network that you trust or behind a TLS proxy.", flush=True)
