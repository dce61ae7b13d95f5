"""Files of numpy, OSC and glTF: arrays that lie about themselves, and archives that unpack to more than they weigh."""

import io
import json
import struct
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from model_server.in_blender import gltf_file
from s2f_blender_addon.core import formats, glb, points
from s2f_blender_addon.core.blend import Mix
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.formats import npy
from s2f_blender_addon.core.track import FaceTrack

from .file_kinds import check_track, in_file
from .kind import Kind, Random, damaged, sentence, value
from .pipe_kinds import _LAYER

ARRAY = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 103), }"
SHAPES = ("(99999999999, 103)", "(-1, 103)", "(9223372036854775807, 9223372036854775807)", "(1e9, 3)", "()", "'x'", "7",
          "(0, 103)", "(2, 103, 1)", "(True, 103)")  # fmt: skip
TYPES = ("'|O'", "[('a', '<f4')]", "'<M8[ns]'", "'V99999999999'", "'<f8'", "'<c8'", "'<U9'", "7", "'x'", "'<f4' * 9")
HEADERS = (
    ARRAY, "{}", "[" * 3000, "1" * 5000, "\0", "'" + "(" * 2000, ARRAY.replace("False", "7"),
    *(ARRAY.replace("(2, 103)", shape) for shape in SHAPES), *(ARRAY.replace("'<f4'", kind) for kind in TYPES),
)  # fmt: skip


def an_array(header: str, body: bytes, version: int = 1) -> bytes:
    raw = header.encode() + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(raw)) + raw + body


GOOD = an_array(HEADERS[0], np.full((2, 103), 0.1, "<f4").tobytes())


def a_lying_array(rng: Random) -> bytes:
    if rng.random() < 0.5:
        return damaged(rng, GOOD)
    return an_array(rng.choice(HEADERS), bytes(rng.randrange(1000)), rng.choice((1, 2, 3, 9)))


def check_array(content: bytes) -> None:
    """Read as coefficients, and looked at as points of a mesh."""
    try:
        npy.loaded(content)
    except UserError as error:
        sentence(error)
    in_file(".npy", check_track)(content)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "points.npy"
        path.write_bytes(content)
        assert points.holds_points(path) in (True, False)


def packed(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def a_bomb(megabytes: int, name: str = "exp.npy") -> bytes:
    """Some kilobytes that unpack to ``megabytes``."""
    return packed({name: an_array(HEADERS[0], bytes(megabytes << 20))})


_NPZ = b"".join(formats.BY_SUFFIX[".npz"].dump(FaceTrack(_LAYER, _LAYER, 60.0), Mix()))
_OSC = b"".join(formats.BY_SUFFIX[".osc"].dump(FaceTrack(_LAYER, _LAYER, 60.0), Mix()))
_MESH = {"primitives": [{"extras": {"targetNames": ["a"]}}]}
_GLTF = {"asset": {"version": "2.0"}, "nodes": [{"mesh": 0}], "meshes": [_MESH]}
_VRM = {**_GLTF, "extensions": {"VRM": {"blendShapeMaster": {"blendShapeGroups": [
    {"presetName": "a", "binds": [{"mesh": 0, "index": 0, "weight": 100}]}]}}}}  # fmt: skip


def an_archive(rng: Random) -> bytes:
    if rng.random() < 0.5:
        return damaged(rng, _NPZ)
    names = ("exp.npy", "jaw_pose.npy", "fps.npy", "../../x.npy", "exp.npy/", "EXP.npy", "x")
    return packed({rng.choice(names): a_lying_array(rng) for _ in range(rng.randrange(3))})


def a_gltf(rng: Random) -> bytes:
    text = json.dumps(rng.choice((_GLTF, _VRM)))
    for _ in range(rng.randrange(3)):
        at = rng.choice([i for i, c in enumerate(text) if c in "[{:,"])
        text = text[: at + 1] + value(rng) + text[at + 1 :]
    raw = text.encode("utf-8", "surrogatepass")
    whole = b"glTF" + struct.pack("<II", 2, 20 + len(raw)) + struct.pack("<I", len(raw)) + b"JSON" + raw
    return damaged(rng, whole) if rng.random() < 0.5 else whole


def check_gltf(content: bytes) -> None:
    """What is asked of a file before Blender's importer gets it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "head.vrm"
        path.write_bytes(content)
        document = gltf_file.read(str(path))
        gltf_file.unreadable(document)
        table = gltf_file.expressions(document)
        assert all(isinstance(name, str) for name in table)
        with gltf_file.named(str(path), document) as there:
            assert Path(there).is_file()
        assert [p.name for p in Path(folder).iterdir()] == ["head.vrm"]


NUMPY_KINDS = (
    Kind("arrays", 25, a_lying_array, check_array, (
        b"", b"\x93NUMPY", GOOD[:20], *(an_array(header, b"") for header in HEADERS), an_array("", b"", 9),
    )),
    Kind("archives", 15, an_archive, in_file(".npz", check_track), (
        b"PK", _NPZ[:-30], packed({}), packed({"exp.npy": b""}), a_bomb(16), a_bomb(16, "other.npy"),
    )),
    Kind("OSC", 15, lambda r: damaged(r, _OSC), in_file(".osc", check_track), (
        b"\0\0\0\1", _OSC[:-1], b"\xff\xff\xff\xff" + _OSC, _OSC.replace(b"jawOpen", b"jaw\xffpen"),
        struct.pack(">i", 20) + b"#bundle\0" + b"\xff" * 8 + b"\0\0\0\0",
    )),
    Kind("glTF", 20, a_gltf, check_gltf, (
        b"glTF", b"{}", b"[" * 9000, glb.joined({"extensions": []}, b""), glb.joined({"extensionsRequired": 7}, b""),
        glb.joined({**_GLTF, "nodes": 1}, b""), glb.joined({**_GLTF, "meshes": [{"primitives": 1}]}, b""),
        glb.joined({**_GLTF, "meshes": [{"primitives": [1]}]}, b""),
    )),
)  # fmt: skip
