"""The VQ-VAE prior over facial motion of ProbTalk3D (Wu et al., MIG 2024) and LSF: encoder, codebook, decoder.

Motion is (T, 53) at 25 frames a second, 0-1: 50 coefficients of FLAME's expression and 3 of its jaw. Since each code
stands for 128 time steps of one channel, and norms run over the whole clip, nothing here can be cut into pieces.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from model_server.foreign.transformer import SLOPE, Named, Positions, Squasher, Transformer

FPS = 25


class MotionEncoder(nn.Module):
    def __init__(self, motion: int, width: int, inner: int, depth: int, length: int) -> None:
        super().__init__()
        self.feature_mapping = nn.Sequential(nn.Linear(motion, width))
        self.squasher = Squasher(width, 2)
        self.encoder_linear_embedding = Named(width)
        self.encoder_pos_embedding = Positions(width, length)
        self.encoder_transformer = Transformer(width, inner, depth)

    def forward(self, motion: Tensor) -> Tensor:
        """(T, width) of (T, 53)."""
        x = self.squasher(leaky_relu(self.feature_mapping(motion), SLOPE))
        result: Tensor = self.encoder_transformer(self.encoder_pos_embedding(self.encoder_linear_embedding(x)))
        return result


class MotionDecoder(nn.Module):
    def __init__(self, motion: int, width: int, inner: int, depth: int, length: int) -> None:
        super().__init__()
        self.expander = Squasher(width, 2)
        self.decoder_linear_embedding = Named(width)
        self.decoder_pos_embedding = Positions(width, length)
        self.decoder_transformer = Transformer(width, inner, depth)
        self.feature_mapping_reverse = nn.Linear(width, motion, bias=False)

    def forward(self, codes: Tensor) -> Tensor:
        """(T, 53) of (T, width)."""
        x = self.decoder_linear_embedding(self.expander(codes))
        result: Tensor = self.feature_mapping_reverse(self.decoder_transformer(self.decoder_pos_embedding(x)))
        return result


class Codebook(nn.Module):
    """Vectors of which the nearest, or a likely one, stands for each piece of a clip."""

    def __init__(self, codes: int, size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(codes, size)

    def forward(self, latent: Tensor, temperature: float = 0.0, random: torch.Generator | None = None) -> Tensor:
        """(T, width) of (T, width); at a ``temperature`` above 0 codes are drawn: softmax(-distance² / temperature)."""
        table = self.embedding.weight
        pieces = latent.T.reshape(-1, table.shape[1])
        apart = torch.cdist(pieces, table, compute_mode="donot_use_mm_for_euclid_dist") ** 2
        if temperature > 0:
            chosen = torch.multinomial(torch.softmax(-apart / temperature, -1), 1, generator=random)[:, 0]
        else:
            chosen = apart.argmin(-1)
        return table[chosen].reshape(latent.shape[1], latent.shape[0]).T


class MotionPrior(nn.Module):
    """Names of modules are those below ``motion_prior.`` in published files."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        super().__init__()
        width, motion = tensors["motion_prior.motion_encoder.feature_mapping.0.weight"].shape
        inner = len(tensors["motion_prior.motion_encoder.encoder_transformer.net.1.fn.fn.l1.weight"])
        sizes = [
            (
                layers(tensors, f"motion_prior.{side}_transformer.net."),
                len(tensors[f"motion_prior.{side}_pos_embedding.pe"]),
            )
            for side in ("motion_encoder.encoder", "motion_decoder.decoder")
        ]
        self.motion_encoder = MotionEncoder(motion, width, inner, *sizes[0])
        self.motion_decoder = MotionDecoder(motion, width, inner, *sizes[1])
        self.quantize = Codebook(*tensors["motion_prior.quantize.embedding.weight"].shape)

    def decoded(self, latent: Tensor, temperature: float = 0.0, random: torch.Generator | None = None) -> Tensor:
        """(T, 53) 0-1 of a latent (T, width), through the codebook."""
        result: Tensor = self.motion_decoder(self.quantize(latent, temperature, random))
        return result


def layers(tensors: Mapping[str, Tensor], prefix: str) -> int:
    """How many layers a ``Transformer`` at ``prefix`` has: two steps each."""
    return len({key[len(prefix) :].split(".")[0] for key in tensors if key.startswith(prefix)}) // 2
