"""A server as the place of work, in the installed extension: set in the preferences, seen in the panel, left again."""

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests.own_time import own_seconds
from tests.serving import TOKEN, Server

PYTHON = os.environ.get("S2F_MODEL_PYTHON") or (sys.executable if find_spec("fastapi") else "")
pytestmark = [
    pytest.mark.one_blender,
    pytest.mark.skipif(not PYTHON, reason="dev.py test names the Python that can serve"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("serving"), python=PYTHON)
    yield running
    running.end_it()


@pytest.fixture
def preferences(blender: ModuleType, load: Callable[[str], Any]) -> Iterator[Any]:
    """The add-on's preferences, as they were afterwards."""
    chosen = load("identity").saved_preferences()
    yield chosen
    load("session").stop()
    chosen.place, chosen.address, chosen.token = "HERE", "", ""


@pytest.fixture
def on_server(server: Server, preferences: Any) -> Server:
    preferences.place, preferences.address, preferences.token = "SERVER", server.address, TOKEN
    return server


@pytest.fixture
def scene(blender: ModuleType, face: Callable[..., Any], addon: ModuleType) -> Any:
    settings = blender.context.scene.s2f
    settings.target = face()
    settings.audio_path = str(Path(addon.__file__ or "").parent / "model_server/sample/hello.wav")
    return blender.context.scene


def wait(addon: ModuleType, seconds: float = 120.0) -> float:
    """Poll until nothing is left to do; the longest that one poll took, in seconds."""
    limit, longest = time.monotonic() + seconds, 0.0
    while True:
        began = own_seconds()
        done = addon.poll()  # type: ignore[attr-defined]
        longest = max(longest, own_seconds() - began)
        if done:
            return longest
        assert time.monotonic() < limit
        time.sleep(0.005)


def why(operator: Any) -> str:
    """Why the button is greyed out."""
    with pytest.raises(RuntimeError) as caught:
        operator()
    return str(caught.value)


class Layout:
    """Writes down what it is asked to show: without a window Blender has no layout."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def call(*words: object, text: str = "", **_: object) -> "Layout":
            self.shown.append(text or " ".join(map(str, words)))
            return self

        return call

    def __setattr__(self, name: str, value: object) -> None:
        if name == "shown":
            object.__setattr__(self, name, value)


class Context:
    region = type("Region", (), {"width": 2000})
    preferences = type("Preferences", (), {"system": type("System", (), {"ui_scale": 1.0})})


def drawn(draw: Callable[..., None], *more: Any) -> str:
    layout = Layout()
    draw(layout, Context, *more)
    return "\n".join(layout.shown)


def test_a_bake_on_a_server_gives_the_keys_of_a_bake_here(
    blender: ModuleType, addon: ModuleType, scene: Any, load: Callable[[str], Any], preferences: Any, server: Server,
    curve_values: Callable[..., np.ndarray],
) -> None:  # fmt: skip
    values = []
    preferences.python = PYTHON
    for place in ("HERE", "SERVER"):
        preferences.place, preferences.address, preferences.token = place, server.address, TOKEN
        blender.ops.s2f.bake()
        wait(addon)
        assert load("session").current.shown.outcome.error == ""
        values.append([curve_values(scene.s2f.target, key, np.arange(1, 150)) for key in ("jawOpen", "eyeBlinkLeft")])
    preferences.python = ""
    assert type(load("session").current.link.connection).__name__ == "RemoteModel"
    assert np.ptp(values[0][0]) > 0.1
    np.testing.assert_allclose(values[0], values[1], atol=1e-4)


def test_nothing_waits_for_the_network_on_the_main_thread(
    blender: ModuleType, addon: ModuleType, scene: Any, on_server: Server
) -> None:
    began = time.perf_counter()
    blender.ops.s2f.bake()
    assert time.perf_counter() - began < 0.5
    assert wait(addon) < 0.5, "the write of the keys included"


def test_the_connection_is_tested_and_shown(
    blender: ModuleType, addon: ModuleType, load: Callable[[str], Any], on_server: Server, preferences: Any
) -> None:
    panel = load("panels.where")
    assert "Not asked yet" in drawn(panel.draw_server, preferences)
    blender.ops.s2f.test_connection()
    assert "Asking…" in drawn(panel.draw_server, preferences)
    wait(addon)
    shown = drawn(panel.draw_server, preferences)
    assert "Connected: CPU" in shown and "Speech2Face" in shown
    assert f"On {on_server.address}, CPU" in drawn(panel.draw_where)
    assert TOKEN not in shown


def test_a_card_is_named_with_its_precision(load: Callable[[str], Any]) -> None:
    hello = load("core.messages").Hello(1, "0", "m", "product", "torch", "cuda", "all", 1, "RTX 4090", "half")
    assert load("panels.where").on_what(hello) == "RTX 4090, half precision"


def test_a_server_that_is_not_there_is_a_sentence_and_a_way_back(
    blender: ModuleType, addon: ModuleType, scene: Any, load: Callable[[str], Any], preferences: Any
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    preferences.place, preferences.address, preferences.token = "SERVER", f"127.0.0.1:{port}", TOKEN
    session, panel = load("session"), load("panels.where")
    blender.ops.s2f.bake()
    wait(addon)
    assert "Nothing listens" in session.current.shown.outcome.error
    assert not blender.data.actions
    assert "is out of reach" in drawn(panel.draw_where) and "s2f.work_here" in drawn(panel.draw_where)
    assert "Nothing listens" in drawn(panel.draw_server, preferences)
    report = load("operators.report").report_text()
    assert f"127.0.0.1:{port}" in report and TOKEN not in report
    blender.ops.s2f.work_here()
    assert preferences.place == "HERE" and session.current.shown.outcome.error == ""
    assert "On this computer" in drawn(panel.draw_where)
    blender.ops.s2f.bake()
    wait(addon)
    assert session.current.shown.outcome.error == "" and blender.data.actions
    assert "On this computer, CPU" in drawn(panel.draw_where)


def test_a_wrong_token_is_said_where_it_is_entered(
    blender: ModuleType, addon: ModuleType, load: Callable[[str], Any], on_server: Server, preferences: Any
) -> None:
    preferences.token = "not-the-right-token"
    blender.ops.s2f.test_connection()
    wait(addon)
    assert "does not accept the token" in drawn(load("panels.where").draw_server, preferences)


def test_other_machines_are_asked_only_with_online_access(
    blender: ModuleType, scene: Any, preferences: Any, load: Callable[[str], Any]
) -> None:
    assert not blender.app.online_access
    preferences.place, preferences.address, preferences.token = "SERVER", "10.0.0.5", TOKEN
    for button in (blender.ops.s2f.bake, blender.ops.s2f.test_connection):
        assert "allow Online Access" in why(button)
    assert load("session").current.link.connection is None
    shown = drawn(load("panels.where").draw_where)
    assert "10.0.0.5" in shown and "s2f.work_here" in shown


def test_what_is_missing_disables_the_buttons(blender: ModuleType, scene: Any, preferences: Any) -> None:
    preferences.place = "SERVER"
    assert "has no address yet" in why(blender.ops.s2f.bake)
    preferences.address = "ftp://10.0.0.5"
    assert "is no address of a server" in why(blender.ops.s2f.test_connection)
    preferences.address = "10.0.0.5"
    assert "wants a token" in why(blender.ops.s2f.bake)


def test_the_token_is_not_shown_as_it_is_typed(preferences: Any) -> None:
    assert preferences.bl_rna.properties["token"].subtype == "PASSWORD"
