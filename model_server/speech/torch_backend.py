"""The network's arithmetic on torch: the processor's cores or a CUDA device. The only file here that imports torch."""

import numpy as np
import torch
from torch.nn import functional

from model_server.hardware import Precision
from model_server.speech.backend import Array, Backend, Weights
from model_server.speech.layers import TINY
from model_server.speech.network import Shape, positions


def attention(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, scale: float) -> torch.Tensor:
    """(B, H, T, values) from queries and keys (B, H, T, keys) and values.

    Zeros make them equally long: torch is three times as fast with such on a processor.
    """
    longest, values = max(query.shape[-1], value.shape[-1]), value.shape[-1]
    same = [functional.pad(one, (0, longest - one.shape[-1])) for one in (query, key, value)]
    return functional.scaled_dot_product_attention(same[0], same[1], same[2], scale=scale)[..., :values]


def in_one_thread() -> None:
    """One thread a window: windows are heard in threads of our own (``acoustics``), as with OpenBLAS (``blas``).

    With as many threads as cores ten seconds of speech cost six times the processor's time.
    """
    torch.set_num_threads(1)


def torch_backend(shape: Shape, weights: Weights, device: str, precision: Precision = "single") -> Backend:
    """As ``numpy_backend``; in single precision in full float32 (no TF32), so that both give the same curves.

    In half precision layers and blocks multiply float16, as tensor cores do. What comes before and after them, and the
    residual streams, stay in float32: they are a tenth of the work. Nearly all frames stay within 1e-3 of single
    precision's; those where a phrase ends elsewhere differ by 0.01.
    """
    torch.backends.cudnn.allow_tf32 = False
    half = precision == "half"
    held = {
        name: torch.from_numpy(np.ascontiguousarray(array.T))
        .to(device, torch.float16 if half and name.startswith(("block", "layer")) else torch.float32)
        for name, array in weights.items()
    }  # fmt: skip

    def convolved(
        x: torch.Tensor, name: str, dilation: int = 1, causal: bool = False, stride: int = 1
    ) -> torch.Tensor:
        weight = held[f"{name}.weight"]
        padding = dilation * (weight.shape[2] - 1 if causal else weight.shape[2] // 2)
        y = functional.conv1d(
            x.to(weight.dtype), weight, held[f"{name}.bias"], padding=padding, dilation=dilation, stride=stride
        )
        return y[..., : x.shape[2] // stride]

    def linear(x: torch.Tensor, name: str) -> torch.Tensor:
        weight = held[f"{name}.weight"]
        return functional.linear(x.to(weight.dtype), weight, held[f"{name}.bias"])

    def normal(x: torch.Tensor) -> torch.Tensor:
        return functional.layer_norm(x, x.shape[-1:], eps=TINY)

    def attended(x: torch.Tensor, layer: str) -> torch.Tensor:
        sizes = [shape.heads * size for size in (shape.keys, shape.keys, shape.values)]
        three = torch.split(linear(x, f"{layer}attend"), sizes, 1)
        query, key, value = (one.reshape(1, len(x), shape.heads, -1).transpose(1, 2) for one in three)
        heard = attention(query, key, value, 1.0)[0]
        return linear(heard.transpose(0, 1).reshape(len(x), -1), f"{layer}join")

    def listened(features: torch.Tensor) -> torch.Tensor:
        """As ``attention.listened``."""
        x = functional.gelu(convolved(features.T[None], "first"), approximate="tanh")
        x = functional.gelu(convolved(x, "second", stride=2), approximate="tanh")[0].T
        x = x + torch.from_numpy(positions(len(x), shape.states)).to(device)
        for i in range(shape.layers):
            x = x + attended(normal(x), f"layer{i}.")
            wide = functional.gelu(linear(normal(x), f"layer{i}.widen"), approximate="tanh")
            x = x + linear(wide, f"layer{i}.narrow")
        return normal(x)

    @torch.inference_mode()
    def run(features: Array) -> Array:
        heard = torch.from_numpy(features).to(device)
        heard = listened(heard) if shape.layers else heard.reshape(len(features) // 2, 2 * shape.bands)
        x = torch.relu(convolved(heard.T[None], "stem"))
        for i, dilation in enumerate(shape.dilations):
            y = torch.relu(convolved(x, f"block{i}.spread", dilation, shape.causal))
            x = torch.relu(x + convolved(y, f"block{i}.mix"))
        logits = convolved(x, "head")[0].T.reshape(len(features), shape.outputs)
        result: Array = logits.cpu().numpy()
        return result

    return run
