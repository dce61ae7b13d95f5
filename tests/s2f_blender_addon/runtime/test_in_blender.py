"""Preferences > Set Up GPU Runtime, in the installed extension: it asks, it says why not, and it never blocks."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytestmark = pytest.mark.one_blender


@pytest.fixture
def runtime(
    blender: ModuleType, load: Callable[[str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """The add-on's runtime session, over a data folder of the test's own."""
    for variable in ("HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path))
    session = load("runtime_session")
    session.fresh()
    yield session
    session.fresh()


@pytest.fixture
def card(load: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A computer with a card, for which no machine that runs tests is asked."""
    probe = load("runtime.probe")
    card = probe.GraphicsCard("RTX 4090", (8, 9), 24 << 30)
    machine = probe.Machine("linux", "x86_64", (card,), (13, 0), 0, ("nvidia",))
    monkeypatch.setattr(load("runtime_session"), "machine", lambda: machine)
    return machine


def done(session: Any) -> None:
    end = time.monotonic() + 60
    while not session.poll():
        assert time.monotonic() < end
        time.sleep(0.02)


def why(blender: ModuleType, name: str) -> str:
    """What the button ``name`` says about being greyed out; empty when it can be pressed."""
    if getattr(blender.ops.s2f, name).poll():
        return ""
    try:
        getattr(blender.ops.s2f, name)()
    except RuntimeError as error:
        return str(error)
    return "?"


def test_nothing_is_asked_or_fetched_by_itself(runtime: Any) -> None:
    assert runtime.poll() and not runtime.current.busy
    assert not runtime.place.root().exists()


def test_setting_up_first_asks_the_driver_without_blocking(blender: ModuleType, runtime: Any, card: Any) -> None:
    began = time.monotonic()
    assert blender.ops.s2f.runtime_look() == {"FINISHED"}
    assert time.monotonic() - began < 0.5
    assert "driver is being asked" in why(blender, "runtime_look")
    done(runtime)
    question = " ".join(runtime.current.plan.question)
    assert "RTX 4090" in question and "2.8 GB" in question and "pypi.org" in question and "licence" in question
    assert str(runtime.place.root()) in question
    assert not runtime.place.root().exists()


def test_without_a_card_the_sentence_says_that_nothing_is_needed(blender: ModuleType, runtime: Any) -> None:
    blender.ops.s2f.runtime_look()
    done(runtime)
    if runtime.current.plan is None:
        assert runtime.current.error.count(".") >= 1
    else:
        pytest.skip("this computer has a card")


def test_nothing_is_fetched_without_online_access(blender: ModuleType, runtime: Any, card: Any) -> None:
    assert "Press Set Up GPU Runtime first" in why(blender, "runtime_install")
    blender.ops.s2f.runtime_look()
    done(runtime)
    assert not blender.app.online_access
    assert "Online Access" in why(blender, "runtime_install") or "offline" in why(blender, "runtime_install")
    assert not runtime.place.root().exists()


def test_declining_leaves_everything_as_it_is(blender: ModuleType, runtime: Any, card: Any) -> None:
    blender.ops.s2f.runtime_look()
    done(runtime)
    blender.ops.s2f.runtime_decline()
    assert runtime.current.plan is None and not runtime.place.root().exists()


def test_an_empty_folder_of_wheels_has_its_sentence(
    blender: ModuleType, runtime: Any, card: Any, tmp_path: Path, load: Callable[[str], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(load("runtime.tools"), "found_uv", lambda: None)
    monkeypatch.setattr(load("runtime.place").shutil, "disk_usage", lambda _: (0, 0, 0))
    monkeypatch.setattr(load("runtime.place"), "check", lambda *_: None)
    load("runtime.folder_marker").take(runtime.place.root())
    blender.ops.s2f.runtime_look()
    done(runtime)
    (tmp_path / "wheels").mkdir()
    assert blender.ops.s2f.runtime_install_offline(directory=str(tmp_path / "wheels")) == {"FINISHED"}
    assert "being worked on" in why(blender, "runtime_look")
    done(runtime)
    assert all(words in runtime.current.error for words in ("lacks annotated_doc", "more files", "Copy List"))
    assert runtime.current.found.state.value == "not installed"
    assert "lacks annotated_doc" in runtime.report() and "install.log" not in runtime.report()


def test_the_list_for_a_computer_without_network_names_every_file(
    blender: ModuleType, runtime: Any, card: Any
) -> None:
    blender.ops.s2f.runtime_list()
    done(runtime)
    lines = runtime.current.list.splitlines()
    assert len(lines) > 30 and all(line.startswith("https://") and " sha256 " in line for line in lines)
    assert any("/uv-" in line for line in lines) and any("/torch-" in line for line in lines)


def test_the_folder_can_be_chosen_and_is_remembered(blender: ModuleType, runtime: Any, tmp_path: Path) -> None:
    assert blender.ops.s2f.runtime_folder(directory=str(tmp_path / "big disk")) == {"FINISHED"}
    assert runtime.place.root() == tmp_path / "big disk" / runtime.place.default_root().name


def test_there_is_nothing_to_remove_or_cancel(blender: ModuleType, runtime: Any) -> None:
    assert "There is no GPU runtime" in why(blender, "runtime_remove")
    assert not blender.ops.s2f.runtime_cancel.poll()


def test_a_runtime_that_is_there_runs_the_model(
    blender: ModuleType, runtime: Any, load: Callable[[str], Any], tmp_path: Path
) -> None:
    state, place = load("runtime.state"), load("runtime.place")
    load("runtime.folder_marker").take(place.root())
    made = place.root() / "env-1"
    state.python_of(made).parent.mkdir(parents=True)
    state.python_of(made).write_text("")
    (made / "pyvenv.cfg").write_text(f"home = {tmp_path}\n")
    workplace = load("workplace")
    before = workplace.interpreter().title
    state.write(place.root(), state.Installed("env-1", "linux-cu130", "x", "cuda", "RTX 4090"))
    assert workplace.interpreter().title == "the GPU runtime" != before
    assert workplace.interpreter().executable == str(state.python_of(made))
    runtime.current.look_again()
    assert runtime.current.found.state is state.RuntimeState.UPDATE_REQUIRED
    assert "Remove the GPU runtime first" in why(blender, "runtime_folder")
    assert blender.ops.s2f.runtime_remove("EXEC_DEFAULT") == {"FINISHED"}
    done(runtime)
    assert runtime.current.found.state is state.RuntimeState.NOT_INSTALLED and workplace.interpreter().title == before


def test_the_preferences_draw_in_every_state(
    blender: ModuleType, runtime: Any, card: Any, load: Callable[[str], Any]
) -> None:
    """Drawn on a layout that writes down what it is asked to show: without a window Blender has none."""
    draw = load("panels.runtime").draw_runtime

    class Layout:
        def __init__(self) -> None:
            self.shown: list[str] = []

        def __getattr__(self, name: str) -> Any:
            def call(*words: object, text: str = "", **_: object) -> "Layout":
                self.shown.append(text or " ".join(map(str, words)))
                return self

            return call

    class Context:
        region = type("Region", (), {"width": 600})
        preferences = type("Preferences", (), {"system": type("System", (), {"ui_scale": 1.0})})

    def shown() -> str:
        layout = Layout()
        draw(layout, Context)
        return "\n".join(layout.shown)

    assert "Not installed" in shown() and "Set Up GPU Runtime…" in shown()
    blender.ops.s2f.runtime_look()
    assert "Asking the graphics driver…" in shown()
    done(runtime)
    assert "RTX 4090, 24 GB" in shown() and "Fetch 2.8 GB and Install" in shown() and "Online Access" in shown()
    blender.ops.s2f.runtime_decline()
    runtime.current.error = "It failed."
    assert "It failed." in shown()
