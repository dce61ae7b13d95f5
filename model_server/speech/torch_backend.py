"""The network's arithmetic on torch: the processor's cores or a CUDA device. The only file here that imports torch."""

import torch

from model_server.hardware import Precision
from model_server.speech.backend import Array, Backend, Weights
from model_server.speech.network import Shape

LONGEST = 60_000
"""Frames at 100 Hz that a card sees at a time: ten minutes, so that a job still hears of its cancel."""

_SHARE = 0.25
"""Of the card's free memory, what one chunk may take; Blender draws with the rest."""

_LIVE = 12
"""Rows of ``width`` float32 that a 50 Hz frame needs at once: the stream, what a block makes of it, cuDNN's room."""


def torch_backend(shape: Shape, weights: Weights, device: str, precision: Precision = "single") -> Backend:
    """As ``numpy_backend``; in single precision in full float32 (no TF32), so that both give the same curves.

    In half precision the blocks multiply float16, as tensor cores do. The stem, the head and the residual stream stay
    in float32: they are a tenth of the work, and curves stay within 2e-4 of single precision's.
    """
    torch.backends.cudnn.allow_tf32 = False
    half = precision == "half"
    held = {
        name: (torch.from_numpy(array).permute(2, 1, 0).contiguous() if array.ndim == 3 else torch.from_numpy(array))
        .to(device, torch.float16 if half and name.startswith("block") else torch.float32)
        for name, array in weights.items()
    }  # fmt: skip

    def convolved(x: torch.Tensor, name: str, dilation: int = 1, causal: bool = False) -> torch.Tensor:
        weight = held[f"{name}.weight"]
        padding = dilation * (weight.shape[2] - 1 if causal else weight.shape[2] // 2)
        y = torch.nn.functional.conv1d(
            x.to(weight.dtype), weight, held[f"{name}.bias"], padding=padding, dilation=dilation
        )
        return y[..., : x.shape[2]]

    @torch.inference_mode()
    def run(features: Array) -> Array:
        folded = torch.from_numpy(features.reshape(1, len(features) // 2, 2 * shape.bands)).to(device)
        x = torch.relu(convolved(folded.transpose(1, 2), "stem"))
        for i, dilation in enumerate(shape.dilations):
            y = torch.relu(convolved(x, f"block{i}.spread", dilation, shape.causal))
            x = torch.relu(x + convolved(y, f"block{i}.mix"))
        logits = convolved(x, "head")[0].T.reshape(len(features), shape.outputs)
        result: Array = logits.cpu().numpy()
        return result

    return run


def frames_that_fit(shape: Shape, free: int) -> int:
    """How long a chunk (frames at 100 Hz, even) may be with ``free`` bytes of memory: a second to ``LONGEST``."""
    per_frame = (_LIVE * shape.width + 2 * shape.bands + 2 * shape.outputs) * 4 // 2
    return min(max(int(free * _SHARE) // per_frame, 100), LONGEST) // 2 * 2


def free_memory() -> int:
    """Bytes of the card that this process could still have: what nobody uses, and what torch keeps without need."""
    free, _ = torch.cuda.mem_get_info()
    return int(free) + torch.cuda.memory_reserved() - torch.cuda.memory_allocated()
