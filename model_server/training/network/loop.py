"""The loop that every fitting shares: one-cycle AdamW, checkpoints, going on where it stopped."""

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from model_server.cancel import Progress
from model_server.training.network.plan import FitPlan
from s2f_blender_addon.core.whole_file import whole_file

SAVE_SECONDS = 120.0
"""Between two checkpoints."""


def learning_rate(plan: FitPlan, step: int) -> float:
    """Linear warm-up over a twentieth, then a cosine to nothing."""
    warm = max(1, plan.steps // 20)
    if step < warm:
        return plan.rate * (step + 1) / warm
    return plan.rate * 0.5 * (1 + float(np.cos(np.pi * (step - warm) / max(1, plan.steps - warm)))) + 1e-6


def descend(
    network: nn.Module,
    plan: FitPlan,
    folder: Path,
    losses: Callable[[int], Callable[[], Tensor]],
    report: Progress,
    paces: Sequence[tuple[list[nn.Parameter], float]] | None = None,
) -> None:
    """Lower a loss for ``plan.steps`` steps and leave the network in ``folder`` (network.safetensors), in eval mode.

    ``losses`` gets how many steps an interrupted run of the same plan has done, and gives what computes the loss of
    the next step. ``paces``: parameters with their learning rate as a share of the plan's; all at its own by default.
    """
    groups = [{"params": some, "pace": pace} for some, pace in paces or [(list(network.parameters()), 1.0)]]
    optimiser = torch.optim.AdamW(groups, lr=plan.rate, weight_decay=plan.decay, betas=(0.9, 0.98))
    done = _resume(folder, plan, network, optimiser)
    next_loss = losses(done)
    network.train()
    mean, saved = math.nan, time.monotonic()
    for step in range(done, plan.steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(plan, step) * group["pace"]
        loss = next_loss()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        mean = _running(mean, float(loss.detach()), 0.02 if step > 50 else 0.2)
        if time.monotonic() - saved > SAVE_SECONDS:
            _checkpoint(folder, plan, network, optimiser, step + 1)
            saved = time.monotonic()
        report((step + 1) / plan.steps, f"step {step + 1} of {plan.steps}, loss {mean:.4f}")
    _checkpoint(folder, plan, network, optimiser, plan.steps)
    with whole_file(folder / "network.safetensors") as temporary:
        save_file(network.state_dict(), temporary)
    network.eval()


def _running(mean: float, now: float, share: float) -> float:
    """The running mean with ``now`` in it; a run that begins or goes on begins with its first value."""
    return now if math.isnan(mean) else mean + (now - mean) * share


def _checkpoint(folder: Path, plan: FitPlan, network: nn.Module, optimiser: torch.optim.Optimizer, step: int) -> None:
    tensors = {f"network.{name}": value for name, value in network.state_dict().items()}
    for i, entry in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{i}.{name}": value for name, value in entry.items()}
    with whole_file(folder / "checkpoint.safetensors") as temporary:
        save_file(tensors, temporary, {"step": str(step), "plan": json.dumps(asdict(plan))})


def _resume(folder: Path, plan: FitPlan, network: nn.Module, optimiser: torch.optim.Optimizer) -> int:
    """Load the checkpoint of the same plan if there is one; the number of steps that it has done."""
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
