"""emotion2vec in the voice slot, with a tiny random checkpoint under the published names."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from model_server.emotion.emotion2vec import Emotion2vecModel, renamed, size_of
from model_server.emotion.emotion2vec_net import Emotion2vec, Size, distances
from s2f_blender_addon.core.channels import EMOTIONS
from s2f_blender_addon.core.errors import UserError

TINY = Size(
    width=32, heads=4, channels=16, hidden=64, first_blocks=2, blocks=3, positions=2, kernel=5, groups=4, classes=9
)
TOKENS = (
    "生气/angry 厌恶/disgusted 恐惧/fearful 开心/happy 中立/neutral 其他/other 难过/sad 吃惊/surprised <unk>".split()
)
BLOCK = {
    "after_attention": "norm1", "after_mlp": "norm2", "qkv": "attn.qkv", "mix": "attn.proj",
    "up": "mlp.fc1", "down": "mlp.fc2",
}  # fmt: skip


def published(net: Emotion2vec) -> dict[str, torch.Tensor]:
    """``net`` under the names that FunASR's checkpoints use, and a pre-training decoder that nobody needs."""
    audio = "modality_encoders.AUDIO."
    found = {audio + "decoder.blocks.0.0.weight": torch.zeros(3, 3, 3)}
    for name, tensor in net.state_dict().items():
        kind, *rest = name.split(".")
        if kind == "convolutions":
            key = f"{audio}local_encoder.conv_layers.{rest[0]}.0.weight"
        elif kind == "convolution_norms":
            key = f"{audio}local_encoder.conv_layers.{rest[0]}.2.1.{rest[1]}"
        elif kind == "feature_norm":
            key = f"{audio}project_features.1.{rest[0]}"
        elif kind == "feature":
            key = f"{audio}project_features.2.{rest[0]}"
        elif kind == "positions":
            key = f"{audio}relative_positional_encoder.{int(rest[0]) + 1}.0.{rest[1]}"
        elif kind == "blocks":
            number = int(rest[0])
            where = f"{audio}context_encoder." if number < net.size.first_blocks else ""
            key = f"{where}blocks.{number if where else number - net.size.first_blocks}.{BLOCK[rest[1]]}.{rest[2]}"
        else:
            same = {"tokens": audio + "extra_tokens", "distance_scale": audio + "alibi_scale", "classifier": "proj"}
            key = ".".join([same.get(kind, audio + "context_encoder.norm"), *rest])
        found[key] = tensor.clone()
    return found


@pytest.fixture
def net() -> Emotion2vec:
    torch.manual_seed(0)
    made = Emotion2vec(TINY).eval()
    with torch.no_grad():
        made.tokens.normal_()
        made.distance_scale.uniform_(0.5, 1.5)
    return made


@pytest.fixture
def folder(net: Emotion2vec, tmp_path: Path) -> Path:
    place = tmp_path / "emotion2vec 声音"
    place.mkdir()
    save_file(published(net), place / "model.safetensors")
    (place / "tokens.txt").write_text("\n".join(TOKENS), "utf-8")
    return place


def speech(seconds: float) -> np.ndarray:
    t = np.arange(int(seconds * 16000)) / 16000
    wave = sum(np.sin(2 * np.pi * 130 * k * t) / k for k in range(1, 10)) * np.clip(np.sin(2 * np.pi * 3 * t), 0, 1)
    return (0.1 * wave).astype(np.float32)


def test_fifty_frames_a_second_and_the_extra_tokens_are_gone(net: Emotion2vec) -> None:
    with torch.inference_mode():
        features = net(torch.from_numpy(speech(2.0))[None])
    assert features.shape == (1, 99, 32)
    assert torch.isfinite(features).all()


def test_published_names_load_into_the_same_network(net: Emotion2vec, folder: Path) -> None:
    model = Emotion2vecModel(folder)
    sound = torch.from_numpy(speech(1.0))[None]
    with torch.inference_mode():
        assert torch.allclose(model.net(sound), net(sound), atol=1e-6)
        assert torch.allclose(model.net.classify(sound), net.classify(sound), atol=1e-6)


def test_a_prefix_and_an_old_scale_do_not_matter(net: Emotion2vec) -> None:
    keys = {f"d2v_model.{key}": value for key, value in published(net).items()}
    keys["d2v_model.modality_encoders.AUDIO.alibi_scale"] = net.distance_scale.detach()[0]
    tensors = renamed(keys)
    assert set(tensors) == set(net.state_dict())
    assert size_of(tensors).heads == 4


def test_an_old_checkpoint_is_read_without_pickled_code(net: Emotion2vec, tmp_path: Path) -> None:
    (tmp_path / "tokens.txt").write_text("\n".join(TOKENS), "utf-8")
    torch.save({"model": published(net)}, tmp_path / "model.pt")
    assert Emotion2vecModel(tmp_path).net.size.classes == 9
    torch.save({"model": Path}, tmp_path / "model.pt")
    with pytest.raises(UserError, match="no tensors by name"):
        Emotion2vecModel(tmp_path)


def test_it_hears_windows_and_names_our_sliders(folder: Path) -> None:
    heard = Emotion2vecModel(folder).hear(speech(6.0))
    assert len(heard.times) > 3
    assert heard.sliders.shape == (len(heard.times), len(EMOTIONS))
    assert 0 < heard.sliders.sum(1).max() <= 1 + 1e-5
    assert not heard.sliders[:, EMOTIONS.index("contempt")].any()
    assert len(Emotion2vecModel(folder).hear(np.zeros(32000, np.float32)).times) == 0


def test_nearer_frames_count_more_and_slopes_fall(net: Emotion2vec) -> None:
    bias = distances(6, 12)[0]
    assert (bias[:, 0, 0] == 0).all()
    assert (bias.diff(dim=2)[:, 0] < 0).all()
    assert torch.allclose(bias, bias.transpose(1, 2))
    assert len({round(float(slope), 6) for slope in bias[:, 0, 1]}) == 12


def test_what_is_missing_is_named(net: Emotion2vec, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"model\.pt"):
        Emotion2vecModel(tmp_path)
    save_file({"encoder.weight": torch.zeros(2)}, tmp_path / "model.safetensors")
    with pytest.raises(UserError, match="no emotion2vec"):
        Emotion2vecModel(tmp_path)
    save_file(published(net), tmp_path / "model.safetensors")
    with pytest.raises(UserError, match=r"tokens\.txt"):
        Emotion2vecModel(tmp_path)
    (tmp_path / "tokens.txt").write_text("happy\nsad", "utf-8")
    with pytest.raises(UserError, match="2 labels for 9"):
        Emotion2vecModel(tmp_path)
