"""What a microphone, a room and another throat do to speech, done to (B, T, 80) log band powers.

Working on features makes every epoch new at no cost: vocal tract length (a warp of the mel axis, Jaitly and Hinton
2013), equaliser and gain, noise and babble added as power, a room as an exponential tail of power, a telephone's
bandwidth, SpecAugment's masks (Park et al. 2019).
"""

import torch
from torch import Tensor

from model_server.audio.features import CENTRE, FLOOR, LOUD_AT, LOUD_FROM, PRIOR_FRAMES, SPREAD

MOMENTS, MOMENT = 4, 8
_FLOOR_LOG = float(torch.log(torch.tensor(FLOOR)))


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


def room(mel: Tensor, share: float = 0.3) -> Tensor:
    """Power decays by 60 dB in 0.15-0.8 s behind every sound, at -3 to -15 dB below it."""
    batch, frames, _ = mel.shape
    power = mel.exp()
    time60 = 0.15 + 0.65 * torch.rand(batch, 1, 1, device=mel.device)
    steps = torch.arange(1, 41, device=mel.device, dtype=mel.dtype)
    tail = torch.exp(-13.8 * 0.01 * steps / time60)  # (B, 1, 40)
    mix = torch.exp(-0.7 - 2.8 * torch.rand(batch, 1, 1, device=mel.device)) * _some(batch, share, mel)
    tail = tail / tail.sum(2, keepdim=True) * mix
    flat = power.transpose(1, 2).reshape(1, batch * mel.shape[2], frames)
    kernel = tail.flip(2).expand(-1, mel.shape[2], -1).reshape(batch * mel.shape[2], 1, 40)
    late = torch.nn.functional.conv1d(
        torch.nn.functional.pad(flat, (40, 0))[:, :, :-1], kernel, groups=batch * mel.shape[2]
    )
    return torch.log(power + late.reshape(batch, mel.shape[2], frames).transpose(1, 2) + 1e-9)


def noise(mel: Tensor, background: Tensor | None, share: float = 0.6) -> Tensor:
    """Hiss of random colour, and ``background`` clips (B, T, 80), 4-35 dB below the speech."""
    batch, frames, bands = mel.shape
    knots = 2.0 * torch.randn(batch, 1, 5, device=mel.device)
    colour = torch.nn.functional.interpolate(knots, bands, mode="linear", align_corners=True)
    colour = colour - torch.logsumexp(colour, 2, keepdim=True) + torch.log(torch.tensor(float(bands)))
    # A band of hiss is a chi-square variable; its log scatters.
    hiss = colour + torch.log(torch.rand(batch, frames, bands, device=mel.device).clamp_min(1e-3) * 1.5 + 0.25)
    depth = -1.0 - 7.0 * torch.rand(batch, 1, 1, device=mel.device)
    power = mel.exp() + (hiss + depth).exp() * _some(batch, share, mel)
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
    """Log powers over the level (B, T, 80) to what ``speech.acoustics.heard`` gives for each clip."""
    heard = (torch.log(mel.exp() + FLOOR) - CENTRE) / SPREAD
    return heard - colour(mel, heard, average)


def colour(mel: Tensor, heard: Tensor, average: Tensor) -> Tensor:
    """(B, 1, 80) as ``audio.features.colour``, after taking out each clip's level."""
    energy = mel.exp().mean(2)
    level = (energy.pow(1.5).sum(1) / energy.sum(1).clamp_min(1e-9)).square().clamp_min(1e-6)
    loudness = torch.log(energy / level[:, None] + FLOOR)
    weight = ((loudness - LOUD_FROM) / (LOUD_AT - LOUD_FROM)).clamp(0, 1)[:, :, None]
    return ((weight * heard).sum(1, keepdim=True) + PRIOR_FRAMES * average) / (
        weight.sum(1, keepdim=True) + PRIOR_FRAMES
    )


def augmented(mel: Tensor, background: Tensor | None, average: Tensor) -> Tensor:
    """(B, T, 80) log powers to features, distorted."""
    return masks(features(noise(telephone(room(equaliser(warp(mel)))), background), average))
