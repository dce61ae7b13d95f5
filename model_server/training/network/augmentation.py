"""What a microphone, a room and another throat do to speech, done to (B, T, 80) log band powers.

Working on features makes every epoch new at no cost: vocal tract length (a warp of the mel axis, Jaitly and Hinton
2013), equaliser and gain, noise and babble added as power, a room as an exponential tail of power, a telephone's
bandwidth, SpecAugment's masks (Park et al. 2019).
"""

import numpy as np
import torch
from torch import Tensor

from model_server.audio import running
from model_server.audio.features import mel_filters

MOMENTS, MOMENT = 4, 8
TAIL = 40
"""Frames that an echo lasts."""


def _some(batch: int, share: float, like: Tensor) -> Tensor:
    return (torch.rand(batch, 1, 1, device=like.device) < share).to(like.dtype)


def warp(mel: Tensor, amount: float = 0.09) -> Tensor:
    """Every clip's mel axis stretched by up to ``amount``."""
    batch, frames, bands = mel.shape
    factor = 1 + amount * (2 * torch.rand(batch, 1, device=mel.device) - 1)
    bend = 0.03 * (2 * torch.rand(batch, 1, device=mel.device) - 1)
    grid = torch.linspace(0, 1, bands, device=mel.device)[None]
    position = ((grid * factor + bend * torch.sin(torch.pi * grid)) * (bands - 1)).clamp(0, bands - 1.001)
    low = position.floor().long()
    share = (position - low)[:, None]
    below = mel.gather(2, low[:, None].expand(-1, frames, -1))
    above = mel.gather(2, (low + 1)[:, None].expand(-1, frames, -1))
    return below * (1 - share) + above * share


def equaliser(mel: Tensor) -> Tensor:
    """A smooth curve of a few dB over the bands and a gain, per clip."""
    batch, _, bands = mel.shape
    knots = 0.9 * torch.randn(batch, 1, 7, device=mel.device)
    curve = torch.nn.functional.interpolate(knots, bands, mode="linear", align_corners=True)
    tilt = 1.0 * torch.randn(batch, 1, 1, device=mel.device) * torch.linspace(-1, 1, bands, device=mel.device)
    gain = 0.8 * torch.randn(batch, 1, 1, device=mel.device)
    return mel + curve + tilt + gain


def room(mel: Tensor, share: float = 0.45) -> Tensor:
    """Power decays by 60 dB in 0.15-0.8 s behind every sound, its sum 1 dB above to 13 dB below it."""
    chosen = torch.rand(len(mel), device=mel.device) < share
    if not chosen.any():
        return mel
    power = mel[chosen].exp()
    count, frames, _ = power.shape
    time60 = 0.15 + 0.65 * torch.rand(count, 1, 1, device=mel.device)
    steps = torch.arange(TAIL, device=mel.device, dtype=mel.dtype)[None, :, None]
    tail = torch.exp(-13.8 * 0.01 * steps / time60) * (steps > 0)
    tail = tail / tail.sum(1, keepdim=True) * torch.exp(0.2 - 3.2 * torch.rand(count, 1, 1, device=mel.device))
    size = frames + TAIL
    late = torch.fft.irfft(torch.fft.rfft(power, size, 1) * torch.fft.rfft(tail, size, 1), size, 1)[:, :frames]
    heard = mel.clone()
    heard[chosen] = torch.log(power + late.clamp_min(0) * scatter(late) + 1e-9)
    return heard


def scatter(like: Tensor) -> Tensor:
    """(B, T, bands) power of Gaussian noise over its mean: chi-square, the freer the more bins a band has.

    Frames 10 ms apart hardly know of each other under this window, so each is drawn alone.
    """
    bins = torch.as_tensor((mel_filters() > 0).sum(0), dtype=like.dtype, device=like.device)
    shape = bins.mul(0.42).clamp_min(0.75)
    drawn = 1 - 1 / (9 * shape) + torch.randn_like(like) / (3 * shape.sqrt())  # Wilson and Hilferty 1931
    return drawn.clamp_min(0.1).pow(3)


def noise(mel: Tensor, background: Tensor | None, share: float = 0.65) -> Tensor:
    """Hiss of random colour, and ``background`` clips (B, T, 80), 3-28 dB below the loud part of the speech."""
    batch, _, bands = mel.shape
    knots = 2.0 * torch.randn(batch, 1, 5, device=mel.device)
    colour = torch.nn.functional.interpolate(knots, bands, mode="linear", align_corners=True)
    colour = colour - torch.logsumexp(colour, 2, keepdim=True) + torch.log(torch.tensor(float(bands)))
    depth = -0.8 - 5.7 * torch.rand(batch, 1, 1, device=mel.device)
    power = mel.exp() + (colour + depth).exp() * scatter(mel) * _some(batch, share, mel)
    if background is not None:
        below = -2.0 - 5.0 * torch.rand(batch, 1, 1, device=mel.device)
        power = power + (background + below).exp() * _some(batch, 0.2, mel)
    return torch.log(power + 1e-9)


def telephone(mel: Tensor, share: float = 0.12) -> Tensor:
    """Nothing above 3.4-4 kHz, sometimes nothing below 300 Hz."""
    batch, _, bands = mel.shape
    band = torch.arange(bands, device=mel.device)[None, None]
    top = 56 + 6 * torch.rand(batch, 1, 1, device=mel.device)
    cut = (band > top).to(mel.dtype) * _some(batch, share, mel)
    low = (band < 8).to(mel.dtype) * _some(batch, share * 0.5, mel)
    return mel - 14.0 * torch.clamp(cut + low, max=1.0)


def masks(features: Tensor) -> Tensor:
    """A band of frequencies hidden, and moments of up to ``MOMENT`` frames that only the words around them tell."""
    batch, _, bands = features.shape
    width = 14 * torch.rand(batch, 1, 1, device=features.device)
    start = (bands - 14) * torch.rand(batch, 1, 1, device=features.device)
    band = torch.arange(bands, device=features.device)[None, None]
    hidden = ((band >= start) & (band < start + width)).to(features.dtype) * _some(batch, 0.5, features)
    hidden = torch.maximum(hidden, _moments(features))
    return features * (1 - hidden) + features.mean((1, 2), keepdim=True) * hidden


def _moments(features: Tensor) -> Tensor:
    """(B, T, 1): 1 in ``MOMENTS`` stretches of half of the clips."""
    batch, frames, _ = features.shape
    start = frames * torch.rand(batch, 1, MOMENTS, device=features.device)
    length = MOMENT * torch.rand(batch, 1, MOMENTS, device=features.device)
    time = torch.arange(frames, device=features.device)[None, :, None]
    inside = ((time >= start) & (time < start + length)).any(2, keepdim=True)
    return inside.to(features.dtype) * _some(batch, 0.5, features)


def features(mel: Tensor, average: Tensor) -> Tensor:
    """Log powers (B, T, 80) to what ``speech.acoustics.heard`` gives for each clip."""
    usual = average.numpy()
    return torch.from_numpy(np.stack([running.heard(np.exp(clip), usual)[0] for clip in mel.numpy()]))


def augmented(mel: Tensor, background: Tensor | None, average: Tensor) -> Tensor:
    """(B, T, 80) log powers to features, distorted."""
    return masks(features(noise(telephone(room(equaliser(warp(mel)))), background), average))
