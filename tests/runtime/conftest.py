"""Tiny wheels, locks over them, and a server on loopback that can be told to misbehave."""

import base64
import hashlib
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path

import pytest

from s2f_blender_addon.runtime.pylock import Lock, Package, Wheel


def wheel_file(folder: Path, name: str, version: str = "1.0", bulk: int = 0, tag: str = "py3-none-any") -> Path:
    """A real wheel with one module, and ``bulk`` bytes that do not compress."""
    noise = hashlib.shake_256(name.encode()).digest(bulk)
    contents = {
        f"{name}/__init__.py": f"VERSION = {version!r}\n".encode(),
        f"{name}/bulk.bin": noise,
        f"{name}-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{name}-{version}.dist-info/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
    }
    return zipped(folder / f"{name}-{version}-{tag}.whl", f"{name}-{version}.dist-info", contents)


def zipped(path: Path, info: str, contents: dict[str, bytes]) -> Path:
    """A wheel of ``contents`` and the record that belongs to them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    record = ""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record += f"{name},sha256={digest},{len(content)}\n"
        archive.writestr(f"{info}/RECORD", record + f"{info}/RECORD,,\n")
    return path


def numpy_wheel(folder: Path) -> Path:
    """numpy as it is installed here, as a wheel again: the one package without which no model runs."""
    numpy = distribution("numpy")
    info = f"numpy-{numpy.version}.dist-info"
    contents = {}
    for file in numpy.files or ():
        place, name = Path(str(file.locate())), str(file).replace("\\", "/")
        if name.startswith("..") or "/tests/" in name or name.endswith((".pyc", ".a", "RECORD")) or not place.is_file():
            continue
        contents[name] = place.read_bytes()
    tags = [line.removeprefix("Tag: ") for line in (numpy.read_text("WHEEL") or "").splitlines() if "Tag: " in line]
    python, abi, _ = tags[0].split("-")
    platforms = ".".join(tag.split("-")[2] for tag in tags)
    return zipped(folder / f"numpy-{numpy.version}-{python}-{abi}-{platforms}.whl", info, contents)


def locked(files: list[Path], address: str) -> Lock:
    """A lock over ``files``, served below ``address``."""
    packages = []
    for file in files:
        content = file.read_bytes()
        name, version, *_ = file.name.split("-")
        wheel = Wheel(file.name, f"{address}/{file.name}", len(content), hashlib.sha256(content).hexdigest())
        packages.append(Package(name, version, (wheel,)))
    digest = hashlib.sha256("".join(f"{p.name}{p.version}{p.wheels[0].sha256}" for p in packages).encode())
    return Lock(digest.hexdigest(), tuple(packages))


@dataclass
class Server:
    """Serves ``folder``. What it does wrong is set by the test; ``asked`` are the requests so far: (file, Range)."""

    folder: Path
    address: str = ""
    cut_after: int = 0
    stall_after: int = 0
    slow: float = 0.0
    status: int = 0
    ranges: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list)
    sent: int = 0
    released: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A web server on a free port of this computer."""
    state = Server(tmp_path / "served")
    state.folder.mkdir()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            state.asked.append((self.path[1:], wanted))
            if state.status:
                self.send_error(state.status)
                return
            if not (state.folder / self.path[1:]).is_file():
                self.send_error(404)
                return
            content = (state.folder / self.path[1:]).read_bytes()
            start = int(wanted[6:-1]) if wanted and state.ranges else 0
            if start > len(content):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(content) - start))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.end_headers()
            self._send(content[start:])

        def do_CONNECT(self) -> None:
            self.send_error(state.status)

        def _send(self, content: bytes) -> None:
            self.close_connection = True
            if state.stall_after:
                self.wfile.write(content[: state.stall_after])
                self.wfile.flush()
                state.released.wait(20)
            elif state.cut_after:
                state.sent += len(content[: state.cut_after])
                self.wfile.write(content[: state.cut_after])
            else:
                for at in range(0, len(content), 1 << 16):
                    state.sent += len(content[at : at + (1 << 16)])
                    self.wfile.write(content[at : at + (1 << 16)])
                    if state.slow and state.released.wait(state.slow):
                        return

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    http.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients leave in mid-answer on purpose
    state.address = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield state
    state.released.set()
    http.shutdown()
    http.server_close()
    thread.join()
