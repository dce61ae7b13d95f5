"""An unpickler that describes tensors and runs nothing: whatever else a file names becomes an object that does nothing.

A pickle is a small program; the only way in which it can call code, or change an object, is through what
``find_class`` hands out. Here that is dicts, makers of descriptions, which no state can be put into, and a class
without behaviour. Tensors are made of the descriptions when the pickle has ended.
"""

import collections
import io
import pickle
from collections.abc import Callable, Mapping
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
    """Stands for every object that is no tensor: it can be made, filled and called, and does nothing.

    ``state``: what was put into it, of which the modules of a network that was saved whole are read.
    """

    state: object = None

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __new__(cls, *_: object, **__: object) -> "Inert":
        return object.__new__(cls)

    def __call__(self, *_: object, **__: object) -> "Inert":
        return self

    def __setstate__(self, state: object) -> None:
        object.__setattr__(self, "state", state)

    def __setattr__(self, name: str, value: object) -> None:
        pass

    def __setitem__(self, _: object, __: object) -> None:
        pass

    def append(self, _: object) -> None:
        """As a list would."""

    def extend(self, _: object) -> None:
        """As a list would."""

    def add(self, _: object) -> None:
        """As a set would."""


class _InertFunction:
    """A function that a pickle may call, and that no state can be put into."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[..., object]) -> None:
        self._make = make

    def __call__(self, *arguments: object) -> object:
        return self._make(*arguments)

    def __setstate__(self, _: object) -> None:
        pass


class _Storage:
    """What a tensor is a view of: its name in the file and how many numbers of a dtype it holds."""

    __slots__ = ("count", "dtype", "name")

    def __init__(self, name: str, dtype: torch.dtype, count: int) -> None:
        self.name, self.dtype, self.count = name, dtype, count

    def __setstate__(self, _: object) -> None:
        pass


class TensorView:
    """Where a tensor lies in a storage."""

    __slots__ = ("offset", "size", "storage", "stride")

    def __init__(self, storage: _Storage, offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> None:
        self.storage, self.offset, self.size, self.stride = storage, offset, size, stride

    def __setstate__(self, _: object) -> None:
        pass


class InertUnpickler(pickle.Unpickler):
    """Reads one pickle of descriptions; ``tensor`` makes one of what ``load`` finds in its storage."""

    def __init__(self, data: io.BufferedIOBase | io.BytesIO, load: Load) -> None:
        super().__init__(data, encoding="utf-8", errors="surrogateescape")  # as Python 2 wrote names
        self._load = load
        self._kept: dict[str, torch.Tensor] = {}
        self.storages: dict[str, _Storage] = {}
        """All that the pickle named, of tensors or not."""

    def find_class(self, module: str, name: str) -> Any:
        """The few things that a file may name; ``Inert`` for all others."""
        if module == "collections" and name in ("OrderedDict", "defaultdict"):
            return collections.OrderedDict if name == "OrderedDict" else _InertFunction(lambda *_: {})
        if module == "torch._utils" and name in ("_rebuild_tensor", "_rebuild_tensor_v2"):
            return _InertFunction(_view)
        if module == "torch._utils" and name in ("_rebuild_parameter", "_rebuild_parameter_with_state"):
            return _InertFunction(lambda data, *_: data)  # whether it was trained does not matter here
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
        found = self.storages.setdefault(name, _Storage(name, kind, count))
        if (found.dtype, found.count) != (kind, count):
            raise Damaged("it has one storage of two kinds")
        return found

    def tensor(self, view: TensorView) -> torch.Tensor:
        """The numbers of ``view``. Raises Damaged where the file has others than it says."""
        if not all(view.size):
            return torch.zeros(view.size)
        return self._numbers(view.storage).as_strided(view.size, view.stride, view.offset)

    def _numbers(self, storage: _Storage) -> torch.Tensor:
        if storage.name not in self._kept:
            raw = self._load(storage.name, storage.dtype, storage.count)
            if len(raw) != storage.count * storage.dtype.itemsize:
                raise Damaged("it has a storage of another size than it says")
            self._kept[storage.name] = torch.frombuffer(bytearray(raw), dtype=storage.dtype)
        return self._kept[storage.name]


def _view(storage: object, offset: object, size: object, stride: object, *_: object) -> TensorView:
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
    return TensorView(storage, offset, size, stride)


def _whole(numbers: object) -> bool:
    return isinstance(numbers, tuple) and all(type(n) is int and 0 <= n < 1 << 40 for n in numbers)


def views_in(content: object) -> dict[str, TensorView]:
    """The tensors of the network in what a pickle held, by name: of the mapping with most of them, at the top or in
    others, or of the modules of a network that was saved whole.
    """
    best: dict[str, TensorView] = {}
    waiting: list[tuple[object, int]] = [(content, 0)]
    for one, depth in waiting:
        if isinstance(one, Inert):
            found = dict(_of_modules(one, ""))
        elif isinstance(one, Mapping):
            found = {str(key): value for key, value in one.items() if isinstance(value, TensorView)}
            if depth < _DEEPEST:
                waiting += [(one[root], depth + 1) for root in ROOTS if root in one]
                waiting += [(value, depth + 1) for key, value in one.items() if key not in ROOTS]
        else:
            continue
        best = found if len(found) > len(best) else best
    return best


ROOTS = ("state_dict", "model", "model_state_dict", "autoencoder_state_dict", "network")
"""Where trainers put the tensors: Lightning, fairseq, home-made loops. Of two that hold as many the first counts."""
_DEEPEST = 4


def _of_modules(module: object, prefix: str, depth: int = 0) -> list[tuple[str, TensorView]]:
    state = module.state if isinstance(module, Inert) else None
    if not isinstance(state, Mapping) or depth > 64:
        return []
    found: list[tuple[str, TensorView]] = []
    for group in ("_parameters", "_buffers"):
        inside = state.get(group)
        if isinstance(inside, Mapping):
            found += [(f"{prefix}{key}", value) for key, value in inside.items() if isinstance(value, TensorView)]
    modules = state.get("_modules")
    for key, value in modules.items() if isinstance(modules, Mapping) else ():
        found += _of_modules(value, f"{prefix}{key}.", depth + 1)
    return found
