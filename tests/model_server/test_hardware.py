"""What a model runs on: the best that is here, and a sentence for what is not."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from model_server.hardware import Hardware, for_a_command, for_a_process, for_a_server
from s2f_blender_addon.core.errors import UserError

ROOT = Path(__file__).parents[2]


def test_numpy_and_the_cpu_are_always_there() -> None:
    assert for_a_process("numpy") == for_a_process("numpy", "cpu") == Hardware("numpy", "cpu")


def test_a_process_that_stays_takes_torch_where_it_is() -> None:
    assert find_spec("torch") is not None
    assert for_a_process("auto", "cpu") == Hardware("torch", "cpu")


def test_a_server_does_without_torch_where_there_is_no_card() -> None:
    assert for_a_server("cpu") == "numpy"
    assert for_a_server("cuda") == for_a_server("cpu-half") == "auto"
    code = "import sys; from model_server.hardware import for_a_server as f; print(f('auto'), 'torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert found.split() in (["numpy", "False"], ["auto", "False"])  # the latter with a card


def test_a_command_does_not_wait_for_torch() -> None:
    code = (
        "import sys; from model_server.hardware import for_a_command as f; "
        "assert f('auto') == f('cpu'); assert f('auto').library == 'numpy'; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("library", "device", "named"), [("abacus", "auto", "abacus"), ("auto", "gpu", "gpu"), ("numpy", "cuda", "numpy")]
)
def test_what_there_is_not_gets_a_sentence(library: str, device: str, named: str) -> None:
    with pytest.raises(UserError, match=named):
        for_a_process(library, device)


def test_a_card_that_is_not_there_gets_a_sentence() -> None:
    import torch

    if torch.cuda.is_available():
        found = for_a_command("cuda")
        assert (found.library, found.device) == ("torch", "cuda") and found.card
    else:
        with pytest.raises(UserError, match="no CUDA card"):
            for_a_command("cuda")


def test_a_python_without_torch_takes_numpy_and_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model_server.hardware.find_spec", lambda name: None)
    assert for_a_process() == Hardware("numpy", "cpu")
    for library, device in (("torch", "auto"), ("auto", "cuda")):
        with pytest.raises(UserError, match="no torch"):
            for_a_process(library, device)
