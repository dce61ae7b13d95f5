"""The network's arithmetic on torch: the processor's cores or a CUDA device. The only file here that imports torch."""

import torch

from model_server.speech.backend import Array, Backend, Weights
from model_server.speech.network import Shape


def torch_backend(shape: Shape, weights: Weights, device: str) -> Backend:
    """As ``numpy_backend``, in full float32 precision (no TF32), so that both give the same curves."""
    held = {
        name: (torch.from_numpy(array).permute(2, 1, 0).contiguous() if array.ndim == 3 else torch.from_numpy(array))
        .to(device)
        for name, array in weights.items()
    }  # fmt: skip

    def convolved(x: torch.Tensor, name: str, dilation: int = 1) -> torch.Tensor:
        weight = held[f"{name}.weight"]
        padding = dilation * (weight.shape[2] // 2)
        return torch.nn.functional.conv1d(x, weight, held[f"{name}.bias"], padding=padding, dilation=dilation)

    @torch.inference_mode()
    def run(features: Array) -> Array:
        folded = torch.from_numpy(features.reshape(1, len(features) // 2, 2 * shape.bands)).to(device)
        x = torch.relu(convolved(folded.transpose(1, 2), "stem"))
        for i, dilation in enumerate(shape.dilations):
            y = torch.relu(convolved(x, f"block{i}.spread", dilation))
            x = torch.relu(x + convolved(y, f"block{i}.mix"))
        logits = convolved(x, "head")[0].T.reshape(len(features), shape.outputs)
        result: Array = logits.cpu().numpy()
        return result

    return run
