"""Tensors out of .pth, .pt, .ckpt and .safetensors files, by name, whatever else those hold."""

import io
import json
import pickle
import re
import struct
import tarfile
import zipfile
from pathlib import Path

import torch

from model_server.foreign.inert import Damaged, InertUnpickler, views_in
from model_server.slots.model_file import INDEX
from s2f_blender_addon.core.errors import UserError

_SINGLE = ("model.safetensors", "pytorch_model.bin")
_PART = re.compile(r"(.+)-\d{5}-of-\d{5}(\.safetensors|\.bin)")

_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
"""How a file that torch before 1.6 wrote begins."""


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a checkpoint by their names. Nothing in the file is run; objects other than tensors are left out.

    ``path`` may also be one of several files of a checkpoint, their index, or the folder that they lie in.
    Raises UserError that names the file, for one that is missing, damaged or holds no tensors.
    """
    files = _files(path)
    found = {name: tensor for file in files for name, tensor in _of_file(file).items()}
    if not found:
        raise UserError(f"{path} holds no tensors by name; choose the file that the network's authors published.")
    return found


def _files(path: Path) -> list[Path]:
    """All files of the checkpoint ``path``."""
    if path.is_dir():
        index = sorted(path.glob(f"*{INDEX}"))
        single = [path / name for name in _SINGLE if (path / name).is_file()]
        if not index and not single:
            raise UserError(f"{path} is a folder without {' or '.join(_SINGLE)}; choose the checkpoint itself.")
        path = (single or index)[0]
    part = _PART.fullmatch(path.name)
    if part is not None:
        path = path.with_name(f"{part[1]}{part[2]}{INDEX}")
    if not path.name.endswith(INDEX):
        return [path]
    try:
        names = sorted(set(json.loads(path.read_text("utf-8"))["weight_map"].values()))
    except OSError:
        raise UserError(f"{path}: there is no such index; a checkpoint in several files needs it.") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UserError(f"{path} is no index of a checkpoint's files; get it again.") from None
    files = [path.parent / str(name) for name in names]
    missing = next((file for file in files if file.parent != path.parent or not file.is_file()), None)
    if missing is not None:
        raise UserError(f"{path} names {missing.name}, which does not lie beside it; get all of its files.")
    return files


def _of_file(path: Path) -> dict[str, torch.Tensor]:
    try:
        if path.suffix.lower() == ".safetensors":
            from safetensors.torch import load_file

            return dict(load_file(path))
        return _zipped(path) if zipfile.is_zipfile(path) else _legacy(path)
    except IsADirectoryError:
        raise UserError(f"{path} is a folder; choose the checkpoint in it.") from None
    except OSError as reason:
        raise UserError(f"{path} cannot be read ({reason.strerror or reason}); choose another file.") from None
    except Damaged as reason:
        raise UserError(f"{path} is no checkpoint that can be read: {reason}; get it again.") from None
    except MemoryError:
        raise UserError(f"{path} does not fit into memory; close other programs and try again.") from None
    except Exception as reason:  # a damaged pickle raises whatever its opcodes stumble over
        raise UserError(f"{path} is no checkpoint that can be read ({type(reason).__name__}); get it again.") from None


def _zipped(path: Path) -> dict[str, torch.Tensor]:
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
        reader = InertUnpickler(pickled, lambda name, dtype, n: content(f"{folder}data/{name}", n * dtype.itemsize))
        return {name: reader.tensor(view) for name, view in views_in(reader.load()).items()}


def _legacy(path: Path) -> dict[str, torch.Tensor]:
    """A file of an older torch: four pickles, and then each storage behind its length."""
    with path.open("rb") as file:

        def nothing(name: str, dtype: torch.dtype, count: int) -> bytes:
            raise Damaged("it has tensors where none belong")

        try:
            magic = InertUnpickler(file, nothing).load()
        except (pickle.UnpicklingError, ValueError, EOFError, IndexError):
            magic = None
        if magic != _LEGACY_MAGIC:
            if tarfile.is_tarfile(path):
                raise Damaged("it is a tar of a torch before 2017, and a later one can load it and save it anew")
            raise Damaged("it was not written by torch")
        InertUnpickler(file, nothing).load()  # the version of the form
        InertUnpickler(file, nothing).load()  # sizes of C's types on the machine that wrote
        raw: dict[str, bytes] = {}
        reader = InertUnpickler(file, lambda name, dtype, n: raw.get(name, b""))
        views = views_in(reader.load())
        order = InertUnpickler(file, nothing).load()
        if not isinstance(order, list) or not all(isinstance(name, str) for name in order):
            raise Damaged("it does not say where its storages are")
        for name in order:  # one after the other, behind its length, whatever it belongs to
            (length,) = struct.unpack("<q", file.read(8))
            known = reader.storages.get(name)
            if known is None or length != known.count:
                raise Damaged("it has a storage of another size than it says")
            if not 0 <= length * known.dtype.itemsize <= path.stat().st_size:
                raise Damaged("it has a storage of another size than it says")
            raw[name] = file.read(length * known.dtype.itemsize)
        return {name: reader.tensor(view) for name, view in views.items()}
