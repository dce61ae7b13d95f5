"""wav2vec 2.0 and HuBERT as they lie inside a checkpoint, their sizes read from the tensors; transformers' graph.

The networks here call an encoder in two steps, convolutions and then transformer, since EmoTalk changes the rate in
between. Long sound is heard in pieces: the convolutions exactly, attention with a margin on both sides.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

WINDOW, STRIDE = 400, 320
"""Samples that one frame of the convolutions sees, and from one to the next, at 16 kHz."""
STRIDES = (5, 2, 2, 2, 2, 2, 2)

BLOCK = 3000
"""Frames that attention sees at once: a minute at 50 a second; upstream, which has no limit, is met below it."""
MARGIN = 250
"""Frames on both sides of a piece that attention also sees."""

_OLD_NAMES = (
    ("conv.weight_g", "parametrizations.weight.original0"),
    ("conv.weight_v", "parametrizations.weight.original1"),
)


class SpeechEncoder(nn.Module):
    """A wav2vec 2.0 (``layers`` pre-norm, XLSR) or HuBERT-base network; its keys are transformers'."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        """``tensors`` are its own, by transformers' names. Raises KeyError or ValueError where sizes do not tell."""
        super().__init__()
        from transformers import Wav2Vec2Config, Wav2Vec2Model

        settings = configuration(tensors)
        configured = Wav2Vec2Config(**settings)
        configured._attn_implementation = "eager"
        self.net = Wav2Vec2Model(configured)

    def convolved(self, samples: Tensor) -> Tensor:
        """(frames, channels) at 50 a second of (N,) samples, exactly as of the whole, in bounded memory."""
        count = (len(samples) - WINDOW) // STRIDE + 1
        whole = self.net.config.feat_extract_norm == "group"  # a norm over all of time cannot be cut
        step = count if whole else BLOCK
        pieces = [
            self.net.feature_extractor(samples[None, i * STRIDE : (min(i + step, count) - 1) * STRIDE + WINDOW])[0].T
            for i in range(0, count, step)
        ]
        return torch.cat(pieces)

    def attended(self, convolved: Tensor) -> Tensor:
        """(T, hidden) last hidden states of (T, channels)."""
        hidden, _ = self.net.feature_projection(convolved[None])
        count = hidden.shape[1]
        if count <= BLOCK:
            last: Tensor = self.net.encoder(hidden).last_hidden_state[0]
            return last
        pieces = []
        for first in range(0, count, BLOCK):
            begin, end = max(first - MARGIN, 0), min(first + BLOCK + MARGIN, count)
            heard = self.net.encoder(hidden[:, begin:end]).last_hidden_state[0]
            pieces.append(heard[first - begin : first - begin + BLOCK])
        return torch.cat(pieces)

    def forward(self, samples: Tensor) -> Tensor:
        """(T, hidden) at about 50 a second of (N,) normalised samples."""
        return self.attended(self.convolved(samples))


def configuration(tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """What the shapes of ``tensors`` say of a wav2vec 2.0 or HuBERT; heads are 64 wide in all published ones."""
    convolutions = [tensors[f"feature_extractor.conv_layers.{i}.conv.weight"] for i in range(len(STRIDES))]
    hidden = len(tensors["feature_projection.projection.weight"])
    layers = {int(key.split(".")[2]) for key in tensors if key.startswith("encoder.layers.")}
    position = tensors.get("encoder.pos_conv_embed.conv.parametrizations.weight.original1")
    if position is None or layers != set(range(len(layers))):
        raise ValueError("its encoder is not complete")
    every_norm = "feature_extractor.conv_layers.6.layer_norm.weight" in tensors
    return {
        "hidden_size": hidden,
        "num_hidden_layers": len(layers),
        "num_attention_heads": max(hidden // 64, 1),
        "intermediate_size": len(tensors["encoder.layers.0.feed_forward.intermediate_dense.weight"]),
        "conv_dim": [len(weight) for weight in convolutions],
        "conv_kernel": [weight.shape[2] for weight in convolutions],
        "conv_stride": list(STRIDES),
        "conv_bias": "feature_extractor.conv_layers.0.conv.bias" in tensors,
        "feat_extract_norm": "layer" if every_norm else "group",
        "do_stable_layer_norm": every_norm,
        "num_conv_pos_embeddings": position.shape[2],
        "num_conv_pos_embedding_groups": hidden // position.shape[1],
        "vocab_size": 32,
    }


def own_tensors(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Those below ``prefix`` by transformers' newer names, without heads that the networks do not use."""
    found = {}
    for key, value in tensors.items():
        if key.startswith(prefix):
            name = key[len(prefix) :]
            for old, new in _OLD_NAMES:
                name = name.replace(old, "conv." + new)
            if not name.startswith(("lm_head.", "classifier.")) and name != "masked_spec_embed":
                found[name] = value
    return found


def normalised(samples: Tensor) -> Tensor:
    """(N,) of mean 0 and variance 1 over the whole recording, as wav2vec 2.0's own preparation does."""
    return (samples - samples.mean()) / torch.sqrt(samples.var(unbiased=False) + 1e-7)


def at_length(frames: Tensor, count: int) -> Tensor:
    """(count, D) of (T, D), linear along time, first and last frame kept."""
    return interpolate(frames.T[None], size=count, mode="linear", align_corners=True)[0].T
