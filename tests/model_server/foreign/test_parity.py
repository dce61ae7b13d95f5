"""Networks of others give what upstream's own code gives, for weights that follow from their names."""

from pathlib import Path

import numpy as np
import pytest
import torch

from model_server.foreign import CurveNetwork, MotionNetwork, open_checkpoint

from .published import PARITY, listed, sound, weights

pytestmark = pytest.mark.skipif(not PARITY.is_dir(), reason="upstream's outputs do not lie beside this clone")
AIM = 1e-4


@pytest.mark.parametrize("name", ["emotalk", "emotalk_v0002", "emotalk_upgrade"])
def test_curves_are_upstreams(name: str, tmp_path: Path) -> None:
    net = opened(name, tmp_path)
    assert isinstance(net, CurveNetwork)
    with np.load(PARITY / f"{name}.npz") as expected:
        for key in expected.files:
            count, level, person = (int(part.lstrip("nlevprso")) for part in key.split("_"))
            found = net.curves(sound(count), level=level, person=person)
            assert found.shape == expected[key].shape
            assert np.abs(found - expected[key]).max() < AIM, key


@pytest.mark.parametrize(("name", "style_seed", "styles"), [("probtalk3d", 4, 43), ("lsf", 5, 32)])
def test_motion_is_upstreams(name: str, style_seed: int, styles: int, tmp_path: Path) -> None:
    net = opened(name, tmp_path)
    assert isinstance(net, MotionNetwork)
    audio, emotion = normal(1, (1, 100, 1536)), normal(2, (1, 100, 1536))
    style = np.exp(normal(style_seed, (1, styles)))
    style /= style.sum()
    with np.load(PARITY / f"{name}.npz") as expected:
        found = net.motion(audio, emotion if net.hears_emotion else None, style)
        assert np.abs(found - expected["motion"]).max() < AIM
        motion = 1 / (1 + np.exp(-normal(3, (1, 100, 53))))
        assert np.abs(net.reconstruct(motion) - expected["prior_motion"]).max() < AIM


def opened(name: str, folder: Path) -> CurveNetwork | MotionNetwork:
    path = folder / f"{name}.pth"
    torch.save(weights(listed(name)), path)
    return open_checkpoint(path)


def normal(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
