"""Distillation: the student learns what the teacher heard, also where nobody labelled anything."""

from pathlib import Path

import numpy as np
import pytest
import torch

from model_server.audio import features
from model_server.cancel import JobCancelled, silent
from model_server.speech.network import Shape
from model_server.speech.phones import CLASSES
from model_server.talk_model import TalkModel
from model_server.training.corpus.store import UNKNOWN, CorpusPart, CorpusWriter, log_power
from model_server.training.network import augmentation, distil
from model_server.training.network.acoustic import Network
from model_server.training.network.distil import SoftSource, distillation_loss
from model_server.training.network.export import export
from model_server.training.network.fit import load, loss_of
from model_server.training.network.plan import FitPlan, Softness
from s2f_blender_addon.core.errors import UserError

LOW, HIGH = 3, 11
PLAN = FitPlan(steps=60, batch=8, frames=64, width=16, dilations=(1,), rate=0.01)


@pytest.fixture
def tones(tmp_path: Path) -> Path:
    """A low tone and a high one, of which no frame is labelled."""
    writer, time = CorpusWriter(), np.arange(32000) / 16000
    for i in range(8):
        tone = np.where(np.sin(2 * np.pi * 1.5 * time + i) > 0, 300, 3000)
        mel = log_power(np.sin(2 * np.pi * tone * time).astype(np.float32) * 0.3)
        writer.add(mel, np.full(len(mel), UNKNOWN, np.uint8), "tone", str(i))
    writer.save(tmp_path / "tones")
    return tmp_path / "tones"


def by_ear(mel: np.ndarray) -> np.ndarray:
    """A teacher that tells the tones apart by where their power is."""
    power = np.exp(mel.astype(np.float32))
    high = power[:, features.BANDS // 2 :].sum(1) > power[:, : features.BANDS // 2].sum(1)
    found = np.full((len(mel), len(CLASSES)), 0.1 / (len(CLASSES) - 1), np.float32)
    found[np.arange(len(mel)), np.where(high, HIGH, LOW)] = 0.9
    return found


def test_the_student_learns_from_the_teacher_alone(tones: Path, tmp_path: Path) -> None:
    distil.teach(tones, by_ear, silent)
    source = SoftSource.open(tones, 1.0)
    network = Network(Shape(len(CLASSES), PLAN.width, dilations=PLAN.dilations))
    distil.distil(network, [source], PLAN, tmp_path / "run", Softness(share=1.0), silent)
    mel = torch.from_numpy(np.asarray(source.part.mel[:200], np.float32))[None]
    with torch.no_grad():
        best = network(augmentation.features(mel, network.average))[0].argmax(1).numpy()
    assert source.teacher is not None
    assert (best == np.asarray(source.teacher[:200]).argmax(1)).mean() > 0.9


def test_a_distilled_network_becomes_a_model_file_that_teaches(tones: Path, tmp_path: Path) -> None:
    distil.teach(tones, by_ear, silent)
    network = Network(Shape(len(CLASSES), PLAN.width, dilations=PLAN.dilations))
    distil.distil(network, [SoftSource.open(tones, 1.0)], PLAN, tmp_path / "run", Softness(), silent)
    export(load(tmp_path / "run"), tmp_path / "talk.safetensors", "test", {})
    assert TalkModel.load(tmp_path / "talk.safetensors").card.shape == network.shape
    distil.teach(tones, distil.model_file(tmp_path / "talk.safetensors"), silent)
    heard = SoftSource.open(tones, 1.0).teacher
    assert np.asarray(heard, np.float32).sum(1) == pytest.approx(1, abs=0.01)


def test_an_interrupted_run_goes_on(tones: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model_server.training.network.loop.SAVE_SECONDS", 0.0)
    distil.teach(tones, by_ear, silent)
    seen: list[str] = []

    def stop(fraction: float, doing: str) -> None:
        seen.append(doing)
        if len(seen) == 6:
            raise JobCancelled

    plan, source = FitPlan(steps=9, batch=2, frames=64, width=16, dilations=(1,)), SoftSource.open(tones, 1.0)
    for report in (stop, lambda fraction, doing: seen.append(doing)):
        try:
            network = Network(Shape(len(CLASSES), 16, dilations=(1,)))
            distil.distil(network, [source], plan, tmp_path / "run", Softness(), report)
        except JobCancelled:
            seen.clear()
    assert seen[0].startswith("step 7 of 9")


def test_the_loss_is_the_labels_at_share_0_and_nothing_where_student_and_teacher_agree() -> None:
    torch.manual_seed(0)
    logits, label = torch.randn(2, 5, len(CLASSES)), torch.randint(0, 40, (2, 5))
    weights, teacher = torch.ones(len(CLASSES)), torch.softmax(torch.randn(2, 5, len(CLASSES)), -1)
    assert torch.equal(
        distillation_loss(logits, label, teacher, weights, Softness(share=0.0)), loss_of(logits, label, weights)
    )
    same = distillation_loss(logits, label, torch.softmax(logits, -1), weights, Softness(share=1.0))
    assert float(same) == pytest.approx(0, abs=1e-4)
    assert float(distillation_loss(logits, label, teacher, weights, Softness(share=1.0))) > 0.5


def test_frames_beyond_the_end_teach_nothing(tones: Path) -> None:
    distil.teach(tones, by_ear, silent)
    source = SoftSource.open(tones, 1.0)
    mel, label, teacher = distil.soft_crop(source, np.random.default_rng(0), len(source.part.mel) + 500)
    assert (label[-400:] == UNKNOWN).all()
    assert not teacher[-400:].any()
    assert (mel[-400:] == -13).all()
    assert teacher[:1000].sum(1) == pytest.approx(1, abs=0.01)


def test_where_there_is_no_teacher_the_labels_teach_alone(tones: Path) -> None:
    part = CorpusPart(tones)
    mel, _label, teacher = distil.soft_crop(SoftSource(part, None, 1.0), np.random.default_rng(0), 64)
    assert mel.shape == (64, features.BANDS) and teacher.shape == (64, len(CLASSES)) and not teacher.any()
    logits, known, weights = torch.randn(1, 64, len(CLASSES)), torch.full((1, 64), LOW), torch.ones(len(CLASSES))
    loss = distillation_loss(logits, known, torch.from_numpy(teacher)[None], weights, Softness(share=0.5))
    assert float(loss) == pytest.approx(0.5 * float(loss_of(logits, known, weights)), rel=1e-6)


def test_a_part_without_a_teacher_gets_a_sentence(tones: Path) -> None:
    with pytest.raises(UserError, match="No teacher has listened"):
        SoftSource.open(tones, 1.0)
