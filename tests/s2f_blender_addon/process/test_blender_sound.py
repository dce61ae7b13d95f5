"""Recordings that Blender decodes for a model process that reads WAV alone."""

import contextlib
import os
import re
import subprocess
import sys
import wave

import numpy as np
import pytest

from .test_client import finished, interpreter, process, sample, speech  # noqa: F401


def tone(path, seconds=1.0, rate=16000, channels=1):
    time = np.arange(int(seconds * rate)) / rate
    samples = (12000 * np.sin(2 * np.pi * 440 * time)).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(np.repeat(samples[:, None], channels, axis=1).tobytes())
    return path


@pytest.fixture
def aud(blender):
    return pytest.importorskip("aud", reason="the bpy module of 4.2.0 was built without sound")


def compressed(aud, tmp_path, seconds, name="Größe 1.flac"):
    """A FLAC file, written by Blender's own library."""
    path = tmp_path / name
    sound = aud.Sound.file(str(tone(tmp_path / "tone.wav", seconds, 48000, 2)))
    sound.write(str(path), 48000, 2, aud.FORMAT_S16, aud.CONTAINER_FLAC, aud.CODEC_FLAC)
    return path


def test_plain_wav_files_are_left_to_the_model_process(load, blender, tmp_path):
    is_plain_wav = load("process.blender_sound").is_plain_wav
    assert is_plain_wav(str(tone(tmp_path / "a.wav")))
    (tmp_path / "b.wav").write_bytes(b"RIFF____WAVEfmt \x10\x00\x00\x00\x11\x00")  # ADPCM
    assert not is_plain_wav(str(tmp_path / "b.wav"))
    assert not is_plain_wav(str(tmp_path / "nothing.wav"))


def test_what_a_file_holds_decides_who_reads_it_and_not_its_ending(load, tmp_path, addon):
    reads = load("process.blender_sound").libsndfile_reads
    for begin, answer in (
        (b"RIFF\0\0\0\0WAVE", True), (b"fLaC\0\0", True), (b"OggS\0", True), (b"FORM\0\0\0\0AIFF", True),
        (b"\xff\xfb\x90\x64", True), (b"ID3\x04\0\0\0\0\0\x04...." + b"\xff\xfb\x90\x64", True),
        (b"\xff\xf1\x50\x80", False), (b"ID3\x04\0\0\0\0\0\x04...." + b"\xff\xf1\x50\x80", False),
        (b"\0\0\0\x20ftypM4A ", False), (b"\x1a\x45\xdf\xa3", False), (b"", False),
    ):  # fmt: skip
        (tmp_path / "take.wav").write_bytes(begin + b"\0" * 40)
        assert reads(str(tmp_path / "take.wav")) is answer, begin


def test_of_a_short_sound_what_speaks_is_sent_and_said(load, aud, tmp_path):
    blender_sound = load("process.blender_sound")
    rate, samples, note = blender_sound.mono(blender_sound.open_sound(str(compressed(aud, tmp_path, 2.0))))
    assert (rate, note) == (48000, "")
    assert abs(len(samples) - 96000) < 4800
    assert np.abs(samples).max() == pytest.approx(12000 / 32768, abs=0.01)
    stereo = tmp_path / "phase.wav"
    time = np.arange(48000) / 48000
    wave_of = (12000 * np.sin(2 * np.pi * 440 * time)).astype("<i2")
    with wave.open(str(stereo), "wb") as out:
        out.setparams((2, 2, 48000, 0, "NONE", ""))
        out.writeframes(np.stack([wave_of, -wave_of], axis=1).tobytes())
    rate, samples, note = blender_sound.mono(blender_sound.open_sound(str(stereo)))
    assert np.abs(samples).max() == pytest.approx(12000 / 32768, abs=0.01)
    assert "opposite" in note


KINDS = {
    "aac.mkv": ("CONTAINER_MATROSKA", "CODEC_AAC"), "pcm.mkv": ("CONTAINER_MATROSKA", "CODEC_PCM"),
    "a.aac": ("CONTAINER_AAC", "CODEC_AAC"), "a.ac3": ("CONTAINER_AC3", "CODEC_AC3"),
    "a.mp2": ("CONTAINER_MP2", "CODEC_MP2"), "a.mp3": ("CONTAINER_MP3", "CODEC_MP3"),
    "a.flac": ("CONTAINER_FLAC", "CODEC_FLAC"), "a.ogg": ("CONTAINER_OGG", "CODEC_VORBIS"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "frames"),
    [(kind, 47 * 1024 + more) for kind in KINDS for more in (-1, 0, 1)]
    + [(kind, 960 * 1024) for kind in ("aac.mkv", "a.mp3", "a.flac")],
)
def test_every_container_decodes_at_lengths_about_a_multiple_of_1024(load, aud, tmp_path, kind, frames):
    """Blender's writer raises after the last block of many of them; what counts is that all of it is there."""
    blender_sound = load("process.blender_sound")
    container, codec = KINDS[kind]
    path = tmp_path / f"Ton {kind}"
    source = aud.Sound.file(str(tone(tmp_path / "tone.wav", frames / 48000 + 0.01, 48000))).limit(0, frames / 48000)
    with contextlib.suppress(aud.error):
        source.write(str(path), 48000, 1, aud.FORMAT_FLOAT32, getattr(aud, container), getattr(aud, codec))
    sound = blender_sound.open_sound(str(path))
    if blender_sound.is_short(sound):
        _, samples, _ = blender_sound.mono(sound)
        count, loud = len(samples), np.abs(samples).max()
    else:
        wav = blender_sound.decode_to_wav(str(path), "", lambda: True)
        with wave.open(wav) as written:
            count = written.getnframes()
            loud = np.abs(np.frombuffer(written.readframes(48000), "<i2")).max() / 32768
        os.unlink(wav)
    assert count == pytest.approx(frames, abs=4800)
    assert loud == pytest.approx(12000 / 32768, abs=0.05)


def test_a_long_recording_that_lost_its_end_is_not_passed_off_as_whole(load, aud, tmp_path):
    blender_sound = load("process.blender_sound")
    source = tone(tmp_path / "tone.wav", 1.0, 48000)
    script = blender_sound._TO_WAV.replace("sound.write(", "sound.limit(0, 0.5).write(")
    assert script != blender_sound._TO_WAV
    script = script.replace("aud.CODEC_PCM)", "aud.CODEC_PCM)\n    raise aud.error('disk full')")
    done = subprocess.run([sys.executable, "-c", f"import bpy; {script}", str(source), str(tmp_path / "out.wav")],
                          capture_output=True)  # fmt: skip
    assert done.returncode != 0


def test_a_recording_of_many_hours_is_refused_before_it_is_decoded(load, aud, tmp_path, monkeypatch):
    blender_sound = load("process.blender_sound")
    monkeypatch.setattr(load("core.recording"), "LONGEST", 0.5)
    with pytest.raises(load("core.errors").UserError, match="tone.wav is longer"):
        blender_sound.open_sound(str(tone(tmp_path / "tone.wav", 1.0)))


def test_a_short_compressed_recording_reaches_the_model(load, aud, process, tmp_path):  # noqa: F811
    job = load("process.job").Job(process, speech(load, str(compressed(aud, tmp_path, 1.5))))
    finished(job)
    assert job.track is not None, job.sentence
    assert job.track.duration == pytest.approx(1.5, abs=0.1)


def test_a_long_one_is_decoded_by_a_blender_in_the_background(load, aud, process, tmp_path):  # noqa: F811
    path = compressed(aud, tmp_path, 30.0)
    assert not load("process.blender_sound").is_short(load("process.blender_sound").open_sound(str(path)))
    job = load("process.job").Job(process, speech(load, str(path)))
    finished(job)
    assert job.track is not None, job.sentence
    assert job.track.duration == pytest.approx(30.0, abs=0.2)


@pytest.mark.skipif("S2F_MODEL_PYTHON" not in os.environ, reason="dev.py test names the Python that has libsndfile")
def test_blender_decodes_what_libsndfile_does_not(load, aud, tmp_path):
    """As the sound of a film, whose AAC libsndfile leaves alone."""
    film = tmp_path / "Szene ü.mkv"
    aud.Sound.file(str(tone(tmp_path / "tone.wav", 1.5, 48000, 2))).write(
        str(film), 48000, 2, aud.FORMAT_FLOAT32, aud.CONTAINER_MATROSKA, aud.CODEC_AAC
    )
    other = load("process.client").ModelProcess(load("process.command").with_torch(os.environ["S2F_MODEL_PYTHON"]))
    other.start()
    job = finished(load("process.job").Job(other, speech(load, str(film))), 180)
    assert other.hello.decodes == "all"
    other.stop()
    assert job.track is not None, job.sentence
    assert job.track.duration == pytest.approx(1.5, abs=0.1)


def test_what_is_no_sound_gets_its_sentence(load, aud, process, tmp_path):  # noqa: F811
    text = tmp_path / "notes.mp3"
    text.write_text("this is no sound")
    job = finished(load("process.job").Job(process, speech(load, str(text))))
    assert re.search(r"notes\.mp3 is no (sound file|MP3)", job.sentence)
    assert re.search("convert it|export", job.sentence)


def test_a_recording_that_lost_its_end_is_told(load, aud, tmp_path):
    """Short ones are decoded here; of a film, whose pictures may last longer, nobody can tell."""
    blender_sound = load("process.blender_sound")
    path = compressed(aud, tmp_path, 3.0)
    sound = blender_sound.open_sound(str(path))
    assert blender_sound.missing_end(str(path), sound, 3.0) == ""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    cut = blender_sound.open_sound(str(path))
    rate, samples, _ = blender_sound.mono(cut)
    assert len(samples) / rate < 2.5
    assert "of the 3.00 s" in blender_sound.missing_end(str(path), cut, len(samples) / rate)


def test_rare_headers_of_plain_wav_files_are_left_to_the_model_process(load, blender, tmp_path):
    """Big-endian, and extensible ones of integers; extensible A-law is for Blender."""
    is_plain_wav = load("process.blender_sound").is_plain_wav
    for begin, answer in (
        (b"RIFX____WAVEfmt \0\0\0\x10\0\1\0\1", True),
        (b"RIFF____WAVEfmt \x28\0\0\0\xfe\xff" + bytes(22) + b"\1\0", True),
        (b"RIFF____WAVEfmt \x28\0\0\0\xfe\xff" + bytes(22) + b"\6\0", False),
    ):
        (tmp_path / "a.wav").write_bytes(begin + bytes(40))
        assert is_plain_wav(str(tmp_path / "a.wav")) is answer, begin
