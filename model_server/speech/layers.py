"""What layers of networks compute, on numpy: convolution, normalisation, activations."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

TINY = 1e-5
LARGEST = 80.0
"""An exponent that float32 still holds, as it does that of its negative."""
_BLOCK = 1 << 16
"""Numbers that stay in the processor's cache while several operations pass over them."""


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


def normal(x: Array) -> Array:
    """Each row of (T, N) to mean 0 and variance 1 (Ba, Kiros and Hinton, "Layer normalization", 2016)."""
    found: Array = x - x.mean(1, keepdims=True)
    found /= np.sqrt(np.einsum("tn,tn->t", found, found)[:, None] / np.float32(x.shape[1]) + np.float32(TINY))
    return found


def gelu(x: Array) -> Array:
    """x Phi(x) by its approximation with tanh (Hendrycks and Gimpel 2016), which is x times a logistic function."""
    result = np.empty(x.shape, np.float32)
    given, found = x.reshape(-1), result.reshape(-1)
    for start in range(0, len(given), _BLOCK):
        some, y = given[start : start + _BLOCK], found[start : start + _BLOCK]
        np.multiply(some, some, out=y)
        y *= -2 * 0.7978845608 * 0.044715
        y -= 2 * 0.7978845608
        y *= some
        np.minimum(y, LARGEST, out=y)
        np.exp(y, out=y)
        y += 1
        np.divide(some, y, out=y)
    return result


def softmax(logits: Array) -> Array:
    """Probabilities along the last axis."""
    shifted = np.exp(logits - logits.max(-1, keepdims=True))
    result: Array = shifted / shifted.sum(-1, keepdims=True)
    return result


def sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -60, 60))), np.float32)


def silu(x: Array) -> Array:
    """x times its sigmoid (Elfwing, Uchibe and Doya 2018)."""
    return np.asarray(x * sigmoid(x), np.float32)
