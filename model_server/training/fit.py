"""Fitting the acoustic network: one-cycle AdamW on random pieces, resumable, the average of the last weights kept."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from model_server.audio.features import CENTRE, FLOOR, LOUD_FROM, SPREAD
from model_server.speech.network import Shape
from model_server.speech.phones import BILABIAL, CLASS_INDEX, CLASSES
from model_server.training.augment import augmented
from model_server.training.batches import Source, batches
from model_server.training.network import Network
from model_server.training.plan import Plan
from model_server.training.store import UNKNOWN
from s2f_blender_addon.core.whole_file import whole_file

SAVE_SECONDS = 120.0
"""Between two checkpoints."""


def learning_rate(plan: Plan, step: int) -> float:
    """Linear warm-up over a twentieth, then a cosine to nothing."""
    warm = max(1, plan.steps // 20)
    if step < warm:
        return plan.rate * (step + 1) / warm
    return plan.rate * 0.5 * (1 + float(np.cos(np.pi * (step - warm) / max(1, plan.steps - warm)))) + 1e-6


def average_colour(sources: list[Source], seed: int) -> Tensor:
    """(80,) the mean features of the loud frames of many clips."""
    mel, _ = next(batches(sources, 256, 400, seed))
    heard = (torch.log(mel.exp() + FLOOR) - CENTRE) / SPREAD
    loud = (torch.log(mel.exp().mean(2)) > LOUD_FROM).float()[:, :, None]
    return (heard * loud).sum((0, 1)) / loud.sum()


def loss_of(logits: Tensor, label: Tensor, weights: Tensor) -> Tensor:
    """Cross entropy over known frames, a little smoothed."""
    return torch.nn.functional.cross_entropy(
        logits.reshape(-1, logits.shape[-1]), label.reshape(-1), weight=weights, ignore_index=UNKNOWN,
        label_smoothing=0.03,
    )  # fmt: skip


def fit(
    sources: list[Source],
    plan: Plan,
    folder: Path,
    report: Callable[[float, str], None],
    start_from: Path | None = None,
) -> Network:
    """Train into ``folder`` (checkpoint.safetensors + state.json); goes on where an interrupted run stopped."""
    torch.manual_seed(plan.seed)
    network = Network(Shape(len(CLASSES), plan.width, dilations=plan.dilations))
    if start_from is not None:
        network.load_state_dict(load_file(start_from / "network.safetensors"), strict=False)
    optimiser = torch.optim.AdamW(network.parameters(), lr=plan.rate, weight_decay=plan.decay, betas=(0.9, 0.98))
    done = _resume(folder, plan, network, optimiser)
    weights = torch.ones(len(CLASSES))
    weights[[CLASS_INDEX[name] for name in BILABIAL]] = plan.bilabial_weight
    source = batches(sources, plan.batch, plan.frames, plan.seed + 1000 * done)
    if not network.average.any():
        network.average.copy_(average_colour(sources, plan.seed))
    network.train()
    mean_loss, saved = 0.0, time.monotonic()
    for step in range(done, plan.steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(plan, step)
        mel, label = next(source)
        with torch.no_grad():
            heard = augmented(mel, mel.roll(1, 0), network.average)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = network(heard)
        loss = loss_of(logits.float(), label, weights)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        mean_loss += (float(loss.detach()) - mean_loss) * (0.02 if step > 50 else 0.2)
        if time.monotonic() - saved > SAVE_SECONDS:
            _checkpoint(folder, plan, network, optimiser, step + 1)
            saved = time.monotonic()
        report((step + 1) / plan.steps, f"step {step + 1} of {plan.steps}, loss {mean_loss:.3f}")
    _checkpoint(folder, plan, network, optimiser, plan.steps)
    with whole_file(folder / "network.safetensors") as temporary:
        save_file(network.state_dict(), temporary)
    return network.eval()


def load(folder: Path) -> Network:
    """The network that ``fit`` left in ``folder``, ready to be used."""
    from safetensors import safe_open

    with safe_open(folder / "checkpoint.safetensors", "pt") as opened:
        plan = json.loads(opened.metadata()["plan"])
    network = Network(Shape(len(CLASSES), plan["width"], dilations=tuple(plan["dilations"])))
    network.load_state_dict(load_file(folder / "network.safetensors"))
    return network.eval()


def _checkpoint(folder: Path, plan: Plan, network: Network, optimiser: torch.optim.Optimizer, step: int) -> None:
    tensors = {f"network.{name}": value for name, value in network.state_dict().items()}
    for i, entry in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{i}.{name}": value for name, value in entry.items()}
    with whole_file(folder / "checkpoint.safetensors") as temporary:
        save_file(tensors, temporary, {"step": str(step), "plan": json.dumps(asdict(plan))})


def _resume(folder: Path, plan: Plan, network: Network, optimiser: torch.optim.Optimizer) -> int:
    """Load the checkpoint of the same plan if there is one; the number of steps that it has done."""
    from safetensors import safe_open

    path = folder / "checkpoint.safetensors"
    if not path.exists():
        return 0
    with safe_open(path, "pt") as opened:
        notes = opened.metadata()
        tensors = {name: opened.get_tensor(name) for name in opened.keys()}
    if json.loads(notes["plan"]) != json.loads(json.dumps(asdict(plan))):
        return 0
    network.load_state_dict({n[8:]: t for n, t in tensors.items() if n.startswith("network.")})
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith("optimiser."):
            _, i, key = name.split(".")
            state.setdefault(int(i), {})[key] = tensor
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
    return int(notes["step"])
