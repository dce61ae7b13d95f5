"""Checkpoints in the form of published ones, with weights that follow from their names: no foreign file is needed."""

import json
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

PARITY = Path(__file__).parents[4] / "shared" / "parity"
"""What upstream's own code gives for such weights; it lies beside the project where there is a copy of it."""

ENCODER = {"hidden": 64, "layers": 2, "ffn": 32, "conv": 16}


def weights(shapes: Mapping[str, list[int]]) -> dict[str, torch.Tensor]:
    """The tensors of a network with these names and shapes."""
    return {name: _weight(name, shape) for name, shape in shapes.items()}


def _weight(name: str, shape: list[int]) -> torch.Tensor:
    x = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(shape)
    x = np.asarray(x, np.float32)
    if name.endswith(("weight_g", "original0")):
        x = np.abs(x) * 0.1 + 0.5
    elif x.ndim == 1:
        x = x * 0.05 + (1 if name.endswith("weight") else 0)
    elif x.ndim:
        x = x / np.sqrt(np.prod(shape[1:]))
    return torch.from_numpy(np.asarray(x, np.float32))


def listed(name: str) -> dict[str, list[int]]:
    """Names and shapes of the network ``name`` of ``PARITY``."""
    shapes: dict[str, list[int]] = json.loads((PARITY / f"{name}.json").read_text())["keys"]
    return shapes


def sound(count: int) -> np.ndarray:
    """``count`` samples of 16 kHz noise that follow from their number."""
    return (np.random.default_rng(count).standard_normal(count) * 0.1).astype(np.float32)


def v0002_shapes(upgrade: bool = False) -> dict[str, list[int]]:
    """A narrow EmoTalk_v0002, with all its parts."""
    shapes = {**_encoder("extractor."), **_encoder("emo_extractor.")}
    for name, size in (("extractor_proj", (32, 64)), ("audio_feature_map_emo", (32, 64)), ("film_gamma", (32, 16)),
                       ("film_beta", (32, 16)), ("emo_memory_proj", (64, 16)),
                       ("bs_map_r" if upgrade else "linear", (52, 64))):  # fmt: skip
        shapes |= {f"{name}.weight": list(size), f"{name}.bias": [size[0]]}
    for layer, inner in ((0, 32), (1, 16)):
        for way in ("", "_reverse"):
            shapes |= {
                f"emo_gru.weight_ih_l{layer}{way}": [24, inner], f"emo_gru.weight_hh_l{layer}{way}": [24, 8],
                f"emo_gru.bias_ih_l{layer}{way}": [24], f"emo_gru.bias_hh_l{layer}{way}": [24],
            }  # fmt: skip
    shapes["obj_vector_level.weight"] = [8, 16] if upgrade else [16, 8]
    shapes |= {} if upgrade else {"obj_vector_level.bias": [16]}
    shapes["obj_vector_person.weight"] = [25, 16]
    for i in range(2):
        shapes |= _decoder_layer(f"decoder.layers.{i}.", 64, 48)
    return shapes


def _encoder(prefix: str) -> dict[str, list[int]]:
    hidden, conv, inner = ENCODER["hidden"], ENCODER["conv"], ENCODER["ffn"]
    shapes: dict[str, list[int]] = {"masked_spec_embed": [hidden]}
    for i, kernel in enumerate((10, 3, 3, 3, 3, 2, 2)):
        at = f"feature_extractor.conv_layers.{i}."
        shapes |= {at + "conv.weight": [conv, conv if i else 1, kernel], at + "conv.bias": [conv]}
        shapes |= {at + "layer_norm.weight": [conv], at + "layer_norm.bias": [conv]}
    pairs = [("feature_projection.layer_norm", (conv,)), ("feature_projection.projection", (hidden, conv)),
             ("encoder.layer_norm", (hidden,))]  # fmt: skip
    for i in range(ENCODER["layers"]):
        at = f"encoder.layers.{i}."
        pairs += [(f"{at}attention.{name}_proj", (hidden, hidden)) for name in ("k", "v", "q", "out")]
        pairs += [(at + "layer_norm", (hidden,)), (at + "final_layer_norm", (hidden,))]
        pairs += [(at + "feed_forward.intermediate_dense", (inner, hidden))]
        pairs += [(at + "feed_forward.output_dense", (hidden, inner))]
    for name, size in pairs:
        shapes |= {f"{name}.weight": list(size), f"{name}.bias": [size[0]]}
    position = "encoder.pos_conv_embed.conv."
    shapes |= {position + "bias": [hidden], position + "parametrizations.weight.original0": [1, 1, 128]}
    shapes[position + "parametrizations.weight.original1"] = [hidden, hidden // 16, 128]
    return {prefix + name: shape for name, shape in shapes.items()}


def _decoder_layer(prefix: str, width: int, inner: int) -> dict[str, list[int]]:
    shapes: dict[str, list[int]] = {}
    for attention in ("self_attn", "multihead_attn"):
        shapes |= {f"{attention}.in_proj_weight": [3 * width, width], f"{attention}.in_proj_bias": [3 * width]}
        shapes |= {f"{attention}.out_proj.weight": [width, width], f"{attention}.out_proj.bias": [width]}
    shapes |= {"linear1.weight": [inner, width], "linear1.bias": [inner]}
    shapes |= {"linear2.weight": [width, inner], "linear2.bias": [width]}
    for i in (1, 2, 3):
        shapes |= {f"norm{i}.weight": [width], f"norm{i}.bias": [width]}
    return {prefix + name: shape for name, shape in shapes.items()}
