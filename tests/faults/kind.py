"""A kind of bad input: how one case is made from a random generator, and what must hold whatever it is."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Random = random.Random


@dataclass(frozen=True)
class Kind:
    """``share``: cases of it among a thousand. ``check`` raises for a fault.

    ``smallest``: cases that once went wrong, or would where a check is left out.
    """

    name: str
    share: int
    make: Callable[[Random], Any]
    check: Callable[[Any], None]
    smallest: Sequence[Any] = field(default=())


def sentence(error: Exception) -> None:
    """What a person reads: one line, no traceback, no empty word."""
    text = str(error)
    assert text and "\n" not in text and "Traceback" not in text, text


def noise(rng: Random, most: int = 60) -> bytes:
    return rng.randbytes(rng.randrange(most))


ODD_NUMBERS = ("NaN", "-Infinity", "1e999", "1e308", "-1", "0", "1e-320", "9" * 400, "0.5", "2147483648", "true", '"x"')
ODD_TEXTS = ('"\\ud800"', '""', '"\\u0000"', '"a\\nb"', '"' + "x" * 300 + '"', "null", "[]", "{}", '"../../etc"')


def damaged(rng: Random, good: bytes) -> bytes:
    """``good`` with bytes changed, cut, doubled or put in; numbers in it exchanged for odd ones."""
    stream = bytearray(good)
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(stream) + 1)
        match rng.randrange(6):
            case 0:
                stream[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del stream[at : at + rng.randrange(1, 40)]
            case 2:
                stream[at:at] = stream[at : at + rng.randrange(1, 40)]
            case 3:
                stream[at:at] = noise(rng)
            case 4:
                del stream[at:]
            case _:
                stream[at : at + rng.randrange(1, 5)] = rng.choice((*ODD_NUMBERS, *ODD_TEXTS)).encode()
    return bytes(stream)


def value(rng: Random, depth: int = 0) -> str:
    """A piece of JSON, or of what looks like it."""
    if depth > 2 or rng.random() < 0.6:
        return rng.choice((*ODD_NUMBERS, *ODD_TEXTS))
    if rng.random() < 0.5:
        return "[" + ",".join(value(rng, depth + 1) for _ in range(rng.randrange(4))) + "]"
    return "{" + ",".join(f'"{rng.choice("abc")}":{value(rng, depth + 1)}' for _ in range(rng.randrange(4))) + "}"


def fields(rng: Random, names: Sequence[str]) -> str:
    return "{" + ",".join(f'"{rng.choice(names)}":{value(rng)}' for _ in range(rng.randrange(4))) + "}"
