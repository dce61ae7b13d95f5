"""A running ``s2f serve``, for whoever needs one."""

import http.client
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
GENEROUS = 120.0
"""Seconds after which a test is stuck, on the busiest of machines."""

TOKEN = "a-token-for-tests-only"


class Server:
    """A running ``s2f serve`` and plain requests to it."""

    def __init__(self, folder: Path, *options: str, python: str = sys.executable) -> None:
        self.folder = folder
        environment = {**os.environ, "S2F_TOKEN": TOKEN, "TMPDIR": str(folder), "TEMP": str(folder)}
        self.process = subprocess.Popen(
            [python, "-m", "model_server", "serve", "--port", "0", "--json", "--device", "cpu", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env=environment,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read().decode() if self.process.stderr else ""
        self.address = json.loads(line)["address"].removeprefix("http://")

    def ask(
        self, method: str, path: str, body: Any = None, token: str | None = TOKEN, client: str = ""
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self.address, timeout=GENEROUS)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"S2F-Client": client} if client else {}
        if isinstance(body, dict):
            body, headers["Content-Type"] = json.dumps(body), "application/json"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        status, body = self.ask("GET", path)
        assert status == 200, body
        return json.loads(body)

    def job(self, sound: bytes | None = None, client: str = "", **request: Any) -> str:
        """A new job of ``client``, with its sound."""
        status, body = self.ask("POST", "/v1/jobs", request, client=client)
        assert status == 201, body
        number: str = json.loads(body)["id"]
        if sound is not None:
            assert self.ask("PUT", f"/v1/jobs/{number}/sound", sound)[0] == 202
        return number

    def follow(self, number: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Its server-sent events."""
        connection = http.client.HTTPConnection(self.address, timeout=GENEROUS)
        connection.request("GET", f"/v1/jobs/{number}/events", headers={"Authorization": f"Bearer {TOKEN}"})
        answer = connection.getresponse()
        assert answer.headers.get_content_type() == "text/event-stream"
        name = ""
        for line in io.TextIOWrapper(answer, "utf-8"):
            if line.startswith("event: "):
                name = line[7:].strip()
            elif line.startswith("data: "):
                yield name, json.loads(line[6:])
        connection.close()

    def end(self, number: str) -> tuple[str, dict[str, Any]]:
        """The last event of a job."""
        return list(self.follow(number))[-1]

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def end_it(self) -> None:
        """Kill it, whatever it is doing."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None and self.process.stderr is not None
        self.process.stdout.close()
        self.process.stderr.close()

    def files(self) -> list[Path]:
        """Recordings that lie on its disk."""
        return [path for path in self.folder.rglob("*") if path.is_file()]
