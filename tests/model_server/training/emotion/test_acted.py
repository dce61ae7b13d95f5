"""Training a voice emotion model from a RAVDESS-like folder, end to end, on acted tones."""

import wave
from pathlib import Path

import numpy as np
import pytest
import torch

from model_server.emotion.acted import ActedModel, inputs
from model_server.emotion.functionals import frames
from model_server.emotion.labels import RAVDESS
from model_server.training.emotion.acted import ravdess, train_acted
from model_server.training.emotion.acted_nets import EmotionNet, batch
from s2f_blender_addon.core.emotions import EMOTIONS
from s2f_blender_addon.core.errors import UserError


def acted(label: int, actor: int, take: int) -> np.ndarray:
    """A voice whose pitch, colour and pace are the label's, with an actor's own size and some chance."""
    rng = np.random.default_rng([label, actor, take])
    t = np.arange(20000) / 16000
    hz = (100 + 14 * label) * (1 + 0.1 * (actor % 2)) * (1 + 0.03 * rng.normal())
    phase = 2 * np.pi * np.cumsum(hz * (1 + 0.02 * label * np.sin(2 * np.pi * 2 * t))) / 16000
    tone = sum(np.sin(k * phase) / k ** (2.2 - 0.2 * label) for k in range(1, 20))
    beat = np.clip(np.sin(np.pi * (2 + label / 2) * t), 0, None) ** 0.5
    return (0.1 * tone * beat + rng.normal(0, 1e-4, len(t))).astype(np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("acted")
    for actor in (1, 2, 3):
        for label in range(8):
            for take in (1, 2):
                path = place / f"03-01-{label + 1:02}-01-01-{take:02}-{actor:02}.wav"
                with wave.open(str(path), "wb") as out:
                    out.setparams((1, 2, 16000, 0, "NONE", ""))
                    out.writeframes((np.clip(acted(label, actor, take), -1, 1) * 32767).astype("<i2").tobytes())
    return place


def test_it_learns_what_unseen_actors_mean_and_says_so(folder: Path, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    figures = train_acted(folder, tmp_path / "acted.safetensors", range(3, 4), nets=1, epochs=3)
    assert figures["clips"] == 16
    assert figures["unweighted_recall"] >= 0.6
    model = ActedModel(tmp_path / "acted.safetensors")
    assert model.licence_track == "research"
    assert model.card.made["actors"] == [1, 2]
    heard = model.hear(acted(4, 3, 9))
    assert heard.sliders.shape[1] == len(EMOTIONS)


def test_same_seed_same_bytes(folder: Path, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    for name in ("one", "two"):
        train_acted(folder, tmp_path / name, range(3, 4), nets=1, epochs=1)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_the_numpy_net_is_the_torch_net(folder: Path, tmp_path: Path) -> None:
    torch.manual_seed(3)
    net = EmotionNet(8).eval()
    model = ActedModel.__new__(ActedModel)
    model._arrays = net.arrays("net0")
    x = inputs(frames(acted(2, 1, 1)))
    with torch.inference_mode():
        wanted = net(*batch([x]))[0].numpy()
    assert model._net(x, 0) == pytest.approx(wanted, abs=1e-4)


def test_a_longer_neighbour_in_the_batch_changes_nothing(folder: Path) -> None:
    torch.manual_seed(3)
    net = EmotionNet(8).eval()
    x = inputs(frames(acted(2, 1, 1)))
    with torch.inference_mode():
        alone, beside = net(*batch([x]))[0], net(*batch([x, np.concatenate([x, x])]))[0]
    assert beside.numpy() == pytest.approx(alone.numpy(), abs=1e-4)


def test_names_tell_the_label_the_strength_and_the_actor(folder: Path, tmp_path: Path) -> None:
    clips = ravdess(folder)
    assert len(clips) == 48
    assert {RAVDESS[c.label] for c in clips} == set(RAVDESS)
    assert not clips[0].strong
    with pytest.raises(UserError, match="RAVDESS"):
        ravdess(tmp_path)


def test_a_file_that_is_no_model_gets_a_sentence(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.safetensors"
    wrong.write_bytes(b"nothing")
    with pytest.raises(UserError, match=r"wrong\.safetensors"):
        ActedModel(wrong)
