"""``s2f serve``: the engine for other machines and other programs."""

import json
import os
import secrets
import socket
from pathlib import Path
from typing import Annotated

import typer

from s2f_blender_addon.core.errors import UserError

from .options import Device, Model

TOKEN_VARIABLE = "S2F_TOKEN"
SHORTEST_TOKEN = 16
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; others than loopback are open to the network.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes any free one.", min=0, max=65535)] = 8765,
    queue: Annotated[int, typer.Option(help="How many jobs may wait.", min=1, max=10_000)] = 32,
    model: Model = "",
    device: Device = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print address and token as one JSON object.")] = False,
) -> None:
    """Serve over HTTP. The token is in the environment variable S2F_TOKEN, or a new one is printed."""
    token = _token()
    with _listening(host, port) as listener:
        import uvicorn

        from model_server.adapters.hello import hello_of
        from model_server.adapters.http.app import create
        from model_server.adapters.http.jobs import Jobs, Limits
        from model_server.engine import Engine
        from model_server.hardware import for_a_process
        from model_server.talk_model import TalkModel

        hardware = for_a_process(device=device)
        where = Path(model) if model else None
        engine = Engine(TalkModel.load(where, hardware.library, hardware.device, hardware.precision))
        app = create(Jobs(engine, Limits(most=queue)), hello_of(engine, hardware), token)
        _introduce(listener, host, token, as_json)
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3, server_header=False)
        uvicorn.Server(config).run(sockets=[listener])


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
    print(f"Serving on {address} (API: {address}/docs); stop with Ctrl-C.\nToken: {token}", flush=True)
    if host not in LOOPBACK:
        print("The connection is not encrypted; use it in a network that you trust or behind a TLS proxy.", flush=True)
