"""Clips of several voices, levels and rooms joined, for a network that has to hear a dialogue.

Every clip of a batch goes on as another one at random moments, at another level, sometimes after a pause. Each part has
been through a throat, a room and noise of its own before, so that what is soft is as clear as what is loud.
"""

import torch
from torch import Tensor

from model_server.speech.phones import CLASS_INDEX
from model_server.training.network import augmentation
from model_server.training.network.distil import Targets

JOINED = 0.65
"""Share of clips that are joined; the others stay one voice at one level."""
CUTS = 3
"""Joints of a clip, at most."""
SOFTEST = -4.6
"""Natural log of a part's power over the loudest (-20 dB)."""
PAUSED, PAUSE = 0.45, 120
"""Share of joints that have a pause, and its frames, at most."""
HISS = (-11.5, -8.0)
"""Natural log of what remains in a pause (-50 to -35 dB)."""
_NOTHING = -13.0


def augmented(mel: Tensor, average: Tensor, targets: Targets) -> tuple[Tensor, Targets]:
    """Log powers (B, T, 80) to features, distorted and joined; classes (B, T) and posteriors (B, T, K) as well."""
    background = mel.roll(1, 0)
    through = augmentation.telephone(augmentation.room(augmentation.equaliser(augmentation.warp(mel))))
    heard = augmentation.noise(through, background)
    label, teacher = targets
    origin, gain, silent = plan(len(mel), mel.shape[1])
    heard, label, teacher = (_taken(one, origin) for one in (heard, label, teacher))
    floor = HISS[0] + (HISS[1] - HISS[0]) * torch.rand(len(mel), 1, 1)
    hiss = (floor + torch.log(augmentation.scatter(heard))).exp()
    heard = torch.where(silent[:, :, None], torch.tensor(_NOTHING), heard + gain[:, :, None])
    heard = torch.log(heard.exp() + hiss * (origin != origin[:, :1]).any(1)[:, None, None])
    label = torch.where(silent, torch.tensor(CLASS_INDEX["sil"]), label)
    quiet = torch.zeros(teacher.shape[2])
    quiet[CLASS_INDEX["sil"]] = 1.0
    teacher = torch.where(silent[:, :, None], quiet, teacher)
    return augmentation.masks(augmentation.features(heard, average)), (label, teacher)


def plan(batch: int, frames: int) -> tuple[Tensor, Tensor, Tensor]:
    """(B, T) which clip each frame is of, natural log of what multiplies its power, and whether it is a pause."""
    time = torch.arange(frames)[None, None]
    cuts = torch.rand(batch, CUTS, 1) * frames
    cuts = torch.where(torch.rand(batch, CUTS, 1) < 0.75, cuts, torch.tensor(float(frames)))
    cuts = torch.where(torch.rand(batch, 1, 1) < JOINED, cuts, torch.tensor(float(frames)))
    part = (time >= cuts).sum(1)
    shift = torch.randint(1, max(2, batch), (batch, CUTS + 1)).cumsum(1)
    shift[:, 0] = 0
    origin = (torch.arange(batch)[:, None] + shift.gather(1, part)) % batch
    level = SOFTEST * torch.rand(batch, CUTS + 1)
    loud = torch.randint(0, CUTS + 1, (batch, 1))
    level.scatter_(1, loud, 0.0)
    length = PAUSE * torch.rand(batch, CUTS, 1) * (torch.rand(batch, CUTS, 1) < PAUSED)
    silent = ((time >= cuts) & (time < cuts + length)).any(1)
    return origin, level.gather(1, part), silent


def _taken(values: Tensor, origin: Tensor) -> Tensor:
    """(B, T, ...) with each frame from the clip that ``origin`` (B, T) names."""
    found: Tensor = values[origin, torch.arange(values.shape[1])[None]]
    return found
