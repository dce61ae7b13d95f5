"""Server-sent events and JSON objects, as far as a server sends them (WHATWG HTML, 9.2)."""

import http.client
import json
from collections.abc import Iterator

from ..core.json_object import JsonObject

_LONGEST = 1 << 20
"""Bytes of a line that is still believed."""


def read(answer: http.client.HTTPResponse) -> Iterator[tuple[str, JsonObject]]:
    """(name, object) of each event until the stream ends. Raises OSError, HTTPException, ValueError."""
    name = "message"
    while line := answer.readline(_LONGEST):
        text = line.decode("utf-8").rstrip("\r\n")
        if text.startswith("event:"):
            name = text[6:].strip()
        elif text.startswith("data:"):
            yield name, as_object(text[5:])
        elif not text:
            name = "message"


def as_object(text: str | bytes) -> JsonObject:
    """The JSON object in ``text``. Raises ValueError where there is none."""
    try:
        found = json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found
