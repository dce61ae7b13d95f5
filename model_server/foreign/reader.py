"""Tensors out of .pth, .pt, .ckpt and .safetensors files, by name, whatever else those hold."""

import io
import pickle
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch

from model_server.foreign.inert import Damaged, InertUnpickler
from s2f_blender_addon.core.errors import UserError

ROOTS = ("state_dict", "model", "model_state_dict", "autoencoder_state_dict", "network")
"""Where trainers put the tensors: Lightning, fairseq, home-made loops."""

_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
"""How a file that torch before 1.6 wrote begins."""


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a checkpoint by their names. Nothing in the file is run; objects other than tensors are left out.

    Raises UserError that names the file, for one that is missing, damaged or holds no tensors.
    """
    try:
        if path.suffix.lower() == ".safetensors":
            from safetensors.torch import load_file

            return dict(load_file(path))
        found = _named(_legacy(path) if not zipfile.is_zipfile(path) else _zipped(path))
    except OSError as reason:
        raise UserError(f"{path} cannot be read ({reason.strerror or reason}); choose another file.") from None
    except Damaged as reason:
        raise UserError(f"{path} is no checkpoint that can be read: {reason}; get it again.") from None
    except MemoryError:
        raise UserError(f"{path} does not fit into memory; close other programs and try again.") from None
    except Exception as reason:  # a damaged pickle raises whatever its opcodes stumble over
        raise UserError(f"{path} is no checkpoint that can be read ({type(reason).__name__}); get it again.") from None
    if not found:
        raise UserError(f"{path} holds no tensors by name; choose the file that the network's authors published.")
    return found


def _zipped(path: Path) -> object:
    """A file of torch 1.6 or newer: a zip of a pickle and of a file a storage."""
    with zipfile.ZipFile(path) as archive:
        members = {member.filename: member for member in archive.infolist()}
        main = [name for name in members if name == "data.pkl" or name.endswith("/data.pkl")]
        if len(main) != 1:
            raise Damaged("it is a zip without a data.pkl")
        folder = main[0].removesuffix("data.pkl")
        byte_order = members.get(folder + "byteorder")
        if byte_order is not None and archive.read(byte_order) != b"little":
            raise Damaged("it was written by a big-endian machine")

        def content(name: str, most: int) -> bytes:
            member = members.get(name)
            if member is None:
                raise Damaged("it lacks one of its storages")
            # torch stores without compression; anything else could be a bomb.
            if member.compress_type != zipfile.ZIP_STORED or member.file_size > most:
                raise Damaged("it has a storage of another size than it says")
            return archive.read(member)

        pickled = io.BytesIO(content(main[0], path.stat().st_size))
        stored = InertUnpickler(pickled, lambda name, dtype, n: content(f"{folder}data/{name}", n * dtype.itemsize))
        return stored.load()


def _legacy(path: Path) -> object:
    """A file of an older torch: four pickles, and then each storage behind its length."""
    with path.open("rb") as file:

        def nothing(name: str, dtype: torch.dtype, count: int) -> bytes:
            raise Damaged("it has tensors where none belong")

        try:
            magic = InertUnpickler(file, nothing).load()
        except (pickle.UnpicklingError, ValueError, EOFError, IndexError):
            magic = None
        if magic != _LEGACY_MAGIC:
            raise Damaged("it was not written by torch")
        InertUnpickler(file, nothing).load()  # the version of the form
        InertUnpickler(file, nothing).load()  # sizes of C's types on the machine that wrote
        start = file.tell()
        # The storages lie behind the tensors that view them: once over the pickle to find them, once to read.
        counts: dict[str, tuple[torch.dtype, int]] = {}
        InertUnpickler(file, lambda name, dtype, n: _noted(counts, name, dtype, n, path.stat().st_size)).load()
        order = InertUnpickler(file, nothing).load()
        if not isinstance(order, list) or not all(isinstance(name, str) for name in order):
            raise Damaged("it does not say where its storages are")
        raw: dict[str, bytes] = {}
        for name in order:
            (length,) = struct.unpack("<q", file.read(8))
            dtype, count = counts.get(name, (torch.uint8, 0))
            if name in counts and length != count:
                raise Damaged("it has a storage of another size than it says")
            if not 0 <= length * dtype.itemsize <= path.stat().st_size:
                raise Damaged("it has a storage of another size than it says")
            raw[name] = file.read(length * dtype.itemsize)
        file.seek(start)
        return InertUnpickler(file, lambda name, dtype, n: raw.get(name, b"")).load()


def _noted(counts: dict[str, tuple[torch.dtype, int]], name: str, dtype: torch.dtype, count: int, most: int) -> bytes:
    if count * dtype.itemsize > most:
        raise Damaged("it has a storage that is longer than the file")
    counts[name] = dtype, count
    return bytes(count * dtype.itemsize)


def _named(content: object) -> dict[str, torch.Tensor]:
    """The tensors of a state dict, which lies at the top or under one of ``ROOTS``."""
    if not isinstance(content, Mapping):
        return {}
    for root in ROOTS:
        inside = content.get(root)
        if isinstance(inside, Mapping) and any(isinstance(value, torch.Tensor) for value in inside.values()):
            content = inside
            break
    return {str(key): value for key, value in content.items() if isinstance(value, torch.Tensor)}
