"""The add-on as a user has it: a zip of this tree, installed into an empty Blender of the test's own."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

os.environ["BLENDER_USER_RESOURCES"] = tempfile.mkdtemp(prefix="s2f Blender ü ")  # read once, when bpy is imported

import bpy
import numpy as np
import pytest

from model_server.cli.extension_zip import build

ROOT = Path(__file__).parents[2]
MODULE = "bl_ext.user_default.s2f_blender_addon"
LETTING_GO = 5.0
"""Seconds that a model process has to stop what the test before left, before another one is started."""


STATUS = pytest.StashKey[int]()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End without Blender's own clearing up, which as a module may wait for ever for what a failed test still holds."""
    shutil.rmtree(os.environ["BLENDER_USER_RESOURCES"], ignore_errors=True)
    if STATUS in config.stash:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash[STATUS])


@pytest.fixture(scope="session")
def zip_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension as ``s2f extension`` builds it from this tree."""
    return build(ROOT, tmp_path_factory.mktemp("zip"))[0]


@pytest.fixture(scope="session")
def addon(zip_path: Path) -> Iterator[ModuleType]:
    """The root module of the installed and enabled extension."""
    bpy.ops.extensions.package_install_files(
        filepath=str(zip_path), repo="user_default", enable_on_install=True, overwrite=True
    )
    module = sys.modules[MODULE]
    assert Path(module.__file__ or "").is_relative_to(Path(os.environ["BLENDER_USER_RESOURCES"]))
    yield module
    bpy.ops.preferences.addon_disable(module=MODULE)


@pytest.fixture
def blender(addon: ModuleType) -> ModuleType:
    """``bpy`` with the add-on enabled, an empty file and nothing left from earlier tests but the model process, whose
    answers depend on the request alone: nobody waits for its start again.
    """
    session = part("session")
    session.current.jobs.cancel()
    limit = time.monotonic() + LETTING_GO
    while not (settled := session.current.link.poll()) and time.monotonic() < limit:
        time.sleep(0.005)
    if settled:
        connection, session.current = session.current.link.connection, session.Session()
        session.current.link._connection = connection
    else:
        session.fresh()
    empty_file()
    return bpy


@pytest.fixture
def cold(blender: ModuleType) -> ModuleType:
    """As ``blender``, as after the start of Blender: no model process runs."""
    part("session").fresh()
    return blender


def empty_file() -> None:
    """A new file with nothing in it; add-ons stay on."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)


def part(name: str) -> ModuleType:
    """The module ``name`` of the installed add-on, e.g. 'rigs.match'."""
    import importlib

    return importlib.import_module(f"{MODULE}.s2f_blender_addon.{name}")


@pytest.fixture
def load() -> Callable[[str], ModuleType]:
    """``load('rigs.match')`` is that module of the installed add-on."""
    return part


@pytest.fixture
def face(blender: ModuleType) -> Callable[..., bpy.types.Object]:
    """``face(keys, name)`` adds a small mesh whose shape keys have these names, each with its own movement."""

    def make(keys: tuple[str, ...] | list[str] = (), name: str = "Face", parent: object = None) -> bpy.types.Object:
        names = list(keys) or list(part("core.channels").CHANNELS)
        mesh = bpy.data.meshes.new(name)
        count = max(len(names), 3)
        mesh.from_pydata([(0.01 * i, 0.0, 0.0) for i in range(count)], [], [(0, 1, 2)])
        candidate = bpy.data.objects.new(name, mesh)
        bpy.context.scene.collection.objects.link(candidate)
        candidate.shape_key_add(name="Basis")
        for i, key in enumerate(names):
            block = candidate.shape_key_add(name=key)
            block.value = 0.0
            block.data[i].co.z += 0.1
        candidate.parent = parent
        return candidate

    return make


@pytest.fixture
def curve_values(blender: ModuleType) -> Callable[..., np.ndarray]:
    """``curve_values(object, key, frames)`` is what the key's F-curve says at these frames."""

    def read(candidate: bpy.types.Object, key: str, frames: object) -> np.ndarray:
        bag = part("bake.compat").bag_of(candidate.data.shape_keys)
        curve = bag.fcurves.find(part("bake.write").value_path(key))
        return np.array([curve.evaluate(frame) for frame in np.atleast_1d(frames)])

    return read
