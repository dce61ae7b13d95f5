"""A file becomes a network by the names of its tensors; what is missing is named, what is asked for wrongly is said."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from model_server.foreign import CurveNetwork, biased_decoder, open_checkpoint, speech_encoder
from model_server.foreign.biased_decoder import BiasedDecoderLayer
from model_server.foreign.lsf import PairAttention
from model_server.foreign.transformer import HEADS
from model_server.slots.model_file import BUNDLED, is_foreign
from s2f_blender_addon.core.errors import UserError

from .published import sound, v0002_shapes, weights


def saved(folder: Path, tensors: dict[str, torch.Tensor]) -> Path:
    torch.save(tensors, folder / "net.pth")
    return folder / "net.pth"


@pytest.fixture
def net(tmp_path: Path) -> CurveNetwork:
    found = open_checkpoint(saved(tmp_path, weights(v0002_shapes())))
    assert isinstance(found, CurveNetwork)
    return found


def test_v0002_is_told_by_its_names(net: CurveNetwork) -> None:
    assert net.name == "EmoTalk_v0002"
    assert net.levels[4] == "angry"
    found = net.curves(sound(16000), level=4, person=3)
    assert found.shape == (49, 52)
    assert net.heard(sound(16000)).rate == pytest.approx(49)


def test_an_upgrade_has_another_head_and_a_table_of_levels(tmp_path: Path) -> None:
    net = open_checkpoint(saved(tmp_path, weights(v0002_shapes(upgrade=True))))
    assert net.name == "EmoTalkUpgrade"


@pytest.mark.parametrize("prefix", ["module.", "model.", "module.model.", "_orig_mod.", "net.generator."])
def test_what_trainers_put_before_the_names_is_taken_off(prefix: str, tmp_path: Path) -> None:
    named = {prefix + name: tensor for name, tensor in weights(v0002_shapes()).items()}
    assert open_checkpoint(saved(tmp_path, {"epoch": 3, "state_dict": named, "hyper_parameters": Path()})).name == (
        "EmoTalk_v0002"
    )


def test_half_precision_other_levels_and_more_tensors_than_needed_are_taken(tmp_path: Path) -> None:
    tensors = {name: tensor.half() for name, tensor in weights(v0002_shapes()).items()}
    tensors |= {"lm_head.weight": torch.zeros(3), "obj_vector_level.weight": torch.ones(16, 10).half()}
    net = open_checkpoint(saved(tmp_path, tensors))
    assert isinstance(net, CurveNetwork)
    assert net.levels[-3:] == ("surprised", "level 8", "level 9")
    assert net.curves(sound(8000), 9).dtype == np.float32


def test_numbers_that_are_none_are_told(tmp_path: Path) -> None:
    tensors = weights(v0002_shapes())
    tensors["film_beta.weight"][3, 4] = torch.nan
    with pytest.raises(UserError, match=r"film_beta\.weight holds numbers that are none"):
        open_checkpoint(saved(tmp_path, tensors))


def test_sound_of_another_form_is_told_and_integers_count_as_levels(net: CurveNetwork) -> None:
    for bad in (np.zeros((800, 2)), np.full(8000, np.nan), np.float32(1)):
        with pytest.raises(UserError, match="one channel"):
            net.curves(bad)
    assert np.array_equal(net.curves(sound(8000), np.int64(4)), net.curves(sound(8000), 4))


def test_shares_mix_levels(net: CurveNetwork) -> None:
    hot = [0.0] * 8
    hot[4] = 2.0
    assert np.array_equal(net.curves(sound(8000), hot), net.curves(sound(8000), 4))
    mixed = net.curves(sound(8000), [0.5, 0, 0, 0, 0.5, 0, 0, 0])
    ends = net.curves(sound(8000), 0), net.curves(sound(8000), 4)
    assert not np.array_equal(mixed, ends[0]) and not np.array_equal(mixed, ends[1])


def test_older_names_of_the_position_convolution_load(tmp_path: Path) -> None:
    tensors = weights(v0002_shapes())
    new = open_checkpoint(saved(tmp_path, tensors))
    names = {".parametrizations.weight.original0": ".weight_g", ".parametrizations.weight.original1": ".weight_v"}
    for part, old_part in names.items():
        tensors = {name.replace(part, old_part): tensor for name, tensor in tensors.items()}
    old = open_checkpoint(saved(tmp_path, tensors))
    assert isinstance(new, CurveNetwork) and isinstance(old, CurveNetwork)
    assert np.array_equal(new.curves(sound(8000)), old.curves(sound(8000)))


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    for name in ("film_beta.bias", "extractor.encoder.layers.1.attention.k_proj.weight", "obj_vector_person.weight"):
        tensors = weights(v0002_shapes())
        del tensors[name]
        with pytest.raises(UserError, match=name.replace(".", r"\.")):
            open_checkpoint(saved(tmp_path, tensors))


def test_another_size_is_named(tmp_path: Path) -> None:
    tensors = weights(v0002_shapes())
    tensors["film_beta.weight"] = torch.zeros(31, 16)
    with pytest.raises(UserError, match=r"film_beta\.weight is \(31, 16\)"):
        open_checkpoint(saved(tmp_path, tensors))


def test_an_unknown_network_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="EmoTalk"):
        open_checkpoint(saved(tmp_path, {"a": torch.zeros(3)}))


def test_shares_may_change_over_time(net: CurveNetwork) -> None:
    heard = net.heard(sound(8000))
    steady = np.eye(8)[np.zeros(24, int)]
    assert np.allclose(net.spoken(heard, steady, 0), net.curves(sound(8000), 0), atol=1e-6)
    later = steady.copy()
    later[12:] = np.eye(8)[4]
    found = net.spoken(heard, later, 0)
    assert np.allclose(found[:12], net.curves(sound(8000), 0)[:12], atol=1e-6)  # the decoder does not look ahead
    assert not np.allclose(found[12:], net.curves(sound(8000), 0)[12:], atol=1e-3)


@pytest.mark.parametrize("level", [8, -1, [1.0], [0.0] * 8, [-1.0] + [0.0] * 7, [float("nan")] * 8])
def test_levels_that_do_not_exist_are_refused(net: CurveNetwork, level: int | list[float]) -> None:
    with pytest.raises(UserError, match="level"):
        net.curves(sound(8000), level)


def test_persons_and_sounds_that_do_not_do_are_refused(net: CurveNetwork) -> None:
    with pytest.raises(UserError, match="persons 0 to 24"):
        net.curves(sound(8000), person=25)
    with pytest.raises(UserError, match="too short"):
        net.curves(sound(300))


def test_self_attention_in_blocks_is_attention_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = BiasedDecoderLayer(32, 4, 16, period=7).eval()
    frames, memory = torch.randn(60, 32), torch.randn(60, 32)
    with torch.inference_mode():
        whole = layer(frames, memory)
        monkeypatch.setattr(biased_decoder, "BLOCK", 13)
        assert torch.allclose(layer(frames, memory), whole, atol=1e-6)


def test_long_sound_is_convolved_exactly_and_attended_with_a_margin(
    net: CurveNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = net._net.extractor
    with torch.inference_mode():
        wave = torch.from_numpy(sound(48000))
        convolved, attended = encoder.convolved(wave), encoder(wave)
        monkeypatch.setattr(speech_encoder, "BLOCK", 40)
        monkeypatch.setattr(speech_encoder, "MARGIN", 150)
        assert torch.allclose(encoder.convolved(wave), convolved, atol=1e-6)
        # The margin holds all of this sound, so that only the cut itself could differ.
        assert torch.allclose(encoder(wave), attended, atol=1e-5)


def test_pair_attention_is_attention_over_every_pair() -> None:
    attention = PairAttention(64, 16)
    tokens, emotion, voice = torch.randn(4, 64), torch.randn(5, 64), torch.randn(7, 64)
    pairs = torch.cat([emotion[:, None].expand(5, 7, 64), voice[None].expand(5, 7, 64)], -1).reshape(35, 128)
    with torch.inference_mode():
        k, v = attention.kv(pairs).chunk(2, -1)
        q = attention.q(tokens).view(4, HEADS, 2).transpose(0, 1)
        k, v = (x.view(35, HEADS, 2).transpose(0, 1) for x in (k, v))
        seen = torch.softmax(q @ k.transpose(1, 2) * attention.scale, -1) @ v
        expected = attention.proj(seen.transpose(0, 1).reshape(4, 16))
        assert torch.allclose(attention(tokens, emotion, voice), expected, atol=1e-6)


def test_what_is_a_checkpoint_of_others_and_what_a_model_of_ours(tmp_path: Path) -> None:
    theirs, damaged = tmp_path / "emotalk.safetensors", tmp_path / "damaged.safetensors"
    save_file(weights(v0002_shapes()), theirs)
    damaged.write_bytes(theirs.read_bytes()[:30])
    assert is_foreign(theirs) and is_foreign(tmp_path) and is_foreign(Path("net.ckpt"))
    assert is_foreign(tmp_path / "model.safetensors.index.json")
    assert not is_foreign(BUNDLED) and not is_foreign(damaged) and not is_foreign(tmp_path / "none.safetensors")
    assert open_checkpoint(theirs).name == "EmoTalk_v0002"
