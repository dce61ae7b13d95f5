"""LSF-Animation: voice and voice emotion in two streams that fusion tokens look at; identity from FLAME's shape.

Its fusion block asks every pair of a frame of one stream and a frame of the other. As keys and values are linear in the
pair, softmax over pairs is the product of two softmaxes, which is what is computed: the same result in memory O(T).
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from model_server.foreign.motion_prior import MotionPrior
from model_server.foreign.transformer import HEADS, Named, Positions, Squasher, Transformer


class PairAttention(nn.Module):
    """Queries (M, width) over all pairs of two streams; ``kv`` is [for the emotion | for the voice]."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.q = nn.Linear(width, inner, bias=False)
        self.kv = nn.Linear(2 * width, 2 * inner, bias=False)
        self.proj = nn.Linear(inner, width)
        self.scale = (width // HEADS) ** -0.5  # of a head before it was made narrower, as published

    def forward(self, tokens: Tensor, emotion: Tensor, voice: Tensor) -> Tensor:
        """(M, width) of tokens (M, width) and streams (T, width)."""
        width = tokens.shape[1]
        q = _heads(self.q(tokens))
        seen = torch.zeros_like(q)
        for stream, weight in ((emotion, self.kv.weight[:, :width]), (voice, self.kv.weight[:, width:])):
            k, v = (stream @ weight.T).chunk(2, -1)
            seen = seen + torch.softmax(q @ _heads(k).transpose(1, 2) * self.scale, -1) @ _heads(v)
        result: Tensor = self.proj(seen.transpose(0, 1).reshape(len(tokens), -1))
        return result


def _heads(x: Tensor) -> Tensor:
    return x.view(len(x), HEADS, -1).transpose(0, 1)


class _Mlp(nn.Module):
    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.fc2(gelu(self.fc1(x)))
        return result


class FusionBlock(nn.Module):
    """HIFB: the tokens look at both streams."""

    def __init__(self, width: int, inner: int, mlp: int) -> None:
        super().__init__()
        self.norm_mm, self.norm_a, self.norm_v = nn.LayerNorm(width), nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn = PairAttention(width, inner)
        self.norm_mlp, self.mlp = nn.LayerNorm(width), _Mlp(width, mlp)

    def forward(self, tokens: Tensor, emotion: Tensor, voice: Tensor) -> Tensor:
        """(M, width) of tokens (M, width) and streams (T, width)."""
        tokens = tokens + self.attn(self.norm_mm(tokens), self.norm_v(emotion), self.norm_a(voice))
        result: Tensor = tokens + self.mlp(self.norm_mlp(tokens))
        return result


class LsfPredictor(nn.Module):
    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        super().__init__()
        width, heard = tensors["feature_predictor.audio_feat.weight"].shape
        depth = len({key.split(".")[2] for key in tensors if key.startswith("feature_predictor.fusion_blocks.")})
        inner = len(tensors["feature_predictor.audio_blocks.0.net.1.fn.fn.l1.weight"])
        fused = len(tensors["feature_predictor.fusion_blocks.0.attn.q.weight"])
        mlp = len(tensors["feature_predictor.fusion_blocks.0.mlp.fc1.weight"])
        identity = tensors["feature_predictor.style_proj.weight"].shape[1]
        self.fusion_tokens = nn.Parameter(torch.zeros(tensors["feature_predictor.fusion_tokens"].shape))
        self.audio_feat, self.emo_feat = nn.Linear(heard, width), nn.Linear(heard, width)
        self.style_proj = nn.Linear(identity, width, bias=False)
        self.squash_a, self.squash_e = Squasher(width, 1), Squasher(width, 1)
        self.lin_embed = Named(width)
        self.pos_enc = Positions(width, len(tensors["feature_predictor.pos_enc.pe"]))
        self.audio_blocks = nn.ModuleList(Transformer(width, inner, 1) for _ in range(depth))
        self.emo_blocks = nn.ModuleList(Transformer(width, inner, 1) for _ in range(depth))
        self.fusion_blocks = nn.ModuleList(FusionBlock(width, fused, mlp) for _ in range(depth))
        self.out_norm = nn.LayerNorm(width)  # in the files, though nothing passes it

    def forward(self, audio: Tensor, emotion: Tensor, style: Tensor) -> Tensor:
        """(T, width) of two streams (T, 1536) and an identity (32,)."""
        who = self.style_proj(style)
        voice: Tensor = self.pos_enc(self.lin_embed(self.squash_a(self.audio_feat(audio) * who)))
        feeling = self.pos_enc(self.lin_embed(self.squash_e(self.emo_feat(emotion) * who)))
        tokens = self.fusion_tokens[0]
        count = len(tokens)
        for hear, feel, fuse in zip(self.audio_blocks, self.emo_blocks, self.fusion_blocks, strict=True):
            voice = hear(torch.cat([tokens, voice]))[count:]
            feeling = feel(torch.cat([tokens, feeling]))[count:]
            tokens = fuse(tokens, feeling, voice)
        return voice


class Lsf(nn.Module):
    """The style is an identity of 32 shares, which ``identity_extractor`` makes of FLAME's shape (300,)."""

    name = "LSF-Animation"
    hears_emotion = True

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.motion_prior = MotionPrior(tensors)
        self.feature_predictor = LsfPredictor(tensors)

    def predicted(self, audio: Tensor, emotion: Tensor | None, style: Tensor) -> Tensor:
        """(T, width) latents of HuBERT's and emotion2vec's pairs (T, 1536)."""
        if emotion is None:
            raise ValueError("LSF needs the stream of emotion2vec")
        result: Tensor = self.feature_predictor(audio, emotion, style)
        return result
