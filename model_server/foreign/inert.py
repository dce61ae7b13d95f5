"""An unpickler that builds tensors and runs nothing: whatever else a file names becomes an object that does nothing.

A pickle is a small program; the only way in which it can call code is through what ``find_class`` hands out. Here that
is the constructors of dicts and of tensors, checked against the size of their storage, and a class without behaviour.
"""

import collections
import io
import pickle
from collections.abc import Callable
from typing import Any

import torch

DTYPES: dict[str, torch.dtype] = {
    "FloatStorage": torch.float32, "DoubleStorage": torch.float64, "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16, "LongStorage": torch.int64, "IntStorage": torch.int32,
    "ShortStorage": torch.int16, "CharStorage": torch.int8, "ByteStorage": torch.uint8, "BoolStorage": torch.bool,
}  # fmt: skip
MOST_DIMENSIONS = 8

Load = Callable[[str, torch.dtype, int], bytes]
"""The bytes of the storage of a name, which holds so many numbers of a dtype."""


class Damaged(Exception):
    """The file is no checkpoint, or lies about its sizes; the text goes into a sentence."""


class Inert:
    """Stands for every object that is no tensor: it can be made, filled and called, and does nothing."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __new__(cls, *_: object, **__: object) -> "Inert":
        return object.__new__(cls)

    def __call__(self, *_: object, **__: object) -> "Inert":
        return self

    def __setstate__(self, _: object) -> None:
        pass

    def __setitem__(self, _: object, __: object) -> None:
        pass

    def append(self, _: object) -> None:
        """As a list would."""

    def extend(self, _: object) -> None:
        """As a list would."""

    def add(self, _: object) -> None:
        """As a set would."""


class _Storage:
    """What a tensor is a view of: its name in the file and how many numbers of a dtype it holds."""

    def __init__(self, name: str, dtype: torch.dtype, count: int) -> None:
        self.name, self.dtype, self.count = name, dtype, count


class InertUnpickler(pickle.Unpickler):
    """Reads one pickle whose tensors lie in storages that ``load`` finds."""

    def __init__(self, data: io.BufferedIOBase | io.BytesIO, load: Load) -> None:
        super().__init__(data)
        self._load = load
        self._kept: dict[str, torch.Tensor] = {}

    def find_class(self, module: str, name: str) -> Any:
        """The few things that a file may name; ``Inert`` for all others."""
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if module == "torch._utils" and name in ("_rebuild_tensor", "_rebuild_tensor_v2"):
            return self._tensor
        if module == "torch._utils" and name in ("_rebuild_parameter", "_rebuild_parameter_with_state"):
            return _parameter
        if module in ("torch", "torch.storage") and name in DTYPES:
            return DTYPES[name]
        return Inert

    def persistent_load(self, saved: object) -> _Storage:
        """A storage as torch names it: ("storage", kind, name, device, count, …)."""
        if not isinstance(saved, tuple) or len(saved) < 5 or saved[0] != "storage":
            raise Damaged("it refers to something that is no storage")
        _, kind, name, _, count = saved[:5]
        if not isinstance(kind, torch.dtype) or not isinstance(name, str) or type(count) is not int or count < 0:
            raise Damaged("it has a storage of an unknown kind")
        return _Storage(name, kind, count)

    def _tensor(self, storage: object, offset: object, size: object, stride: object, *_: object) -> torch.Tensor:
        if not isinstance(storage, _Storage) or not _whole(size) or not _whole(stride) or not _whole((offset,)):
            raise Damaged("it has a tensor without a storage")
        assert isinstance(size, tuple) and isinstance(stride, tuple) and isinstance(offset, int)
        if len(size) != len(stride) or len(size) > MOST_DIMENSIONS:
            raise Damaged("it has a tensor without a shape")
        last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True)) if all(size) else -1
        elements = 1
        for n in size:
            elements *= n
        if last >= storage.count or elements > storage.count:
            raise Damaged("it has a tensor that is longer than its storage")
        return self._numbers(storage).as_strided(size, stride, offset) if elements else torch.zeros(size)

    def _numbers(self, storage: _Storage) -> torch.Tensor:
        if storage.name not in self._kept:
            raw = self._load(storage.name, storage.dtype, storage.count)
            if len(raw) != storage.count * storage.dtype.itemsize:
                raise Damaged("it has a storage of another size than it says")
            self._kept[storage.name] = torch.frombuffer(bytearray(raw), dtype=storage.dtype)
        return self._kept[storage.name]


def _whole(numbers: object) -> bool:
    return isinstance(numbers, tuple) and all(type(n) is int and 0 <= n < 1 << 40 for n in numbers)


def _parameter(data: object, *_: object) -> object:
    """A parameter is its tensor; whether it was trained does not matter here."""
    return data
