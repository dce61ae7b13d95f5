"""The add-on's way to a server: the same answers as from a process of its own, and a sentence for every failure."""

import contextlib
import http.server
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from model_server.benchmark.speech import write_speech
from model_server.sample import SAMPLE
from s2f_blender_addon.core.emotions import EMOTIONS
from s2f_blender_addon.core.messages import Feel, Felt, Infer, Pcm, PcmEnd, Read, Reads, Result
from s2f_blender_addon.core.request import Hearing, Request
from s2f_blender_addon.core.subtitles import Cue
from s2f_blender_addon.process import server as server_module
from s2f_blender_addon.process import server_request
from s2f_blender_addon.process.client import ModelProcess
from s2f_blender_addon.process.command import with_torch
from s2f_blender_addon.process.connection import Connection, ConnectionState
from s2f_blender_addon.process.job import Job, Order, Phase
from s2f_blender_addon.process.remote import RemoteModel
from s2f_blender_addon.process.server import ServerAddress
from tests.serving import GENEROUS, TOKEN
from tests.serving import Server as Serving


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    running = Serving(tmp_path_factory.mktemp("serving"))
    yield running
    running.end_it()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Callable[..., Serving]]:
    """Servers of a test's own, with options."""
    running: list[Serving] = []

    def start(*options: str) -> Serving:
        running.append(Serving(tmp_path, *options))
        return running[-1]

    yield start
    for one in running:
        one.end_it()


@pytest.fixture
def connect() -> Iterator[Callable[..., RemoteModel]]:
    """Connections that are ended with the test."""
    made: list[RemoteModel] = []

    def to(address: str, token: str = TOKEN) -> RemoteModel:
        made.append(RemoteModel(ServerAddress.at(address, token)))
        made[-1].start()
        return made[-1]

    yield to
    for one in made:
        one.stop()


@pytest.fixture(scope="module")
def long_recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "long.wav"
    write_speech(path, 600)
    return path


def until(condition: Callable[[], object], seconds: float = GENEROUS) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it takes too long"
        time.sleep(0.002)


def finished(connection: Connection, order: Order | Request) -> Job:
    job = Job(connection, Infer(0, order) if isinstance(order, Request) else order)
    until(job.poll)
    return job


def problem(connection: RemoteModel) -> str:
    """Why the connection failed."""
    until(lambda: connection.messages() or connection.state is ConnectionState.FAILED)
    assert connection.state is ConnectionState.FAILED and not connection.alive
    return connection.problem


def test_a_server_says_what_it_runs_on(serving: Serving, connect: Callable[..., RemoteModel]) -> None:
    connection = connect(serving.address)
    until(connection.messages)
    assert connection.state is ConnectionState.READY
    assert connection.hello is not None and connection.hello.device == "cpu"


def test_the_track_is_that_of_a_process_on_this_computer(
    serving: Serving, connect: Callable[..., RemoteModel], tmp_path: Path
) -> None:
    here = ModelProcess(with_torch(sys.executable))
    here.start()
    keyed = np.tile(np.linspace(0, 1, 90, dtype=np.float32)[:, None], (1, len(EMOTIONS)))
    samples, rate = soundfile.read(SAMPLE, dtype="float32")
    soundfile.write(tmp_path / "Sprache ü.flac", samples, rate)
    for request in (
        Request(str(SAMPLE), {"happy": 0.7}, seed=5),
        Request(str(tmp_path / "Sprache ü.flac"), start=0.5, end=2.0, emotion_track=keyed),
    ):
        near, far = finished(here, request), finished(connect(serving.address), request)
        assert near.track is not None and far.track is not None, far.sentence
        # A server without a card computes with numpy, a process here with torch.
        np.testing.assert_allclose(far.track.talk, near.track.talk, atol=1e-5)
        np.testing.assert_allclose(far.track.mood, near.track.mood, atol=1e-5)
        assert (far.track.start, far.track.provenance) == (near.track.start, near.track.provenance)
    here.stop()


def test_sound_that_blender_decoded_goes_as_pcm(serving: Serving, connect: Callable[..., RemoteModel]) -> None:
    connection = connect(serving.address)
    until(connection.messages)
    samples, rate = soundfile.read(SAMPLE, dtype="float32")
    connection.send(Infer(1, Request()))
    for block in np.array_split(samples, 5):
        connection.send(Pcm(1, rate, block))
    connection.send(PcmEnd(1))
    heard: list[object] = []
    until(lambda: heard.extend(connection.messages()) or any(isinstance(m, Result) for m in heard))
    result = next(m for m in heard if isinstance(m, Result))
    wanted = finished(connection, Request(str(SAMPLE))).track
    assert wanted is not None
    np.testing.assert_allclose(result.track.talk, wanted.talk, atol=1e-5)


def test_whatever_a_process_can_be_asked_a_server_can(serving: Serving, connect: Callable[..., RemoteModel]) -> None:
    connection = connect(serving.address)
    said = (Cue("What a wonderful day!"),)
    felt = finished(connection, Feel(0, Request(str(SAMPLE), fps=10.0, words=said, hear=Hearing(0.2, 0.8))))
    assert isinstance(felt.answer, Felt), felt.sentence
    assert felt.answer.sentences[0].text == "What a wonderful day!" and felt.answer.sliders.max() > 0.1
    read = finished(connection, lambda: Read(0, 30.0, np.zeros((30, 52), np.float32)))
    assert isinstance(read.answer, Reads) and sum(read.answer.shares.values()) == pytest.approx(1, abs=0.01)


def test_progress_tells_of_the_sound_and_of_the_work(
    serving: Serving, connect: Callable[..., RemoteModel], long_recording: Path
) -> None:
    job = Job(connect(serving.address), Infer(0, Request(str(long_recording))))
    seen: list[tuple[float, str]] = []

    def watched() -> bool:
        seen.append((job.fraction, job.doing))
        return job.poll()

    until(watched)
    assert job.track is not None, job.sentence
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    words = {doing for _, doing in seen}
    assert any(doing.startswith("Sending the sound") and doing.endswith("19.2 MB") for doing in words)
    assert "Finding the sounds of speech" in words


def at_work(connection: RemoteModel, recording: Path, start: float) -> tuple[Job, str]:
    """A job that the server is in the middle of, and its number there; ``start``: a second from which no other test has
    heard the recording.
    """
    job = Job(connection, Infer(0, Request(str(recording), start=start)))
    until(lambda: job.poll() or job.fraction > 0.2)
    assert job.phase is Phase.WORKING, job.sentence
    return job, next(iter(connection._requests.values())).number


def test_a_cancelled_job_ends_at_once_here_and_soon_there(
    serving: Serving, connect: Callable[..., RemoteModel], long_recording: Path
) -> None:
    connection = connect(serving.address)
    job, number = at_work(connection, long_recording, 0.5)
    began = time.monotonic()
    serving.ask("GET", f"/v1/jobs/{number}")
    answer = time.monotonic() - began
    job.cancel()
    until(lambda: connection.messages() is not None and connection.settled)
    assert time.monotonic() - began - answer < max(0.2, 10 * answer), "as quick as any other answer, on a busy machine"
    until(lambda: serving.ask("GET", f"/v1/jobs/{number}")[0] == 404, 5)
    assert finished(connection, Request(str(SAMPLE))).track is not None


def test_a_job_cancelled_while_its_sound_is_sent_leaves_nothing(
    serving: Serving, connect: Callable[..., RemoteModel], long_recording: Path
) -> None:
    job = Job(connect(serving.address), Infer(0, Request(str(long_recording))))
    until(lambda: job.poll() or job.doing.startswith("Sending"))
    job.cancel()
    until(lambda: not serving.files(), 5)


def test_ten_clients_at_once_get_their_own_tracks(serving: Serving, connect: Callable[..., RemoteModel]) -> None:
    jobs = [Job(connect(serving.address), Infer(0, Request(str(SAMPLE), seed=seed))) for seed in range(10)]
    said: set[str] = set()

    def all_over() -> bool:
        over = [job.poll() for job in jobs]
        said.update(job.doing for job in jobs)
        return all(over)

    until(all_over)
    assert [job.track.provenance.seed for job in jobs if job.track is not None] == list(range(10))
    assert any("other job" in doing for doing in said), said


def test_a_server_killed_in_mid_job_is_a_sentence(
    own: Callable[..., Serving], connect: Callable[..., RemoteModel], long_recording: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(server_request, "PAUSES", (0.05, 0.1))
    server = own()
    connection = connect(server.address)
    job = Job(connection, Infer(0, Request(str(long_recording))))
    until(lambda: job.poll() or job.fraction > 0.2)
    server.process.kill()
    until(job.poll, 10)
    assert job.track is None
    assert "s2f serve" in job.sentence or "broke" in job.sentence
    assert job.sentence.count("\n") == 0 and "Traceback" not in job.sentence
    assert connection.state is ConnectionState.FAILED and connection.problem == job.sentence


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that a program can hear")
def test_a_server_that_is_stopped_says_so(
    own: Callable[..., Serving], connect: Callable[..., RemoteModel], long_recording: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(server_request, "PAUSES", (0.05, 0.1))
    server = own()
    job = Job(connect(server.address), Infer(0, Request(str(long_recording))))
    until(lambda: job.poll() or job.fraction > 0.2)
    server.process.send_signal(signal.SIGTERM)
    until(job.poll, 15)
    assert "is stopping" in job.sentence or "s2f serve" in job.sentence


def test_a_full_queue_is_a_sentence_and_the_connection_stays(
    own: Callable[..., Serving], connect: Callable[..., RemoteModel]
) -> None:
    server = own("--queue", "1")
    connection = connect(server.address)
    number = server.job()
    job = finished(connection, Request(str(SAMPLE)))
    assert "is busy: The queue is full; try again in a minute." in job.sentence
    assert connection.alive
    server.ask("DELETE", f"/v1/jobs/{number}")
    assert finished(connection, Request(str(SAMPLE))).track is not None


def test_a_wrong_token_is_a_sentence(serving: Serving, connect: Callable[..., RemoteModel]) -> None:
    assert "does not accept the token" in problem(connect(serving.address, "another-token-altogether"))


def test_a_recording_that_cannot_be_read_is_a_sentence_that_names_it(
    serving: Serving, connect: Callable[..., RemoteModel], tmp_path: Path
) -> None:
    connection = connect(serving.address)
    assert "nothing.wav cannot be read" in finished(connection, Request(str(tmp_path / "nothing.wav"))).sentence
    (tmp_path / "bad.wav").write_bytes(b"RIFF")
    (tmp_path / "empty.wav").write_bytes(b"")
    for name in ("bad.wav", "empty.wav"):
        job = finished(connection, Request(str(tmp_path / name)))
        assert name in job.sentence and str(serving.folder) not in job.sentence + job.report
    assert connection.alive


def test_the_token_is_in_no_report(serving: Serving, connect: Callable[..., RemoteModel]) -> None:
    connection = connect(serving.address)
    finished(connection, Request(str(SAMPLE)))
    assert "/v1/requests" in connection.log
    assert TOKEN not in connection.log + repr(connection.where)


class Wire:
    """Passes bytes between clients and a server, and cuts what it passes where it is told to."""

    def __init__(self, port: int, context: ssl.SSLContext | None = None) -> None:
        self.cuts = 0
        self._port, self._context = port, context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        try:
            if self._context is not None:
                client = self._context.wrap_socket(client, server_side=True)
        except OSError:
            return
        server = socket.create_connection(("127.0.0.1", self._port))
        threading.Thread(target=self._pass, args=(client, server, False), daemon=True).start()
        self._pass(server, client, True)

    def _pass(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        try:
            while data := source.recv(1 << 16):
                if answers and self.cuts and b"progress" in data:
                    self.cuts -= 1
                    break
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def test_a_connection_that_breaks_in_mid_job_is_made_again(
    serving: Serving, connect: Callable[..., RemoteModel], long_recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_request, "PAUSES", (0.05, 0.1, 0.2))
    wire = Wire(serving.port)
    wire.cuts = 3
    job = Job(connect(f"127.0.0.1:{wire.port}"), Infer(0, Request(str(long_recording))))
    said: set[str] = set()
    until(lambda: said.add(job.doing) or job.poll())
    wire.close()
    assert job.track is not None, job.sentence
    assert wire.cuts < 3 and "The connection broke; trying again" in said  # how often depends on who is faster


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that nobody trusts, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder / "key.pem", "-out",
         folder / "cert.pem"], check=True, capture_output=True,
    )  # fmt: skip
    return folder


def test_tls_works_with_a_certificate_that_is_trusted_and_not_with_another(
    serving: Serving, connect: Callable[..., RemoteModel], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    wire = Wire(serving.port, context)
    address = f"https://localhost:{wire.port}"
    assert "certificate that this computer does not trust" in problem(connect(address))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    assert finished(connect(address), Request(str(SAMPLE))).track is not None
    wire.close()


def test_https_to_a_server_without_tls_is_a_sentence(serving: Serving, connect: Callable[..., RemoteModel]) -> None:
    assert "does not speak TLS" in problem(connect(f"https://127.0.0.1:{serving.port}"))


def test_nothing_that_listens_is_a_sentence(connect: Callable[..., RemoteModel]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert f"Nothing listens on 127.0.0.1:{port}; start s2f serve" in problem(connect(f"127.0.0.1:{port}"))


def test_a_name_that_nobody_has_is_a_sentence(connect: Callable[..., RemoteModel]) -> None:
    assert "no machine called nobody.invalid" in problem(connect("nobody.invalid"))


def test_a_machine_that_never_answers_is_a_sentence(
    connect: Callable[..., RemoteModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "SILENCE", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        assert "does not answer" in problem(connect(f"127.0.0.1:{deaf.getsockname()[1]}"))


ANOTHER_PROTOCOL = (
    b'{"type": "hello", "protocol": 99, "version": "9", "model": "m", "licence_track": "product", "backend": "torch", '
    b'"device": "cuda", "decodes": "all", "pid": 1}'
)


@pytest.mark.parametrize(
    ("status", "content", "words"),
    [
        (200, b"<html>It works!</html>", "is not Speech2Face; correct the address"),
        (200, b'{"type": "hello"}', "is not Speech2Face"),
        (200, b"[1, 2]", "is not Speech2Face"),
        (404, b"", "is not Speech2Face"),
        (200, ANOTHER_PROTOCOL, "speaks version 99 of the protocol and this add-on version 3"),
        (302, b"", "refused: HTTP status 302"),
        (500, b'{"detail": "On fire."}', "refused: On fire."),
    ],
)
def test_another_program_at_the_address_is_a_sentence(
    status: int, content: bytes, words: str, connect: Callable[..., RemoteModel]
) -> None:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            if status == 302:
                self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")  # type: ignore[attr-defined]
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as other:
        threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.02}).start()
        sentence = problem(connect(f"127.0.0.1:{other.server_port}"))
        other.shutdown()
    assert words in sentence and "\n" not in sentence
    assert asked == ["/v1/hello"], "the token goes nowhere else"


def test_a_stopped_connection_tells_the_server(
    serving: Serving, connect: Callable[..., RemoteModel], long_recording: Path
) -> None:
    connection = connect(serving.address)
    _, number = at_work(connection, long_recording, 0.25)
    began = time.monotonic()
    connection.stop()
    assert time.monotonic() - began < 1.0
    until(lambda: serving.ask("GET", f"/v1/jobs/{number}")[0] == 404, 5)
    assert threading.active_count() < 50
