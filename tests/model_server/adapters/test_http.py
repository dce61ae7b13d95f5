"""The HTTP server as another machine meets it: token, queue, progress, cancel, one answer, nothing kept, an end."""

import http.client
import io
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from model_server.audio.decode import decode
from model_server.engine import Engine
from model_server.talk_model import TalkModel
from s2f_blender_addon.core import wire
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.emotions import EMOTIONS
from s2f_blender_addon.core.formats import livelink
from s2f_blender_addon.core.messages import Cancel, Failure, Feel, Felt, Infer, Message, Result, parse
from s2f_blender_addon.core.request import Hearing, Request
from s2f_blender_addon.core.subtitles import Cue
from tests.serving import TOKEN, Server

from .conftest import GENEROUS, ROOT, SAMPLE


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        running = Server(Path(folder))
        yield running
        running.process.kill()
        running.process.wait()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers with options of their own."""
    servers: list[Server] = []

    def begin(*options: str) -> Server:
        servers.append(Server(tmp_path, *options))
        return servers[-1]

    yield begin
    for one in servers:
        one.process.kill()
        one.process.wait()


def flac(samples: np.ndarray, rate: int) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, rate, format="FLAC")
    return out.getvalue()


@pytest.fixture
def long_flac(times: Iterator[int]) -> bytes:
    """Ten minutes that the server has not heard yet: what it heard lately is done in half a second."""
    samples, rate = soundfile.read(SAMPLE, dtype="float32")
    return flac(np.resize(np.roll(samples, next(times) * rate // 4), 600 * rate), rate)


@pytest.fixture(scope="module")
def times() -> Iterator[int]:
    return itertools.count()


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN + "x", TOKEN.upper()])
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/hello"), ("POST", "/v1/jobs"), ("GET", "/v1/jobs/1"), ("DELETE", "/v1/jobs/1"),
     ("PUT", "/v1/jobs/1/sound"), ("GET", "/v1/jobs/1/events"), ("GET", "/v1/jobs/1/track"), ("GET", "/docs"),
     ("GET", "/openapi.json"), ("GET", "/nothing")],
)  # fmt: skip
def test_nothing_is_answered_without_the_token(method: str, path: str, token: str | None, server: Server) -> None:
    status, body = server.ask(method, path, {} if method == "POST" else None, token)
    assert status == 401
    assert "token" in json.loads(body)["detail"]


def test_it_says_what_runs_here_and_documents_itself(server: Server) -> None:
    hello = server.get("/v1/hello")
    assert (hello["type"], hello["device"]) == ("hello", "cpu")
    paths = server.get("/openapi.json")["paths"]
    assert "/v1/jobs/{number}/sound" in paths
    assert server.ask("GET", "/docs")[0] == 200


def test_a_recording_becomes_the_same_track_as_on_this_machine(server: Server) -> None:
    number = server.job(SAMPLE.read_bytes(), emotion={"happy": 0.8}, seed=3)
    assert server.end(number)[0] == "done"
    status, body = server.ask("GET", f"/v1/jobs/{number}/track")
    assert status == 200
    frame = wire.read(io.BytesIO(body))
    assert frame is not None
    result = parse(frame)
    assert isinstance(result, Result)
    here = Engine(TalkModel.load()).infer(decode(SAMPLE), Request(emotion={"happy": 0.8}, seed=3))
    np.testing.assert_allclose(result.track.talk, here.talk, atol=1e-4)
    np.testing.assert_allclose(result.track.mood, here.mood, atol=1e-4)
    assert result.track.provenance == here.provenance


def test_a_file_form_can_be_asked_for_and_flac_be_sent(server: Server) -> None:
    samples, rate = soundfile.read(SAMPLE, dtype="float32")
    number = server.job(flac(samples, rate), fps=30, start=1.0, end=3.0)
    server.end(number)
    status, body = server.ask("GET", f"/v1/jobs/{number}/track?form=csv")
    assert status == 200
    assert livelink.parse(body, "x").duration == pytest.approx(2.0, abs=1 / 30)


def test_it_listens_to_what_the_request_says(server: Server) -> None:
    """One person on each side, the right one speaks later."""
    voice, rate = soundfile.read(SAMPLE, dtype="float32", frames=24000)
    both = np.zeros((2 * len(voice), 2), np.float32)
    both[: len(voice), 0], both[len(voice) :, 1] = voice, voice
    jaws = []
    for ear in ("left", "right"):
        number = server.job(flac(both, rate), ear=ear, fps=30)
        server.end(number)
        body = server.ask("GET", f"/v1/jobs/{number}/track?form=csv")[1]
        jaws.append(livelink.parse(body, "x").talk[:, INDEX["jawOpen"]] > 0.1)
    half = len(jaws[0]) // 2
    assert jaws[0][:half].any() and not jaws[0][half + 10 :].any()
    assert jaws[1][half:].any() and not jaws[1][: half - 10].any()


def test_keyed_sliders_reach_the_mood(server: Server) -> None:
    keyed = [[0.0] * 8] * 120 + [[1.0] + [0.0] * 7] * 120
    number = server.job(SAMPLE.read_bytes(), emotion_track=keyed)
    server.end(number)
    frame = wire.read(io.BytesIO(server.ask("GET", f"/v1/jobs/{number}/track")[1]))
    assert frame is not None
    mood = np.abs(frame.arrays["mood"]).sum(axis=1)
    assert mood[:60].max() < 0.01 * mood[180:].max()


def test_liveliness_reaches_the_face(server: Server) -> None:
    highest = []
    for life in ({}, {"blinks": 0}):
        number = server.job(SAMPLE.read_bytes(), liveliness=life)
        server.end(number)
        frame = wire.read(io.BytesIO(server.ask("GET", f"/v1/jobs/{number}/track")[1]))
        assert frame is not None
        highest.append(frame.arrays["talk"][:, frame.header["names"].index("eyeBlinkLeft")].max())
    assert highest[0] > 0.9 > 0.3 > highest[1]


def test_fields_of_the_version_before_are_taken_and_the_status_says_so(server: Server) -> None:
    status, body = server.ask("POST", "/v1/jobs", {"life": {"flesh": 0.5}, "side": "right"})
    job = json.loads(body)
    assert status == 201
    assert [note.split(";")[0] for note in job["notes"]] == [
        f"“{word}” is called “{now}” now"
        for word, now in (("life", "liveliness"), ("flesh", "breath"), ("side", "contempt_side"))
    ]
    server.ask("DELETE", f"/v1/jobs/{job['id']}")


def test_words_that_are_given_come_back_with_their_times(server: Server) -> None:
    number = server.job(SAMPLE.read_bytes(), words=[{"text": "Hello! My name is Poppy."}])
    server.end(number)
    frame = wire.read(io.BytesIO(server.ask("GET", f"/v1/jobs/{number}/track")[1]))
    assert frame is not None
    words = frame.header["words"]
    assert [word["text"] for word in words] == ["Hello", "My", "name", "is", "Poppy"]
    assert all(word["confidence"] > 0.3 for word in words)


def test_progress_comes_as_events_and_rises(server: Server, long_flac: bytes) -> None:
    number = server.job(long_flac)
    events = list(server.follow(number))
    assert {name for name, _ in events[:-1]} == {"progress"}
    assert events[-1][0] == "done"
    fractions = [status["fraction"] for _, status in events]
    assert fractions == sorted(fractions)
    assert len({status["doing"] for _, status in events}) >= 3
    server.ask("DELETE", f"/v1/jobs/{number}")


def test_nothing_is_kept_after_the_answer(server: Server) -> None:
    number = server.job(SAMPLE.read_bytes())
    server.end(number)
    assert not server.files()
    assert server.ask("GET", f"/v1/jobs/{number}/track")[0] == 200
    assert server.ask("GET", f"/v1/jobs/{number}/track")[0] == 404
    assert server.ask("GET", f"/v1/jobs/{number}")[0] == 404


def test_a_running_job_is_cancelled_at_once_and_the_next_one_runs(server: Server, long_flac: bytes) -> None:
    number = server.job(long_flac)
    events = server.follow(number)
    next(status for _, status in events if status["fraction"] > 0.15)
    asked = time.monotonic()
    assert server.ask("DELETE", f"/v1/jobs/{number}")[0] == 204
    assert list(events)[-1][0] == "cancelled"
    assert time.monotonic() - asked < 1
    assert server.end(server.job(SAMPLE.read_bytes()))[0] == "done"
    assert not server.files()


@pytest.mark.parametrize(
    ("sound", "named"), [(b"", "empty"), (b"no sound at all" * 50, "take 7.wav"), (b"RIFF", "take 7.wav")]
)
def test_sound_that_is_none_gets_its_sentence_without_paths_of_the_server(
    sound: bytes, named: str, server: Server
) -> None:
    number = server.job(sound, name="take 7.wav")
    name, status = server.end(number)
    assert name == "failed"
    assert named in status["sentence"]
    assert str(server.folder) not in json.dumps(status)
    assert server.ask("GET", f"/v1/jobs/{number}/track")[0] == 422


@pytest.mark.parametrize(
    "request_body",
    [
        {"emotion": {"rage": 1}},
        {"emotion": {"happy": 2}},
        {"fps": 0},
        {"seed": -1},
        {"emotion_track": [[0.0] * 7]},
        {"start": -1},
        {"liveliness": {"blinks": 3}},
    ],
)
def test_a_request_that_makes_no_sense_is_refused_with_the_field(request_body: dict[str, Any], server: Server) -> None:
    status, body = server.ask("POST", "/v1/jobs", request_body)
    assert status == 422
    assert next(iter(request_body)) in body.decode()


def test_a_track_is_not_there_before_it_is_done_and_sound_comes_once(server: Server, long_flac: bytes) -> None:
    number = server.job()
    assert server.ask("GET", f"/v1/jobs/{number}/track")[0] == 409
    assert server.ask("PUT", f"/v1/jobs/{number}/sound", long_flac)[0] == 202
    assert server.ask("PUT", f"/v1/jobs/{number}/sound", long_flac)[0] == 409
    assert server.ask("DELETE", f"/v1/jobs/{number}")[0] == 204


def test_a_full_queue_says_so_and_has_room_again(serve: Callable[..., Server]) -> None:
    server = serve("--queue", "2")
    first, _ = server.job(), server.job()
    status, body = server.ask("POST", "/v1/jobs", {})
    assert status == 429
    assert "full" in json.loads(body)["detail"]
    server.ask("DELETE", f"/v1/jobs/{first}")
    assert server.ask("POST", "/v1/jobs", {})[0] == 201


def test_ten_clients_at_once_all_get_their_own_track(server: Server) -> None:
    tracks: dict[int, np.ndarray] = {}

    def client(seed: int) -> None:
        number = server.job(SAMPLE.read_bytes(), seed=seed % 5)
        assert server.end(number)[0] == "done"
        frame = wire.read(io.BytesIO(server.ask("GET", f"/v1/jobs/{number}/track")[1]))
        assert frame is not None
        assert frame.header["provenance"]["seed"] == seed % 5
        tracks[seed] = frame.arrays["talk"]

    threads = [threading.Thread(target=client, args=(seed,)) for seed in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(GENEROUS)
    assert sorted(tracks) == list(range(10))
    for seed in range(5):
        np.testing.assert_array_equal(tracks[seed], tracks[seed + 5])
    assert (tracks[0] != tracks[1]).any()


def test_a_client_that_hangs_up_in_the_middle_of_its_sound_leaves_nothing(server: Server) -> None:
    number = server.job()
    connection = http.client.HTTPConnection(server.address)
    connection.putrequest("PUT", f"/v1/jobs/{number}/sound")
    connection.putheader("Authorization", f"Bearer {TOKEN}")
    connection.putheader("Content-Length", "1000000")
    connection.endheaders()
    connection.send(b"x" * 1000)
    time.sleep(0.2)
    connection.close()
    deadline = time.monotonic() + 10
    while server.ask("GET", f"/v1/jobs/{number}")[0] != 404 or server.files():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that a program can hear")
def test_it_stops_gracefully_in_the_middle_of_a_job(serve: Callable[..., Server], long_flac: bytes) -> None:
    server = serve()
    number = server.job(long_flac)
    events = server.follow(number)
    next(status for _, status in events if status["fraction"] > 0.1)
    asked = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(timeout=GENEROUS)
    assert time.monotonic() - asked < 10
    assert not server.files()


@pytest.mark.parametrize(
    ("environment", "options", "named"),
    [
        ({"S2F_TOKEN": "short"}, (), "S2F_TOKEN"),
        ({}, ("--host", "192.0.2.1"), "192.0.2.1"),
        ({}, ("--model", "none.safetensors"), "none.safetensors"),
    ],
)
def test_a_server_that_cannot_start_says_why_in_one_line(
    environment: dict[str, str], options: tuple[str, ...], named: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "model_server", "serve", "--port", "0", *options],
        capture_output=True, encoding="utf-8", cwd=ROOT, env={**os.environ, **environment}, timeout=GENEROUS,
    )  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert named in done.stderr


def test_a_token_of_its_own_is_printed_where_none_is_given(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "model_server", "serve", "--port", "0", "--device", "cpu"],
        stdout=subprocess.PIPE, cwd=ROOT, env={k: v for k, v in os.environ.items() if k != "S2F_TOKEN"},
    )  # fmt: skip
    assert process.stdout is not None
    address, token = process.stdout.readline().decode(), process.stdout.readline().decode()
    process.kill()
    process.wait()
    assert "http://127.0.0.1:" in address
    assert len(token.split()[-1]) >= 40


def body(message: Message) -> bytes:
    return b"".join(bytes(part) for part in wire.encode(message.to_frame()))


def answer(server: Server, number: str) -> Message:
    frame = wire.read(io.BytesIO(server.ask("GET", f"/v1/jobs/{number}/answer")[1]))
    assert frame is not None
    return parse(frame)


def asked(server: Server, message: Message) -> str:
    """The number of the job that the frame of ``message`` made."""
    status, said = server.ask("POST", "/v1/requests", body(message))
    assert status == 201, said
    number: str = json.loads(said)["id"]
    return number


def test_blenders_own_frames_are_requests_and_answers(server: Server) -> None:
    """Whatever a message carries goes through: the routes know frames and no fields."""
    keyed = np.tile(np.linspace(0, 1, 60, dtype=np.float32)[:, None], (1, len(EMOTIONS)))
    infer = asked(server, Infer(7, Request("/etc/passwd", seed=3, fps=30.0, emotion_track=keyed, name="take.wav")))
    assert server.ask("PUT", f"/v1/jobs/{infer}/sound", SAMPLE.read_bytes())[0] == 202
    assert server.end(infer)[0] == "done"
    result = answer(server, infer)
    assert isinstance(result, Result) and result.id == 7 and result.track.fps == 30.0
    assert np.abs(result.track.mood[45:]).max() > np.abs(result.track.mood[:5]).max()
    assert server.ask("GET", f"/v1/jobs/{infer}/answer")[0] == 404

    feel = asked(server, Feel(8, Request(fps=10.0, words=(Cue("What a wonderful day!"),))))
    server.ask("PUT", f"/v1/jobs/{feel}/sound", SAMPLE.read_bytes())
    assert server.end(feel)[0] == "done"
    assert server.ask("GET", f"/v1/jobs/{feel}/track")[0] == 409
    felt = answer(server, feel)
    assert isinstance(felt, Felt) and felt.sentences[0].text == "What a wonderful day!"


def test_the_answer_to_bad_sound_names_it_as_the_sender_does(server: Server) -> None:
    number = asked(server, Infer(1, Request(name="Sprache ü.wav")))
    server.ask("PUT", f"/v1/jobs/{number}/sound", b"RIFF")
    assert server.end(number)[0] == "failed"
    failure = answer(server, number)
    assert isinstance(failure, Failure) and failure.sentence.startswith("Sprache ü.wav")
    assert str(server.folder) not in failure.sentence + failure.report


@pytest.mark.parametrize("content", [b"", b"no frame", body(Cancel(1)), body(Infer(1, Request()))[:-1]])
def test_a_body_without_a_request_is_refused_with_a_sentence(server: Server, content: bytes) -> None:
    status, said = server.ask("POST", "/v1/requests", content)
    assert status == 422 and json.loads(said)["detail"].endswith(".")


@pytest.mark.parametrize("option", ["voice_model", "text_model", "fusion_model"])
def test_no_file_of_the_server_is_opened_for_a_client(server: Server, option: str) -> None:
    asks = Feel(1, Request(hear=Hearing(**{option: "/etc/passwd"})))
    status, said = server.ask("POST", "/v1/requests", body(asks))
    assert status == 422 and option in json.loads(said)["detail"]
    assert server.ask("POST", "/v1/requests", body(Feel(1, Request(hear=Hearing()))))[0] == 201


def test_the_page_about_the_api_loads_nothing(server: Server) -> None:
    """A studio's machine may have no internet, and nobody has to know that it is asked."""
    assert server.ask("GET", "/redoc")[0] == 404
    status, raw = server.ask("GET", "/docs")
    html = raw.decode()
    assert status == 200
    tags: list[tuple[str, str | None]] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: tags.extend([(tag, ""), *attributes])  # type: ignore[method-assign]
    parser.feed(html)
    assert not {"script", "img", "link", "iframe"} & {name for name, _ in tags}
    assert {value for name, value in tags if name in ("src", "href", "action", "srcset")} == {"openapi.json"}
    assert "://" not in html and "url(" not in html and "@import" not in html
    schema = server.get("/openapi.json")
    for path, methods in schema["paths"].items():
        assert f"<code>{path}</code>" in html
        assert all(operation["description"][:30].split("`")[0] in html for operation in methods.values())
    assert "intensity" in html and "happy | sad" in html
