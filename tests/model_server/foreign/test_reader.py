"""A checkpoint is read without running any of it, in every form that torch and its trainers write."""

import collections
import copyreg
import io
import json
import os
import pickle
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from model_server.foreign.reader import read_tensors
from s2f_blender_addon.core.errors import UserError

TENSORS = {
    "a.weight": torch.arange(12, dtype=torch.float32).reshape(3, 4),
    "a.bias": torch.arange(3, dtype=torch.float64).half(),
    "step": torch.tensor(7),
    "view": torch.arange(12, dtype=torch.float32).reshape(3, 4).T[1:3],
    "none": torch.zeros(0, 5),
}


class Payload:
    """Makes a folder when it is unpickled, as a hostile file would do worse."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder),)


class Settings:
    """As trainers leave them in a checkpoint."""

    def __init__(self) -> None:
        self.rate, self.inside = 0.1, collections.Counter(a=1)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "older than torch 1.6"])
@pytest.mark.parametrize("root", [None, "state_dict", "model"])
def test_tensors_come_back(zipped: bool, root: str | None, tmp_path: Path) -> None:
    path = tmp_path / "x.ckpt"
    content = TENSORS if root is None else {"epoch": 3, "hyper_parameters": Settings(), root: TENSORS}
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    same(read_tensors(path))


def test_parameters_and_their_order_come_back(tmp_path: Path) -> None:
    layer = torch.nn.Linear(3, 2)
    torch.save(collections.OrderedDict(layer.named_parameters()), tmp_path / "x.pth")
    found = read_tensors(tmp_path / "x.pth")
    assert list(found) == ["weight", "bias"]
    assert torch.equal(found["weight"], layer.weight)


def test_safetensors_are_read_as_well(tmp_path: Path) -> None:
    save_file({"a": TENSORS["a.weight"]}, tmp_path / "x.safetensors")
    assert torch.equal(read_tensors(tmp_path / "x.safetensors")["a"], TENSORS["a.weight"])


@pytest.mark.parametrize("zipped", [True, False])
def test_a_payload_does_not_run(zipped: bool, tmp_path: Path) -> None:
    folder = tmp_path / "made by the payload"
    path = tmp_path / "x.pth"
    torch.save({**TENSORS, "extra": Payload(folder)}, path, _use_new_zipfile_serialization=zipped)
    same(read_tensors(path))
    assert not folder.exists()


@pytest.mark.parametrize(
    "attack",
    [b"cos\nmkdir\n(V%s\ntR.", b"c__builtin__\nexec\n(Vopen(%r, 'w')\ntR.", b"cposix\nmkdir\n(V%s\no."],
)
def test_hand_written_pickles_run_nothing(attack: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    path = tmp_path / "x.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x/data.pkl", attack.replace(b"%s", bytes(folder)).replace(b"%r", repr(str(folder)).encode()))
    with pytest.raises(UserError, match="x.pth"):
        read_tensors(path)
    assert not folder.exists()


def by_opcode(call: str, folder: Path) -> bytes:
    """A pickle of a tensor's place, a dict, into which an attack by one opcode is put."""
    make = f"cposix\nmkdir\n(V{folder}\nt".encode()
    attacks = {
        "REDUCE": make + b"R.",
        "GLOBAL and NEWOBJ": b"cposix\nmkdir\n(V" + bytes(folder) + b"\nt\x81.",
        "INST": b"(V" + bytes(folder) + b"\niposix\nmkdir\n.",
        "NEWOBJ_EX": b"\x80\x04cposix\nmkdir\n(V" + bytes(folder) + b"\nt}\x92.",
        "EXT": b"\x80\x02\x82\x01(V" + bytes(folder) + b"\ntR.",
        "STACK_GLOBAL": b"\x80\x04\x8c\x05posix\x8c\x05mkdir\x93(V" + bytes(folder) + b"\ntR.",
        "BUILD of a maker": b"ctorch._utils\n_rebuild_tensor_v2\n}(V__call__\ncposix\nmkdir\nub.",
        "BUILD of a dict": b"ccollections\nOrderedDict\n(tR}(V__class__\ncposix\nmkdir\nub.",
        "BUILD of slots": b"ctorch._utils\n_rebuild_parameter\n(N}(V__defaults__\n(I1\ntutb.",
        "APPENDS": b"cposix\nmkdir\n(tR(V" + bytes(folder) + b"\nVx\ne.",
        "SETITEMS": b"cposix\nmkdir\n(tR(V" + bytes(folder) + b"\nVx\nu.",
        "PERSID": b"cposix\nmkdir\n(V" + bytes(folder) + b"\ntRQ.",
    }
    return attacks[call]


CALLS = (
    "REDUCE", "GLOBAL and NEWOBJ", "INST", "NEWOBJ_EX", "EXT", "STACK_GLOBAL", "BUILD of a maker", "BUILD of a dict",
    "BUILD of slots", "APPENDS", "SETITEMS", "PERSID",
)  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_no_opcode_calls_anything_or_changes_what_the_next_file_finds(call: str, tmp_path: Path) -> None:
    folder, path = tmp_path / "made", tmp_path / "x.pth"
    copyreg.add_extension("posix", "mkdir", 1)
    try:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("x/data.pkl", by_opcode(call, folder))
        with pytest.raises(UserError, match=r"x\.pth"):
            read_tensors(path)
    finally:
        copyreg.remove_extension("posix", "mkdir", 1)
    assert not folder.exists()
    torch.save(TENSORS, path)
    same(read_tensors(path))


def test_a_network_that_was_saved_whole_and_deep_nesting_give_their_tensors(tmp_path: Path) -> None:
    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    torch.save(net, tmp_path / "whole.pth")
    found = read_tensors(tmp_path / "whole.pth")
    assert {name: tensor.shape for name, tensor in found.items()} == {n: t.shape for n, t in net.state_dict().items()}
    optimiser = {"state": {0: {"exp_avg": torch.zeros(3), "exp_avg_sq": torch.zeros(3)}}}
    nested = {"epoch": 4, "optimizer": optimiser, "nets": {"best": {"weights": TENSORS}}}
    torch.save(nested, tmp_path / "deep.pth")
    same(read_tensors(tmp_path / "deep.pth"))


def test_a_checkpoint_in_several_files_is_read_by_its_index(tmp_path: Path) -> None:
    whole = {name: TENSORS[name].clone() for name in ("a.weight", "a.bias", "step")}
    names = [f"model-0000{k}-of-00002.safetensors" for k in (1, 2)]
    save_file({"a.weight": whole["a.weight"]}, tmp_path / names[0])
    save_file({name: whole[name] for name in ("a.bias", "step")}, tmp_path / names[1])
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a.weight": names[0], "a.bias": names[1], "step": names[1]}}))
    for path in (index, tmp_path / names[0], tmp_path):
        found = read_tensors(path)
        assert set(found) == set(whole) and all(torch.equal(found[name], whole[name]) for name in whole)
    (tmp_path / names[1]).unlink()
    with pytest.raises(UserError, match="model-00002-of-00002"):
        read_tensors(tmp_path)
    for text in ("{}", "[]", '{"weight_map": {"a": "../../etc/passwd"}}', "{"):
        index.write_text(text)
        with pytest.raises(UserError, match=r"index"):
            read_tensors(index)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="choose the checkpoint itself"):
        read_tensors(tmp_path / "empty")


def test_a_tar_of_torch_before_2017_is_told(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "old.pth", "w") as archive:
        archive.add(__file__, "pickle")
    with pytest.raises(UserError, match="before 2017"):
        read_tensors(tmp_path / "old.pth")


def test_sizes_that_lie_are_refused(tmp_path: Path) -> None:
    good = io.BytesIO()
    torch.save({"a": torch.zeros(4)}, good)
    with zipfile.ZipFile(good) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    path = tmp_path / "x.pth"
    for name in members:
        if name.endswith("data/0"):
            members[name] = bytes(4)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    with pytest.raises(UserError, match="another size"):
        read_tensors(path)


def test_a_compressed_storage_is_refused(tmp_path: Path) -> None:
    good = io.BytesIO()
    torch.save({"a": torch.zeros(1 << 20)}, good)
    path = tmp_path / "x.pth"
    with zipfile.ZipFile(good) as archive, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        for name in archive.namelist():
            bomb.writestr(name, archive.read(name))
    with pytest.raises(UserError, match=r"x\.pth"):
        read_tensors(path)


@pytest.mark.parametrize("content", [b"", b"PK", b"hello", pickle.dumps({"a": 1}), pickle.dumps([1] * 100)])
def test_other_files_get_a_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.pth"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"x\.pth"):
        read_tensors(path)


def test_a_missing_file_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere"):
        read_tensors(tmp_path / "nowhere.pth")


@given(data=st.data())
def test_damage_gets_a_sentence_and_never_runs(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    whole = io.BytesIO()
    zipped = data.draw(st.booleans())
    torch.save({"a": torch.arange(5.0), "b": Payload(folder / "made")}, whole, _use_new_zipfile_serialization=zipped)
    raw = bytearray(whole.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, 1 << 20)) % len(raw)] = data.draw(st.integers(0, 255))
    path = folder / "x.pth"
    path.write_bytes(raw[: data.draw(st.integers(0, 1 << 20)) % len(raw)] if data.draw(st.booleans()) else raw)
    try:
        read_tensors(path)
    except UserError as error:
        assert "x.pth" in str(error)
    assert not (folder / "made").exists()


def same(found: dict[str, torch.Tensor]) -> None:
    assert list(found) == list(TENSORS)
    for name, tensor in TENSORS.items():
        assert found[name].dtype == tensor.dtype, name
        assert torch.equal(found[name], tensor), name
