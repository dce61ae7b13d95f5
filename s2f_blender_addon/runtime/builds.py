"""Which build of torch a machine needs, by its card's compute capability and by the CUDA version of its driver.

Sources: the architectures in PyTorch's wheels (pytorch/test-infra, pkg-helpers/cuda.py and pytorch/pytorch#157517: CUDA
12.6 has 5.0 to 9.0, CUDA 13.0 has 7.5 to 12.0 and PTX for newer); NVIDIA's release notes for the drivers (any 12.x
driver serves every 12.x runtime from 525.60 on Linux and 528.33 on Windows on; 13.x needs 580).
"""

from dataclasses import dataclass
from pathlib import Path

from ..core.errors import UserError
from .probe import GraphicsCard, Machine

LOCKS = Path(__file__).with_name("locks")
CPU_ANYWAY = "Speech2Face runs on the CPU, for which nothing has to be set up"


@dataclass(frozen=True)
class Kind:
    """A CUDA version that torch is built with. Compute capabilities from ``oldest`` to below ``beyond`` can run it."""

    name: str
    cuda: tuple[int, int]
    oldest: tuple[int, int]
    beyond: tuple[int, int]
    driver: str


KINDS = (
    Kind("cu130", (13, 0), (7, 5), (1000, 0), "580"),
    Kind("cu126", (12, 0), (5, 0), (10, 0), "528"),
)
"""The best first. ``cuda`` is what the driver must serve."""


@dataclass(frozen=True)
class Build:
    """``name`` is that of its lock; ``card`` is what it was chosen for."""

    name: str
    card: GraphicsCard

    @property
    def lock(self) -> Path:
        return LOCKS / f"pylock.{self.name}.toml"


def choose(machine: Machine) -> Build:
    """The build for ``machine``. Raises UserError with the reason and the next step where there is none."""
    if not machine.cards:
        raise UserError(_without_card(machine))
    if machine.system == "macos" or machine.processor != "x86_64":
        raise UserError(f"There is no GPU runtime for {machine.system} on {machine.processor} yet; {CPU_ANYWAY}.")
    card = machine.cards[0]
    able = [kind for kind in KINDS if kind.oldest <= card.capability < kind.beyond]
    if not able:
        raise UserError(
            f"The {card.name} (compute capability {_dotted(card.capability)}) is too old for today's torch, "
            f"which needs {_dotted(KINDS[-1].oldest)}; {CPU_ANYWAY}."
        )
    served = [kind for kind in able if machine.driver >= kind.cuda]
    if not served:
        raise UserError(
            f"The NVIDIA driver is too old for the {card.name}: it serves CUDA {_dotted(machine.driver)} and "
            f"{_dotted(able[-1].cuda)} is needed; install driver {able[-1].driver} or newer from NVIDIA and try again."
        )
    return Build(f"{machine.system}-{served[0].name}", card)


def _without_card(machine: Machine) -> str:
    """Why there is no NVIDIA card to use."""
    if machine.driver != (0, 0):
        return (
            f"The NVIDIA driver is there but shows no card (CUDA error {machine.problem}); restart the computer, "
            "and if that does not help install the driver again."
        )
    if "nvidia" in machine.vendors:
        return "There is an NVIDIA card but not NVIDIA's driver; install it from NVIDIA or your system and try again."
    if "apple" in machine.vendors:
        return f"The GPU of Apple's chips (MPS) is not used yet; {CPU_ANYWAY}."
    if "amd" in machine.vendors:
        return f"This is an AMD card, and the GPU runtime is for NVIDIA cards (CUDA) only; {CPU_ANYWAY}."
    if "intel" in machine.vendors:
        return f"This is an Intel card, and the GPU runtime is for NVIDIA cards (CUDA) only; {CPU_ANYWAY}."
    return f"There is no NVIDIA card in this computer; {CPU_ANYWAY}."


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
