"""Other architectures hear the same and are fitted by the same loop."""

from pathlib import Path

import numpy as np
import pytest
import torch

from model_server.cancel import silent
from model_server.speech.network import Shape
from model_server.training.plan import Plan
from model_server.training.rivals import RIVALS, Rival, compare
from model_server.training.store import Writer, log_power
from s2f_blender_addon.core.errors import UserError

PLAN = Plan(steps=2, batch=2, frames=64, width=16, dilations=(1, 2))


@pytest.fixture
def work(tmp_path: Path) -> Path:
    sound = np.random.default_rng(0).normal(size=48000).astype(np.float32) * 0.1
    for name in ("flite", "dev-flite"):
        writer = Writer()
        mel = log_power(sound)
        writer.add(mel, np.full(len(mel), 3, np.uint8), "someone", "clip")
        writer.save(tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("kind", ["tcn", *RIVALS])
def test_each_is_fitted_and_measured(kind: str, work: Path) -> None:
    found = compare(kind, work, {"flite": 1.0, "not there": 1.0}, PLAN, silent)
    assert found["parameters"] > 1000
    assert found["times_real_time"] > 0
    assert "dev-flite" in found


@pytest.mark.parametrize("kind", RIVALS)
def test_none_hears_further_than_ours_through_one_block_of_attention(kind: str) -> None:
    torch.manual_seed(0)
    rival = Rival(kind, Shape(44, 16, dilations=(1,))).eval()
    mel = torch.randn(1, 400, 80)
    changed = mel.clone()
    changed[:, 300:] = 0
    with torch.no_grad():
        assert torch.equal(rival(mel)[:, :40], rival(changed)[:, :40])
        assert not torch.equal(rival(mel)[:, 290:300], rival(changed)[:, 290:300])


def test_an_unknown_architecture_is_one_sentence(work: Path) -> None:
    with pytest.raises(UserError, match="transformer"):
        compare("rnn", work, {"flite": 1.0}, PLAN, silent)
