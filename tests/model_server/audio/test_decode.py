"""Every recording an animator has becomes a Sound; what is none gets one sentence that names the file and the fault."""

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from model_server.audio import decode as decode_module
from model_server.audio.decode import decode
from model_server.audio.mpeg import frame_length
from model_server.audio.sound import SAMPLE_RATE, Sound
from s2f_blender_addon.core.errors import UserError

from ..recordings import BAD, GOOD, SPEECH, wav_bytes
from .films import write_film

RNG = np.random.default_rng(6)


@pytest.fixture(params=["libsndfile", "numpy alone"])
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of reading a file."""
    if request.param == "numpy alone":
        monkeypatch.setattr(decode_module, "soundfile", None)
    return str(request.param)


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("name", ["take.wav", "Ünïcode take 日本.wav"])
def test_bad_input_gets_one_sentence_that_names_the_file(kind: str, name: str, reader: str, tmp_path: Path) -> None:
    path = tmp_path / name
    BAD[kind](path)
    with pytest.raises(UserError) as caught:
        decode(path)
    sentence = str(caught.value)
    assert str(path) in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")


@pytest.mark.parametrize("name", ["noise.mp3", "noise.flac", "noise.ogg", "noise.raw", "noise.aiff", "noise"])
def test_random_bytes_are_no_recording_whatever_their_name_and_the_decoder_stays_quiet(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    for seed in range(20):
        path.write_bytes(np.random.default_rng(seed).bytes(20_000))
        with pytest.raises(UserError, match="noise"):
            decode(path)
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root and Windows may read any file")
def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    path = tmp_path / "secret.wav"
    wav_bytes(path)
    path.chmod(0)
    with pytest.raises(UserError, match="cannot be opened"):
        decode(path)


def test_what_breaks_in_the_middle_is_read_as_far_as_it_goes_and_says_so(tmp_path: Path) -> None:
    samples = np.tile(SPEECH, 2)
    soundfile.write(tmp_path / "cut.flac", samples, 16000)
    write_film(tmp_path / "cut.m4a", samples, 16000)
    write_film(tmp_path / "cut.webm", samples, 16000)
    for name in ("cut.flac", "cut.m4a", "cut.webm"):
        path = tmp_path / name
        data = path.read_bytes()
        path.write_bytes(data[len(data) // 2 :] if name == "cut.m4a" else data[: len(data) // 2])
    flac, webm = decode(tmp_path / "cut.flac"), decode(tmp_path / "cut.webm")
    assert 2 < flac.duration < 5
    np.testing.assert_allclose(flac.samples[:32000], samples[:32000], atol=1e-3)
    assert "is damaged after" in flac.notes[0] and f"{flac.duration:.2f}" in flac.notes[0]
    assert 2 < webm.duration < 5
    assert "the rest is missing" in webm.notes[-1] or "is damaged after" in webm.notes[-1]
    with pytest.raises(UserError, match=r"cut\.m4a is no sound file"):
        decode(tmp_path / "cut.m4a")


@pytest.mark.parametrize("name", ["take.aiff", "take.w64", "take.ogg"])
def test_files_that_were_copied_in_part_say_so(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    soundfile.write(path, RNG.standard_normal(96_000) * 0.1, 48000)
    assert decode(path).notes == ()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    sound = decode(path)
    assert 0.2 < sound.duration < 1.5
    assert sound.notes == (f"It ends after {sound.duration:.2f} s before it was finished; the rest is missing.",)


@pytest.mark.parametrize("name", ["take.aiff", "take.w64", "take.au"])
def test_files_with_something_behind_their_sound_are_whole(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    soundfile.write(path, RNG.standard_normal(8000) * 0.1, 16000)
    path.write_bytes(path.read_bytes() + bytes(500))
    assert decode(path).notes == ()


def test_an_mp3_of_varying_rate_is_read_to_its_end_though_nothing_tells_its_length(tmp_path: Path) -> None:
    path = tmp_path / "radio.mp3"
    loud = RNG.standard_normal(32_000) * 0.2
    sound = np.concatenate([loud, np.zeros(128_000), loud])
    soundfile.write(path, sound, 16000, bitrate_mode="VARIABLE", compression_level=0.2)
    assert decode(path).duration == pytest.approx(12, abs=0.2)
    data = path.read_bytes()
    path.write_bytes(data[frame_length(data[:4]) :])  # the frame that counts the others
    assert decode(path).duration == pytest.approx(12, abs=0.2)


def test_a_wav_that_counts_its_bytes_a_second_wrongly_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "telephone.wav"
    soundfile.write(path, RNG.standard_normal(8000) * 0.1, 8000, subtype="ALAW")
    header = bytearray(path.read_bytes())
    header[28:32] = (64_000).to_bytes(4, "little")
    path.write_bytes(header)
    assert decode(path).notes == ()


def test_a_wav_that_no_codec_knows_gets_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    header = bytearray(wav_bytes(path))
    header[20:22] = (0xFFFE).to_bytes(2, "little")  # a format told by an extension that is not there
    path.write_bytes(header)
    with pytest.raises(UserError, match=r"take\.wav is no sound file that can be read"):
        decode(path)


def test_a_track_is_told_where_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "take.csv"
    path.write_text("Timecode,JawOpen\n00:00:00:00.000,0.5\n")
    with pytest.raises(UserError, match=r"take\.csv is no recording but named like a track; Import Track or s2f bake"):
        decode(path)


def test_a_film_whose_index_was_never_written_says_so(tmp_path: Path) -> None:
    path = write_film(tmp_path / "take.m4a", SPEECH, 16000)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(UserError, match=r"take\.m4a .*cut off before its index"):
        decode(path)


def test_a_picture_is_no_recording_that_could_be_converted(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "mute.mkv"), "w") as out:
        picture = out.add_stream("mpeg4", rate=25)
        picture.width = picture.height = 16
        black = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
        out.mux((*picture.encode(black), *picture.encode(None)))
    with pytest.raises(UserError, match="there is no sound in it.*choose or export another"):
        decode(tmp_path / "mute.mkv")


@pytest.mark.parametrize("silent", [(), (0,), (0, 1)])
def test_of_several_tracks_the_first_that_is_heard_is_taken_and_said(silent: tuple[int, ...], tmp_path: Path) -> None:
    path = tmp_path / "takes.mkv"
    with av.open(str(path), "w", format="matroska") as out:
        streams = [out.add_stream("pcm_s16le", rate=16000, layout="mono") for _ in range(3)]
        for number, stream in enumerate(streams):
            loud = 0.0 if number in silent else 0.2 + 0.2 * number
            block = (SPEECH / np.abs(SPEECH).max() * loud * 32767).astype("<i2")[None]
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 16000, 0, Fraction(1, 16000)
            out.mux((*stream.encode(frame), *stream.encode(None)))
    sound = decode(path)
    assert np.abs(sound.samples).max() == pytest.approx(0.2 + 0.2 * len(silent), abs=0.01)
    assert ("the first was taken" if not silent else f"number {len(silent) + 1} was taken") in sound.notes[0]


def test_a_constant_offset_is_taken_out_and_silence_is_said(reader: str, tmp_path: Path) -> None:
    wav_bytes(tmp_path / "plain.wav", SPEECH, 16000, "FLOAT")
    plain = decode(tmp_path / "plain.wav")
    for name, samples, note in (
        ("offset.wav", SPEECH + 0.3, "offset"), ("silent.wav", SPEECH * 0, "silent"),
        ("one.wav", SPEECH[:1] * 0, "silent"), ("flat.wav", SPEECH * 0 + 0.5, "silent"),
        ("faint.wav", SPEECH * 1e-3, "very soft"),
    ):  # fmt: skip
        wav_bytes(tmp_path / name, samples, 16000, "FLOAT")
        sound = decode(tmp_path / name)
        assert note in sound.notes[-1], name
        if name == "offset.wav":
            np.testing.assert_allclose(sound.samples, plain.samples - plain.samples.mean(), atol=1e-5)
    assert plain.notes == ()


@pytest.mark.parametrize(
    ("subtype", "tolerance"),
    [("PCM_U8", 1e-2), ("PCM_16", 1e-4), ("PCM_24", 1e-6), ("PCM_32", 1e-6), ("FLOAT", 1e-6), ("DOUBLE", 1e-6)],
)
def test_every_way_to_store_a_wav_gives_the_same_sound(
    subtype: str, tolerance: float, reader: str, tmp_path: Path
) -> None:
    wav_bytes(tmp_path / "reference.wav", subtype="DOUBLE")
    wav_bytes(tmp_path / "take.wav", subtype=subtype)
    reference, sound = decode(tmp_path / "reference.wav"), decode(tmp_path / "take.wav")
    np.testing.assert_allclose(sound.samples, reference.samples, atol=tolerance)


@pytest.mark.parametrize("form", ["WAV", "WAVEX", "RF64"])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_our_reader_and_libsndfile_agree_to_the_bit(
    form: str, channels: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "take.wav"
    soundfile.write(path, RNG.uniform(-1, 1, (5000, channels)), 44100, format=form, subtype="PCM_24")
    with_library = decode(path)
    monkeypatch.setattr(decode_module, "soundfile", None)
    assert decode(path).sha256 == with_library.sha256


@pytest.mark.parametrize("name", GOOD)
def test_these_recordings_work(name: str, tmp_path: Path) -> None:
    samples, rate, seconds = GOOD[name]
    path = tmp_path / name
    soundfile.write(path, samples, rate)
    sound = decode(path)
    assert sound.samples.dtype == np.float32
    assert sound.duration == pytest.approx(seconds, abs=0.01)
    assert np.isfinite(sound.samples).all()


def test_a_float_recording_beyond_full_scale_is_turned_down_and_not_clipped(reader: str, tmp_path: Path) -> None:
    quiet, loud = tmp_path / "quiet.wav", tmp_path / "loud.wav"
    wav_bytes(quiet, SPEECH, 16000, "FLOAT")
    wav_bytes(loud, SPEECH * 40, 16000, "FLOAT")
    sound, reference = decode(loud), decode(quiet)
    assert np.abs(sound.samples).max() == pytest.approx(1)
    np.testing.assert_allclose(sound.samples, reference.samples / np.abs(reference.samples).max(), atol=1e-6)


def test_a_wav_that_lost_its_end_gives_what_is_there(reader: str, tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    path.write_bytes(wav_bytes(path)[: 44 + 48000])
    sound = decode(path)
    assert sound.duration == pytest.approx(0.5, abs=0.001)
    assert sound.notes == ("It ends after 0.50 of the 1.00 s that its header tells; the rest is missing.",)


@pytest.mark.parametrize("form", ["RF64", "RIFX", "tagged", "size 0", "piped", "empty"])
def test_headers_that_are_rare(form: str, reader: str, tmp_path: Path) -> None:
    path, good = tmp_path / "take.wav", tmp_path / "good.wav"
    data = wav_bytes(good, SPEECH, 16000)
    at = data.index(b"data") + 4
    written = {
        "tagged": b"ID3\x03\0\0\0\0\0\x0a" + bytes(10) + data,
        "size 0": data[:at] + bytes(4) + data[at + 4 :],
        "piped": data[:4] + b"\xff" * 4 + data[8:at] + b"\xff" * 4 + data[at + 4 :],
        "empty": data[:at] + bytes(4) + b"LIST\x04\0\0\0INFO",
    }
    if form in written:
        path.write_bytes(written[form])
    else:
        soundfile.write(path, SPEECH, 16000, subtype="PCM_24", format="RF64" if form == "RF64" else "WAV",
                        endian="BIG" if form == "RIFX" else "FILE")  # fmt: skip
    if form == "empty":
        with pytest.raises(UserError, match="zero samples"):
            decode(path)
        return
    sound = decode(path)
    np.testing.assert_allclose(sound.samples, decode(good).samples, atol=1e-4)
    assert sound.notes == (("Its header was never finished, so the sound was read to the end of the file.",)
                           if form == "size 0" else ())  # fmt: skip


@given(st.binary(max_size=300), st.sampled_from([b"", b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0"]))
@settings(max_examples=200, deadline=None)
def test_our_reader_meets_any_bytes_with_a_sound_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, tail: bytes, head: bytes
) -> None:
    path = tmp_path_factory.mktemp("bytes") / "any.wav"
    path.write_bytes(head + tail)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decode_module, "soundfile", None)
        try:
            assert isinstance(decode(path), Sound)
        except UserError as error:
            assert str(path) in str(error)


def test_progress_is_told_and_may_end_the_work(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    wav_bytes(path, np.tile(SPEECH, 20))
    told: list[float] = []
    decode(path, lambda fraction, doing: told.append(fraction))
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)

    def stop(fraction: float, doing: str) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        decode(path, stop)


def test_a_range_of_a_sound_is_cut_by_the_clock() -> None:
    sound = Sound(np.arange(SAMPLE_RATE * 3, dtype=np.float32))
    part = sound.between(0.5, 2.0)
    assert part.duration == 1.5
    assert part.samples[0] == 8000
    assert part.sha256 != sound.sha256
    assert sound.between(0, 0) is sound
    assert sound.between(1, 0).duration == 2
    with pytest.raises(UserError, match="holds nothing"):
        sound.between(3, 4)
    with pytest.raises(UserError, match="holds nothing"):
        sound.between(2, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_ten_minutes_of_48_khz_stereo_are_read_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with soundfile.SoundFile(path, "w", 48000, 2) as out:
        minute = np.tile(SPEECH[:, None] * np.ones(2), (60, 1))
        for _ in range(10):
            out.write(minute)
    code = (
        "import sys; from model_server.audio.decode import decode; s = decode(sys.argv[1]); "
        "print(s.duration, next(l for l in open('/proc/self/status') if 'VmHWM' in l).split()[1])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    seconds, peak = done.stdout.split()
    assert float(seconds) == pytest.approx(600)
    assert int(peak) < 180_000  # kB; decoded at once, the file alone takes 230 MB
