"""A convolution over time on numpy."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


def convolved(x: Array, weight: Array, bias: Array, dilation: int = 1, causal: bool = False) -> Array:
    """(T, inputs) and (kernel, inputs, outputs) to (T, outputs), zero-padded; one matrix product a tap.

    The last tap is the present when ``causal``, else the middle one.
    """
    taps = len(weight)
    present = taps - 1 if causal else taps // 2
    reach = dilation * present
    out = np.empty((len(x), weight.shape[2]), np.float32)
    np.matmul(x, weight[present], out=out)
    out += bias
    for tap in range(taps):
        shift = tap * dilation - reach
        if shift < 0:
            out[-shift:] += x[:shift] @ weight[tap]
        elif shift > 0 and shift < len(x):
            out[:-shift] += x[shift:] @ weight[tap]
    return out
