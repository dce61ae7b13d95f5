"""The page about the API, drawn from its OpenAPI schema: plain HTML that fetches nothing, from nowhere."""

import re
from collections.abc import Iterator
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { font-size: 1rem; margin: 2rem 0 .3rem; }
code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { padding: .6rem; border: 1px solid #8886; border-radius: 4px; overflow-x: auto; }
table { border-collapse: collapse; margin: .4rem 0; }
td, th { text-align: left; vertical-align: top; padding: .1rem 1rem .1rem 0; }
.method { display: inline-block; min-width: 4rem; font-weight: bold; }
"""

_EXAMPLE = """\
ADDRESS=… TOKEN=…                                       # both are what `s2f serve` printed
ask() { curl -sf -H "Authorization: Bearer $TOKEN" "$@"; }
ID=$(ask -X POST $ADDRESS/v1/jobs -H 'Content-Type: application/json' -d '{"emotion": {"happy": 0.5}}' | jq -r .id)
ask -T take.flac $ADDRESS/v1/jobs/$ID/sound
ask -N $ADDRESS/v1/jobs/$ID/events
ask $ADDRESS/v1/jobs/$ID/track?form=csv -o take.csv"""


def page(schema: dict[str, Any]) -> str:
    """The HTML for an OpenAPI 3.1 ``schema`` as FastAPI makes it."""
    info = schema["info"]
    parts = "".join(
        _operation(method, path, operation, schema)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(info["title"])}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(info['title'])} {escape(info['version'])}</h1>"
        f"{_paragraphs(info.get('description', ''))}<pre>{escape(_EXAMPLE)}</pre>{parts}"
        '<p>The schema for programs: <a href="openapi.json">openapi.json</a></p></body></html>'
    )


def _operation(method: str, path: str, operation: dict[str, Any], schema: dict[str, Any]) -> str:
    rows = "".join(
        _row(f"{p['name']} ({p['in']})", p["schema"], p.get("required", False), schema)
        for p in operation.get("parameters", ())
    )
    for kind, body in operation.get("requestBody", {}).get("content", {}).items():
        rows += f'<tr><th colspan="3">Body, {escape(kind)}</th></tr>' + _fields(body.get("schema", {}), schema)
    for status, answer in operation["responses"].items():
        rows += f'<tr><th colspan="3">{escape(status)}: {escape(answer["description"])}</th></tr>'
        for body in answer.get("content", {}).values():
            rows += _fields(body.get("schema", {}), schema)
    return (
        f'<h2><span class="method">{escape(method.upper())}</span> <code>{escape(path)}</code></h2>'
        f"{_paragraphs(operation.get('description', ''))}<table>{rows}</table>"
    )


def _fields(kind: dict[str, Any], schema: dict[str, Any]) -> str:
    """The fields of an object, a row each."""
    named = _resolved(kind, schema)
    required = named.get("required", ())
    return "".join(_row(name, f, name in required, schema) for name, f in named.get("properties", {}).items())


def _row(name: str, kind: dict[str, Any], required: bool, schema: dict[str, Any]) -> str:
    default = "required" if required else f"default {kind['default']!r}" if "default" in kind else ""
    cells = (f"<code>{escape(name)}</code>", escape(_kind(kind, schema)), escape(default))
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _kind(kind: dict[str, Any], schema: dict[str, Any]) -> str:
    """A type in a few words, with its limits."""
    kind = _resolved(kind, schema)
    if "enum" in kind:
        return " | ".join(map(str, kind["enum"]))
    if "anyOf" in kind:
        return " or ".join(_kind(one, schema) for one in kind["anyOf"])
    words = str(kind.get("type", "anything"))
    if "properties" in kind:
        words += f" with {', '.join(kind['properties'])}"
    if "items" in kind:
        words += f" of {_kind(kind['items'], schema)}"
    if isinstance(kind.get("additionalProperties"), dict):
        names = f" of {_kind(kind['propertyNames'], schema)}" if "propertyNames" in kind else ""
        words += f"{names} to {_kind(kind['additionalProperties'], schema)}"
    return words + "".join(_limits(kind))


def _limits(kind: dict[str, Any]) -> Iterator[str]:
    for key, words in (("minimum", "from"), ("maximum", "to"), ("maxLength", "up to"), ("maxItems", "of at most")):
        if key in kind:
            yield f" {words} {kind[key]:.12g}"


def _resolved(kind: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """``kind``, or what its reference names."""
    if "$ref" not in kind:
        return kind
    found: dict[str, Any] = schema["components"]["schemas"][kind["$ref"].rpartition("/")[2]]
    return found


def _paragraphs(text: str) -> str:
    marked = re.sub(r"`+([^`]+)`+", r"<code>\1</code>", escape(text))
    return "".join(f"<p>{part}</p>" for part in marked.split("\n\n") if part.strip())
