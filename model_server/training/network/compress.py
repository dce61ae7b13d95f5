"""A listening network with fewer and smaller layers, each computing nearly the same: a start for one that is taught.

Each head compares frames by fewer numbers and takes fewer from them, and perceptrons lose neurons. What goes is what
speech uses least: directions of small singular values, weighted by what the layer is given (as ASVD: Yuan et al. 2023),
and neurons whose output varies least (as Molchanov et al. 2017); the mean of what goes stays as a bias.
"""

import torch
from torch import Tensor, nn

from model_server.speech.network import Shape
from model_server.training.network.encoder import EncoderLayer, Listening

RIDGE = 1e-9
"""Least variance of a direction."""


def compressed(network: Listening, shape: Shape, features: Tensor) -> Listening:
    """``network`` in ``shape``, of fewer layers, keys, values or neurons; ``features`` (B, T, bands) say what matters.

    With fewer layers, what follows is the larger network's and yet has to learn to read the last one that is left.
    """
    found = Listening(shape).eval()
    state = network.state_dict()
    found.load_state_dict({name: value for name, value in state.items() if "layers." not in name}, strict=False)
    network.eval()
    for large, small in zip(network.layers, found.layers, strict=False):
        assert isinstance(large, EncoderLayer) and isinstance(small, EncoderLayer)
        given = _inputs(network, large, features)
        small.attend_norm.load_state_dict(large.attend_norm.state_dict())
        small.widen_norm.load_state_dict(large.widen_norm.state_dict())
        _fewer_directions(large, small, given[0])
        _fewer_neurons(large, small, given[1])
    return found


def _inputs(network: Listening, layer: EncoderLayer, features: Tensor) -> list[Tensor]:
    """(frames, N) what the layer's attention is given, and its second linear map."""
    seen: list[Tensor] = []

    def keep(_: nn.Module, inputs: tuple[Tensor]) -> None:
        seen.append(inputs[0].flatten(0, 1).double())

    hooks = [linear.register_forward_pre_hook(keep) for linear in (layer.attend, layer.narrow)]
    with torch.no_grad():
        network.stemmed(features)
    for hook in hooks:
        hook.remove()
    return seen


def _fewer_directions(large: EncoderLayer, small: EncoderLayer, given: Tensor) -> None:
    """Heads by the singular vectors of keys times queries, and of values times what joins them."""
    root, back = _roots(torch.cat([given, torch.ones(len(given), 1)], 1))
    states, heads = given.shape[1], large.heads
    keys, values = small.sizes[0] // heads, small.sizes[2] // heads
    maps = torch.cat([large.attend.weight, large.attend.bias[:, None]], 1).detach().double()
    whole = torch.tensor_split(maps, [large.sizes[0], 2 * large.sizes[0]])
    query, key, value = (one.reshape(heads, -1, states + 1) for one in whole)
    join = large.join.weight.detach().double().reshape(states, heads, -1)
    scale = (keys / query.shape[1]) ** 0.5  # products are over the root of the number of keys
    asked, offered, taken, joined = [], [], [], []
    for head in range(heads):
        left, size, right = torch.linalg.svd(root.T @ query[head].T @ key[head] @ root)
        half = size[:keys].sqrt()
        asked.append(scale * half[:, None] * (back @ left[:, :keys]).T)
        offered.append(half[:, None] * (back @ right[:keys].T).T)
        left, size, right = torch.linalg.svd(root.T @ value[head].T @ join[:, head].T, full_matrices=False)
        taken.append(size[:values, None] * (back @ left[:, :values]).T)
        joined.append(right[:values].T)
    every = torch.cat([*asked, *offered, *taken])
    small.attend.weight.data.copy_(every[:, :-1])
    small.attend.bias.data.copy_(every[:, -1])
    small.join.weight.data.copy_(torch.cat(joined, 1))
    small.join.bias.data.copy_(large.join.bias.data)


def _roots(given: Tensor) -> tuple[Tensor, Tensor]:
    """A square root of the second moments of (frames, N) and the transpose of its inverse."""
    size, axes = torch.linalg.eigh(given.T @ given / len(given))
    root = size.clamp_min(RIDGE).sqrt()
    return axes * root, axes / root


def _fewer_neurons(large: EncoderLayer, small: EncoderLayer, given: Tensor) -> None:
    """Those that move the layer's output most."""
    weight = large.narrow.weight.detach().double()
    order = (given.var(0) * weight.square().sum(0)).argsort(descending=True)
    kept, gone = order[: small.widen.out_features].sort().values, order[small.widen.out_features :]
    small.widen.weight.data.copy_(large.widen.weight.data[kept])
    small.widen.bias.data.copy_(large.widen.bias.data[kept])
    small.narrow.weight.data.copy_(weight[:, kept])
    small.narrow.bias.data.copy_(large.narrow.bias.detach() + weight[:, gone] @ given.mean(0)[gone])
