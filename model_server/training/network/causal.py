"""The causal variant of the acoustic network while it learns: blocks that look back only, for live use.

An output looks ahead by stem and head alone (``Shape.ahead``: 60 ms), where the network that ships looks ahead 960 ms.
Live use also has to estimate the recording's echo, level and colour as it goes; nothing of that is here.
"""

from torch import Tensor, nn

from model_server.speech.network import Shape
from model_server.training.network.acoustic import AcousticBlock, Network
from model_server.training.network.encoder import Listening


class OneSided(nn.Conv1d):
    """A convolution whose last tap is the present."""

    def forward(self, x: Tensor) -> Tensor:
        behind = self.dilation[0] * (self.kernel_size[0] - 1)
        return super().forward(nn.functional.pad(x, (behind, 0)))


class CausalNetwork(Network):
    """As ``Network``, with ``shape.causal``."""

    def __init__(self, shape: Shape, dropout: float = 0.05) -> None:
        super().__init__(shape, dropout)
        for block, dilation in zip(self.blocks, shape.dilations, strict=True):
            assert isinstance(block, AcousticBlock)
            block.spread = OneSided(shape.width, shape.width, shape.kernel, dilation=dilation, bias=False)


def network_of(shape: Shape) -> Network:
    """An untaught network of ``shape``."""
    if shape.layers:
        return Listening(shape)
    return CausalNetwork(shape) if shape.causal else Network(shape)


def turned_causal(network: Network) -> CausalNetwork:
    """A start for the causal variant of a trained network: its weights, with taps that looked ahead looking back.

    One that is causal stays as it is.
    """
    if isinstance(network, CausalNetwork):
        return network
    shape = Shape.from_json({**network.shape.to_json(), "causal": True})
    found = CausalNetwork(shape)
    found.load_state_dict(network.state_dict())
    return found


def looks_ahead_ms(shape: Shape) -> int:
    """Algorithmic latency of the network: what it looks ahead, and the two feature frames that are one of its own."""
    return 20 * shape.ahead + 10
