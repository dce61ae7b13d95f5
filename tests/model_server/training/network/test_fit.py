"""Fitting: it learns, it goes on where it stopped, and what it exports computes the same."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from model_server.audio import features
from model_server.cancel import JobCancelled, silent
from model_server.speech import acoustics
from model_server.speech.network import Shape
from model_server.speech.phones import CLASSES
from model_server.talk_model import TalkModel
from model_server.training.corpus.batches import BatchSource, batches
from model_server.training.corpus.store import CorpusWriter, log_power
from model_server.training.network import augmentation
from model_server.training.network.acoustic import Network
from model_server.training.network.export import export
from model_server.training.network.fit import fit, load
from model_server.training.network.from_file import unfolded
from model_server.training.network.plan import FitPlan

PLAN = FitPlan(steps=12, batch=4, frames=64, width=16, dilations=(1, 2))


@pytest.fixture
def corpus(tmp_path: Path) -> BatchSource:
    """Two classes that a child can tell apart: a low tone and a high one."""
    writer, time = CorpusWriter(), np.arange(32000) / 16000
    for i in range(8):
        tone = np.where(np.sin(2 * np.pi * 1.5 * time + i) > 0, 300, 3000)
        mel = log_power(np.sin(2 * np.pi * tone * time).astype(np.float32) * 0.3)
        label = np.where(tone[:: features.HOP] == 300, 3, 11).astype(np.uint8)
        writer.add(mel, np.pad(label, (0, len(mel) - len(label)), mode="edge"), "tone", str(i))
    writer.save(tmp_path / "tones")
    return BatchSource.open(tmp_path / "tones", 1.0)


def test_batches_are_seeded(corpus: BatchSource) -> None:
    one, other = (next(batches([corpus], 3, 50, 7)) for _ in range(2))
    assert torch.equal(one[0], other[0])
    assert one[0].shape == (3, 50, 80)


def test_it_learns(corpus: BatchSource, tmp_path: Path) -> None:
    plan = FitPlan(steps=60, batch=8, frames=64, width=16, dilations=(1,), rate=0.01)
    network = fit([corpus], plan, tmp_path / "run", silent)
    mel, label = next(batches([corpus], 16, 64, 1))
    with torch.no_grad():
        best = network(augmentation.features(mel, network.average)).argmax(2)
    assert (best == label).float().mean() > 0.9


def test_an_interrupted_run_goes_on(corpus: BatchSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model_server.training.network.loop.SAVE_SECONDS", 0.0)
    seen: list[str] = []

    def stop(fraction: float, doing: str) -> None:
        seen.append(doing)
        if len(seen) == 6:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        fit([corpus], PLAN, tmp_path / "run", stop)
    before = float(seen[-1].rpartition(" ")[2])
    seen.clear()
    fit([corpus], PLAN, tmp_path / "run", lambda fraction, doing: seen.append(doing))
    assert seen[0].startswith("step 7 of 12")
    assert len(seen) == 6
    assert float(seen[0].rpartition(" ")[2]) == pytest.approx(before, rel=0.3), "the loss goes on too"


def test_the_exported_model_computes_what_was_trained(corpus: BatchSource, tmp_path: Path) -> None:
    network = fit([corpus], PLAN, tmp_path / "run", silent)
    card = export(load(tmp_path / "run"), tmp_path / "talk.safetensors", "test", {"made": "here"})
    assert card.shape == network.shape
    model = TalkModel.load(tmp_path / "talk.safetensors")
    mel = np.random.default_rng(0).normal(size=(120, 80)).astype(np.float32)
    ours = acoustics.posteriors(mel, model.card.shape, model._backend, silent)
    with torch.no_grad():
        theirs = torch.softmax(network(torch.from_numpy(mel)[None])[0], 1).numpy()
    assert np.abs(ours - theirs).max() < 0.01  # half precision


def test_a_deeper_network_starts_as_the_one_it_grew_from(corpus: BatchSource, tmp_path: Path) -> None:
    shallow = fit([corpus], PLAN, tmp_path / "run", silent)
    deep = Network(Shape(len(CLASSES), 16, dilations=(1, 2, 4))).eval()
    deep.load_state_dict(shallow.state_dict(), strict=False)
    mel = torch.randn(1, 64, 80)
    with torch.no_grad():
        assert torch.allclose(shallow(mel), deep(mel), atol=1e-5)


def test_a_model_file_becomes_the_network_again_that_it_was_made_from(corpus: BatchSource, tmp_path: Path) -> None:
    trained = fit([corpus], PLAN, tmp_path / "run", silent)
    export(trained, tmp_path / "talk.safetensors", "test", {})
    again = unfolded(tmp_path / "talk.safetensors", [corpus])
    mel = torch.randn(1, 64, 80)
    with torch.no_grad():
        assert torch.allclose(trained(mel), again(mel), atol=0.01)  # half precision
    deeper = replace(PLAN, dilations=(1, 2, 4), steps=1)
    assert len(fit([corpus], deeper, tmp_path / "on", silent, again).blocks) == 3


def test_training_hears_what_the_product_hears() -> None:
    sound = np.random.default_rng(0).normal(size=32000).astype(np.float32) * np.linspace(
        0, 0.3, 32000, dtype=np.float32
    )
    average = np.linspace(-1, 1, 80).astype(np.float32)
    product, _ = acoustics.heard(sound, average, silent)
    mel = torch.from_numpy(log_power(sound).astype(np.float32))[None]
    training = augmentation.features(mel, torch.from_numpy(average))[0].numpy()
    assert np.abs(product - training).max() < 0.05


def test_augmentation_keeps_shape_and_stays_finite() -> None:
    torch.manual_seed(0)
    mel = torch.randn(6, 80, 80) * 3 - 5
    heard = augmentation.augmented(mel, mel.roll(1, 0), torch.zeros(80))
    assert heard.shape == mel.shape
    assert torch.isfinite(heard).all()
