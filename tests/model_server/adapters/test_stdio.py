"""The model process on its pipes: it greets, answers each job once, hears a cancel at once, never outlives Blender."""

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from model_server import VERSION
from s2f_blender_addon.core import wire
from s2f_blender_addon.core.blend import blend
from s2f_blender_addon.core.channels import INDEX
from s2f_blender_addon.core.custom_emotion import CustomEmotion
from s2f_blender_addon.core.liveliness import Liveliness
from s2f_blender_addon.core.messages import (
    PROTOCOL,
    Cancel,
    Cancelled,
    Failure,
    Feel,
    Felt,
    Hello,
    Message,
    Pcm,
    PcmEnd,
    Progress,
    Read,
    Reads,
    Result,
)  # fmt: skip
from s2f_blender_addon.core.request import Hearing, Request
from s2f_blender_addon.core.subtitles import Cue
from s2f_blender_addon.core.wire import Frame

from .conftest import GENEROUS, ROOT, SAMPLE, STDIO, Child, request, until_progress

Start = Callable[..., Child]


def sent_as_pcm(number: int, samples: np.ndarray, rate: int, **changes: object) -> list[Message]:
    blocks = np.array_split(samples, 7)
    return [request(number, "", **changes), *(Pcm(number, rate, block) for block in blocks), PcmEnd(number)]


def feel(number: int, text: str = "", audio: Path | str = SAMPLE, **changes: Any) -> Feel:
    """What does a recording feel like, in which ``text`` is said?"""
    return Feel(number, Request(**{"audio": str(audio), "words": (Cue(text),), "fps": 24.0, **changes}))


def changed(number: int = 5, **fields: object) -> Frame:
    """A request with fields that no Request would take."""
    frame = request(number).to_frame()
    return Frame({**frame.header, "request": {**frame.header["request"], **fields}}, frame.arrays)


def test_it_greets_with_versions_model_and_device(start: Start) -> None:
    hello = start("--backend", "numpy").hear(Hello)
    assert (hello.protocol, hello.version) == (PROTOCOL, VERSION)
    assert (hello.backend, hello.device, hello.decodes) == ("numpy", "cpu", "all")
    assert hello.model
    assert hello.licence_track == "product"


def test_a_recording_becomes_a_track(child: Child) -> None:
    child.say(request(7, emotion={"happy": 0.8}, seed=3))
    told = child.hear(Progress)
    assert told.id == 7
    result = child.answer()
    assert isinstance(result, Result)
    assert result.id == 7
    track = result.track
    assert len(track.talk) == int(soundfile.info(SAMPLE).duration * 60) + 1
    assert track.talk.max() > 0.2
    assert track.mood.max() > 0.2
    assert track.provenance.emotion == {"happy": 0.8}
    assert track.provenance.seed == 3
    assert len(track.provenance.audio_sha256) == 64


def test_sound_that_blender_decoded_gives_the_same_track_as_the_file(child: Child) -> None:
    samples, rate = soundfile.read(SAMPLE, dtype="float32")
    child.say(request(1), *sent_as_pcm(2, samples, rate))
    file, pcm = child.answer(), child.answer()
    assert (file.id, pcm.id) == (1, 2)
    assert file.track.provenance == pcm.track.provenance
    np.testing.assert_array_equal(file.track.talk, pcm.track.talk)


def test_a_range_starts_at_its_own_second(child: Child) -> None:
    child.say(request(1, start=1.0, end=2.5))
    track = child.answer().track
    assert track.start == 1.0
    assert track.duration == pytest.approx(1.5)


def test_a_recording_can_be_asked_what_it_feels_like(child: Child) -> None:
    text = "What a wonderful day, I am so happy! The chair is brown."
    child.say(feel(1, text, start=1.0), feel(2), feel(3, audio="none.wav"))
    felt, voice, failure = child.hear(Felt), child.hear(Felt), child.hear(Failure)
    assert (felt.id, voice.id, failure.id) == (1, 2, 3)
    assert len(voice.sliders) == int(soundfile.info(SAMPLE).duration * 24) + 1
    assert (felt.start, felt.fps) == (1.0, 24.0)
    assert [sentence.text for sentence in felt.sentences] == [
        "What a wonderful day, I am so happy!",
        "The chair is brown.",
    ]
    assert felt.sentences[0].start >= 1.0
    assert felt.sentences[0].emotion["happy"] > 0.3
    assert not voice.sentences


def test_the_mixer_of_what_is_felt_is_the_caller_s(child: Child) -> None:
    text = "What a wonderful day, I am so happy!"
    strong, weak = Hearing(most=8, smoothing=0.0), Hearing(most=1, contrast=0.5)
    child.say(feel(1, text, hear=strong), feel(2, text, hear=weak))
    one, other = child.hear(Felt), child.hear(Felt)
    assert (one.model, one.licence_track) == ("voice emotion 2 + words 2", "product")
    assert (one.sliders > 0.01).sum(1).max() > (other.sliders > 0.01).sum(1).max()
    child.say(
        feel(4, hear=Hearing(voice_model="/nowhere.safetensors")), feel(5, text, hear=Hearing(text_model="/nowhere"))
    )
    sentences = [child.hear(Failure).sentence for _ in range(2)]
    assert "/nowhere.safetensors" in sentences[0]
    assert "/nowhere" in sentences[1]


def test_any_face_can_be_asked_what_it_reads_as(child: Child) -> None:
    child.say(request(1, emotion={"angry": 1.0}))
    track = child.answer().track
    values = blend(track.talk, track.mood)[::2]
    child.say(Read(2, 30.0, values), Read(3, 30.0, blend(track.talk, track.mood, 0.0)[::2]))
    angry, neutral = child.hear(Reads), child.hear(Reads)
    assert (angry.id, neutral.id) == (2, 3)
    assert max(angry.shares, key=angry.shares.__getitem__) == "angry"
    assert max(neutral.shares, key=neutral.shares.__getitem__) == "neutral"
    assert sum(angry.shares.values()) == pytest.approx(1, abs=1e-3)


def test_emotions_of_the_users_own_and_the_side_of_contempt_are_obeyed(child: Child) -> None:
    own = (CustomEmotion("Smirk", {"mouthDimpleRight": 0.9}),)
    child.say(
        request(1, emotion={"Smirk": 1.0}, custom_emotions=own),
        request(2, emotion={"contempt": 1.0}),
        request(3, emotion={"contempt": 1.0}, contempt_side="right"),
    )
    smirk, left, right = (child.answer().track for _ in range(3))
    assert smirk.provenance.emotion == {"Smirk": 1.0}
    assert smirk.mood[:, INDEX["mouthDimpleRight"]].mean() > 0.4
    for track, side, other in ((left, "Left", "Right"), (right, "Right", "Left")):
        mean = track.mood.mean(0)
        assert mean[INDEX["mouthDimple" + side]] > 4 * mean[INDEX["mouthDimple" + other]]


def test_liveliness_is_obeyed(child: Child) -> None:
    still = Liveliness(0, 0, 0, 0, 0)
    child.say(
        request(1), request(2, liveliness=Liveliness(blinks=0)), request(3, liveliness=still),
    )  # fmt: skip
    lively, staring, still_face = (child.answer().track for _ in range(3))
    blink = INDEX["eyeBlinkLeft"]
    assert lively.talk[:, blink].max() > 0.9 > 0.3 > staring.talk[:, blink].max()
    np.testing.assert_array_equal(lively.head, staring.head)
    assert not still_face.head.any()


def test_felt_sliders_are_keys_that_a_bake_takes(child: Child) -> None:
    child.say(feel(1, "I am so happy!", fps=60.0))
    sliders = child.hear(Felt).sliders
    child.say(request(2, emotion_track=sliders))
    assert child.answer().track.mood.any()


def test_jobs_wait_in_line_and_each_gets_one_answer(child: Child) -> None:
    child.say(*(request(n, seed=n) for n in range(1, 6)))
    assert [child.answer().id for _ in range(5)] == [1, 2, 3, 4, 5]


def test_a_cancel_is_answered_within_200_ms(child: Child, long_recording: Path) -> None:
    waits = []
    for number in range(1, 4):
        child.say(request(number, long_recording, fps=59.0 + number))  # another rate, so that nothing is remembered
        until_progress(child, 0.1 + 0.25 * number / 4)
        asked = time.monotonic()
        child.say(Cancel(number))
        while True:
            heard, message = child.heard.get(timeout=GENEROUS)
            if isinstance(message, Cancelled):
                break
            assert isinstance(message, Progress)
        assert message.id == number
        waits.append(heard - asked)
    assert statistics.median(waits) < 0.2
    child.say(request(9))
    assert isinstance(child.answer(), Result)


def test_a_job_that_still_waits_or_still_arrives_can_be_cancelled(child: Child, long_recording: Path) -> None:
    child.say(request(1, long_recording), request(2), request(3, ""), Pcm(3, 16000, np.zeros(100, np.float32)))
    until_progress(child)
    child.say(Cancel(3), Cancel(2), Cancel(1), PcmEnd(3), Cancel(99))
    assert sorted(child.answer().id for _ in range(3)) == [1, 2, 3]
    child.say(request(4))
    assert child.answer().id == 4


@pytest.mark.parametrize("busy", [False, True])
def test_it_leaves_when_stdin_ends(busy: bool, child: Child, long_recording: Path) -> None:
    if busy:
        child.say(request(1, long_recording))
        until_progress(child, 0.1)
    asked = time.monotonic()
    child.hang_up()
    assert child.end() == 0
    assert time.monotonic() - asked < 2


def test_it_leaves_even_when_nobody_reads_what_it_says(start: Start, long_recording: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, *STDIO, "--backend", "numpy"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdin is not None
    for number in range(20):  # results that no pipe holds
        wire.write(process.stdin, request(number).to_frame())
    time.sleep(1)
    asked = time.monotonic()
    process.stdin.close()
    assert process.wait(timeout=GENEROUS) == 0
    assert time.monotonic() - asked < 2


_BLENDER = """
import subprocess, sys, time
sys.path.insert(0, sys.argv[1])
from s2f_blender_addon.core import wire
from s2f_blender_addon.core.messages import Infer
from s2f_blender_addon.core.request import Request
child = subprocess.Popen([sys.executable, "-m", "model_server.adapters.stdio", "--backend", "numpy"],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=sys.argv[1])
wire.read(child.stdout)
if sys.argv[2]:
    wire.write(child.stdin, Infer(1, Request(sys.argv[2])).to_frame())
    wire.read(child.stdout)
print("ready", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("busy", [False, True])
def test_it_is_gone_two_seconds_after_blender_was_killed(busy: bool, long_recording: Path) -> None:
    """The child shares its parent's stderr: that pipe ends when both are gone, on any system."""
    blender = subprocess.Popen(
        [sys.executable, "-c", _BLENDER, str(ROOT), str(long_recording) if busy else ""],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert blender.stdout is not None
    assert blender.stderr is not None
    assert blender.stdout.readline().strip() == b"ready"
    blender.kill()
    killed = time.monotonic()
    assert blender.stderr.read() == b""
    assert time.monotonic() - killed < 2
    blender.wait()


_CHATTY = """
import ctypes, os, sys, runpy
from model_server.audio import decode as module
quiet = module.decode
def chatty(*arguments):
    print("a library prints")
    sys.__stdout__.write("and writes")
    os.write(1, b"to the descriptor itself")
    if os.name == "posix":
        libc = ctypes.CDLL(None)
        libc.puts(b"and from C")
        libc.fflush(None)
    return quiet(*arguments)
module.decode = chatty
import model_server.adapters.job
model_server.adapters.job.decode = chatty
runpy.run_module("model_server.adapters.stdio", run_name="__main__", alter_sys=True)
"""


def test_what_libraries_print_goes_to_stderr_and_not_into_the_frames(start: Start) -> None:
    child = start("--backend", "numpy", start=("-c", _CHATTY))
    child.hear(Hello)
    child.say(request(1), request(2))
    assert [child.answer().id for _ in range(2)] == [1, 2]
    child.hang_up()
    child.end()
    time.sleep(0.1)
    assert b"a library prints" in child.stderr
    assert b"to the descriptor itself" in child.stderr


@pytest.mark.parametrize(
    "garbage", [b"GET / HTTP/1.1\r\n\r\n", b"\0" * 64, b"S2F1\xff\xff\xff\xff", b"S2F1\x02\0\0\0" + b"\0" * 8 + b"[]"]
)
def test_garbage_on_stdin_is_a_sentence_and_an_end(garbage: bytes, child: Child) -> None:
    child.say_bytes(garbage)
    child.hang_up()
    failure = child.hear(Failure)
    assert failure.id == -1
    assert "does not understand" in failure.sentence
    assert child.end() in (0, 2)


def test_half_a_message_is_a_sentence_and_an_end(child: Child) -> None:
    whole = b"".join(bytes(part) for part in wire.encode(request(1).to_frame()))
    child.say_bytes(whole[:-5])
    child.hang_up()
    assert child.hear(Failure).id == -1
    child.end()


@pytest.mark.parametrize(
    "frame",
    [
        Frame({"type": "teleport", "id": 5}),
        Frame({"type": "infer", "id": 5}),
        changed(emotion={"rage": 1.0}),
        changed(fps="sixty"),
        changed(contempt_side="below"),
        changed(hear={"most": "two"}),
        changed(words=[{"start": 0.0}]),
        changed(words=[{"text": "a", "start": "soon"}]),
        Frame({**Hello(1, "", "", "", "", "", "", 1).to_frame().header, "id": 5}),
    ],
)
def test_a_message_of_another_version_is_a_sentence_and_work_goes_on(frame: Frame, child: Child) -> None:
    assert child.process.stdin is not None
    wire.write(child.process.stdin, frame)
    failure = child.answer()
    assert isinstance(failure, Failure)
    assert failure.id == 5
    child.say(request(6))
    assert child.answer().id == 6


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"audio": "missing Zoë.wav"}, "missing Zoë.wav"),
        ({"fps": 0.0}, "frames a second"),
        ({"fps": -60.0}, "frames a second"),
        ({"emotion": {"happy": 1.5}}, "0 to 1"),
        ({"liveliness": {"blinks": 3}}, "0 to 2"),
        ({"start": 5.0, "end": 4.0}, "5-4 s"),
        ({"start": 1e9}, "holds nothing"),
    ],
)
def test_a_request_that_cannot_be_met_gets_its_sentence_and_a_report(
    changes: dict[str, object], named: str, child: Child
) -> None:
    assert child.process.stdin is not None
    wire.write(child.process.stdin, changed(1, **changes))
    failure = child.answer()
    assert isinstance(failure, Failure)
    assert named in failure.sentence
    assert "Traceback" not in failure.sentence
    assert "\n" not in failure.sentence
    assert VERSION in failure.report


def test_sound_that_is_none_gets_its_sentence_with_the_name_that_blender_gave(child: Child) -> None:
    nan = np.full(100, np.nan, np.float32)
    child.say(*sent_as_pcm(1, nan, 48000, name="broken take.wav"), request(2, ""), PcmEnd(2), request(3))
    answers = [child.answer() for _ in range(3)]
    by_id = {answer.id: answer for answer in answers}
    assert "broken take.wav" in by_id[1].sentence
    assert "zero samples" in by_id[2].sentence
    assert isinstance(by_id[3], Result)


def test_a_model_that_is_not_there_is_a_sentence_and_an_end(start: Start, tmp_path: Path) -> None:
    child = start("--backend", "numpy", "--model", str(tmp_path / "none.safetensors"))
    failure = child.hear(Failure)
    assert failure.id == -1
    assert "none.safetensors" in failure.sentence
    assert child.end() == 2


def test_two_processes_at_once_do_not_disturb_each_other(start: Start) -> None:
    children = [start("--backend", "numpy") for _ in range(2)]
    for child in children:
        child.hear(Hello)
        child.say(request(1, seed=5))
    one, other = (child.answer().track for child in children)
    np.testing.assert_array_equal(one.talk, other.talk)


def test_any_path_will_do(child: Child, tmp_path: Path) -> None:
    path = tmp_path / "Szene 1 – Zoë's take 日本語 💬.wav"
    shutil.copy(SAMPLE, path)
    child.say(request(1, path))
    assert isinstance(child.answer(), Result)


_ALONE = """
import sys
allowed = sys.stdlib_module_names | {"numpy", "model_server", "s2f_blender_addon"}
from importlib.machinery import PathFinder
class NumpyAlone:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return PathFinder.find_spec(name, path, target) if name.partition(".")[0] in allowed else None
sys.meta_path[:] = [f for f in sys.meta_path if f is not PathFinder] + [NumpyAlone]
sys.path.insert(0, sys.argv.pop(1))
import runpy
runpy.run_module("model_server.adapters.stdio", run_name="__main__", alter_sys=True)
"""


def test_a_python_with_numpy_alone_does_the_whole_job(start: Start) -> None:
    """As in Blender's own Python, where ``auto`` must not even look for torch."""
    child = start(str(ROOT), start=("-I", "-c", _ALONE))
    hello = child.hear(Hello)
    assert (hello.backend, hello.decodes) == ("numpy", "wav")
    child.say(request(1, emotion={"sad": 1.0}), feel(2, "I am happy."))
    assert isinstance(child.answer(), Result)
    assert child.hear(Felt).sliders.any()


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
@pytest.mark.parametrize(("backend", "megabytes"), [("numpy", 150), ("torch", 600)])
def test_an_idle_process_is_small(backend: str, megabytes: int, start: Start) -> None:
    child = start("--backend", backend, "--device", "cpu")
    pid = child.hear(Hello).pid
    child.say(request(1))
    child.answer()
    status = Path(f"/proc/{pid}/status").read_text()
    resident = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])
    assert resident / 1024 < megabytes


def test_words_are_found_in_a_stretch_of_the_recording_at_the_recordings_own_times(child: Child) -> None:
    said = (Cue("Hello!", 0.0, 0.9), Cue("My name is Poppy.", 0.9, 2.4))
    child.say(request(1, words=said))
    whole = child.answer()
    child.say(request(2, words=said, start=0.8))
    part = child.answer()
    assert isinstance(whole, Result) and isinstance(part, Result)
    assert [word.text for word in whole.words] == ["Hello", "My", "name", "is", "Poppy"]
    assert [word.text for word in part.words if word.confidence][-4:] == ["My", "name", "is", "Poppy"]
    assert part.words[-1].start == pytest.approx(whole.words[-1].start, abs=0.03)


def test_felt_sentences_come_when_they_are_said(child: Child) -> None:
    text = "Hello! My name is Poppy. Give me a voice, and I move my lips. Oh, wow! What a beautiful morning for a film."
    child.say(request(1, words=(Cue(text),)))
    words = child.answer()
    child.say(feel(2, text))
    felt = child.hear(Felt)
    assert isinstance(words, Result)
    starts = {word.text: word.start for word in words.words}
    assert [sentence.start for sentence in felt.sentences] == pytest.approx(
        [starts[word] for word in ("Hello", "My", "Give", "Oh", "What")], abs=0.02
    )
