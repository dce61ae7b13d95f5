"""Recordings that Blender decodes for a model process that reads WAV alone."""

import os
import re
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


def test_blocks_are_the_mean_of_the_channels(load, aud, tmp_path):
    blender_sound = load("process.blender_sound")
    sound = blender_sound.open_sound(str(compressed(aud, tmp_path, 2.0)))
    assert blender_sound.is_short(sound)
    rates, blocks = zip(*blender_sound.blocks(sound), strict=True)
    samples = np.concatenate(blocks)
    assert set(rates) == {48000}
    assert abs(len(samples) - 96000) < 4800
    assert np.abs(samples).max() == pytest.approx(12000 / 32768, abs=0.01)


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
