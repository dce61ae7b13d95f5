"""Fewer and smaller layers that compute the same: what speech does not use goes, what it uses stays."""

from dataclasses import replace

import pytest
import torch

from model_server.speech.network import Shape
from model_server.training.network.compress import compressed
from model_server.training.network.encoder import EncoderLayer, Listening

SHAPE = Shape(44, 16, dilations=(1,), layers=2, states=24, heads=3, keys=8, values=8, wide=32)
SMALL = replace(SHAPE, keys=5, values=4, wide=20)


@pytest.fixture
def features() -> torch.Tensor:
    return torch.randn(2, 120, 80, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def network() -> Listening:
    torch.manual_seed(0)
    found = Listening(SHAPE).eval()
    for parameter in found.layers.parameters():
        torch.nn.init.normal_(parameter, 0.1, 0.3)
    return found


def heard(network: Listening, features: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return network.eval().stemmed(features)


def test_the_same_size_computes_the_same(network: Listening, features: torch.Tensor) -> None:
    assert torch.allclose(heard(compressed(network, SHAPE, features), features), heard(network, features), atol=1e-3)


def test_fewer_layers_are_the_first_ones(network: Listening, features: torch.Tensor) -> None:
    one = compressed(network, replace(SHAPE, layers=1), features)
    cut = Listening(replace(SHAPE, layers=1)).eval()
    cut.load_state_dict({name: weight for name, weight in network.state_dict().items() if "layers.1" not in name})
    assert torch.allclose(heard(one, features), heard(cut, features), atol=1e-3)


def test_what_a_layer_never_uses_costs_nothing(network: Listening, features: torch.Tensor) -> None:
    """Keys of rank five, values of rank four and twenty neurons that are heard: the small shape holds all of it."""
    for layer in network.layers:
        assert isinstance(layer, EncoderLayer)
        query, _, value = (one.unflatten(0, (layer.heads, -1)) for one in layer.attend.weight.data.split(layer.sizes))
        shift = [one.unflatten(0, (layer.heads, -1)) for one in layer.attend.bias.data.split(layer.sizes)]
        for part, bias, rank in ((query, shift[0], SMALL.keys), (value, shift[2], SMALL.values)):
            part[:, rank:] = 0
            bias[:, rank:] = 0
        layer.narrow.weight.data[:, ::8] = 0
        layer.narrow.weight.data[:, 1::4] = 0
    small = compressed(network, SMALL, features)
    assert small.shape == SMALL
    assert torch.allclose(heard(small, features), heard(network, features), atol=1e-3)


def test_neurons_that_go_leave_their_mean(network: Listening, features: torch.Tensor) -> None:
    layer = network.layers[0]
    assert isinstance(layer, EncoderLayer)
    with torch.no_grad():
        layer.widen.weight[:12] = 0  # these always say the same
        layer.widen.bias[:12] = 2
    fewer = replace(SHAPE, wide=20)
    one_layer = compressed(network, fewer, features).layers[0]
    with torch.no_grad():
        x = torch.randn(1, 30, 24)
        assert torch.allclose(one_layer(x), layer(x), atol=1e-3)


def test_what_goes_is_what_matters_least(network: Listening, features: torch.Tensor) -> None:
    """Nearer to the whole than a network that keeps as many neurons by chance."""
    fewer = replace(SHAPE, wide=24)
    wanted = heard(network, features)
    chosen = (heard(compressed(network, fewer, features), features) - wanted).square().mean()
    by_chance = []
    for seed in range(5):
        kept = torch.randperm(SHAPE.wide, generator=torch.Generator().manual_seed(seed))[: fewer.wide]
        other = Listening(SHAPE).eval()
        other.load_state_dict(network.state_dict())
        gone = torch.ones(SHAPE.wide, dtype=torch.bool)
        gone[kept] = False
        for layer in other.layers:
            assert isinstance(layer, EncoderLayer)
            layer.narrow.weight.data[:, gone] = 0
        by_chance.append((heard(other, features) - wanted).square().mean())
    assert chosen < min(by_chance)
