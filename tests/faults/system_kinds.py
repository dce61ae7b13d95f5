"""The runtime's folder, rights, addresses, queues and logs."""

import os
import tempfile
from pathlib import Path

from model_server.adapters.http.turns import QueueTurn, in_order, next_turn
from s2f_blender_addon.core import launch
from s2f_blender_addon.core.errors import UserError
from s2f_blender_addon.core.whole_file import whole_file
from s2f_blender_addon.process.server import ServerAddress
from s2f_blender_addon.runtime import failures, folder_marker, journal, state

from .file_kinds import text_of
from .kind import Kind, Random, damaged, noise, sentence


def check_pointer(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / state.POINTER).write_bytes(content)
        found = state.inspect(root)
        assert found.state in (state.RuntimeState.BROKEN, state.RuntimeState.NOT_INSTALLED)
        assert state.python(root) is None


POINTER = b'{"environment": "env-1", "build": "linux-cu130", "lock": "x", "device": "cuda", "card": "c", "format": 1}'
NAMES = ("files", "tmp", "tool", "python", "env-1", "env-x", "runtime.json", "install.log", folder_marker.MARKER,
         "mine",
         "folder.txt")  # fmt: skip


def a_tree(rng: Random) -> tuple[tuple[str, bool], ...]:
    """(name, whether it is a folder with a file in it) of what a user has."""
    return tuple((name, rng.random() < 0.7) for name in rng.sample(NAMES, rng.randrange(1, 7)))


def check_tree(tree: tuple[tuple[str, bool], ...]) -> None:
    """Whatever is in a folder that is not ours stays."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, is_folder in tree:
            if is_folder:
                (root / name).mkdir()
                (root / name / "thesis").write_text("mine")
            else:
                (root / name).write_text("mine")
        for work in (folder_marker.take, state.sweep, lambda f: folder_marker.delete(f, *NAMES)):
            try:
                work(root)
            except (UserError, OSError) as error:
                sentence(error)
            if folder_marker.is_ours(root):  # there was nothing but the choice
                assert {name for name, _ in tree} <= {folder_marker.CHOICE}
                break
        for name, is_folder in tree:
            assert (root / name / "thesis").read_text() == "mine" if is_folder else (root / name).read_text() == "mine"


MODES = (0o700, 0o755, 0o775, 0o777, 0o1777, 0o757, 0o711)


def check_modes(modes: tuple[int, int, int]) -> None:
    """A program runs exactly where nobody else can exchange it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        for _ in modes[:-1]:
            path = path / "d"
            path.mkdir()
        program = path / "program"
        program.write_text("#!/bin/sh\n")
        for mode, place in zip(modes, (program, path, path.parent), strict=True):
            place.chmod(mode)
        open_to_all = modes[0] & 0o002 or any(mode & 0o002 and not mode & 0o1000 for mode in modes[1:])
        try:
            launch.check(str(program), str(path.parent))
        except UserError as error:
            sentence(error)
            assert open_to_all
        else:
            assert not open_to_all


def check_whole(content: bytes) -> None:
    """A write that fails leaves the old file and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.csv"
        path.write_bytes(b"old")
        try:
            with whole_file(path) as temporary:
                temporary.write_bytes(content)
                if len(content) % 2:
                    raise KeyError("half-way")
        except KeyError:
            assert path.read_bytes() == b"old"
        else:
            assert path.read_bytes() == content
        assert os.listdir(folder) == ["out.csv"]


def check_address(text: str) -> None:
    try:
        server = ServerAddress.at(text, "token")
    except UserError as error:
        sentence(error)
        return
    assert server.host and 0 <= server.port < 65536 and server.scheme in ("http", "https") and server.title


def check_queue(case: tuple[tuple[str, float, float, bool], ...]) -> None:
    turns = [QueueTurn(str(n), client, sound, since) for n, (client, sound, since, _) in enumerate(case)]
    running = [turn for turn, (*_, runs) in zip(turns, case, strict=True) if runs][:2]
    queued = [turn for turn in turns if turn not in running]
    ordered = in_order(queued, running, {"a": 1.0}, 100.0)
    assert sorted(t.id for t in ordered) == sorted(t.id for t in queued)
    chosen = next_turn(ordered, running, 3)
    assert chosen in queued or (chosen is None and all(t.is_long for t in queued))
    if chosen is not None and chosen.is_long and 100.0 - chosen.since < 60.0:
        assert all(t.is_long for t in queued), "a line waits for a reel"


SECRETS = ("hunter2", "s3cr3t", "p%40ss")
LINES = ("https://ann:{}@proxy/", "token={}", "Authorization: Bearer {}", "PASSWORD = '{}'", "x?signature={}&a=1",
         "api_key:{}")  # fmt: skip


def check_log(case: tuple[str, str, bytes]) -> None:
    line, secret, around = case
    text = around.decode("utf-8", "replace") + "\n" + line.format(secret) + "\n" + around.decode("utf-8", "replace")
    assert secret not in journal.scrubbed(text)
    sentence(failures.of_output(text, Path("/folder"), "Installing"))


SYSTEM_KINDS = (
    Kind("pointers", 10, lambda r: damaged(r, POINTER), check_pointer, (
        b"", b"[]", b"\xff", POINTER.replace(b"env-1", b"../x"),
    )),
    Kind("folders", 10, a_tree, check_tree, (
        (("files", True),), (("env-x", True),), ((folder_marker.MARKER, False),), ((folder_marker.MARKER, True),),
        (("folder.txt", False),),
        (("runtime.json", False), ("python", True)),
    )),
    Kind("addresses", 10, text_of(b"https://studio.example:8765/base"), check_address, (
        "http://[", "http://a:99999", "http://\ud800", "//", "http://a:b@c", "\x00", "http://ａ",
    )),
    Kind("queues", 15, lambda r: tuple(
        (r.choice("abc"), r.choice((5.0, 600.0)), r.uniform(0, 100), r.random() < 0.3) for _ in range(r.randrange(12))
    ), check_queue, ((), (("a", 600.0, 99.0, False), ("b", 5.0, 99.5, False)))),
    Kind("logs", 10, lambda r: (r.choice(LINES), r.choice(SECRETS), noise(r)), check_log, tuple(
        (line, "hunter2", b"") for line in LINES
    )),
    Kind("whole files", 5, noise, check_whole, (b"", b"x")),
)  # fmt: skip

if os.name == "posix":
    SYSTEM_KINDS = (
        *SYSTEM_KINDS,
        Kind("modes", 5, lambda r: tuple(r.choices(MODES, k=3)), check_modes, (
            (0o777, 0o755, 0o755), (0o755, 0o777, 0o755), (0o755, 0o755, 0o777), (0o755, 0o1777, 0o755),
            (0o755, 0o755, 0o755),
        ),),
    )  # fmt: skip
